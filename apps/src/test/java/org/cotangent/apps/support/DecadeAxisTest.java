package org.cotangent.apps.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.Graphics2D;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import org.jfree.chart.axis.AxisState;
import org.jfree.chart.ui.RectangleEdge;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DecadeAxisTest {
  @ParameterizedTest
  @CsvSource({
    "0.03, 3, 0.05 0.1 0.2 0.5 1 2",
    "0.61, 0.694, 0.62 0.64 0.66 0.68",
    "95, 130, 100 110 120 130",
    "1e-7, 100, 1e-7 1e-6 1e-5 0.0001 0.001 0.01 0.1 1 10 100",
    "1e-30, 1, 1e-30 1e-27 1e-24 1e-21 1e-18 1e-15 1e-12 1e-9 1e-6 0.001 1",
  })
  void ticksAreRoundNumbers(double low, double high, String labels) {
    var axis = new DecadeAxis("loss");
    axis.setRange(low, high);
    Graphics2D g = new BufferedImage(9, 9, BufferedImage.TYPE_INT_RGB).createGraphics();
    var ticks =
        axis.refreshTicks(
            g, new AxisState(), new Rectangle2D.Double(0, 0, 9, 9), RectangleEdge.LEFT);
    assertThat(ticks.stream().map(tick -> tick.getText())).containsExactly(labels.split(" "));
  }
}
