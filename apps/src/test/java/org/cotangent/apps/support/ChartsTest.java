package org.cotangent.apps.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChartsTest {
  private static final int BLUE = 0x0072B2;
  private static final int VERMILION = 0xD55E00;

  @TempDir Path folder = Path.of(""); // replaced before each test

  /// Whether a colour (without transparency) occurs in a column range of the picture.
  private static boolean shows(BufferedImage image, int rgb, int fromX, int toX) {
    for (int x = fromX; x < toX; x++) {
      for (int y = 0; y < image.getHeight(); y++) {
        if ((image.getRGB(x, y) & 0xFFFFFF) == rgb) {
          return true;
        }
      }
    }
    return false;
  }

  private static double[] decay(double start, double end, int n, long seed) {
    var random = new Random(seed);
    double[] y = new double[n];
    for (int i = 0; i < n; i++) {
      y[i] = (end + (start - end) * Math.exp(-8.0 * i / n)) * (1 + 0.05 * random.nextGaussian());
    }
    return y;
  }

  private BufferedImage read(String name) throws IOException {
    BufferedImage image = ImageIO.read(folder.resolve(name).toFile());
    try (var files = Files.list(folder)) {
      assertThat(files).containsExactly(folder.resolve(name));
    }
    return image;
  }

  @Test
  void panelsOfLinesStandSideBySide() throws IOException {
    Series train = Series.of("train loss", decay(2.3, 0.02, 400, 1));
    Series test = Series.of("test loss", decay(2.3, 0.13, 400, 2)).dashed();
    double[] x = new double[30];
    double[][] runs = new double[5][30];
    for (int i = 0; i < 30; i++) {
      x[i] = i;
      for (int seed = 0; seed < 5; seed++) {
        runs[seed][i] = 1 - 0.5 * Math.exp(-0.2 * i) - 0.02 * seed;
      }
    }
    boolean written =
        Charts.write(
            folder.resolve("lines.png"),
            "MNIST, 784-64x5-10, batch 3000, lr 0.1",
            Panel.lines("loss", "epoch", "cross-entropy (log)", train, test).withLogY(),
            Panel.lines(
                    "accuracy over 5 seeds",
                    "epoch",
                    "accuracy",
                    Series.ofRuns("lr 0.1", x, runs),
                    Series.of("lr 0.3", x, runs[4]))
                .withYRange(0.4, 1));
    assertThat(written).isTrue();
    BufferedImage image = read("lines.png");
    assertThat(image.getWidth()).isEqualTo(2 * 2 * 620);
    assertThat(shows(image, BLUE, 0, 1240)).isTrue();
    // The dashed line has the colour of the line that it goes with.
    assertThat(shows(image, VERMILION, 0, 1240)).isFalse();
    assertThat(shows(image, BLUE, 1240, 2480)).isTrue();
    assertThat(shows(image, VERMILION, 1240, 2480)).isTrue();
  }

  @Test
  void regionsAreColouredByTheClassTheModelPrefers() throws IOException {
    var random = new Random(1);
    var classes = new ClassPoints[3];
    for (int k = 0; k < 3; k++) {
      double[] x = new double[100];
      double[] y = new double[100];
      for (int i = 0; i < 100; i++) {
        double r = 2.5 * i / 99;
        double angle = 4 * k + 4 * i / 99.0 + 0.2 * random.nextGaussian();
        x[i] = r * Math.sin(angle);
        y[i] = r * Math.cos(angle);
      }
      classes[k] = new ClassPoints("class " + k, x, y);
    }
    Classifier model =
        points -> {
          double[][] p = new double[points.length][3];
          for (int i = 0; i < points.length; i++) {
            double r = Math.hypot(points[i][0], points[i][1]);
            double turn = Math.atan2(points[i][0], points[i][1]) - 4 * r / 2.5;
            double sum = 0;
            for (int k = 0; k < 3; k++) {
              p[i][k] = Math.exp(6 * Math.cos(turn - 4 * k));
              sum += p[i][k];
            }
            for (int k = 0; k < 3; k++) {
              p[i][k] /= sum;
            }
          }
          return p;
        };
    assertThat(
            Charts.write(
                folder.resolve("regions.png"),
                "",
                Panel.regions("Spiral: decision regions, test accuracy 98.3 %", model, classes)))
        .isTrue();
    BufferedImage image = read("regions.png");
    assertThat(shows(image, BLUE, 0, image.getWidth())).isTrue();
    assertThat(shows(image, VERMILION, 0, image.getWidth())).isTrue();
  }

  @Test
  void valuesThatAreNotFiniteLeaveGapsAndRegionsGrey() throws IOException {
    Series broken = Series.of("diverged", 1, 2, Double.NaN, 4, Double.POSITIVE_INFINITY, -1);
    Charts.write(
        folder.resolve("nan.png"),
        "Nothing finite",
        Panel.lines("linear", "step", "loss", broken),
        Panel.lines("logarithmic", "step", "loss", broken).withLogY(),
        Panel.lines("only NaN", "step", "loss", Series.of("none", Double.NaN)).withLogY(),
        Panel.regions(
            "not a number",
            points -> new double[points.length][2],
            new ClassPoints("one point", new double[] {1}, new double[] {1})));
    assertThat(read("nan.png").getWidth()).isEqualTo(2 * (3 * 620 + 464));
  }

  @Test
  void wrongInputIsNamed() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Series.of("a", new double[2], new double[3]))
        .withMessage("series 'a': x has 2 values, expected 3");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Series.ofRuns("a", new double[2], new double[0][]))
        .withMessage("series 'a': expected at least one run");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ClassPoints("a", new double[2], new double[3]));
    assertThatIllegalArgumentException().isThrownBy(() -> new Panel.Range(1, 1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Charts.write(folder.resolve("x.png"), "nothing"))
        .withMessageContaining("at least one panel");
    assertThatIllegalArgumentException()
        .isThrownBy(() ->
            Charts.write(folder.resolve("x.png"), "", Panel.regions("no points", points -> points)))
        .withMessageContaining("at least one point");
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void aPictureThatCannotBeWrittenIsNamed() {
    assertThatThrownBy(() ->
            Charts.write(
                folder.resolve("no/x.png"), "", Panel.lines("", "x", "y", Series.of("a", 1, 2))))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("x.png");
  }

  @Test
  void runsGiveTheirMeanAndStandardDeviation() {
    Series series = Series.ofRuns("a", new double[] {0}, new double[][] {{1}, {2}, {3}});
    assertThat(series.y(0)).isEqualTo(2);
    assertThat(series.low(0)).isEqualTo(1);
    assertThat(series.high(0)).isEqualTo(3);
    Series one = Series.ofRuns("a", new double[] {0}, new double[][] {{5}});
    assertThat(one.low(0)).isEqualTo(5);
  }
}
