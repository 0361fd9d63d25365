package org.cotangent.apps.support;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.axis.ValueAxis;
import org.jfree.chart.block.BlockBorder;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.title.LegendTitle;
import org.jfree.chart.ui.RectangleInsets;

/// The look of all charts.
final class ChartStyle {
  static final Color INK = new Color(0x222222);
  static final Font HEADING = new Font(Font.SANS_SERIF, Font.BOLD, 17);
  private static final Font TITLE = new Font(Font.SANS_SERIF, Font.BOLD, 14);
  private static final Font LABEL = new Font(Font.SANS_SERIF, Font.PLAIN, 13);
  private static final Font SMALL = new Font(Font.SANS_SERIF, Font.PLAIN, 12);
  private static final Color GRID = new Color(0xE3E3E3);
  private static final Color AXIS = new Color(0x888888);

  /// The colours that Okabe and Ito chose so that people with any kind of colour blindness tell
  /// them apart ("Color Universal Design", 2008), without the yellow that vanishes on white.
  private static final Color[] PALETTE = {
    new Color(0x0072B2), // blue
    new Color(0xD55E00), // vermilion
    new Color(0x009E73), // bluish green
    new Color(0xCC79A7), // reddish purple
    new Color(0xE69F00), // orange
    new Color(0x56B4E9), // sky blue
    new Color(0x000000),
  };

  private ChartStyle() {}

  static Color colour(int i) {
    return PALETTE[i % PALETTE.length];
  }

  static BasicStroke line(boolean dashed) {
    float[] dashes = {6, 4};
    return dashed
        ? new BasicStroke(2, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 1, dashes, 0)
        : new BasicStroke(2, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND);
  }

  /// A chart of one plot: title above, legend below.
  static JFreeChart chart(String title, XYPlot plot) {
    var chart = new JFreeChart(title.isEmpty() ? null : title, TITLE, plot, true);
    chart.setBackgroundPaint(Color.WHITE);
    chart.setPadding(new RectangleInsets(4, 8, 4, 16));
    if (chart.getTitle() != null) {
      chart.getTitle().setPaint(INK);
      chart.getTitle().setPadding(new RectangleInsets(4, 4, 8, 4));
    }
    LegendTitle legend = chart.getLegend();
    legend.setFrame(BlockBorder.NONE);
    legend.setItemFont(SMALL);
    legend.setItemPaint(INK);
    legend.setItemLabelPadding(new RectangleInsets(2, 4, 2, 10));
    plot.setBackgroundPaint(Color.WHITE);
    plot.setOutlineVisible(false);
    plot.setDomainGridlinePaint(GRID);
    plot.setRangeGridlinePaint(GRID);
    plot.setDomainGridlineStroke(new BasicStroke(1));
    plot.setRangeGridlineStroke(new BasicStroke(1));
    plot.setAxisOffset(RectangleInsets.ZERO_INSETS);
    style(plot.getDomainAxis());
    style(plot.getRangeAxis());
    return chart;
  }

  private static void style(ValueAxis axis) {
    axis.setLabelFont(LABEL);
    axis.setLabelPaint(INK);
    axis.setTickLabelFont(SMALL);
    axis.setTickLabelPaint(INK);
    axis.setAxisLinePaint(AXIS);
    axis.setTickMarkPaint(AXIS);
  }
}
