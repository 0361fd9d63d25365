package org.cotangent.apps.labs;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/// What was measured in the course of a training.
public final class History {
  /// One measurement.
  ///
  /// @param epoch after how many epochs
  /// @param train on the samples learnt from
  /// @param test on the others
  public record Point(int epoch, Score train, Score test) {}

  private final List<Point> points = new ArrayList<>();

  /// Appends a measurement.
  public void add(Point p) {
    points.add(p);
  }

  /// All measurements in order.
  public List<Point> points() {
    return List.copyOf(points);
  }

  /// The latest measurement.
  public Point last() {
    return points.getLast();
  }

  /// One number of every measurement, in order.
  public double[] column(ToDoubleFunction<Point> of) {
    return points.stream().mapToDouble(of).toArray();
  }

  /// The epochs of the measurements.
  public double[] epochs() {
    return column(Point::epoch);
  }
}
