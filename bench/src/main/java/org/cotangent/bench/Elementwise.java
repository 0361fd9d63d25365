package org.cotangent.bench;

import java.util.Optional;
import org.cotangent.autograd.Jit;
import org.cotangent.autograd.Rng;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// W8: the gradient of `Σ tanh(0.7 x + 0.1) sigmoid(x) + relu(x)` by a million numbers.
final class Elementwise implements Work {
  private final Tensor x;
  private final Optional<Jit> compiled;

  Elementwise(Rng rng, boolean compile) {
    x = Tensor.parameter(rng.normal(Shape.of(1_000_000), DType.F32));
    compiled = compile ? Optional.of(Jit.compile(this::gradient)) : Optional.empty();
  }

  @Override
  public void step(int n) {
    if (compiled.isPresent()) {
      compiled.get().run();
    } else {
      x.zeroGrad();
      value().backward();
    }
  }

  private Tensor value() {
    return x.mul(0.7).add(0.1).tanh().mul(x.sigmoid()).add(x.relu()).sum();
  }

  private Tensor gradient() {
    x.zeroGrad();
    value().backward();
    return x.grad();
  }

  /// Shows that it is right: the first element of the gradient, and what it is by hand.
  @Override
  public String facts(double stepsPerSecond) {
    double g = compiled.map(Jit::result).orElseGet(() -> x.grad().get(0));
    return " grad0=%.5f expect=%.5f".formatted(g, byHand(x.get(0)));
  }

  private static double byHand(double x) {
    double t = Math.tanh(0.7 * x + 0.1);
    double s = 1 / (1 + Math.exp(-x));
    return (1 - t * t) * 0.7 * s + t * s * (1 - s) + (x > 0 ? 1 : 0);
  }
}
