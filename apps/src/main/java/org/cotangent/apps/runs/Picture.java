package org.cotangent.apps.runs;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.cotangent.apps.support.CommandFailure;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.Shape;
import org.cotangent.nn.Functional;
import org.cotangent.nn.InterpolateMode;

/// Pictures as samples: pixels from 0 to 255, channel by channel.
final class Picture {
  private Picture() {}

  /// Reads a picture.
  ///
  /// @param sample the shape that is expected: `[1, h, w]` for grey, `[3, h, w]` for red, green and
  ///   blue
  /// @param resize whether one of another size is brought to it, see [#resized]
  /// @throws CommandFailure if the file is no picture, or has another size and is not to be resized
  static Tensor read(Path file, Shape sample, boolean resize) throws IOException {
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
    Tensor x = pixels(image, sample.dim(0));
    if (x.shape().equals(sample)) {
      return x;
    }
    if (!resize) {
      throw new CommandFailure(
          "%s: a picture of %d x %d pixels, but the network takes %d x %d; pass --resize, or scale it first"
              .formatted(file, image.getWidth(), image.getHeight(), width, height));
    }
    return resized(x, height, width);
  }

  /// Each axis for itself, so that the whole picture is seen and may be stretched: where there are
  /// too many pixels, the averages of even shares of them (PyTorch's `area`), which leaves out
  /// none; where there are too few, linearly between them.
  private static Tensor resized(Tensor x, int height, int width) {
    Tensor fewer =
        Functional.adaptiveAvgPool2d(x, Math.min(height, x.dim(1)), Math.min(width, x.dim(2)));
    return Functional.interpolate(fewer.unsqueeze(0), InterpolateMode.LINEAR, height, width)
        .squeeze(0);
  }

  private static Tensor pixels(BufferedImage image, int channels) {
    int width = image.getWidth();
    int area = image.getHeight() * width;
    float[] x = new float[Math.multiplyExact(channels, area)];
    for (int i = 0; i < area; i++) {
      int rgb = image.getRGB(i % width, i / width);
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
    return Tensor.of(Shape.of(channels, image.getHeight(), width), x);
  }
}
