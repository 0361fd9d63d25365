package org.cotangent.bench;

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

  Chain(Rng rng) {
    x = Tensor.parameter(draw(rng));
    a = draw(rng);
    b = draw(rng);
    c = draw(rng);
  }

  private static Tensor draw(Rng rng) {
    return rng.normal(Shape.of(4), DType.F32).mul(0.5);
  }

  @Override
  public void step(int n) {
    Tensor y = x;
    for (int i = 0; i < LINKS; i++) {
      y = y.mul(a);
      y = y.add(b);
      y = y.tanh();
      y = y.add(c);
    }
    x.zeroGrad();
    y.sum().backward();
  }

  @Override
  public int operations() {
    return LINKS * OPERATIONS_A_LINK;
  }
}
