package org.cotangent.nn;

import java.util.Optional;
import org.cotangent.autograd.Rng;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// Convolution of signals: `[n, in, length]` to `[n, out, length']`, see [Functional#conv1d].
///
/// The weight has shape `[out, in/groups, size]`, as in PyTorch. Unless told otherwise it starts
/// from He's normal distribution with the gain of ReLU, as [Linear] does, and the bias from 0; for
/// PyTorch's choice see [#likePyTorch].
public final class Conv1d extends ConvolutionLayer {
  private final ConvOptions options;

  /// A layer of F32, stride 1 and no padding.
  ///
  /// @throws IllegalArgumentException if a size is below 1
  public Conv1d(int in, int out, int kernel, Rng rng) {
    this(in, out, kernel, ConvOptions.defaults(), rng, DType.F32);
  }

  /// A layer of F32.
  ///
  /// @throws IllegalArgumentException if a size is below 1 or the groups do not divide the channels
  public Conv1d(int in, int out, int kernel, ConvOptions options, Rng rng) {
    this(in, out, kernel, options, rng, DType.F32);
  }

  /// A layer with the default initialisation.
  ///
  /// @throws IllegalArgumentException if a size is below 1, the groups do not divide the channels
  ///   or the dtype is not floating
  public Conv1d(int in, int out, int kernel, ConvOptions options, Rng rng, DType dtype) {
    this(
        Init.heNormal().make(shape(in, out, kernel, options), dtype, rng),
        Init.zeros().make(Shape.of(out), dtype, rng),
        options);
  }

  /// A layer that starts with the given weight `[out, in/groups, size]` and bias `[out]`.
  ///
  /// @throws IllegalArgumentException if shapes or dtypes do not fit
  public Conv1d(Tensor weight, Tensor bias, ConvOptions options) {
    this(weight, Optional.of(bias), options);
  }

  /// A layer without bias that starts with the given weight `[out, in/groups, size]`.
  ///
  /// @throws IllegalArgumentException if the weight does not fit
  public Conv1d(Tensor weight, ConvOptions options) {
    this(weight, Optional.empty(), options);
  }

  private Conv1d(Tensor weight, Optional<Tensor> bias, ConvOptions options) {
    super(1, false, options.groups(), weight, bias);
    this.options = options;
  }

  private static Shape shape(int in, int out, int kernel, ConvOptions options) {
    return shape("Conv1d", in, out, options.groups(), kernel);
  }

  /// A layer without bias, whose weight starts as told.
  ///
  /// @throws IllegalArgumentException if a size is below 1, the groups do not divide the channels
  ///   or the dtype is not floating
  public static Conv1d withoutBias(
      int in, int out, int kernel, ConvOptions options, Init weight, Rng rng, DType dtype) {
    return new Conv1d(weight.make(shape(in, out, kernel, options), dtype, rng), options);
  }

  /// A layer that starts as PyTorch's: weight and bias uniform in `±1/√(in/groups size)`.
  ///
  /// @throws IllegalArgumentException if a size is below 1, the groups do not divide the channels
  ///   or the dtype is not floating
  public static Conv1d likePyTorch(
      int in, int out, int kernel, ConvOptions options, Rng rng, DType dtype) {
    Shape shape = shape(in, out, kernel, options);
    Init init = likePyTorch(shape);
    return new Conv1d(init.make(shape, dtype, rng), init.make(Shape.of(out), dtype, rng), options);
  }

  @Override
  Tensor convolved(Tensor x, Tensor weight) {
    return Functional.conv1d(x, weight, options);
  }

  @Override
  Tensor convolved(Tensor x, Tensor weight, Tensor bias) {
    return Functional.conv1d(x, weight, bias, options);
  }

  @Override
  String slides() {
    return options.details(1);
  }
}
