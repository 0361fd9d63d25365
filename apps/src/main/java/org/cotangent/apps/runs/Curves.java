package org.cotangent.apps.runs;

import java.util.List;
import java.util.function.ToDoubleFunction;
import org.cotangent.apps.support.Series;

/// The curves of a run's log.
final class Curves {
  /// A curve of single batches is noise; of its steps, so many in all are drawn, each the mean of
  /// its neighbours.
  private static final int POINTS = 60;

  private final List<MetricsLog.Row> rows;
  private final List<MetricsLog.Row> evaluated;

  Curves(List<MetricsLog.Row> rows) {
    this.rows = rows;
    this.evaluated = rows.stream().filter(MetricsLog.Row::evaluated).toList();
  }

  /// The loss of the batches.
  Series trainLoss(String name) {
    return trainLoss(name, false);
  }

  /// The loss of the batches, with a band of one standard deviation among neighbours.
  Series trainLossWithBand(String name) {
    return trainLoss(name, true);
  }

  private Series trainLoss(String name, boolean band) {
    int width = Math.max(1, rows.size() / POINTS);
    int n = Math.ceilDiv(rows.size(), width);
    double[] x = new double[n];
    double[] mean = new double[n];
    double[] low = new double[n];
    double[] high = new double[n];
    for (int i = 0; i < n; i++) {
      List<MetricsLog.Row> part = rows.subList(i * width, Math.min((i + 1) * width, rows.size()));
      mean[i] = part.stream().mapToDouble(MetricsLog.Row::trainLoss).average().orElse(Double.NaN);
      double m = mean[i];
      double variance =
          part.stream().mapToDouble(r -> Math.pow(r.trainLoss() - m, 2)).average().orElse(0);
      x[i] = part.getLast().step();
      low[i] = m - Math.sqrt(variance);
      high[i] = m + Math.sqrt(variance);
    }
    Series line = Series.of(name, x, mean);
    return band ? line.withBand(low, high) : line;
  }

  /// The loss of the samples to judge by.
  Series testLoss(String name) {
    return Series.of(name, steps(), column(r -> r.testLoss().orElse(Double.NaN)));
  }

  /// The accuracy on the samples to judge by.
  Series testAccuracy(String name) {
    return Series.of(name, steps(), column(r -> r.testAccuracy().orElse(Double.NaN)));
  }

  boolean hasAccuracy() {
    return evaluated.stream().anyMatch(r -> r.testAccuracy().isPresent());
  }

  private double[] steps() {
    return column(MetricsLog.Row::step);
  }

  private double[] column(ToDoubleFunction<MetricsLog.Row> of) {
    return evaluated.stream().mapToDouble(of).toArray();
  }
}
