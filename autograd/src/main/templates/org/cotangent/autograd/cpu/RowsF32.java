package org.cotangent.autograd.cpu;

import static org.cotangent.autograd.cpu.LanesF32.L;
import static org.cotangent.autograd.cpu.LanesF32.S;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import org.cotangent.autograd.op.Op;

/// Softmax and its kin over rows of neighbouring numbers.
///
/// Many short rows are exponentiated together, so that rows of three classes run at the speed of
/// long ones. `e(x - max)` goes through a tile of [Scratch#TILE] numbers.
final class RowsF32 {
  private RowsF32() {}

  /// eˣ / Σ eˣ of each of `rows` rows of `n` neighbours.
  static void softmax(int rows, int n, float[] x, int xo, float[] y, int yo) {
    int block = Math.max(1, Scratch.TILE / n);
    for (int r = 0; r < rows; r += block) {
      int h = Math.min(block, rows - r);
      int to = yo + r * n;
      for (int i = 0; i < h; i++) {
        float max = ReduceF32.max(n, x, xo + (r + i) * n);
        shift(n, x, xo + (r + i) * n, max, y, to + i * n);
      }
      UnaryF32.apply(Op.Unary.EXP, h * n, y, to, y, to);
      for (int i = 0; i < h; i++) {
        scale(n, y, to + i * n, 1f / ReduceF32.sum(n, y, to + i * n)); // the sum is at least 1
      }
    }
  }

  /// log Σ eˣ of each row, -∞ where all are.
  static void logSumExp(int rows, int n, float[] x, int xo, float[] y, int yo) {
    float[] tile = new float[Math.max(n, Math.min(Scratch.TILE, rows * n))];
    int block = Math.max(1, Scratch.TILE / Math.max(1, n));
    float[] logs = new float[Math.min(rows, block)];
    for (int r = 0; r < rows; r += block) {
      int h = Math.min(block, rows - r);
      shiftedExp(h, n, x, xo + r * n, tile, y, yo + r);
      logOfSums(h, n, tile, logs);
      for (int i = 0; i < h; i++) {
        y[yo + r + i] += logs[i];
      }
    }
  }

  /// `max + log Σ e(x - max) - x[t]` of each row, in the order that cannot cancel.
  static void crossEntropy(int rows, int n, float[] x, int xo, int[] classes, float[] y, int yo) {
    float[] tile = new float[Math.max(n, Math.min(Scratch.TILE, rows * n))];
    int block = Math.max(1, Scratch.TILE / n);
    float[] logs = new float[Math.min(rows, block)];
    for (int r = 0; r < rows; r += block) {
      int h = Math.min(block, rows - r);
      shiftedExp(h, n, x, xo + r * n, tile, y, yo + r);
      logOfSums(h, n, tile, logs);
      for (int i = 0; i < h; i++) {
        int row = r + i;
        y[yo + row] = y[yo + row] - x[xo + row * n + classes[row]] + logs[i];
      }
    }
  }

  /// `Σ w (max + log Σ e(x - max) - x)` of each row, where a weight of 0 counts for nothing.
  static void crossEntropy(
      int rows, int n, float[] x, int xo, float[] weight, int wo, float[] y, int yo) {
    float[] tile = new float[Math.max(n, Math.min(Scratch.TILE, rows * n))];
    int block = Math.max(1, Scratch.TILE / n);
    float[] logs = new float[Math.min(rows, block)];
    for (int r = 0; r < rows; r += block) {
      int h = Math.min(block, rows - r);
      shiftedExp(h, n, x, xo + r * n, tile, y, yo + r);
      logOfSums(h, n, tile, logs);
      for (int i = 0; i < h; i++) {
        int row = r + i;
        double loss = 0;
        for (int c = row * n; c < row * n + n; c++) {
          double w = weight[wo + c];
          if (w != 0) {
            loss += w * ((double) y[yo + row] - x[xo + c] + logs[i]);
          }
        }
        y[yo + row] = (float) loss;
      }
    }
  }

  /// Fills the tile with `e(x - max)`, and `y` with the finite part of each row's largest element.
  private static void shiftedExp(
      int rows, int n, float[] x, int xo, float[] tile, float[] y, int yo) {
    for (int i = 0; i < rows; i++) {
      float max = ReduceF32.max(n, x, xo + i * n);
      float finite = Float.isFinite(max) ? max : 0f;
      y[yo + i] = finite;
      shift(n, x, xo + i * n, finite, tile, i * n);
    }
    UnaryF32.apply(Op.Unary.EXP, rows * n, tile, 0, tile, 0);
  }

  private static void logOfSums(int rows, int n, float[] tile, float[] logs) {
    for (int i = 0; i < rows; i++) {
      logs[i] = ReduceF32.sum(n, tile, i * n);
    }
    UnaryF32.apply(Op.Unary.LOG, rows, logs, 0, logs, 0);
  }

  private static void shift(int n, float[] x, int xo, float by, float[] y, int yo) {
    int j = 0;
    for (; j <= n - L; j += L) {
      FloatVector.fromArray(S, x, xo + j).sub(by).intoArray(y, yo + j);
    }
    for (; j < n; j++) {
      y[yo + j] = x[xo + j] - by;
    }
  }

  private static void scale(int n, float[] y, int yo, float by) {
    int j = 0;
    for (; j <= n - L; j += L) {
      FloatVector.fromArray(S, y, yo + j).mul(by).intoArray(y, yo + j);
    }
    for (; j < n; j++) {
      y[yo + j] *= by;
    }
  }

  /// The first position of the largest along an axis of `n` with `inner` numbers between its
  /// neighbours; a NaN is larger than all but a NaN.
  static void argMax(int outer, int n, int inner, float[] x, int xo, long[] y, int yo) {
    float[] best = new float[inner];
    for (int o = 0; o < outer; o++) {
      int to = yo + o * inner;
      System.arraycopy(x, xo + o * n * inner, best, 0, inner);
      Arrays.fill(y, to, to + inner, 0);
      for (int j = 1; j < n; j++) {
        int from = xo + (o * n + j) * inner;
        for (int i = 0; i < inner; i++) {
          float v = x[from + i];
          if (v > best[i] || (Float.isNaN(v) && !Float.isNaN(best[i]))) {
            best[i] = v;
            y[to + i] = j;
          }
        }
      }
    }
  }
}
