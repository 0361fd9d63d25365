package org.cotangent.apps.support;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.font.FontRenderContext;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Optional;
import javax.imageio.ImageIO;
import org.cotangent.nn.io.AtomicFile;
import org.jfree.chart.JFreeChart;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Pictures as PNG files: panels of lines or decision regions, side by side.
///
/// ```java
/// Charts.write(
///     folder.file("convergence.png"),
///     "MNIST",
///     Panel.lines("loss", "epoch", "cross-entropy", train, test.dashed()).withLogY(),
///     Panel.lines("accuracy", "epoch", "accuracy", ...).withYRange(0.9, 1));
/// ```
public final class Charts {
  private static final Logger LOG = LoggerFactory.getLogger(Charts.class);

  private static final int LINES_WIDTH = 620;

  /// Leaves a square between the labels.
  private static final int REGIONS_WIDTH = 464;

  private static final int PANEL_HEIGHT = 480;
  private static final int HEADING_HEIGHT = 44;

  /// Pixels to each unit of layout, so that text stays crisp on dense screens and on paper.
  private static final int SCALE = 2;

  static {
    // Before any class of AWT looks for a screen.
    System.setProperty("java.awt.headless", "true");
  }

  /// Why nothing can be drawn on this machine; empty where it can. Small machine images have no
  /// fonts, and Java then fails in various ways at the first text.
  private static final Optional<String> HINDRANCE = findHindrance();

  private Charts() {}

  /// Writes a picture, which appears whole or not at all. On a machine without fonts nothing is
  /// written and the log says why: a picture is not worth a failed training run.
  ///
  /// @param title what stands above all panels; may be empty
  /// @return whether the picture was written
  /// @throws IllegalArgumentException if there is no panel, or one cannot be drawn
  /// @throws UncheckedIOException if the file cannot be written
  public static boolean write(Path file, String title, Panel... panels) {
    if (panels.length == 0) {
      throw new IllegalArgumentException(file + ": expected at least one panel");
    }
    if (HINDRANCE.isPresent()) {
      LOG.warn("{}: not drawn: {}", file, HINDRANCE.get());
      return false;
    }
    BufferedImage image = draw(title, panels);
    try (var out = AtomicFile.create(file)) {
      ImageIO.write(image, "png", out.stream());
      out.commit();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return true;
  }

  private static BufferedImage draw(String title, Panel... panels) {
    int top = title.isEmpty() ? 0 : HEADING_HEIGHT;
    int width = 0;
    for (Panel panel : panels) {
      width += width(panel);
    }
    int height = top + PANEL_HEIGHT;
    var image = new BufferedImage(SCALE * width, SCALE * height, BufferedImage.TYPE_INT_RGB);
    Graphics2D g = image.createGraphics();
    try {
      g.scale(SCALE, SCALE);
      g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
      g.setRenderingHint(
          RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
      g.setRenderingHint(
          RenderingHints.KEY_FRACTIONALMETRICS, RenderingHints.VALUE_FRACTIONALMETRICS_ON);
      g.setColor(Color.WHITE);
      g.fillRect(0, 0, width, height);
      g.setFont(ChartStyle.HEADING);
      g.setColor(ChartStyle.INK);
      double titleWidth = g.getFontMetrics().getStringBounds(title, g).getWidth();
      g.drawString(title, (float) ((width - titleWidth) / 2), 29);
      double x = 0;
      for (Panel panel : panels) {
        chart(panel).draw(g, new Rectangle2D.Double(x, top, width(panel), PANEL_HEIGHT));
        x += width(panel);
      }
    } finally {
      g.dispose();
    }
    return image;
  }

  private static int width(Panel panel) {
    return switch (panel) {
      case Panel.Lines _ -> LINES_WIDTH;
      case Panel.Regions _ -> REGIONS_WIDTH;
    };
  }

  private static JFreeChart chart(Panel panel) {
    return switch (panel) {
      case Panel.Lines lines -> LineChart.of(lines);
      case Panel.Regions regions -> RegionChart.of(regions);
    };
  }

  private static Optional<String> findHindrance() {
    try {
      ChartStyle.HEADING.getStringBounds("x", new FontRenderContext(null, true, true));
      return Optional.empty();
    } catch (RuntimeException | LinkageError | InternalError e) {
      LOG.debug("no fonts", e);
      return Optional.of(
          "Java finds no fonts here ("
              + Failures.describe(e)
              + "); install some, e.g. the packages fontconfig and fonts-dejavu-core");
    }
  }
}
