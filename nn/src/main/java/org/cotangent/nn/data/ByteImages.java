package org.cotangent.nn.data;

import java.util.Objects;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.Shape;

/// Images whose pixels are bytes, and their classes. They stay bytes in memory, a quarter of what
/// F32 takes; batches are F32 `[n, channels, height, width]`, from 0 to 255, and I32 `[n]`.
///
/// ```java
/// ByteImages data = ByteImages.channelsLast(Shape.of(32, 32, 3), rgb, labels);
/// DataLoader loader = DataLoader.of(data, 64).shuffled(1);
/// ```
public final class ByteImages implements Dataset {
  private final Shape shape;
  private final byte[] pixels;
  private final int[] labels;

  /// Takes both arrays as they are.
  ///
  /// @param shape of an image: `[channels, height, width]`
  /// @param pixels image by image, in row-major order
  ByteImages(Shape shape, byte[] pixels, int[] labels) {
    this.shape = shape;
    this.pixels = pixels;
    this.labels = labels;
  }

  /// Images in the order that tensors have: all of one channel, row by row, then of the next. Both
  /// arrays are copied.
  ///
  /// @param image the shape of one: `[channels, height, width]`
  /// @param pixels image by image; a byte stands for 0 to 255
  /// @param labels the class of each image, 0 or more
  /// @throws IllegalArgumentException if there are not as many pixels as the labels and the shape
  ///   ask for, a label is negative, or the shape has not three axes, all 1 or longer
  public static ByteImages channelsFirst(Shape image, byte[] pixels, int... labels) {
    check("[channels, height, width]", image, pixels, labels);
    return new ByteImages(image, pixels.clone(), labels.clone());
  }

  /// Images in the order that most files and libraries have: all channels of a pixel, then the next
  /// one. Both arrays are copied, the pixels rearranged.
  ///
  /// @param image the shape of one: `[height, width, channels]`
  /// @param pixels image by image; a byte stands for 0 to 255
  /// @param labels the class of each image, 0 or more
  /// @throws IllegalArgumentException if there are not as many pixels as the labels and the shape
  ///   ask for, a label is negative, or the shape has not three axes, all 1 or longer
  public static ByteImages channelsLast(Shape image, byte[] pixels, int... labels) {
    check("[height, width, channels]", image, pixels, labels);
    int channels = image.dim(2);
    int area = image.dim(0) * image.dim(1);
    byte[] planes = new byte[pixels.length];
    for (int first = 0; first < pixels.length; first += image.size()) {
      for (int i = 0; i < area; i++) {
        for (int c = 0; c < channels; c++) {
          planes[first + c * area + i] = pixels[first + i * channels + c];
        }
      }
    }
    return new ByteImages(Shape.of(channels, image.dim(0), image.dim(1)), planes, labels.clone());
  }

  private static void check(String axes, Shape image, byte[] pixels, int[] labels) {
    if (image.rank() != 3 || image.size() == 0) {
      throw new IllegalArgumentException(
          "ByteImages: images %s must be %s, each 1 or longer".formatted(image, axes));
    }
    if (pixels.length != (long) labels.length * image.size()) {
      throw new IllegalArgumentException(
          "ByteImages: %d bytes for %d labels; images %s have %d bytes each, so it must be %d"
              .formatted(
                  pixels.length,
                  labels.length,
                  image,
                  image.size(),
                  (long) labels.length * image.size()));
    }
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] < 0) {
        throw new IllegalArgumentException(
            "ByteImages: label %d is %d; classes are numbered from 0".formatted(i, labels[i]));
      }
    }
  }

  @Override
  public int size() {
    return labels.length;
  }

  @Override
  public Batch batch(int... indices) {
    int n = shape.size();
    float[] x = new float[Math.multiplyExact(indices.length, n)];
    int[] y = new int[indices.length];
    for (int i = 0; i < indices.length; i++) {
      int image = Objects.checkIndex(indices[i], labels.length);
      y[i] = labels[image];
      int from = image * n;
      int to = i * n;
      for (int k = 0; k < n; k++) {
        x[to + k] = pixels[from + k] & 0xFF;
      }
    }
    return new Batch(Tensor.of(shape.inserted(0, indices.length), x), Tensor.of(y));
  }

  /// The shape of an image, `[channels, height, width]`.
  public Shape shape() {
    return shape;
  }

  /// The mean image, F32; rounded once.
  public Tensor mean() {
    long[] sums = new long[shape.size()];
    for (int i = 0; i < pixels.length; i += sums.length) {
      for (int k = 0; k < sums.length; k++) {
        sums[k] += pixels[i + k] & 0xFF;
      }
    }
    float[] mean = new float[sums.length];
    for (int k = 0; k < mean.length; k++) {
      mean[k] = (float) ((double) sums[k] / labels.length);
    }
    return Tensor.of(shape, mean);
  }

  /// The mean of each channel's pixels.
  public double[] channelMeans() {
    double[] means = new double[shape.dim(0)];
    for (int c = 0; c < means.length; c++) {
      means[c] = moments(c).mean;
    }
    return means;
  }

  /// The standard deviation of each channel's pixels, the population's (divided by n).
  public double[] channelStds() {
    double[] stds = new double[shape.dim(0)];
    for (int c = 0; c < stds.length; c++) {
      stds[c] = moments(c).std;
    }
    return stds;
  }

  private record Moments(double mean, double std) {}

  private Moments moments(int channel) {
    long[] counts = new long[256];
    int size = shape.dim(1) * shape.dim(2);
    for (int i = channel * size; i < pixels.length; i += shape.size()) {
      for (int k = 0; k < size; k++) {
        counts[pixels[i + k] & 0xFF]++;
      }
    }
    double n = (double) labels.length * size;
    double sum = 0;
    for (int v = 0; v < counts.length; v++) {
      sum += (double) v * counts[v]; // whole numbers below 2^53: exact
    }
    double mean = sum / n;
    double squares = 0;
    for (int v = 0; v < counts.length; v++) {
      squares += (v - mean) * (v - mean) * counts[v];
    }
    return new Moments(mean, Math.sqrt(squares / n));
  }
}
