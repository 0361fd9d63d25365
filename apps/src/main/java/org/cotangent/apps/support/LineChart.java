package org.cotangent.apps.support;

import java.awt.geom.Line2D;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.axis.ValueAxis;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.DeviationRenderer;
import org.jfree.data.xy.YIntervalSeries;
import org.jfree.data.xy.YIntervalSeriesCollection;

/// Draws a panel of lines.
final class LineChart {
  private LineChart() {}

  static JFreeChart of(Panel.Lines panel) {
    var data = new YIntervalSeriesCollection();
    var renderer = new DeviationRenderer(true, false);
    renderer.setAlpha(0.18f);
    renderer.setDrawSeriesLineAsPath(true);
    renderer.setLegendLine(new Line2D.Double(-11, 0, 11, 0));
    int colour = -1;
    for (int i = 0; i < panel.series().size(); i++) {
      Series series = panel.series().get(i);
      if (!series.isDashed() || i == 0) { // a dashed line goes with the one before it
        colour++;
      }
      data.addSeries(points(series, panel.logY()));
      renderer.setSeriesPaint(i, ChartStyle.colour(colour));
      renderer.setSeriesFillPaint(i, ChartStyle.colour(colour));
      renderer.setSeriesStroke(i, ChartStyle.line(series.isDashed()));
    }
    var x = new NumberAxis(panel.xLabel());
    x.setAutoRangeIncludesZero(false);
    x.setLowerMargin(0);
    x.setUpperMargin(0.01);
    if (allWhole(panel)) { // epochs and steps have no halves
      x.setStandardTickUnits(NumberAxis.createIntegerTickUnits());
      x.setAutoRangeMinimumSize(1);
    }
    ValueAxis y = yAxis(panel);
    panel.xFrom().ifPresent(from -> x.setRange(from, Math.max(from + 1, 1.01 * last(panel))));
    panel.yRange().ifPresent(range -> y.setRange(range.low(), range.high()));
    return ChartStyle.chart(panel.title(), new XYPlot(data, x, y, renderer));
  }

  private static ValueAxis yAxis(Panel.Lines panel) {
    if (!panel.logY()) {
      var axis = new NumberAxis(panel.yLabel());
      axis.setAutoRangeIncludesZero(false);
      return axis;
    }
    return new DecadeAxis(panel.yLabel());
  }

  private static double last(Panel.Lines panel) {
    double last = Double.NEGATIVE_INFINITY;
    for (Series series : panel.series()) {
      for (int i = 0; i < series.size(); i++) {
        last = Math.max(last, series.x(i));
      }
    }
    return last;
  }

  private static boolean allWhole(Panel.Lines panel) {
    for (Series series : panel.series()) {
      for (int i = 0; i < series.size(); i++) {
        if (series.x(i) != Math.rint(series.x(i))) {
          return false;
        }
      }
    }
    return true;
  }

  private static YIntervalSeries points(Series series, boolean positiveOnly) {
    // Keeps the points in their order: a curve need not go from left to right.
    var points = new YIntervalSeries(series.name(), false, true);
    double floor = positiveOnly ? Double.MIN_NORMAL : Double.NEGATIVE_INFINITY;
    for (int i = 0; i < series.size(); i++) {
      double y = series.y(i);
      if (Double.isFinite(series.x(i)) && Double.isFinite(y) && y >= floor) {
        // A band that dips below what a logarithm can show ends at its line.
        double low = series.low(i) >= floor ? series.low(i) : y;
        double high = Double.isFinite(series.high(i)) ? series.high(i) : y;
        points.add(series.x(i), y, low, high);
      } else {
        points.add(series.x(i), Double.NaN, Double.NaN, Double.NaN);
      }
    }
    return points;
  }
}
