package org.cotangent.nn.data;

import java.util.Objects;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.Shape;

/// Images whose pixels are bytes, and their classes. They stay bytes in memory, a quarter of what
/// F32 takes; batches are F32 `[n, channels, height, width]`, from 0 to 255, and I32 `[n]`.
public final class ByteImages implements Dataset {
  private final Shape shape;
  private final byte[] pixels;
  private final byte[] labels;

  /// Takes both arrays as they are.
  ///
  /// @param shape of an image: `[channels, height, width]`
  /// @param pixels image by image, in row-major order
  /// @param labels from 0 to 127
  ByteImages(Shape shape, byte[] pixels, byte[] labels) {
    this.shape = shape;
    this.pixels = pixels;
    this.labels = labels;
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
