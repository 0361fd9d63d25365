package org.cotangent.apps.support;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/// One of the pictures that stand side by side in a file: see [Charts].
public sealed interface Panel {
  /// What stands above the panel; may be empty.
  String title();

  /// A line chart of the series.
  static Lines lines(String title, String xLabel, String yLabel, Series... series) {
    return new Lines(
        title, xLabel, yLabel, false, Optional.empty(), OptionalDouble.empty(), List.of(series));
  }

  /// The regions of the plane in which a model prefers each class, the more strongly coloured the
  /// surer it is, and the points of each class, in the order of the model's classes.
  static Regions regions(String title, Classifier model, ClassPoints... classes) {
    return new Regions(title, "x\u2081", "x\u2082", model, List.of(classes));
  }

  /// A line chart.
  ///
  /// @param logY whether y is logarithmic; points that are not positive are then left out
  /// @param yRange what y shows; if empty, all there is
  /// @param xFrom where x begins; if empty, with the first point
  record Lines(
      String title,
      String xLabel,
      String yLabel,
      boolean logY,
      Optional<Range> yRange,
      OptionalDouble xFrom,
      List<Series> series)
      implements Panel {
    /// Copies the list.
    public Lines {
      series = List.copyOf(series);
    }

    /// The same chart with a logarithmic y.
    public Lines withLogY() {
      return new Lines(title, xLabel, yLabel, true, yRange, xFrom, series);
    }

    /// The same chart, showing y from `low` to `high`.
    public Lines withYRange(double low, double high) {
      return new Lines(
          title, xLabel, yLabel, logY, Optional.of(new Range(low, high)), xFrom, series);
    }

    /// The same chart, whose x begins at a number.
    public Lines withXFrom(double x) {
      return new Lines(title, xLabel, yLabel, logY, yRange, OptionalDouble.of(x), series);
    }
  }

  /// A stretch of an axis.
  record Range(double low, double high) {
    /// @throws IllegalArgumentException unless both ends are finite and `low < high`
    public Range {
      if (!(low < high) || Double.isInfinite(low) || Double.isInfinite(high)) {
        throw new IllegalArgumentException(
            "range of an axis: expected low < high, found %s and %s".formatted(low, high));
      }
    }
  }

  /// Decision regions in the plane.
  record Regions(
      String title, String xLabel, String yLabel, Classifier model, List<ClassPoints> classes)
      implements Panel {
    /// Copies the list.
    public Regions {
      classes = List.copyOf(classes);
    }
  }
}
