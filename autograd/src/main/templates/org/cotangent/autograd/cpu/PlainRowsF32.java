package org.cotangent.autograd.cpu;

import java.util.Arrays;
import org.cotangent.autograd.backend.Buffer;

/// Sums, largest elements and softmax of row-major operands in plain loops, each sum in double.
///
/// A run is added by four partial sums in blocks of [#BLOCK], the blocks by halves; so are rows, in
/// blocks of [#ROWS].
final class PlainRowsF32 {
  private PlainRowsF32() {}

  private static final int BLOCK = 1024;
  private static final int ROWS = 16;

  /// As often can the number of rows be halved.
  private static final int HALVINGS = 32;

  static void sum(Buffer x, Buffer out) {
    float[] from = x.f32(); // F32 only
    float[] to = out.f32(); // F32 only
    // F64: double[] from = x.f64();
    // F64: double[] to = out.f64();
    Nest nest = Nest.of(x.shape(), x.layout(), out.layout());
    int start = out.layout().offset();
    double[] sums = new double[out.shape().size()];
    if (nest.isReduced()) {
      nest.runs(0, nest.runs(), (xo, yo) -> sums[yo - start] += sum(nest.inner(), from, xo));
    } else {
      double[][] halves = new double[HALVINGS][0];
      nest.columns(
          0,
          nest.columns(),
          (xo, yo) -> addRows(nest, nest.rows(), from, xo, sums, yo - start, halves, 0));
    }
    for (int i = 0; i < sums.length; i++) {
      to[start + i] = (float) sums[i];
    }
  }

  /// Adds so many rows to `sums`; of more than a block, the second half by itself first.
  private static void addRows(
      Nest nest, int rows, float[] x, int xo, double[] sums, int yo, double[][] halves, int depth) {
    int n = nest.inner();
    if (rows <= ROWS) {
      for (int r = 0; r < rows; r++) {
        addRow(n, x, xo + r * nest.rowStep(), sums, yo);
      }
      return;
    }
    int half = (rows / ROWS + 1) / 2 * ROWS;
    addRows(nest, half, x, xo, sums, yo, halves, depth + 1);
    double[] second = halves[depth].length >= n ? halves[depth] : new double[n];
    halves[depth] = second;
    Arrays.fill(second, 0, n, 0);
    addRows(nest, rows - half, x, xo + half * nest.rowStep(), second, 0, halves, depth + 1);
    for (int j = 0; j < n; j++) {
      sums[yo + j] += second[j];
    }
  }

  private static void addRow(int n, float[] x, int xo, double[] sums, int yo) {
    for (int j = 0; j < n; j++) {
      sums[yo + j] += x[xo + j];
    }
  }

  private static double sum(int n, float[] x, int xo) {
    if (n > BLOCK) {
      int half = (n / BLOCK + 1) / 2 * BLOCK;
      return sum(half, x, xo) + sum(n - half, x, xo + half);
    }
    double s0 = 0;
    double s1 = 0;
    double s2 = 0;
    double s3 = 0;
    int i = xo;
    int end = xo + n;
    for (; i <= end - 4; i += 4) {
      s0 += x[i];
      s1 += x[i + 1];
      s2 += x[i + 2];
      s3 += x[i + 3];
    }
    for (; i < end; i++) {
      s0 += x[i];
    }
    return s0 + s1 + (s2 + s3);
  }

  static void max(Buffer x, Buffer out) {
    float[] from = x.f32(); // F32 only
    float[] to = out.f32(); // F32 only
    // F64: double[] from = x.f64();
    // F64: double[] to = out.f64();
    Nest nest = Nest.of(x.shape(), x.layout(), out.layout());
    int start = out.layout().offset();
    Arrays.fill(to, start, start + out.shape().size(), Float.NEGATIVE_INFINITY);
    if (nest.isReduced()) {
      nest.runs(0, nest.runs(), (xo, yo) -> to[yo] = Math.max(to[yo], max(nest.inner(), from, xo)));
    } else {
      nest.columns(
          0,
          nest.columns(),
          (xo, yo) -> {
            for (int r = 0; r < nest.rows(); r++) {
              maxOfRow(nest.inner(), from, xo + r * nest.rowStep(), to, yo);
            }
          });
    }
  }

  private static void maxOfRow(int n, float[] x, int xo, float[] y, int yo) {
    for (int j = 0; j < n; j++) {
      y[yo + j] = Math.max(y[yo + j], x[xo + j]);
    }
  }

  private static float max(int n, float[] x, int xo) {
    float max = Float.NEGATIVE_INFINITY;
    for (int i = xo; i < xo + n; i++) {
      max = Math.max(max, x[i]);
    }
    return max;
  }

  /// The finite part of the largest element of a row, by which exponents are shifted.
  private static double shift(int n, float[] x, int xo) {
    float max = max(n, x, xo);
    return Float.isFinite(max) ? max : 0;
  }

  /// eˣ / Σ eˣ of each of `rows` rows of `n` neighbours.
  static void softmax(int rows, int n, float[] x, int xo, float[] y, int yo) {
    for (int r = 0; r < rows; r++) {
      int from = xo + r * n;
      int to = yo + r * n;
      double max = max(n, x, from);
      double sum = 0;
      for (int j = 0; j < n; j++) {
        double e = Math.exp(x[from + j] - max);
        y[to + j] = (float) e;
        sum += e;
      }
      for (int j = 0; j < n; j++) {
        y[to + j] = (float) (y[to + j] / sum);
      }
    }
  }

  private static double logOfSum(int n, float[] x, int xo, double shift) {
    double sum = 0;
    for (int j = 0; j < n; j++) {
      sum += Math.exp(x[xo + j] - shift);
    }
    return Math.log(sum);
  }

  /// log Σ eˣ of each row, -∞ where all are.
  static void logSumExp(int rows, int n, float[] x, int xo, float[] y, int yo) {
    for (int r = 0; r < rows; r++) {
      int from = xo + r * n;
      double shift = shift(n, x, from);
      y[yo + r] = (float) (shift + logOfSum(n, x, from, shift));
    }
  }

  /// `max + log Σ e(x - max) - x[t]` of each row, in the order that cannot cancel.
  static void crossEntropy(int rows, int n, float[] x, int xo, Buffer t, float[] y, int yo) {
    for (int r = 0; r < rows; r++) {
      int from = xo + r * n;
      double shift = shift(n, x, from);
      double right = x[from + ReferenceBackend.classIndex(t, r, n)];
      y[yo + r] = (float) (shift - right + logOfSum(n, x, from, shift));
    }
  }

  /// The first position of the largest along an axis of `n` with `inner` numbers between its
  /// neighbours; a NaN is larger than all but a NaN.
  static void argMax(int outer, int n, int inner, float[] x, int xo, long[] y, int yo) {
    for (int row = 0; row < outer * inner; row++) {
      int first = xo + row / inner * n * inner + row % inner;
      int best = 0;
      for (int j = 1; j < n; j++) {
        float v = x[first + j * inner];
        float m = x[first + best * inner];
        if (v > m || (Float.isNaN(v) && !Float.isNaN(m))) {
          best = j;
        }
      }
      y[yo + row] = best;
    }
  }
}
