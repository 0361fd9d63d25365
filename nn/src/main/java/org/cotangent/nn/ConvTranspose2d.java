package org.cotangent.nn;

import java.util.Optional;
import org.cotangent.autograd.Rng;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// Transposed convolution of images: `[n, in, h, w]` to `[n, out, h', w']`, see
/// [Functional#convTranspose2d].
///
/// The weight has shape `[in, out/groups, kh, kw]`, as in PyTorch. Unless told otherwise it starts
/// from He's normal distribution with the gain of ReLU, as [Linear] does, and the bias from 0; for
/// PyTorch's choice see [#likePyTorch]. Fans are counted as PyTorch does, as if the weight were a
/// convolution's.
public final class ConvTranspose2d extends ConvolutionLayer {
  private final ConvTransposeOptions options;

  /// A layer of F32 with square kernels, stride 1 and no padding.
  ///
  /// @throws IllegalArgumentException if a size is below 1
  public ConvTranspose2d(int in, int out, int kernel, Rng rng) {
    this(in, out, Pair.of(kernel), ConvTransposeOptions.defaults(), rng, DType.F32);
  }

  /// A layer of F32 with square kernels.
  ///
  /// @throws IllegalArgumentException if a size is below 1 or the groups do not divide the channels
  public ConvTranspose2d(int in, int out, int kernel, ConvTransposeOptions options, Rng rng) {
    this(in, out, Pair.of(kernel), options, rng, DType.F32);
  }

  /// A layer with the default initialisation.
  ///
  /// @throws IllegalArgumentException if a size is below 1, the groups do not divide the channels
  ///   or the dtype is not floating
  public ConvTranspose2d(
      int in, int out, Pair kernel, ConvTransposeOptions options, Rng rng, DType dtype) {
    this(
        Init.heNormal().make(shape(in, out, kernel, options), dtype, rng),
        Init.zeros().make(Shape.of(out), dtype, rng),
        options);
  }

  /// A layer that starts with the given weight `[in, out/groups, kh, kw]` and bias `[out]`.
  ///
  /// @throws IllegalArgumentException if shapes or dtypes do not fit
  public ConvTranspose2d(Tensor weight, Tensor bias, ConvTransposeOptions options) {
    this(weight, Optional.of(bias), options);
  }

  /// A layer without bias that starts with the given weight `[in, out/groups, kh, kw]`.
  ///
  /// @throws IllegalArgumentException if the weight does not fit
  public ConvTranspose2d(Tensor weight, ConvTransposeOptions options) {
    this(weight, Optional.empty(), options);
  }

  private ConvTranspose2d(Tensor weight, Optional<Tensor> bias, ConvTransposeOptions options) {
    super(2, true, options.groups(), weight, bias);
    this.options = options;
  }

  private static Shape shape(int in, int out, Pair kernel, ConvTransposeOptions options) {
    return shape("ConvTranspose2d", out, in, options.groups(), kernel.height(), kernel.width());
  }

  /// A layer without bias, whose weight starts as told.
  ///
  /// @throws IllegalArgumentException if a size is below 1, the groups do not divide the channels
  ///   or the dtype is not floating
  public static ConvTranspose2d withoutBias(
      int in,
      int out,
      Pair kernel,
      ConvTransposeOptions options,
      Init weight,
      Rng rng,
      DType dtype) {
    return new ConvTranspose2d(weight.make(shape(in, out, kernel, options), dtype, rng), options);
  }

  /// A layer that starts as PyTorch's: weight and bias uniform in `±1/√(out/groups kh kw)`.
  ///
  /// @throws IllegalArgumentException if a size is below 1, the groups do not divide the channels
  ///   or the dtype is not floating
  public static ConvTranspose2d likePyTorch(
      int in, int out, Pair kernel, ConvTransposeOptions options, Rng rng, DType dtype) {
    Shape shape = shape(in, out, kernel, options);
    Init init = likePyTorch(shape);
    return new ConvTranspose2d(
        init.make(shape, dtype, rng), init.make(Shape.of(out), dtype, rng), options);
  }

  @Override
  Tensor convolved(Tensor x, Tensor weight) {
    return Functional.convTranspose2d(x, weight, options);
  }

  @Override
  Tensor convolved(Tensor x, Tensor weight, Tensor bias) {
    return Functional.convTranspose2d(x, weight, bias, options);
  }

  @Override
  String slides() {
    return options.details(2);
  }
}
