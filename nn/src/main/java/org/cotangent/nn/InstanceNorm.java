package org.cotangent.nn;

import org.cotangent.autograd.Tensor;

/// Normalises each channel of each sample of `[n, channels, positions..]`; as PyTorch's by default,
/// without scale, shift or running statistics.
public final class InstanceNorm extends Module {
  private double epsilon = 1e-5;

  /// The layer.
  public InstanceNorm() {}

  /// Sets ε, which is added to the variance.
  public InstanceNorm epsilon(double e) {
    epsilon = Optimizer.number("epsilon", e);
    return this;
  }

  /// @throws IllegalArgumentException if there is not more than one position
  @Override
  public Tensor forward(Tensor x) {
    return Functional.instanceNorm(x, epsilon);
  }

  @Override
  protected String details() {
    return "eps=" + epsilon;
  }
}
