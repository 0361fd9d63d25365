package org.cotangent.nn;

import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// Normalises groups of channels of each sample of `[n, channels, ..]`, then scales and shifts each
/// channel (Wu, He, 2018).
public final class GroupNorm extends Module {
  private final int groups;
  private final Tensor weight;
  private final Tensor bias;
  private double epsilon = 1e-5;

  /// A layer of F32.
  ///
  /// @throws IllegalArgumentException if the channels do not split into the groups
  public GroupNorm(int groups, int channels) {
    this(groups, channels, DType.F32);
  }

  /// A layer with weight 1 and bias 0.
  ///
  /// @throws IllegalArgumentException if the channels do not split into the groups or the dtype is
  ///   not floating
  public GroupNorm(int groups, int channels, DType dtype) {
    if (groups < 1 || channels < 1 || channels % groups != 0) {
      throw new IllegalArgumentException(
          "GroupNorm: %d channels do not split into %d groups".formatted(channels, groups));
    }
    this.groups = groups;
    weight = parameter("weight", Tensor.ones(Shape.of(channels), dtype));
    bias = parameter("bias", Tensor.zeros(Shape.of(channels), dtype));
  }

  /// Sets ε, which is added to the variance.
  public GroupNorm epsilon(double e) {
    epsilon = Optimizer.number("epsilon", e);
    return this;
  }

  /// @throws IllegalArgumentException if `x` is not `[n, channels, ..]`
  @Override
  public Tensor forward(Tensor x) {
    return Functional.groupNorm(x, groups, weight, bias, epsilon);
  }

  @Override
  protected String details() {
    return "%d, %d, eps=%s".formatted(groups, weight.dim(0), epsilon);
  }
}
