package org.cotangent.nn;

import java.util.Arrays;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.Shape;
import org.cotangent.autograd.shape.Sliding;

/// Padding, blocks of images, and images of other sizes, as plain functions. Part of [Functional].
abstract class FunctionalResampling {
  FunctionalResampling() {}

  // ---- Padding

  /// Zeros around: `padding` holds how many before and after the last axis, then before and after
  /// the last but one, and so on. A negative number cuts off.
  ///
  /// @throws IllegalArgumentException if the numbers do not come in pairs, one for an axis at most,
  ///   or cut off more than there is
  public static Tensor pad(Tensor x, int... padding) {
    return padConstant(x, 0, padding);
  }

  /// The same with a number instead of zeros.
  ///
  /// @throws IllegalArgumentException if the numbers do not fit
  public static Tensor padConstant(Tensor x, double v, int... padding) {
    return Padding.apply(PadMode.CONSTANT, x, v, padding);
  }

  /// Around each axis what the mode says; in constant mode zeros.
  ///
  /// @throws IllegalArgumentException if the numbers do not fit, or an axis is too short:
  ///   [PadMode#REFLECT] needs more elements than it mirrors, [PadMode#CIRCULAR] as many as it
  ///   repeats
  public static Tensor pad(Tensor x, PadMode mode, int... padding) {
    return Padding.apply(mode, x, 0, padding);
  }

  // ---- Blocks of images

  /// Each block of `kernel` elements of images `[n, c, h, w]` as a column: `[n, c kh kw, blocks]`,
  /// blocks in row-major order.
  ///
  /// @throws IllegalArgumentException if the input is no batch of images or no block fits
  public static Tensor unfold(Tensor x, Pair kernel, Pair stride, Pair padding, Pair dilation) {
    if (x.rank() != 4) {
      throw new IllegalArgumentException(
          "unfold: the input %s must be [images, channels, height, width]".formatted(x.shape()));
    }
    Sliding[] s = blocks("unfold", x.dim(2), x.dim(3), kernel, stride, padding, dilation);
    Tensor padded =
        x.pad(2, padding.height(), padding.height()).pad(3, padding.width(), padding.width());
    return padded
        .unfold(2, kernel.height(), stride.height(), dilation.height())
        .unfold(3, kernel.width(), stride.width(), dilation.width())
        .permute(0, 1, 4, 5, 2, 3)
        .reshape(
            x.dim(0),
            Math.multiplyExact(x.dim(1), kernel.height() * kernel.width()),
            s[0].output() * s[1].output());
  }

  /// The adjoint of [#unfold]: columns `[n, c kh kw, blocks]` added up to images `[n, c, height,
  /// width]`.
  ///
  /// @throws IllegalArgumentException if the shape does not fit
  public static Tensor fold(
      Tensor x, Pair size, Pair kernel, Pair stride, Pair padding, Pair dilation) {
    Sliding[] s = blocks("fold", size.height(), size.width(), kernel, stride, padding, dilation);
    int taps = kernel.height() * kernel.width();
    if (x.rank() != 3 || x.dim(1) % taps != 0 || x.dim(2) != s[0].output() * s[1].output()) {
      throw new IllegalArgumentException(
          "fold: the input %s must be [images, channels * %d, %d] for blocks %s of images %s"
              .formatted(x.shape(), taps, s[0].output() * s[1].output(), kernel, size));
    }
    int channels = x.dim(1) / taps;
    Tensor rows =
        x.reshape(x.dim(0), channels, kernel.height(), kernel.width(), s[0].output(), s[1].output())
            .permute(0, 1, 2, 4, 5, 3)
            .fold(4, size.width() + 2 * padding.width(), stride.width(), dilation.width());
    return rows.permute(0, 1, 3, 4, 2)
        .fold(2, size.height() + 2 * padding.height(), stride.height(), dilation.height())
        .slice(2, padding.height(), padding.height() + size.height())
        .slice(3, padding.width(), padding.width() + size.width());
  }

  private static Sliding[] blocks(
      String op, int h, int w, Pair kernel, Pair stride, Pair padding, Pair dilation) {
    Options.require(kernel, 1, "kernel");
    Options.require(stride, 1, "stride");
    Options.require(padding, 0, "padding");
    Options.require(dilation, 1, "dilation");
    int top = padding.height();
    int left = padding.width();
    Sliding[] s = {
      Sliding.over(h, kernel.height(), stride.height(), dilation.height(), top, top),
      Sliding.over(w, kernel.width(), stride.width(), dilation.width(), left, left)
    };
    if (s[0].output() == 0 || s[1].output() == 0) {
      throw new IllegalArgumentException(
          "%s: no block %s with dilation %s fits an image %d by %d with padding %s"
              .formatted(op, kernel, dilation, h, w, padding));
    }
    return s;
  }

  /// Channels as pixels: `[.., c r², h, w]` becomes `[.., c, h r, w r]`.
  ///
  /// @throws IllegalArgumentException if the channels cannot be divided so
  public static Tensor pixelShuffle(Tensor x, int r) {
    if (r < 1 || x.rank() < 3 || x.dim(-3) % ((long) r * r) != 0) {
      throw new IllegalArgumentException(
          "pixelShuffle: the input %s must have a number of channels, on axis -3, that %d² divides"
              .formatted(x.shape(), r));
    }
    int c = x.dim(-3) / (r * r);
    return x.reshape(lastThree(x, c, r, r, x.dim(-2), x.dim(-1)))
        .permute(lastAxes(x.rank() + 2, 0, 3, 1, 4, 2))
        .reshape(lastThree(x, c, x.dim(-2) * r, x.dim(-1) * r));
  }

  /// Pixels as channels, the inverse of [#pixelShuffle]: `[.., c, h r, w r]` becomes `[.., c r², h,
  /// w]`.
  ///
  /// @throws IllegalArgumentException if the image cannot be divided so
  public static Tensor pixelUnshuffle(Tensor x, int r) {
    if (r < 1 || x.rank() < 3 || x.dim(-2) % r != 0 || x.dim(-1) % r != 0) {
      throw new IllegalArgumentException(
          "pixelUnshuffle: the input %s must have three axes or more, of which %d divides the last two"
              .formatted(x.shape(), r));
    }
    int h = x.dim(-2) / r;
    int w = x.dim(-1) / r;
    return x.reshape(lastThree(x, x.dim(-3), h, r, w, r))
        .permute(lastAxes(x.rank() + 2, 0, 2, 4, 1, 3))
        .reshape(lastThree(x, x.dim(-3) * r * r, h, w));
  }

  /// Channels of `[n, channels, ..]` dealt out: the first of each of the groups, then the second of
  /// each, so that the next grouped convolution sees all groups (Zhang et al., 2018).
  ///
  /// @throws IllegalArgumentException if the channels do not split into the groups
  public static Tensor channelShuffle(Tensor x, int groups) {
    if (x.rank() < 2 || groups < 1 || x.dim(1) % groups != 0) {
      throw new IllegalArgumentException(
          "channelShuffle: the channels of %s, axis 1, do not split into %d groups"
              .formatted(x.shape(), groups));
    }
    Shape apart = x.shape().with(1, groups).inserted(2, x.dim(1) / groups);
    return x.reshape(apart).transpose(1, 2).reshape(x.shape());
  }

  /// Axes given from the end, behind all others as they are.
  private static int[] lastAxes(int rank, int... order) {
    int[] axes = new int[rank];
    int start = rank - order.length;
    Arrays.setAll(axes, i -> i < start ? i : start + order[i - start]);
    return axes;
  }

  /// The shape with other extents in place of the last three.
  private static Shape lastThree(Tensor x, int... by) {
    int[] d = Arrays.copyOf(x.shape().dims(), x.rank() - 3 + by.length);
    System.arraycopy(by, 0, d, x.rank() - 3, by.length);
    return Shape.of(d);
  }

  // ---- Images of other sizes

  /// Images `[n, c, ..]` with the given extents on the axes after the channels; one number is for
  /// all of them.
  ///
  /// @throws IllegalArgumentException if the extents do not fit
  public static Tensor interpolate(Tensor x, InterpolateMode mode, int... size) {
    return Interpolation.to(mode, x, size);
  }

  /// The same with extents `⌊extent factor⌋`; one factor is for all axes.
  ///
  /// @throws IllegalArgumentException if the factors do not fit
  public static Tensor interpolateBy(Tensor x, InterpolateMode mode, double... factor) {
    return Interpolation.by(mode, x, factor);
  }
}
