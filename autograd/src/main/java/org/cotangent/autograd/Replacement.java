package org.cotangent.autograd;

import java.util.IdentityHashMap;
import java.util.List;
import java.util.function.Supplier;
import org.cotangent.autograd.op.Interpreter;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.op.Value;
import org.cotangent.autograd.shape.DType;

/// A scope in which other tensors stand for some tensors, so that code which holds on to its
/// parameters becomes a function of them.
final class Replacement implements Frame {
  private final Interpreter outer = Recording.interpreter();
  private final IdentityHashMap<Tensor, Tensor> by = new IdentityHashMap<>();

  private Replacement(List<Tensor> of, List<Tensor> by) {
    for (int i = 0; i < of.size(); i++) {
      Tensor a = of.get(i);
      Tensor b = by.get(i);
      if (!a.shape().equals(b.shape()) || a.dtype() != b.dtype()) {
        throw new IllegalArgumentException(
            "replacing: tensor %d is %s, %s, but its replacement is %s, %s; both must be alike"
                .formatted(i, a.shape(), a.dtype(), b.shape(), b.dtype()));
      }
      this.by.put(a, b);
    }
  }

  static <R> R run(List<Tensor> of, List<Tensor> by, Supplier<R> body) {
    return ScopedValue.where(Interpreter.CURRENT, new Replacement(of, by)).call(body::get);
  }

  /// Where to differentiate by a parameter in place: at its numbers, or, if something with a
  /// history stands for it, at that.
  static Tensor start(Tensor parameter) {
    Tensor x = Recording.here(parameter);
    Tensor bottom = x;
    while (bottom.peek() instanceof Example e) {
      bottom = e.all();
    }
    return bottom.node() == parameter.node() ? x.detach() : x;
  }

  private Tensor[] replaced(Tensor[] in) {
    Tensor[] x = new Tensor[in.length];
    for (int i = 0; i < x.length; i++) {
      x[i] = by.getOrDefault(in[i], in[i]);
    }
    return x;
  }

  private Tensor outside(Supplier<Tensor> body) {
    return ScopedValue.where(Interpreter.CURRENT, outer).call(body::get);
  }

  @Override
  public Tensor apply(Op op, Tensor... in) {
    return outside(() -> Recording.apply(op, replaced(in)));
  }

  @Override
  public Tensor apply(CustomOp op, Tensor... in) {
    return outside(() -> op.apply(replaced(in)));
  }

  @Override
  public Tensor here(Tensor x) {
    Tensor y = by.getOrDefault(x, x);
    return outer instanceof Frame f ? f.here(y) : y;
  }

  @Override
  public boolean isBatched() {
    return outer instanceof Frame f && f.isBatched();
  }

  @Override
  public Value constant(double v, DType dtype) {
    return outer.constant(v, dtype);
  }
}
