package org.cotangent.nn;

import org.cotangent.autograd.Convolution;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.Sliding;

/// Convolution and its transpose as plain functions. Part of [Functional].
abstract class FunctionalConvolution extends FunctionalPooling {
  private static final Sliding LINE = new Sliding(1, 1, 1, 1, 1, 0);

  FunctionalConvolution() {}

  /// [#conv2d(Tensor, Tensor, ConvOptions)] with stride 1 and no padding.
  public static Tensor conv2d(Tensor x, Tensor weight) {
    return conv2d(x, weight, ConvOptions.defaults());
  }

  /// [#conv2d(Tensor, Tensor, ConvOptions)] plus a bias a channel, `[out]`.
  public static Tensor conv2d(Tensor x, Tensor weight, Tensor bias, ConvOptions options) {
    return plus("conv2d", conv2d(x, weight, options), bias, 2);
  }

  /// The convolution (without turning the kernels round) of images `[n, in, h, w]`, or one `[in, h,
  /// w]`, with kernels `[out, in/groups, kh, kw]`.
  ///
  /// @throws IllegalArgumentException if the shapes do not fit or nothing would be left
  public static Tensor conv2d(Tensor x, Tensor weight, ConvOptions options) {
    return conv("conv2d", 2, x, weight, options);
  }

  /// [#conv1d(Tensor, Tensor, ConvOptions)] with stride 1 and no padding.
  public static Tensor conv1d(Tensor x, Tensor weight) {
    return conv1d(x, weight, ConvOptions.defaults());
  }

  /// [#conv1d(Tensor, Tensor, ConvOptions)] plus a bias a channel, `[out]`.
  public static Tensor conv1d(Tensor x, Tensor weight, Tensor bias, ConvOptions options) {
    return plus("conv1d", conv1d(x, weight, options), bias, 1);
  }

  /// The convolution of signals `[n, in, length]`, or one `[in, length]`, with kernels `[out,
  /// in/groups, size]`. Of the options, the width counts.
  ///
  /// @throws IllegalArgumentException if the shapes do not fit or nothing would be left
  public static Tensor conv1d(Tensor x, Tensor weight, ConvOptions options) {
    return conv("conv1d", 1, x, weight, options);
  }

  /// [#convTranspose2d(Tensor, Tensor, ConvTransposeOptions)] with stride 1 and no padding.
  public static Tensor convTranspose2d(Tensor x, Tensor weight) {
    return convTranspose2d(x, weight, ConvTransposeOptions.defaults());
  }

  /// [#convTranspose2d(Tensor, Tensor, ConvTransposeOptions)] plus a bias a channel, `[out]`.
  public static Tensor convTranspose2d(
      Tensor x, Tensor weight, Tensor bias, ConvTransposeOptions options) {
    return plus("convTranspose2d", convTranspose2d(x, weight, options), bias, 2);
  }

  /// The transposed convolution of images `[n, in, h, w]`, or one `[in, h, w]`, with kernels `[in,
  /// out/groups, kh, kw]`: each element is spread by its kernels, as gradients are by those of
  /// [#conv2d]. An axis of extent `h` becomes `(h - 1) stride - 2 padding + (kh - 1) dilation +
  /// outputPadding + 1`.
  ///
  /// @throws IllegalArgumentException if the shapes do not fit or nothing would be left
  public static Tensor convTranspose2d(Tensor x, Tensor weight, ConvTransposeOptions options) {
    return transposed("convTranspose2d", 2, x, weight, options);
  }

  /// [#convTranspose1d(Tensor, Tensor, ConvTransposeOptions)] with stride 1 and no padding.
  public static Tensor convTranspose1d(Tensor x, Tensor weight) {
    return convTranspose1d(x, weight, ConvTransposeOptions.defaults());
  }

  /// [#convTranspose1d(Tensor, Tensor, ConvTransposeOptions)] plus a bias a channel, `[out]`.
  public static Tensor convTranspose1d(
      Tensor x, Tensor weight, Tensor bias, ConvTransposeOptions options) {
    return plus("convTranspose1d", convTranspose1d(x, weight, options), bias, 1);
  }

  /// The transposed convolution of signals `[n, in, length]`, or one `[in, length]`, with kernels
  /// `[in, out/groups, size]`. Of the options, the width counts.
  ///
  /// @throws IllegalArgumentException if the shapes do not fit or nothing would be left
  public static Tensor convTranspose1d(Tensor x, Tensor weight, ConvTransposeOptions options) {
    return transposed("convTranspose1d", 1, x, weight, options);
  }

  // ---- Both, brought to images in batches

  private static Tensor conv(String op, int axes, Tensor x, Tensor w, ConvOptions o) {
    ranks(op, axes, x, w, "[out, in/groups, %s]");
    int channels = x.dim(-axes - 1);
    if (w.dim(0) % o.groups() != 0 || channels != w.dim(1) * (long) o.groups()) {
      throw new IllegalArgumentException(
          "%s: the input %s has %d channels; kernels %s in %d groups take %d, and %d output channels must divide evenly"
              .formatted(
                  op,
                  x.shape(),
                  channels,
                  w.shape(),
                  o.groups(),
                  w.dim(1) * (long) o.groups(),
                  w.dim(0)));
    }
    if (o.paddingMode() != PadMode.CONSTANT) {
      Tensor all = Padding.apply(o.paddingMode(), x, 0, margins(op, axes, w, o));
      return conv(op, axes, all, w, o.padding(0).paddingMode(PadMode.CONSTANT));
    }
    Sliding columns = sliding(op, x, w, -1, o);
    Sliding rows = axes == 1 ? LINE : sliding(op, x, w, -2, o);
    Tensor y = Convolution.output(images(x, axes), kernels(w, axes), rows, columns, o.groups());
    return like(x, y, axes);
  }

  private static Sliding sliding(String op, Tensor x, Tensor w, int axis, ConvOptions o) {
    int input = x.dim(axis);
    int kernel = w.dim(axis);
    int stride = axis == -1 ? o.stride().width() : o.stride().height();
    int dilation = axis == -1 ? o.dilation().width() : o.dilation().height();
    int reach = Math.multiplyExact(dilation, kernel - 1);
    int[] margins = margins(op, w, axis, o);
    int before = margins[0];
    int after = margins[1];
    if (kernel < 1 || reach >= (long) input + before + after) {
      throw new IllegalArgumentException(
          "%s: the input %s with padding %d and %d on axis %d is shorter than the %d that the kernel %s with dilation %d reaches over"
              .formatted(op, x.shape(), before, after, axis, reach + 1, w.shape(), dilation));
    }
    return Sliding.over(input, kernel, stride, dilation, before, after);
  }

  /// What is added before and after an axis.
  private static int[] margins(String op, Tensor w, int axis, ConvOptions o) {
    int stride = axis == -1 ? o.stride().width() : o.stride().height();
    if (o.padding().isPresent()) {
      Pair p = o.padding().get();
      int each = axis == -1 ? p.width() : p.height();
      return new int[] {each, each};
    }
    if (stride != 1) {
      throw new IllegalArgumentException(
          "%s: stride %d with padding to the same extent; it asks for stride 1"
              .formatted(op, stride));
    }
    int dilation = axis == -1 ? o.dilation().width() : o.dilation().height();
    int reach = Math.multiplyExact(dilation, Math.max(0, w.dim(axis) - 1));
    return new int[] {reach / 2, reach - reach / 2};
  }

  /// The same for all axes, the last one first, as [Padding] takes it.
  private static int[] margins(String op, int axes, Tensor w, ConvOptions o) {
    int[] columns = margins(op, w, -1, o);
    if (axes == 1) {
      return columns;
    }
    int[] rows = margins(op, w, -2, o);
    return new int[] {columns[0], columns[1], rows[0], rows[1]};
  }

  private static Tensor transposed(
      String op, int axes, Tensor x, Tensor w, ConvTransposeOptions o) {
    ranks(op, axes, x, w, "[in, out/groups, %s]");
    int channels = x.dim(-axes - 1);
    if (channels != w.dim(0) || channels % o.groups() != 0) {
      throw new IllegalArgumentException(
          "%s: the input %s has %d channels, the kernels %s take %d, and %d groups must divide them evenly"
              .formatted(op, x.shape(), channels, w.shape(), w.dim(0), o.groups()));
    }
    Sliding columns = spreading(op, x, w, -1, o);
    Sliding rows = axes == 1 ? LINE : spreading(op, x, w, -2, o);
    Tensor y = Convolution.input(images(x, axes), kernels(w, axes), rows, columns, o.groups());
    return like(x, y, axes);
  }

  private static Sliding spreading(
      String op, Tensor x, Tensor w, int axis, ConvTransposeOptions o) {
    int kernel = w.dim(axis);
    int stride = axis == -1 ? o.stride().width() : o.stride().height();
    int dilation = axis == -1 ? o.dilation().width() : o.dilation().height();
    int padding = axis == -1 ? o.padding().width() : o.padding().height();
    int more = axis == -1 ? o.outputPadding().width() : o.outputPadding().height();
    if (more >= stride && more >= dilation) {
      throw new IllegalArgumentException(
          "%s: the output padding %d must be less than the stride %d or the dilation %d"
              .formatted(op, more, stride, dilation));
    }
    long extent = (x.dim(axis) - 1L) * stride - 2L * padding + dilation * (kernel - 1L) + more + 1;
    if (extent < 1 || kernel < 1 || x.dim(axis) < 1) {
      throw new IllegalArgumentException(
          "%s: the input %s, spread by kernels %s with stride %d, dilation %d, padding %d, would have extent %d on axis %d"
              .formatted(op, x.shape(), w.shape(), stride, dilation, padding, extent, axis));
    }
    return new Sliding(Math.toIntExact(extent), kernel, x.dim(axis), stride, dilation, padding);
  }

  private static void ranks(String op, int axes, Tensor x, Tensor w, String kernels) {
    if ((x.rank() != axes + 1 && x.rank() != axes + 2) || w.rank() != axes + 2) {
      String sizes = axes == 1 ? "length" : "height, width";
      throw new IllegalArgumentException(
          "%s: the input %s must be [images, channels, %s], or one without images, and the kernels %s must be %s"
              .formatted(op, x.shape(), sizes, w.shape(), kernels.formatted(sizes)));
    }
  }

  private static Tensor images(Tensor x, int axes) {
    Tensor batch = x.rank() == axes + 1 ? x.unsqueeze(0) : x;
    return axes == 1 ? batch.unsqueeze(-2) : batch;
  }

  private static Tensor kernels(Tensor w, int axes) {
    return axes == 1 ? w.unsqueeze(-2) : w;
  }

  private static Tensor like(Tensor x, Tensor y, int axes) {
    Tensor batch = axes == 1 ? y.squeeze(-2) : y;
    return x.rank() == axes + 1 ? batch.squeeze(0) : batch;
  }

  /// @param y which nobody else has seen
  private static Tensor plus(String op, Tensor y, Tensor bias, int axes) {
    if (bias.rank() != 1 || bias.dim(0) != y.dim(-axes - 1)) {
      throw new IllegalArgumentException(
          "%s: the bias %s must have one element for each of the %d channels of the result"
              .formatted(op, bias.shape(), y.dim(-axes - 1)));
    }
    Tensor z = y.add(axes == 1 ? bias.unsqueeze(1) : bias.reshape(bias.dim(0), 1, 1));
    y.donate();
    return z;
  }
}
