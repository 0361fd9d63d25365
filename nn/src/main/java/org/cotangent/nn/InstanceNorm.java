package org.cotangent.nn;

import java.util.Optional;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// Normalises each channel of each sample of `[n, channels, positions..]`, then scales and shifts each
/// channel if told to (PyTorch's `affine=True`). There are no running statistics.
public final class InstanceNorm extends Module {
  private final Optional<Tensor> weight;
  private final Optional<Tensor> bias;
  private double epsilon = 1e-5;

  /// Without scale and shift, PyTorch's default.
  public InstanceNorm() {
    weight = Optional.empty();
    bias = Optional.empty();
  }

  /// With a scale of 1 and a shift of 0 for each channel, to be learnt.
  ///
  /// @throws IllegalArgumentException if there are no channels or the dtype is not floating
  public InstanceNorm(int channels, DType dtype) {
    if (channels < 1) {
      throw new IllegalArgumentException(
          "InstanceNorm: %d channels; there must be 1 or more".formatted(channels));
    }
    weight = Optional.of(parameter("weight", Tensor.ones(Shape.of(channels), dtype)));
    bias = Optional.of(parameter("bias", Tensor.zeros(Shape.of(channels), dtype)));
  }

  /// Sets ε, which is added to the variance.
  public InstanceNorm epsilon(double e) {
    epsilon = Optimizer.number("epsilon", e);
    return this;
  }

  /// @throws IllegalArgumentException if there is not more than one position, or there are other
  ///   channels than scales
  @Override
  public Tensor forward(Tensor x) {
    return weight.isPresent()
        ? Functional.instanceNorm(x, weight.get(), bias.orElseThrow(), epsilon)
        : Functional.instanceNorm(x, epsilon);
  }

  @Override
  protected String details() {
    return weight.map(w -> w.dim(0) + ", ").orElse("") + "eps=" + epsilon;
  }
}
