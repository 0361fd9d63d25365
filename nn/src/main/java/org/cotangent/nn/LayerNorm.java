package org.cotangent.nn;

import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// Normalises each sample over its last axes, then scales and shifts every position of them (Ba,
/// Kiros, Hinton, 2016).
public final class LayerNorm extends Module {
  private final Tensor weight;
  private final Tensor bias;
  private double epsilon = 1e-5;

  /// Over the last axis, of the given extent, in F32.
  public LayerNorm(int width) {
    this(Shape.of(width), DType.F32);
  }

  /// Over the last axes, those of the given shape, with weight 1 and bias 0.
  ///
  /// @throws IllegalArgumentException if the shape has no axes or the dtype is not floating
  public LayerNorm(Shape normalized, DType dtype) {
    if (normalized.rank() == 0) {
      throw new IllegalArgumentException("LayerNorm: the shape to normalise over has no axes");
    }
    weight = parameter("weight", Tensor.ones(normalized, dtype));
    bias = parameter("bias", Tensor.zeros(normalized, dtype));
  }

  /// Sets ε, which is added to the variance.
  public LayerNorm epsilon(double e) {
    epsilon = Optimizer.number("epsilon", e);
    return this;
  }

  /// @throws IllegalArgumentException if `x` does not end with the shape
  @Override
  public Tensor forward(Tensor x) {
    return Functional.layerNorm(x, weight, bias, epsilon);
  }

  @Override
  protected String details() {
    return "%s, eps=%s".formatted(weight.shape(), epsilon);
  }
}
