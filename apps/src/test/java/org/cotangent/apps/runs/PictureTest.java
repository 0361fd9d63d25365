package org.cotangent.apps.runs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.cotangent.apps.support.CommandFailure;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PictureTest {
  @TempDir Path folder;

  /// A picture of greys, row by row.
  private Path picture(int width, int... greys) throws IOException {
    var image = new BufferedImage(width, greys.length / width, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < greys.length; i++) {
      image.setRGB(i % width, i / width, greys[i] * 0x010101);
    }
    Path file = folder.resolve("greys.png");
    ImageIO.write(image, "png", file.toFile());
    return file;
  }

  private static double[] read(Path file, int... shape) throws IOException {
    Tensor x = Picture.read(file, Shape.of(shape), true);
    assertThat(x.shape()).isEqualTo(Shape.of(shape));
    return x.toDoubleArray();
  }

  @Test
  void tooManyPixelsAreAveragedAndTooFewFilledLinearly() throws IOException {
    assertThat(read(picture(4, 10, 20, 30, 50), 1, 1, 2)).containsExactly(15, 40);
    assertThat(read(picture(2, 10, 20), 1, 1, 4)).containsExactly(10, 12.5, 17.5, 20);
    // Both at once: rows averaged, columns filled.
    assertThat(read(picture(1, 10, 30), 1, 1, 2)).containsExactly(20, 20);
    assertThat(read(picture(2, 1, 2, 3, 4), 3, 2, 2))
        .containsExactly(1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4);
  }

  @Test
  void unlessAskedToNothingIsResized() throws IOException {
    Path file = picture(2, 10, 20);
    assertThatThrownBy(() -> Picture.read(file, Shape.of(1, 2, 2), false))
        .isInstanceOf(CommandFailure.class)
        .hasMessageEndingWith(
            "greys.png: a picture of 2 x 1 pixels, but the network takes 2 x 2; pass --resize, or scale it first");
    assertThatThrownBy(() -> Picture.read(file, Shape.of(4), true))
        .isInstanceOf(CommandFailure.class)
        .hasMessageContaining("no pictures");
  }
}
