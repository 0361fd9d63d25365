package org.cotangent.apps.runs;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.cotangent.apps.support.CommandFailure;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.Shape;

/// Pictures as samples: pixels from 0 to 255, channel by channel.
final class Picture {
  private Picture() {}

  /// Reads a picture.
  ///
  /// @param sample the shape that is expected: `[1, h, w]` for grey, `[3, h, w]` for red, green and
  ///   blue
  /// @throws CommandFailure if the file is no picture, or has another size
  static Tensor read(Path file, Shape sample) throws IOException {
    if (sample.rank() != 3 || (sample.dim(0) != 1 && sample.dim(0) != 3)) {
      throw new CommandFailure(
          "%s: the network takes samples %s, no pictures [1 or 3, height, width]; give it a CSV or NPY"
              .formatted(file, sample));
    }
    BufferedImage image;
    try {
      image = ImageIO.read(file.toFile());
    } catch (IndexOutOfBoundsException | IllegalArgumentException e) { // of damaged files
      throw new CommandFailure(file + ": a damaged picture: " + e.getMessage(), e);
    }
    if (image == null) {
      throw new CommandFailure(
          file + ": expected a CSV or NPY, or a picture (PNG, JPEG, GIF, BMP), by its contents");
    }
    int height = sample.dim(1);
    int width = sample.dim(2);
    if (image.getHeight() != height || image.getWidth() != width) {
      throw new CommandFailure(
          "%s: a picture of %d x %d pixels, but the network takes %d x %d; scale it first"
              .formatted(file, image.getWidth(), image.getHeight(), width, height));
    }
    return pixels(image, sample);
  }

  private static Tensor pixels(BufferedImage image, Shape sample) {
    int channels = sample.dim(0);
    int area = sample.dim(1) * sample.dim(2);
    float[] x = new float[channels * area];
    for (int i = 0; i < area; i++) {
      int rgb = image.getRGB(i % sample.dim(2), i / sample.dim(2));
      int red = rgb >> 16 & 0xFF;
      int green = rgb >> 8 & 0xFF;
      int blue = rgb & 0xFF;
      if (channels == 3) {
        x[i] = red;
        x[area + i] = green;
        x[2 * area + i] = blue;
      } else {
        // How bright red, green and blue look: Recommendation ITU-R BT.601.
        x[i] = Math.round(0.299 * red + 0.587 * green + 0.114 * blue);
      }
    }
    return Tensor.of(sample, x);
  }
}
