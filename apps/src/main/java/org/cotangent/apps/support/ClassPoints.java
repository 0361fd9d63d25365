package org.cotangent.apps.support;

/// The points of one class in the plane. Immutable: arrays are copied on the way in.
public final class ClassPoints {
  private final String name;
  private final double[] x;
  private final double[] y;

  /// @throws IllegalArgumentException if the arrays differ in length
  public ClassPoints(String name, double[] x, double[] y) {
    if (x.length != y.length) {
      throw new IllegalArgumentException(
          "points of '%s': %d values of x, %d of y".formatted(name, x.length, y.length));
    }
    this.name = name;
    this.x = x.clone();
    this.y = y.clone();
  }

  String name() {
    return name;
  }

  int size() {
    return x.length;
  }

  double x(int i) {
    return x[i];
  }

  double y(int i) {
    return y[i];
  }
}
