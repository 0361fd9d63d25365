package org.cotangent.apps.support;

import java.util.Arrays;

/// A named line of a chart, perhaps with a band around it that shows a spread. Immutable: arrays
/// are copied on the way in. Points that are NaN or infinite leave a gap.
public final class Series {
  private final String name;
  private final double[] x;
  private final double[] y;
  private final double[] low;
  private final double[] high;
  private final boolean dashed;

  private Series(String name, double[] x, double[] y, double[] low, double[] high, boolean dashed) {
    this.name = name;
    this.x = x;
    this.y = y;
    this.low = low;
    this.high = high;
    this.dashed = dashed;
  }

  /// A line through the points (`x[i]`, `y[i]`).
  ///
  /// @throws IllegalArgumentException if the arrays differ in length
  public static Series of(String name, double[] x, double[] y) {
    checkLength(name, "x", x, y);
    return new Series(name, x.clone(), y.clone(), new double[0], new double[0], false);
  }

  /// A line through the points (0, `y[0]`), (1, `y[1]`) and so on.
  public static Series of(String name, double... y) {
    double[] x = new double[y.length];
    Arrays.setAll(x, i -> i);
    return of(name, x, y);
  }

  /// The mean of several runs, with a band of one standard deviation (of the sample) to each side.
  ///
  /// @param runs one or more rows, each with a value for every `x`
  /// @throws IllegalArgumentException if there is no run, or one differs from `x` in length
  public static Series ofRuns(String name, double[] x, double[][] runs) {
    if (runs.length == 0) {
      throw new IllegalArgumentException("series '" + name + "': expected at least one run");
    }
    double[] mean = new double[x.length];
    double[] low = new double[x.length];
    double[] high = new double[x.length];
    for (double[] run : runs) {
      checkLength(name, "a run", run, x);
    }
    for (int i = 0; i < x.length; i++) {
      double sum = 0;
      for (double[] run : runs) {
        sum += run[i];
      }
      mean[i] = sum / runs.length;
      double squares = 0;
      for (double[] run : runs) {
        squares += (run[i] - mean[i]) * (run[i] - mean[i]);
      }
      double deviation = runs.length == 1 ? 0 : Math.sqrt(squares / (runs.length - 1));
      low[i] = mean[i] - deviation;
      high[i] = mean[i] + deviation;
    }
    return of(name, x, mean).withBand(low, high);
  }

  /// The same line with a band from `low` to `high` behind it.
  ///
  /// @throws IllegalArgumentException if the arrays differ in length from the line
  public Series withBand(double[] low, double[] high) {
    checkLength(name, "the band's lower end", low, x);
    checkLength(name, "the band's upper end", high, x);
    return new Series(name, x, y, low.clone(), high.clone(), dashed);
  }

  /// The same line, dashed and in the colour of the line before it: for a quantity that goes with
  /// another one, such as test with train.
  public Series dashed() {
    return new Series(name, x, y, low, high, true);
  }

  private static void checkLength(String name, String what, double[] a, double[] b) {
    if (a.length != b.length) {
      throw new IllegalArgumentException(
          "series '%s': %s has %d values, expected %d".formatted(name, what, a.length, b.length));
    }
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

  boolean hasBand() {
    return low.length == x.length && x.length > 0;
  }

  double low(int i) {
    return hasBand() ? low[i] : y[i];
  }

  double high(int i) {
    return hasBand() ? high[i] : y[i];
  }

  boolean isDashed() {
    return dashed;
  }
}
