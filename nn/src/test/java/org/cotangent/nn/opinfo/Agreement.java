package org.cotangent.nn.opinfo;

import org.cotangent.autograd.Tensor;

/// How two tensors are compared: by the largest difference beside the largest number expected, or
/// beside a floor where that is smaller.
enum Agreement {
  /// Infinities and NaN must be the same as expected, in the same places.
  EVERYWHERE,
  /// Elements for which an infinity or NaN is expected may be anything.
  WHERE_FINITE;

  /// @param floor the least that the difference is compared with, for numbers that are nothing but
  ///   what roundings left of a 0; 0 for none
  /// @throws AssertionError if shapes or dtypes differ, or the difference is above the bound
  void check(String what, Tensor actual, Tensor expected, double bound, double floor) {
    if (!actual.shape().equals(expected.shape()) || actual.dtype() != expected.dtype()) {
      throw new AssertionError(
          "%s is %s %s, expected %s %s"
              .formatted(what, actual.dtype(), actual.shape(), expected.dtype(), expected.shape()));
    }
    double[] a = actual.toDoubleArray();
    double[] b = expected.toDoubleArray();
    double scale = floor;
    for (double v : b) {
      if (Double.isFinite(v)) {
        scale = Math.max(scale, Math.abs(v));
      }
    }
    double worst = 0;
    int at = 0;
    for (int i = 0; i < b.length; i++) {
      double error = difference(a[i], b[i]);
      if (error > worst) {
        worst = error;
        at = i;
      }
    }
    double relative = expected.dtype().isFloating() && scale > 0 ? worst / scale : worst;
    double limit = expected.dtype().isFloating() ? bound : 0;
    if (!(relative <= limit)) {
      throw new AssertionError(
          "%s is off by %.3g > %.0e of the largest: element %d is %s, expected %s"
              .formatted(what, relative, limit, at, a[at], b[at]));
    }
  }

  private double difference(double actual, double expected) {
    if (Double.isFinite(expected)) {
      return Double.isFinite(actual) ? Math.abs(actual - expected) : Double.POSITIVE_INFINITY;
    }
    // compare: NaN equals NaN
    boolean same = Double.compare(actual, expected) == 0;
    return same || this == WHERE_FINITE ? 0 : Double.POSITIVE_INFINITY;
  }
}
