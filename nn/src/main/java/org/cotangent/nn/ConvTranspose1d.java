package org.cotangent.nn;

import java.util.Optional;
import org.cotangent.autograd.Rng;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// Transposed convolution of signals: `[n, in, length]` to `[n, out, length']`, see
/// [Functional#convTranspose1d].
///
/// The weight has shape `[in, out/groups, size]`, as in PyTorch. Unless told otherwise it starts
/// from He's normal distribution with the gain of ReLU, as [Linear] does, and the bias from 0; for
/// PyTorch's choice see [#likePyTorch]. Fans are counted as PyTorch does, as if the weight were a
/// convolution's.
public final class ConvTranspose1d extends Module {
  private final Tensor weight;
  private final Optional<Tensor> bias;
  private final ConvTransposeOptions options;

  /// A layer of F32, stride 1 and no padding.
  ///
  /// @throws IllegalArgumentException if a size is below 1
  public ConvTranspose1d(int in, int out, int kernel, Rng rng) {
    this(in, out, kernel, ConvTransposeOptions.defaults(), rng, DType.F32);
  }

  /// A layer of F32.
  ///
  /// @throws IllegalArgumentException if a size is below 1 or the groups do not divide the channels
  public ConvTranspose1d(int in, int out, int kernel, ConvTransposeOptions options, Rng rng) {
    this(in, out, kernel, options, rng, DType.F32);
  }

  /// A layer with the default initialisation.
  ///
  /// @throws IllegalArgumentException if a size is below 1, the groups do not divide the channels
  ///   or the dtype is not floating
  public ConvTranspose1d(
      int in, int out, int kernel, ConvTransposeOptions options, Rng rng, DType dtype) {
    this(
        Init.heNormal().make(shape(in, out, kernel, options), dtype, rng),
        Init.zeros().make(Shape.of(out), dtype, rng),
        options);
  }

  /// A layer that starts with the given weight `[in, out/groups, size]` and bias `[out]`.
  ///
  /// @throws IllegalArgumentException if shapes or dtypes do not fit
  public ConvTranspose1d(Tensor weight, Tensor bias, ConvTransposeOptions options) {
    this(weight, Optional.of(bias), options);
  }

  /// A layer without bias that starts with the given weight `[in, out/groups, size]`.
  ///
  /// @throws IllegalArgumentException if the weight does not fit
  public ConvTranspose1d(Tensor weight, ConvTransposeOptions options) {
    this(weight, Optional.empty(), options);
  }

  private ConvTranspose1d(Tensor weight, Optional<Tensor> bias, ConvTransposeOptions options) {
    Kernels.require("ConvTranspose1d", 1, weight, outputs(weight, options), bias);
    this.weight = parameter("weight", weight);
    this.bias = bias.map(b -> parameter("bias", b));
    this.options = options;
  }

  private static int outputs(Tensor weight, ConvTransposeOptions options) {
    return weight.rank() < 2 ? 0 : weight.dim(1) * options.groups();
  }

  private static Shape shape(int in, int out, int kernel, ConvTransposeOptions options) {
    return Kernels.shape("ConvTranspose1d", out, in, options.groups(), kernel);
  }

  /// A layer without bias, whose weight starts as told.
  ///
  /// @throws IllegalArgumentException if a size is below 1, the groups do not divide the channels
  ///   or the dtype is not floating
  public static ConvTranspose1d withoutBias(
      int in,
      int out,
      int kernel,
      ConvTransposeOptions options,
      Init weight,
      Rng rng,
      DType dtype) {
    return new ConvTranspose1d(weight.make(shape(in, out, kernel, options), dtype, rng), options);
  }

  /// A layer that starts as PyTorch's: weight and bias uniform in `±1/√(out/groups size)`.
  ///
  /// @throws IllegalArgumentException if a size is below 1, the groups do not divide the channels
  ///   or the dtype is not floating
  public static ConvTranspose1d likePyTorch(
      int in, int out, int kernel, ConvTransposeOptions options, Rng rng, DType dtype) {
    Shape shape = shape(in, out, kernel, options);
    Init init = Kernels.likePyTorch(shape);
    return new ConvTranspose1d(
        init.make(shape, dtype, rng), init.make(Shape.of(out), dtype, rng), options);
  }

  /// The weight, `[in, out/groups, size]`.
  public Tensor weight() {
    return weight;
  }

  /// The bias, `[out]`, if the layer has one.
  public Optional<Tensor> bias() {
    return bias;
  }

  /// @throws IllegalArgumentException if `x` does not fit
  @Override
  public Tensor forward(Tensor x) {
    return bias.isPresent()
        ? Functional.convTranspose1d(x, weight, bias.get(), options)
        : Functional.convTranspose1d(x, weight, options);
  }

  @Override
  protected String details() {
    return "%d, %d, kernel_size=%d, %s, bias=%b"
        .formatted(
            weight.dim(0),
            outputs(weight, options),
            weight.dim(2),
            options.details(1),
            bias.isPresent());
  }
}
