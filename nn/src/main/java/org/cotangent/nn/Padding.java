package org.cotangent.nn;

import java.util.Arrays;
import org.cotangent.autograd.Tensor;

/// Padding of several axes, the last one first.
final class Padding {
  private Padding() {}

  static Tensor apply(PadMode mode, Tensor x, double v, int... padding) {
    if (padding.length % 2 != 0 || padding.length > 2 * x.rank()) {
      throw new IllegalArgumentException(
          "pad: %s for the input %s: two numbers an axis are needed, before and after, the last axis first"
              .formatted(Arrays.toString(padding), x.shape()));
    }
    Tensor y = x;
    for (int i = 0; i < padding.length; i += 2) {
      y = axis(mode, y, v, x.rank() - 1 - i / 2, padding[i], padding[i + 1]);
    }
    return y;
  }

  private static Tensor axis(PadMode mode, Tensor x, double v, int axis, int before, int after) {
    int n = x.dim(axis);
    int cutBefore = Math.max(0, -before);
    int cutAfter = Math.max(0, -after);
    if ((long) cutBefore + cutAfter > n) {
      throw new IllegalArgumentException(
          "pad: %d and %d cut off more than axis %d of %s has"
              .formatted(before, after, axis, x.shape()));
    }
    Tensor inner = x.slice(axis, cutBefore, n - cutAfter);
    int more = Math.max(0, before);
    int last = Math.max(0, after);
    return mode == PadMode.CONSTANT
        ? inner.pad(axis, more, last, v)
        : repeated(mode, inner, axis, more, last);
  }

  private static Tensor repeated(PadMode mode, Tensor x, int axis, int before, int after) {
    int n = x.dim(axis);
    int most =
        switch (mode) {
          case REFLECT -> n - 1;
          case REPLICATE -> n == 0 ? 0 : Integer.MAX_VALUE;
          case CIRCULAR -> n;
          case CONSTANT -> throw new AssertionError(mode);
        };
    if (before > most || after > most) {
      throw new IllegalArgumentException(
          "pad: %d before and %d after axis %d of %s: %s allows %d at most"
              .formatted(before, after, axis, x.shape(), mode, Math.max(0, most)));
    }
    if (before + after == 0) {
      return x;
    }
    long[] places = new long[before + n + after];
    Arrays.setAll(places, i -> place(mode, i - before, n));
    return x.indexSelect(axis, Tensor.of(places));
  }

  /// Where the element comes from that stands at place `i` of an axis of `n`.
  private static long place(PadMode mode, int i, int n) {
    return switch (mode) {
      case REFLECT -> i < 0 ? -i : i < n ? i : 2 * (n - 1) - i;
      case REPLICATE -> Math.clamp(i, 0, n - 1);
      case CIRCULAR -> Math.floorMod(i, n);
      case CONSTANT -> throw new AssertionError(mode);
    };
  }
}
