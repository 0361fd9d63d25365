package org.cotangent.apps.support;

import java.awt.Color;
import java.awt.geom.Ellipse2D;
import java.awt.image.BufferedImage;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.annotations.XYDataImageAnnotation;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.XYLineAndShapeRenderer;
import org.jfree.chart.ui.Layer;
import org.jfree.data.xy.XYSeries;
import org.jfree.data.xy.XYSeriesCollection;

/// Draws a panel of decision regions.
final class RegionChart {
  /// Cells along each side, all asked of the model at once.
  private static final int CELLS = 320;

  /// How strongly a region is coloured where the model is sure.
  private static final double TINT = 0.38;

  private RegionChart() {}

  static JFreeChart of(Panel.Regions panel) {
    Square square = Square.around(panel);
    var data = new XYSeriesCollection();
    var renderer = new XYLineAndShapeRenderer(false, true);
    for (int k = 0; k < panel.classes().size(); k++) {
      ClassPoints points = panel.classes().get(k);
      var series = new XYSeries(points.name(), false, true);
      for (int i = 0; i < points.size(); i++) {
        series.add(points.x(i), points.y(i));
      }
      data.addSeries(series);
      renderer.setSeriesShape(k, new Ellipse2D.Double(-3.5, -3.5, 7, 7));
      renderer.setSeriesFillPaint(k, ChartStyle.colour(k));
      renderer.setSeriesOutlinePaint(k, Color.WHITE);
    }
    renderer.setUseFillPaint(true);
    renderer.setUseOutlinePaint(true);
    renderer.setDrawOutlines(true);
    renderer.addAnnotation(
        new XYDataImageAnnotation(
            image(panel, square), square.x, square.y, square.side, square.side, false),
        Layer.BACKGROUND);
    var x = new NumberAxis(panel.xLabel());
    var y = new NumberAxis(panel.yLabel());
    x.setRange(square.x, square.x + square.side);
    y.setRange(square.y, square.y + square.side);
    JFreeChart chart = ChartStyle.chart(panel.title(), new XYPlot(data, x, y, renderer));
    chart.getXYPlot().setDomainGridlinesVisible(false);
    chart.getXYPlot().setRangeGridlinesVisible(false);
    return chart;
  }

  private static BufferedImage image(Panel.Regions panel, Square square) {
    double[][] centres = new double[CELLS * CELLS][];
    for (int row = 0; row < CELLS; row++) {
      for (int column = 0; column < CELLS; column++) {
        centres[row * CELLS + column] =
            new double[] {
              square.x + square.side * (column + 0.5) / CELLS,
              square.y + square.side * (CELLS - row - 0.5) / CELLS
            };
      }
    }
    double[][] probabilities = panel.model().probabilities(centres);
    if (probabilities.length != centres.length) {
      throw new IllegalArgumentException(
          "decision regions: the model gave %d rows for %d points"
              .formatted(probabilities.length, centres.length));
    }
    var image = new BufferedImage(CELLS, CELLS, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < centres.length; i++) {
      image.setRGB(i % CELLS, i / CELLS, mix(probabilities[i]));
    }
    return image;
  }

  /// The mean of the classes' colours, each as far as its probability, on white. What is not a
  /// number is grey.
  private static int mix(double[] probabilities) {
    double red = 0;
    double green = 0;
    double blue = 0;
    double sum = 0;
    for (int k = 0; k < probabilities.length; k++) {
      double p = probabilities[k];
      red += p * (255 - ChartStyle.colour(k).getRed());
      green += p * (255 - ChartStyle.colour(k).getGreen());
      blue += p * (255 - ChartStyle.colour(k).getBlue());
      sum += p;
    }
    if (!(sum > 0) || sum == Double.POSITIVE_INFINITY) {
      return Color.LIGHT_GRAY.getRGB();
    }
    double strength = TINT / sum;
    return new Color(
            level(255 - strength * red),
            level(255 - strength * green),
            level(255 - strength * blue))
        .getRGB();
  }

  private static int level(double value) {
    return Math.clamp(Math.round(value), 0, 255);
  }

  /// The part of the plane that is shown: a square, so that distances are true.
  private record Square(double x, double y, double side) {
    static Square around(Panel.Regions panel) {
      double left = Double.POSITIVE_INFINITY;
      double right = Double.NEGATIVE_INFINITY;
      double bottom = Double.POSITIVE_INFINITY;
      double top = Double.NEGATIVE_INFINITY;
      for (ClassPoints points : panel.classes()) {
        for (int i = 0; i < points.size(); i++) {
          left = Math.min(left, points.x(i));
          right = Math.max(right, points.x(i));
          bottom = Math.min(bottom, points.y(i));
          top = Math.max(top, points.y(i));
        }
      }
      double extent = Math.max(right - left, top - bottom);
      if (!Double.isFinite(extent)) {
        throw new IllegalArgumentException(
            "decision regions: expected at least one point and only finite ones");
      }
      double side = extent > 0 ? 1.16 * extent : 2;
      return new Square((left + right - side) / 2, (bottom + top - side) / 2, side);
    }
  }
}
