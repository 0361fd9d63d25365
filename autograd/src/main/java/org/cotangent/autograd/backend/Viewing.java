package org.cotangent.autograd.backend;

import java.util.Optional;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.shape.Shape;

/// Operations that only see numbers in another arrangement: they cost nothing.
public final class Viewing {
  private Viewing() {}

  /// How the result of an operation lies in the array of its operand; empty if it has to be
  /// computed, or, for a reshape, copied.
  ///
  /// @param shape the shape of the result
  public static Optional<Layout> of(Op op, Layout x, Shape shape) {
    return switch (op) {
      case Op.Reshape _ -> x.reshape(shape);
      case Op.Permute(var order) -> Optional.of(x.permute(order));
      case Op.Expand _ -> Optional.of(x.expand(shape));
      case Op.Slice s -> Optional.of(x.slice(s.axis(), s.start(), s.length(), s.step()));
      case Op.Windows w ->
          Optional.of(x.windows(w.axis(), w.count(), w.size(), w.step(), w.dilation()));
      case Op.Sum _ when x.shape().size() == shape.size() -> x.reshape(shape);
      default -> Optional.empty();
    };
  }

  /// Whether an operation rearranges numbers at most, by a copy if no view can say it.
  public static boolean isReshape(Op op, Shape from, Shape to) {
    return op instanceof Op.Reshape || (op instanceof Op.Sum && from.size() == to.size());
  }
}
