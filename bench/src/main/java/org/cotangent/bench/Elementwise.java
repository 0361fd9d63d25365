package org.cotangent.bench;

import org.cotangent.autograd.Rng;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// W8: the gradient of `Σ tanh(0.7 x + 0.1) sigmoid(x) + relu(x)` by a million numbers.
final class Elementwise implements Work {
  private final Tensor x;

  Elementwise(Rng rng) {
    x = Tensor.parameter(rng.normal(Shape.of(1_000_000), DType.F32));
  }

  @Override
  public void step(int n) {
    x.zeroGrad();
    x.mul(0.7).add(0.1).tanh().mul(x.sigmoid()).add(x.relu()).sum().backward();
  }

  /// Shows that it is right: the first element of the gradient, and what it is by hand.
  @Override
  public String facts(double stepsPerSecond) {
    return " grad0=%.5f expect=%.5f".formatted(x.grad().get(0), byHand(x.get(0)));
  }

  private static double byHand(double x) {
    double t = Math.tanh(0.7 * x + 0.1);
    double s = 1 / (1 + Math.exp(-x));
    return (1 - t * t) * 0.7 * s + t * s * (1 - s) + (x > 0 ? 1 : 0);
  }
}
