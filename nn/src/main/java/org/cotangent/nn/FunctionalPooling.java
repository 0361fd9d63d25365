package org.cotangent.nn;

import java.util.Arrays;
import org.cotangent.autograd.Convolution;
import org.cotangent.autograd.Indexing;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.cotangent.autograd.shape.Sliding;

/// Pooling as plain functions. Part of [Functional].
///
/// The last axes are those of an image or a signal; any number of others may stand before them.
abstract class FunctionalPooling extends FunctionalResampling {
  private static final Sliding LINE = new Sliding(1, 1, 1, 1, 1, 0);

  FunctionalPooling() {}

  // ---- The largest

  /// The largest element of each window of images `[.., h, w]`. The gradient goes to the first one
  /// of equal elements, and adds up where windows overlap.
  ///
  /// @throws IllegalArgumentException if no window fits, or one would meet padding only
  public static Tensor maxPool2d(Tensor x, MaxPoolOptions options) {
    return values(maxPool2dWithIndices(x, options));
  }

  /// The same with the places of the elements.
  ///
  /// @throws IllegalArgumentException if no window fits, or one would meet padding only
  public static Pooled maxPool2dWithIndices(Tensor x, MaxPoolOptions options) {
    atLeast("maxPool2d", x, 2);
    Sliding rows = windows("maxPool2d", x, -2, options);
    Sliding columns = windows("maxPool2d", x, -1, options);
    return gathered(x, Convolution.argMaxPool(x, rows, columns));
  }

  /// The largest element of each window of signals `[.., length]`. Of the options, the width
  /// counts.
  ///
  /// @throws IllegalArgumentException if no window fits, or one would meet padding only
  public static Tensor maxPool1d(Tensor x, MaxPoolOptions options) {
    return values(maxPool1dWithIndices(x, options));
  }

  /// The same with the places of the elements.
  ///
  /// @throws IllegalArgumentException if no window fits, or one would meet padding only
  public static Pooled maxPool1dWithIndices(Tensor x, MaxPoolOptions options) {
    atLeast("maxPool1d", x, 1);
    Tensor lines = x.unsqueeze(-2);
    Sliding columns = windows("maxPool1d", x, -1, options);
    return line(gathered(lines, Convolution.argMaxPool(lines, LINE, columns)));
  }

  private static Sliding windows(String op, Tensor x, int axis, MaxPoolOptions o) {
    boolean wide = axis == -1;
    int kernel = wide ? o.kernel().width() : o.kernel().height();
    int stride = wide ? o.stride().width() : o.stride().height();
    int padding = wide ? o.padding().width() : o.padding().height();
    int dilation = wide ? o.dilation().width() : o.dilation().height();
    return windows(op, x, axis, kernel, stride, padding, dilation, o.ceilMode());
  }

  /// Windows that begin within the input or the padding before it and, unless `ceil`, end within
  /// the input or the padding after it.
  private static Sliding windows(
      String op,
      Tensor x,
      int axis,
      int kernel,
      int stride,
      int padding,
      int dilation,
      boolean ceil) {
    int n = x.dim(axis);
    long spare = n + 2L * padding - dilation * (kernel - 1L) - 1;
    long count = spare < 0 ? 0 : spare / stride + 1;
    if (ceil && (count > 0 || spare > -stride)) {
      boolean more = count == 0 || spare % stride != 0;
      count += more && count * stride < n + padding ? 1 : 0;
    }
    if (count == 0 || n == 0) {
      throw new IllegalArgumentException(
          "%s: no window of %d elements, dilation %d, fits axis %d of the input %s with padding %d"
              .formatted(op, kernel, dilation, axis, x.shape(), padding));
    }
    return new Sliding(n, kernel, (int) count, stride, dilation, padding);
  }

  /// The elements of the last two axes at the given places.
  private static Pooled gathered(Tensor x, Tensor indices) {
    Tensor places = indices.flatten(-2);
    Tensor all = x.flatten(-2);
    Tensor found = all.gather(-1, places);
    Tensor values = found.reshape(indices.shape());
    places.donate();
    all.donate();
    found.donate();
    return new Pooled(values, indices);
  }

  private static Pooled line(Pooled p) {
    return new Pooled(p.values().squeeze(-2), p.indices().squeeze(-2));
  }

  /// Without the places, which nobody else has seen.
  private static Tensor values(Pooled p) {
    p.indices().donate();
    return p.values();
  }

  // ---- Averages

  /// The average of each window of images `[.., h, w]`.
  ///
  /// @throws IllegalArgumentException if no window fits
  public static Tensor avgPool2d(Tensor x, AvgPoolOptions options) {
    atLeast("avgPool2d", x, 2);
    Sliding columns = windows("avgPool2d", x, -1, options);
    Sliding rows = windows("avgPool2d", x, -2, options);
    return averages(sums(sums(x, -1, columns), -2, rows), rows, columns, options);
  }

  /// The average of each window of signals `[.., length]`. Of the options, the width counts.
  ///
  /// @throws IllegalArgumentException if no window fits
  public static Tensor avgPool1d(Tensor x, AvgPoolOptions options) {
    atLeast("avgPool1d", x, 1);
    Sliding columns = windows("avgPool1d", x, -1, options);
    return averages(sums(x, -1, columns).unsqueeze(-2), LINE, columns, options).squeeze(-2);
  }

  private static Sliding windows(String op, Tensor x, int axis, AvgPoolOptions o) {
    boolean wide = axis == -1;
    int kernel = wide ? o.kernel().width() : o.kernel().height();
    int stride = wide ? o.stride().width() : o.stride().height();
    int padding = wide ? o.padding().width() : o.padding().height();
    return windows(op, x, axis, kernel, stride, padding, 1, o.ceilMode());
  }

  /// The sum of each window along an axis.
  private static Tensor sums(Tensor x, int axis, Sliding s) {
    int a = x.shape().axis("pool", axis);
    int after = Math.max(0, s.reach() - s.before() - s.input());
    Tensor all = x.pad(a, s.before(), after).unfold(a, s.kernel(), s.stride());
    return all.slice(a, 0, s.output()).sum(-1);
  }

  private static Tensor averages(Tensor sums, Sliding rows, Sliding columns, AvgPoolOptions o) {
    if (o.divisor().isPresent()) {
      return sums.div(o.divisor().getAsInt());
    }
    double[] heights = counts(rows, o.padding().height(), o);
    double[] widths = counts(columns, o.padding().width(), o);
    Tensor h = Tensor.of(Shape.of(heights.length, 1), heights);
    DType dtype = sums.dtype().isFloating() ? sums.dtype() : DType.F32;
    return sums.div(h.mul(Tensor.of(widths)).to(dtype));
  }

  /// How many elements of each window count: those of the input, or of the padding too, but never
  /// what lies beyond it.
  private static double[] counts(Sliding s, int padding, AvgPoolOptions o) {
    int more = o.countIncludePad() ? padding : 0;
    double[] n = new double[s.output()];
    Arrays.setAll(
        n,
        i -> {
          int first = Math.max(-more, s.at(i, 0));
          return Math.min(s.input() + more, s.at(i, 0) + s.kernel()) - first;
        });
    return n;
  }

  // ---- Norms, and the way back

  /// The p-norm of each window of images `[.., h, w]`, `(Σ xᵖ)^(1/p)`: without absolute values, as
  /// in PyTorch, so for odd p it is NaN where the sum is negative. A window of zeros has gradient
  /// 0. With `ceilMode`, the sum of a window that reaches over the end is scaled up to a whole one.
  ///
  /// @throws IllegalArgumentException if no window fits or p is not above 0
  public static Tensor lpPool2d(Tensor x, double p, Pair kernel, Pair stride, boolean ceilMode) {
    AvgPoolOptions windows =
        AvgPoolOptions.of(kernel.height(), kernel.width())
            .stride(stride.height(), stride.width())
            .ceilMode(ceilMode);
    return root(
        avgPool2d(power("lpPool2d", x, p), windows), (double) kernel.height() * kernel.width(), p);
  }

  /// The same for signals `[.., length]`.
  ///
  /// @throws IllegalArgumentException if no window fits or p is not above 0
  public static Tensor lpPool1d(Tensor x, double p, int kernel, int stride, boolean ceilMode) {
    AvgPoolOptions windows = AvgPoolOptions.of(kernel).stride(stride).ceilMode(ceilMode);
    return root(avgPool1d(power("lpPool1d", x, p), windows), kernel, p);
  }

  private static Tensor power(String op, Tensor x, double p) {
    if (!(p > 0)) {
      throw new IllegalArgumentException("%s: the norm's p %s must be above 0".formatted(op, p));
    }
    return x.pow(p);
  }

  /// The root's slope at 0 is infinite: it is taken of 1 there, and the choice undone.
  private static Tensor root(Tensor means, double count, double p) {
    Tensor isZero = means.eq(0);
    Tensor one = Tensor.scalar(1, means.dtype());
    Tensor y = Tensor.where(isZero, one, means.mul(count)).pow(1 / p);
    return Tensor.where(isZero, Tensor.scalar(0, means.dtype()), y);
  }

  /// What max pooling of images gave, put back to its places in images of zeros, `[.., height,
  /// width]`. Of several from one place the last stays.
  ///
  /// @throws IndexOutOfBoundsException if a place lies outside
  public static Tensor maxUnpool2d(Pooled pooled, int height, int width) {
    atLeast("maxUnpool2d", pooled.values(), 2);
    Tensor values = pooled.values().flatten(-2);
    Tensor zeros =
        Tensor.zeros(values.shape().with(-1, Math.multiplyExact(height, width)), values.dtype());
    int[] size = values.shape().with(-1, height).inserted(values.rank(), width).dims();
    return Indexing.scatter(zeros, -1, pooled.indices().flatten(-2), values).reshape(size);
  }

  /// The same for signals `[.., length]`.
  ///
  /// @throws IndexOutOfBoundsException if a place lies outside
  public static Tensor maxUnpool1d(Pooled pooled, int length) {
    atLeast("maxUnpool1d", pooled.values(), 1);
    Tensor values = pooled.values();
    Tensor zeros = Tensor.zeros(values.shape().with(-1, length), values.dtype());
    return Indexing.scatter(zeros, -1, pooled.indices(), values);
  }

  // ---- To a given size

  /// Averages over a grid of `height` by `width` windows that cover images `[.., h, w]`: window `i`
  /// of `m` over an axis of extent `n` reaches from `⌊i n/m⌋` to `⌈(i + 1) n/m⌉`.
  ///
  /// @throws IllegalArgumentException if the image is empty or a size is negative
  public static Tensor adaptiveAvgPool2d(Tensor x, int height, int width) {
    atLeast("adaptiveAvgPool2d", x, 2);
    Tensor lines = Bins.over("adaptiveAvgPool2d", x, -1, width).averages(x, -1);
    return Bins.over("adaptiveAvgPool2d", x, -2, height).averages(lines, -2);
  }

  /// The same for signals `[.., length]`.
  ///
  /// @throws IllegalArgumentException if the signal is empty or the size is negative
  public static Tensor adaptiveAvgPool1d(Tensor x, int size) {
    atLeast("adaptiveAvgPool1d", x, 1);
    return Bins.over("adaptiveAvgPool1d", x, -1, size).averages(x, -1);
  }

  /// The largest element of each window of such a grid.
  ///
  /// @throws IllegalArgumentException if the image is empty or a size is negative
  public static Tensor adaptiveMaxPool2d(Tensor x, int height, int width) {
    return values(adaptiveMaxPool2dWithIndices(x, height, width));
  }

  /// The same with the places of the elements.
  ///
  /// @throws IllegalArgumentException if the image is empty or a size is negative
  public static Pooled adaptiveMaxPool2dWithIndices(Tensor x, int height, int width) {
    atLeast("adaptiveMaxPool2d", x, 2);
    Tensor numbers = x.detach();
    // The first largest of each row of a window, then the first of these: the first of all.
    Tensor columns = Bins.over("adaptiveMaxPool2d", x, -1, width).largest(numbers, -1);
    Tensor each = numbers.gather(-1, columns);
    Tensor rows = Bins.over("adaptiveMaxPool2d", x, -2, height).largest(each, -2);
    return gathered(x, rows.mul(x.dim(-1)).add(columns.gather(-2, rows)));
  }

  /// The largest element of each of `size` windows of signals `[.., length]`.
  ///
  /// @throws IllegalArgumentException if the signal is empty or the size is negative
  public static Tensor adaptiveMaxPool1d(Tensor x, int size) {
    return adaptiveMaxPool1dWithIndices(x, size).values();
  }

  /// The same with the places of the elements.
  ///
  /// @throws IllegalArgumentException if the signal is empty or the size is negative
  public static Pooled adaptiveMaxPool1dWithIndices(Tensor x, int size) {
    atLeast("adaptiveMaxPool1d", x, 1);
    Tensor places = Bins.over("adaptiveMaxPool1d", x, -1, size).largest(x.detach(), -1);
    return new Pooled(x.gather(-1, places), places);
  }

  private static void atLeast(String op, Tensor x, int axes) {
    if (x.rank() < axes) {
      throw new IllegalArgumentException(
          "%s: the input %s needs %d axes or more".formatted(op, x.shape(), axes));
    }
  }
}
