package org.cotangent.nn;

import java.util.Optional;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// Normalises each sample over its last axes, then scales and shifts every position of them (Ba,
/// Kiros, Hinton, 2016).
public final class LayerNorm extends Module {
  private record Affine(Tensor weight, Tensor bias) {}

  private final Shape normalized;
  private final Optional<Affine> affine;
  private double epsilon = 1e-5;

  /// Over the last axis, of the given extent, in F32.
  public LayerNorm(int width) {
    this(Shape.of(width), DType.F32);
  }

  /// Over the last axes, those of the given shape, with weight 1 and bias 0.
  ///
  /// @throws IllegalArgumentException if the shape has no axes or the dtype is not floating
  public LayerNorm(Shape normalized, DType dtype) {
    this.normalized = withAxes(normalized);
    affine =
        Optional.of(
            new Affine(
                parameter("weight", Tensor.ones(normalized, dtype)),
                parameter("bias", Tensor.zeros(normalized, dtype))));
  }

  private LayerNorm(Shape normalized) {
    this.normalized = withAxes(normalized);
    affine = Optional.empty();
  }

  private static Shape withAxes(Shape normalized) {
    if (normalized.rank() == 0) {
      throw new IllegalArgumentException("LayerNorm: the shape to normalise over has no axes");
    }
    return normalized;
  }

  /// Over the last axes, those of the given shape, without scale and shift: PyTorch's
  /// `elementwise_affine=False`.
  ///
  /// @throws IllegalArgumentException if the shape has no axes
  public static LayerNorm withoutAffine(Shape normalized) {
    return new LayerNorm(normalized);
  }

  /// Sets ε, which is added to the variance.
  public LayerNorm epsilon(double e) {
    epsilon = Optimizer.number("epsilon", e);
    return this;
  }

  /// @throws IllegalArgumentException if `x` does not end with the shape
  @Override
  public Tensor forward(Tensor x) {
    return affine
        .map(a -> Functional.layerNorm(x, a.weight, a.bias, epsilon))
        .orElseGet(() -> Functional.layerNorm(x, normalized, epsilon));
  }

  @Override
  protected String details() {
    return "%s, eps=%s%s"
        .formatted(normalized, epsilon, affine.isPresent() ? "" : ", elementwise_affine=false");
  }
}
