package org.cotangent.nn.model;

/// Numbers as a person writes them.
final class Numbers {
  /// Beyond this a double does not hold every whole number.
  private static final double WHOLE = 0x1p53;

  private Numbers() {}

  /// `3`, `0.5`, `1e-4`: the shortest text that reads as the same double.
  static String text(double v) {
    if (v == Math.rint(v) && Math.abs(v) < WHOLE && !(v == 0 && 1 / v < 0)) {
      return Long.toString((long) v);
    }
    return Double.toString(v).replace(".0E", "e").replace('E', 'e');
  }
}
