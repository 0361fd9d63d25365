package org.cotangent.autograd;

import java.util.Arrays;
import org.cotangent.autograd.shape.DType;

/// Comparisons of the numbers in tensors, with messages that name the place.
final class Numbers {
  private Numbers() {}

  /// Shape, dtype and every number alike; NaN is like NaN, and 0 is not like -0.
  static void assertSame(String what, Tensor actual, Tensor expected) {
    assertSameKind(what, actual, expected);
    if (!actual.dtype().isFloating()) {
      long[] a = actual.dtype() == DType.BOOL ? bits(actual) : actual.toLongArray();
      long[] e = expected.dtype() == DType.BOOL ? bits(expected) : expected.toLongArray();
      for (int i = 0; i < e.length; i++) {
        if (a[i] != e[i]) {
          throw new AssertionError(
              "%s: element %d is %d, expected %d".formatted(what, i, a[i], e[i]));
        }
      }
      return;
    }
    double[] a = actual.toDoubleArray();
    double[] e = expected.toDoubleArray();
    for (int i = 0; i < e.length; i++) {
      if (Double.compare(a[i], e[i]) != 0) {
        throw new AssertionError(
            "%s: element %d is %s, expected exactly %s".formatted(what, i, a[i], e[i]));
      }
    }
  }

  private static long[] bits(Tensor x) {
    boolean[] b = x.toBooleanArray();
    long[] out = new long[b.length];
    Arrays.setAll(out, i -> b[i] ? 1 : 0);
    return out;
  }

  private static void assertSameKind(String what, Tensor actual, Tensor expected) {
    if (!actual.shape().equals(expected.shape()) || actual.dtype() != expected.dtype()) {
      throw new AssertionError(
          "%s is %s%s, expected %s%s"
              .formatted(what, actual.dtype(), actual.shape(), expected.dtype(), expected.shape()));
    }
  }

  /// Each number within its bound of the expected one; infinities equal, NaN where NaN is expected.
  static void assertWithin(String what, Tensor actual, Tensor expected, double[] bounds) {
    assertSameKind(what, actual, expected);
    assertWithin(what, actual.toDoubleArray(), expected.toDoubleArray(), bounds);
  }

  /// Each number within `relative` of the expected one, measured by the largest finite one.
  static void assertClose(String what, Tensor actual, Tensor expected, double relative) {
    assertSameKind(what, actual, expected);
    assertClose(what, actual.toDoubleArray(), expected.toDoubleArray(), relative);
  }

  /// The same.
  static void assertClose(String what, double[] actual, double[] expected, double relative) {
    double[] bounds = new double[expected.length];
    Arrays.fill(bounds, relative * largest(expected));
    assertWithin(what, actual, expected, bounds);
  }

  /// The size of the largest finite number; 0 if there is none.
  static double largest(double[] x) {
    return Arrays.stream(x).map(Math::abs).filter(Double::isFinite).max().orElse(0);
  }

  private static void assertWithin(
      String what, double[] actual, double[] expected, double[] bounds) {
    for (int i = 0; i < expected.length; i++) {
      // Bit-equal, which includes infinities and NaN; or finite and near.
      boolean near =
          Double.compare(actual[i], expected[i]) == 0
              || Math.abs(actual[i] - expected[i]) <= bounds[i];
      if (!near) {
        throw new AssertionError(
            "%s: element %d is %s, expected %s within %.3g (distance %.3g)"
                .formatted(
                    what, i, actual[i], expected[i], bounds[i], Math.abs(actual[i] - expected[i])));
      }
    }
  }

  /// The sum of products of two tensors of one size.
  static double dot(Tensor a, Tensor b) {
    double[] x = a.toDoubleArray();
    double[] y = b.toDoubleArray();
    double sum = 0;
    for (int i = 0; i < x.length; i++) {
      sum += x[i] * y[i];
    }
    return sum;
  }
}
