package org.cotangent.nn;

import java.util.Arrays;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.Shape;

/// Images of other sizes, one axis after the other.
final class Interpolation {
  private Interpolation() {}

  /// An axis of another extent.
  ///
  /// @param extent of the result
  /// @param step between neighbours of the result, measured in the input
  private record Target(int extent, double step) {}

  static Tensor to(InterpolateMode mode, Tensor x, int... size) {
    int axes = axes(x, size.length);
    Tensor y = x;
    for (int i = 0; i < axes; i++) {
      int extent = size.length == 1 ? size[0] : size[i];
      int from = x.dim(2 + i);
      if (extent < 1 || from < 1) {
        throw new IllegalArgumentException(
            "interpolate: from %s to %s: every extent must be 1 or more"
                .formatted(x.shape(), Arrays.toString(size)));
      }
      y = axis(mode, y, 2 + i, new Target(extent, (double) from / extent));
    }
    return y;
  }

  static Tensor by(InterpolateMode mode, Tensor x, double... factor) {
    int axes = axes(x, factor.length);
    Tensor y = x;
    for (int i = 0; i < axes; i++) {
      double f = factor.length == 1 ? factor[0] : factor[i];
      double extent = Math.floor(x.dim(2 + i) * f);
      if (!(extent >= 1) || extent > Integer.MAX_VALUE) {
        throw new IllegalArgumentException(
            "interpolate: %s by %s: every extent must become 1 or more"
                .formatted(x.shape(), Arrays.toString(factor)));
      }
      y = axis(mode, y, 2 + i, new Target((int) extent, 1 / f));
    }
    return y;
  }

  private static int axes(Tensor x, int numbers) {
    int axes = x.rank() - 2;
    if (axes < 1 || (numbers != 1 && numbers != axes)) {
      throw new IllegalArgumentException(
          "interpolate: the input %s must be [images, channels, ..] with one number for all further axes, or one for each; there are %d"
              .formatted(x.shape(), numbers));
    }
    return axes;
  }

  private static Tensor axis(InterpolateMode mode, Tensor x, int axis, Target to) {
    return switch (mode) {
      case NEAREST -> nearest(x, axis, to);
      case LINEAR -> linear(x, axis, to, false);
      case LINEAR_ALIGN_CORNERS -> linear(x, axis, to, true);
    };
  }

  private static Tensor nearest(Tensor x, int axis, Target to) {
    int n = x.dim(axis);
    float step = (float) to.step;
    long[] places = new long[to.extent];
    Arrays.setAll(
        places,
        i -> to.extent == n ? i : to.extent == 2 * n ? i / 2 : Math.min((int) (i * step), n - 1));
    return x.indexSelect(axis, Tensor.of(places));
  }

  private static Tensor linear(Tensor x, int axis, Target to, boolean corners) {
    int n = x.dim(axis);
    if (to.extent == n) {
      return x;
    }
    long[] below = new long[to.extent];
    long[] above = new long[to.extent];
    double[] share = new double[to.extent];
    for (int i = 0; i < to.extent; i++) {
      double place =
          corners
              ? to.extent == 1 ? 0 : i * ((n - 1.0) / (to.extent - 1))
              : Math.max(0, to.step * (i + 0.5) - 0.5);
      int first = Math.min((int) place, n - 1);
      below[i] = first;
      above[i] = Math.min(first + 1, n - 1);
      share[i] = place - first;
    }
    int[] along = new int[x.rank()];
    Arrays.fill(along, 1);
    along[axis] = to.extent;
    Tensor s = Tensor.of(Shape.of(along), share).to(x.dtype());
    return x.indexSelect(axis, Tensor.of(below))
        .mul(s.rsub(1))
        .add(x.indexSelect(axis, Tensor.of(above)).mul(s));
  }
}
