package org.cotangent.autograd;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import org.cotangent.autograd.op.Interpreter;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.op.Shapes;
import org.cotangent.autograd.op.Value;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// A scope in which tensors are examples of a batch: one operation on an [Example] is one operation
/// on the whole batch outside ([Batching]).
///
/// There are two levels of recording. Inside, steps are recorded on examples, by whoever takes
/// gradients there. Outside, the operations on batches are recorded as in any other code. Neither
/// sees the other's nodes: what comes from outside is a constant inside, and its history goes on
/// outside. So gradients inside, gradients of the whole, and vmap of vmap need no rules of their
/// own.
final class Vmap implements Frame {
  private final Interpreter outer = Recording.interpreter();
  private final boolean records = Recording.isOn();
  private final boolean offEverywhere = Recording.isOffEverywhere();
  private final int size;

  private Vmap(int size) {
    this.size = size;
  }

  int size() {
    return size;
  }

  /// `f` on each of `size` examples, which lie along axis 0 of the inputs that are mapped; the
  /// others are the same for all. Each result has all examples along axis 0.
  static List<Tensor> map(
      int size, List<Tensor> in, boolean[] mapped, Function<List<Tensor>, List<Tensor>> f) {
    var vmap = new Vmap(size);
    List<Tensor> examples = new ArrayList<>();
    for (int i = 0; i < in.size(); i++) {
      examples.add(mapped[i] ? new Tensor(new Example(vmap, in.get(i), true), null) : in.get(i));
    }
    List<Tensor> out =
        ScopedValue.where(Interpreter.CURRENT, vmap)
            .where(Recording.OFF_EVERYWHERE, false)
            .call(() -> f.apply(List.copyOf(examples)));
    return out.stream().map(t -> ((Example) vmap.here(t).peek()).batch()).toList();
  }

  /// Runs in the scope around this one.
  <T> T outside(Supplier<T> body) {
    boolean off = Recording.isOffEverywhere();
    return ScopedValue.where(Interpreter.CURRENT, outer)
        .where(Recording.OFF, off || !records)
        .where(Recording.OFF_EVERYWHERE, off || offEverywhere)
        .call(body::get);
  }

  private boolean isMine(Tensor x) {
    return x.peek() instanceof Example e && e.vmap() == this;
  }

  /// Whether an operation is this scope's business: not if all operands come from outside.
  private boolean concerns(Tensor[] in) {
    for (Tensor t : in) {
      if (isMine(t)) {
        return true;
      }
    }
    return false;
  }

  @Override
  public Tensor here(Tensor x) {
    if (isMine(x)) {
      return x;
    }
    Tensor y = outer instanceof Frame f ? f.here(x) : x;
    // A parameter may be assigned, examples never change.
    Tensor now = y.isLeaf() ? new Tensor(y.value(), y.node()) : y;
    return new Tensor(new Example(this, now, false), null);
  }

  private Tensor[] here(Tensor[] in) {
    Tensor[] x = new Tensor[in.length];
    for (int i = 0; i < x.length; i++) {
      x[i] = here(in[i]);
    }
    return x;
  }

  private static Example[] examples(Tensor[] in) {
    Example[] x = new Example[in.length];
    for (int i = 0; i < x.length; i++) {
      x[i] = (Example) in[i].peek();
    }
    return x;
  }

  private static boolean isMapped(Example[] x) {
    for (Example e : x) {
      if (e.isMapped()) {
        return true;
      }
    }
    return false;
  }

  private static Tensor[] all(Example[] x) {
    Tensor[] all = new Tensor[x.length];
    for (int i = 0; i < all.length; i++) {
      all[i] = x[i].all();
    }
    return all;
  }

  @Override
  public Tensor apply(Op op, Tensor... in) {
    if (!concerns(in)) {
      return outside(() -> Recording.apply(op, in));
    }
    Tensor[] operands = here(in);
    Example[] x = examples(operands);
    boolean mapped = isMapped(x);
    Shapes.dtype(op, x); // what does not fit is said of one example, as its author sees it
    Shape shape = Shapes.of(op, x);
    Tensor y = outside(() -> mapped ? Batching.apply(op, size, x) : Recording.apply(op, all(x)));
    if (mapped && !y.shape().equals(shape.inserted(0, size))) {
      throw new IllegalStateException(
          "%s: its batching rule returned shape %s for %d results of shape %s"
              .formatted(Node.name(op), y.shape(), size, shape));
    }
    return Recording.record(op, operands, new Example(this, y, mapped));
  }

  @Override
  public Tensor apply(CustomOp op, Tensor... in) {
    if (!concerns(in)) {
      return outside(() -> op.apply(in));
    }
    Tensor[] operands = here(in);
    Example[] x = examples(operands);
    boolean mapped = isMapped(x);
    CustomOp batched = mapped ? CustomBatch.of(op, size, x) : op;
    Tensor y = outside(() -> batched.apply(all(x)));
    return Recording.record(op, operands, new Example(this, y, mapped));
  }

  @Override
  public boolean isBatched() {
    return true;
  }

  @Override
  public Value constant(double v, DType dtype) {
    return outer.constant(v, dtype);
  }
}
