package org.cotangent.nn;

import java.util.Optional;
import org.cotangent.autograd.Rng;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// The affine layer `y = x W + b`: input `[.., in]`, result `[.., out]`.
///
/// The weight has shape `[in, out]`, so that a row of `x` is one sample and the formula reads as
/// written. PyTorch keeps the transpose, `[out, in]`, and computes `x Wᵀ + b`: transpose weights
/// that come from there.
///
/// Unless told otherwise, weights start from He's normal distribution with the gain of ReLU
/// (standard deviation `√(2/in)`) and biases from 0, as He et al. (2015) derive it for networks of
/// ReLUs; for tanh and sigmoid pass [Init#glorotUniform()], for PyTorch's choice see
/// [#likePyTorch].
public final class Linear extends Module {
  private final Tensor weight;
  private final Optional<Tensor> bias;

  /// A layer of F32 with the default initialisation.
  ///
  /// @throws IllegalArgumentException if a size is below 1
  public Linear(int in, int out, Rng rng) {
    this(in, out, rng, DType.F32);
  }

  /// A layer with the default initialisation.
  ///
  /// @throws IllegalArgumentException if a size is below 1 or the dtype is not floating
  public Linear(int in, int out, Rng rng, DType dtype) {
    this(in, out, Init.heNormal(), Init.zeros(), rng, dtype);
  }

  /// A layer whose weight and bias start as told. The weight is drawn before the bias.
  ///
  /// @throws IllegalArgumentException if a size is below 1 or the dtype is not floating
  public Linear(int in, int out, Init weight, Init bias, Rng rng, DType dtype) {
    this(weight.make(shape(in, out), dtype, rng), bias.make(Shape.of(out), dtype, rng));
  }

  /// A layer that starts with the given weight `[in, out]` and bias `[out]`.
  ///
  /// @throws IllegalArgumentException if shapes or dtypes do not fit
  public Linear(Tensor weight, Tensor bias) {
    this(weight, Optional.of(bias));
  }

  /// A layer without bias, `y = x W`, that starts with the given weight `[in, out]`.
  ///
  /// @throws IllegalArgumentException if the weight is not a floating matrix
  public Linear(Tensor weight) {
    this(weight, Optional.empty());
  }

  private Linear(Tensor weight, Optional<Tensor> bias) {
    if (weight.rank() != 2) {
      throw new IllegalArgumentException(
          "Linear: the weight has shape %s, but must be a matrix [in, out]"
              .formatted(weight.shape()));
    }
    this.weight = parameter("weight", weight);
    this.bias = bias.map(b -> parameter("bias", fitting(b, weight)));
  }

  private static Tensor fitting(Tensor bias, Tensor weight) {
    if (bias.rank() != 1 || bias.dim(0) != weight.dim(1) || bias.dtype() != weight.dtype()) {
      throw new IllegalArgumentException(
          "Linear: the bias is %s, %s, but for the weight %s, %s it must be %s, %s"
              .formatted(
                  bias.shape(),
                  bias.dtype(),
                  weight.shape(),
                  weight.dtype(),
                  Shape.of(weight.dim(1)),
                  weight.dtype()));
    }
    return bias;
  }

  private static Shape shape(int in, int out) {
    if (in < 1 || out < 1) {
      throw new IllegalArgumentException(
          "Linear: %d inputs and %d outputs; both must be 1 or more".formatted(in, out));
    }
    return Shape.of(in, out);
  }

  /// A layer without bias, `y = x W`, whose weight starts as told.
  ///
  /// @throws IllegalArgumentException if a size is below 1 or the dtype is not floating
  public static Linear withoutBias(int in, int out, Init weight, Rng rng, DType dtype) {
    return new Linear(weight.make(shape(in, out), dtype, rng));
  }

  /// A layer that starts as PyTorch's: weight and bias uniform in `[-1/√in, 1/√in)`.
  ///
  /// @throws IllegalArgumentException if a size is below 1 or the dtype is not floating
  public static Linear likePyTorch(int in, int out, Rng rng, DType dtype) {
    double bound = 1 / Math.sqrt(in);
    Init init = Init.uniform(-bound, bound);
    return new Linear(in, out, init, init, rng, dtype);
  }

  /// The weight, `[in, out]`.
  public Tensor weight() {
    return weight;
  }

  /// The bias, `[out]`, if the layer has one.
  public Optional<Tensor> bias() {
    return bias;
  }

  /// `x W + b`.
  ///
  /// @throws IllegalArgumentException if the last axis of `x` has not `in` elements
  @Override
  public Tensor forward(Tensor x) {
    return bias.isPresent()
        ? Functional.linear(x, weight, bias.get())
        : Functional.linear(x, weight);
  }

  @Override
  protected String details() {
    return "in_features=%d, out_features=%d, bias=%b"
        .formatted(weight.dim(0), weight.dim(1), bias.isPresent());
  }
}
