package org.cotangent.bench;

import java.util.Optional;
import org.cotangent.autograd.Jit;
import org.cotangent.autograd.Rng;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// W7: a thousand operations on four numbers, forward and backward: what an operation costs before
/// it computes anything.
final class Chain implements Work {
  private static final int LINKS = 250;
  private static final int OPERATIONS_A_LINK = 4;

  private final Tensor x;
  private final Tensor a;
  private final Tensor b;
  private final Tensor c;
  private final Optional<Jit> compiled;

  Chain(Rng rng, boolean compile) {
    x = Tensor.parameter(draw(rng));
    a = draw(rng);
    b = draw(rng);
    c = draw(rng);
    compiled = compile ? Optional.of(Jit.compile(this::gradient)) : Optional.empty();
  }

  private static Tensor draw(Rng rng) {
    return rng.normal(Shape.of(4), DType.F32).mul(0.5);
  }

  @Override
  public void step(int n) {
    compiled.ifPresentOrElse(Jit::run, this::gradient);
  }

  private Tensor gradient() {
    Tensor y = x;
    for (int i = 0; i < LINKS; i++) {
      y = y.mul(a);
      y = y.add(b);
      y = y.tanh();
      y = y.add(c);
    }
    x.zeroGrad();
    y.sum().backward();
    return x.grad();
  }

  @Override
  public int operations() {
    return LINKS * OPERATIONS_A_LINK;
  }
}
