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
public final class ConvTranspose1d extends ConvolutionLayer {
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
    super(1, true, options.groups(), weight, bias);
    this.options = options;
  }

  private static Shape shape(int in, int out, int kernel, ConvTransposeOptions options) {
    return shape("ConvTranspose1d", out, in, options.groups(), kernel);
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
    Init init = likePyTorch(shape);
    return new ConvTranspose1d(
        init.make(shape, dtype, rng), init.make(Shape.of(out), dtype, rng), options);
  }

  @Override
  Tensor convolved(Tensor x, Tensor weight) {
    return Functional.convTranspose1d(x, weight, options);
  }

  @Override
  Tensor convolved(Tensor x, Tensor weight, Tensor bias) {
    return Functional.convTranspose1d(x, weight, bias, options);
  }

  @Override
  String slides() {
    return options.details(1);
  }
}
