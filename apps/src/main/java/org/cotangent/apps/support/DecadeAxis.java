package org.cotangent.apps.support;

import java.awt.Graphics2D;
import java.awt.geom.Rectangle2D;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import org.jfree.chart.axis.AxisState;
import org.jfree.chart.axis.LogAxis;
import org.jfree.chart.axis.NumberTick;
import org.jfree.chart.axis.ValueTick;
import org.jfree.chart.ui.RectangleEdge;
import org.jfree.chart.ui.TextAnchor;

/// A vertical logarithmic axis with the ticks that people expect: the powers of ten and, where
/// there is room, 2 and 5 times them. JFreeChart's own come out as 10 to the power of 0.4.
final class DecadeAxis extends LogAxis {
  private static final long serialVersionUID = 1L;

  DecadeAxis(String label) {
    super(label);
    setBase(10);
    setSmallestValue(Double.MIN_NORMAL);
  }

  @Override
  public List<ValueTick> refreshTicks(
      Graphics2D g2, AxisState state, Rectangle2D dataArea, RectangleEdge edge) {
    double low = getRange().getLowerBound();
    double high = getRange().getUpperBound();
    if (high < 5 * low) {
      return evenTicks(low, high);
    }
    int first = (int) Math.floor(Math.log10(low));
    int last = (int) Math.ceil(Math.log10(high));
    int step = 1 + (last - first) / 12; // many decades: not every one
    int[] factors = last - first <= 4 ? new int[] {1, 2, 5} : new int[] {1};
    List<ValueTick> ticks = new ArrayList<>();
    for (int decade = first; decade <= last; decade += step) {
      for (int factor : factors) {
        double value = new BigDecimal(factor).scaleByPowerOfTen(decade).doubleValue();
        if (value >= low && value <= high) {
          ticks.add(tick(value, label(factor, decade)));
        }
      }
    }
    return ticks;
  }

  /// Less than a decade holds too few round numbers of that kind: about five evenly spaced ones.
  private static List<ValueTick> evenTicks(double low, double high) {
    double raw = (high - low) / 5;
    int decade = (int) Math.floor(Math.log10(raw));
    double scaled = raw / Math.pow(10, decade); // from 1 to 10
    BigDecimal step =
        new BigDecimal(scaled < 2 ? 2 : scaled < 5 ? 5 : 10).scaleByPowerOfTen(decade);
    List<ValueTick> ticks = new ArrayList<>();
    long count = (long) Math.ceil(low / step.doubleValue());
    BigDecimal value = step.multiply(BigDecimal.valueOf(count));
    while (value.doubleValue() <= high) {
      ticks.add(tick(value.doubleValue(), value.stripTrailingZeros().toPlainString()));
      value = value.add(step);
    }
    return ticks;
  }

  private static NumberTick tick(double value, String label) {
    return new NumberTick(value, label, TextAnchor.CENTER_RIGHT, TextAnchor.CENTER, 0);
  }

  private static String label(int factor, int decade) {
    return decade >= -4 && decade <= 5
        ? new BigDecimal(factor).scaleByPowerOfTen(decade).toPlainString()
        : factor + "e" + decade;
  }
}
