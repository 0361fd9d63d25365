package org.cotangent.autograd.cpu;

import static org.cotangent.autograd.cpu.LanesF32.L;
import static org.cotangent.autograd.cpu.LanesF32.S;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import org.cotangent.autograd.op.Op;

/// Softmax and its kin over rows of neighbouring numbers.
///
/// A block of rows goes through a tile of about [Scratch#TILE] numbers. What a row gives depends on
/// its numbers only, not on its place or on the number of rows.
final class RowsF32 {
  /// Longer rows are summed by [ReduceF32], whose error does not grow with them.
  private static final int LONGEST = 64 * L;

  /// e(x - max) of a block of rows, wherever they lie, with the largest element and the sum of
  /// each.
  private final float[] e;

  private final float[] max;
  private final float[] sum;
  private final float[] in;
  private final float[] logs;
  private final float[] part;
  private final int n;
  private final boolean vectors;
  private final boolean isShort;

  /// Rows in a block.
  private final int block;

  /// Workspace for matrices of this shape, for one thread at a time.
  RowsF32(int rows, int n) {
    this.n = n;
    vectors = rows * (long) n >= LanesF32.MATH_FROM;
    isShort = n <= L && vectors;
    int each = isShort ? L / n : 1;
    int most = isShort ? Scratch.TILE / L * each : Math.max(1, Scratch.TILE / n);
    block = Math.min(rows, most);
    int groups = (block + each - 1) / each;
    e = new float[isShort ? groups * L : block * n];
    max = new float[isShort ? groups * L : block];
    sum = new float[isShort ? groups * L : block];
    in = new float[isShort ? groups * L : 0];
    logs = new float[block];
    part = new float[Math.min(n, L)];
  }

  /// Where the numbers of a row of the block lie in [#e].
  private int at(int row) {
    return isShort ? row / (L / n) * L + row % (L / n) * n : row * n;
  }

  /// Moves the largest elements and the sums of short rows together, one for each row.
  private void gatherRows(int rows) {
    if (!isShort) {
      return;
    }
    int each = L / n;
    for (int r = 0, from = 0; r < rows; from += L) {
      for (int i = from; r < rows && i < from + each * n; i += n, r++) {
        max[r] = max[i];
        sum[r] = sum[i];
      }
    }
  }

  /// Fills in the next `rows` rows; there are `left` numbers from `x[xo]` on. Of short rows the
  /// largest elements and the sums only if they are wanted.
  private void load(int rows, float[] x, int xo, int left, boolean sums) {
    if (isShort) {
      int groups = groups(rows);
      if (wholeGroups(rows, left) == groups) {
        RowFoldsF32.shift(groups, n, x, xo, e, sums, max);
      } else {
        System.arraycopy(x, xo, in, 0, rows * n);
        RowFoldsF32.shift(groups, n, in, 0, e, sums, max);
      }
      VectorMathF32.exp(groups * L, e, 0, e, 0);
      if (sums) {
        RowFoldsF32.sums(groups, n, e, sum);
      }
    } else if (!vectors) {
      for (int r = 0; r < rows; r++) {
        plain(r, x, xo + r * n);
      }
    } else if (n <= LONGEST) {
      RowFoldsF32.longShift(rows, n, x, xo, e, max);
      UnaryF32.apply(Op.Unary.EXP, rows * n, e, 0, e, 0);
      RowFoldsF32.longSums(rows, n, e, sum);
    } else {
      for (int r = 0; r < rows; r++) {
        max[r] = ReduceF32.max(n, x, xo + r * n);
        shift(n, x, xo + r * n, max[r], e, r * n);
        UnaryF32.apply(Op.Unary.EXP, n, e, r * n, e, r * n);
        sum[r] = ReduceF32.sum(n, e, r * n);
      }
    }
  }

  /// One number after another, in the order of [RowFoldsF32].
  private void plain(int row, float[] x, int xo) {
    float m = x[xo];
    for (int j = 1; j < n; j++) {
      m = x[xo + j] > m ? x[xo + j] : m;
    }
    Arrays.fill(part, 0f);
    int whole = n / part.length * part.length;
    for (int j = 0; j < n; j++) {
      float p = NumberMathF32.exp(x[xo + j] - m);
      e[row * n + j] = p;
      part[j < whole ? j % part.length : j - n + part.length] += p;
    }
    for (int d = L / 2; d > 0; d /= 2) {
      for (int j = 0; j < d && j + d < part.length; j++) {
        part[j] += part[j + d];
      }
    }
    max[row] = m;
    sum[row] = part[0];
  }

  /// eˣ / Σ eˣ of each of `rows` rows of `n` neighbours.
  void softmax(int rows, float[] x, int xo, float[] y, int yo) {
    for (int r = 0; r < rows; r += block) {
      int h = Math.min(block, rows - r);
      load(h, x, xo + r * n, (rows - r) * n, false);
      if (isShort) {
        int whole = wholeGroups(h, (rows - r) * n);
        RowFoldsF32.normalise(0, whole, n, e, y, yo + r * n, L / n * n);
        RowFoldsF32.normalise(whole, groups(h), n, e, e, 0, L);
        storeFrom(whole, h, y, yo + r * n);
      } else {
        normalise(h);
        System.arraycopy(e, 0, y, yo + r * n, h * n);
      }
    }
  }

  /// (Σ w softmax(x) - w) g of each row, with the weight 1 for its class and 0 for the others: the
  /// derivative of `g` times the cross-entropy. The first row's class is `classes[first]`, its
  /// element of `g` is `g[first]`, and there are L numbers more in `g` than rows.
  void crossEntropyGrad(
      int rows, float[] x, int xo, int[] classes, int first, float[] g, float[] y, int yo) {
    for (int r = 0; r < rows; r += block) {
      int h = Math.min(block, rows - r);
      load(h, x, xo + r * n, (rows - r) * n, false);
      normalise(h);
      subtractOne(h, classes, first + r);
      scale(h, g, first + r, y, yo + r * n, (rows - r) * n);
    }
  }

  private void subtractOne(int rows, int[] classes, int from) {
    int each = isShort ? L / n : 1;
    int step = isShort ? L : n;
    for (int r = 0, at = 0; r < rows; at += step) {
      int end = Math.min(rows, r + each);
      for (int i = at; r < end; i += n, r++) {
        e[i + classes[from + r]] -= 1f;
      }
    }
  }

  /// The same for any weights.
  void crossEntropyGrad(
      int rows, float[] x, int xo, float[] w, int wo, int first, float[] g, float[] y, int yo) {
    for (int r = 0; r < rows; r += block) {
      int h = Math.min(block, rows - r);
      load(h, x, xo + r * n, (rows - r) * n, false);
      normalise(h);
      for (int i = 0; i < h; i++) {
        int from = wo + (r + i) * n;
        int at = at(i);
        float weight = ReduceF32.sum(n, w, from);
        for (int j = 0; j < n; j++) {
          e[at + j] = e[at + j] * weight - w[from + j];
        }
      }
      scale(h, g, first + r, y, yo + r * n, (rows - r) * n);
    }
  }

  /// Divides each number by the sum of its row.
  private void normalise(int rows) {
    if (isShort) {
      RowFoldsF32.normalise(0, groups(rows), n, e, e, 0, L);
      return;
    }
    for (int r = 0; r < rows; r++) {
      float s = sum[r];
      int j = r * n;
      int end = j + n;
      if (vectors) {
        for (; j <= end - L; j += L) {
          FloatVector.fromArray(S, e, j).div(s).intoArray(e, j);
        }
      }
      for (; j < end; j++) {
        e[j] /= s;
      }
    }
  }

  /// Writes each row times its element of `g` to `y`, which has `room` from `yo` on for these rows
  /// and those after them.
  private void scale(int rows, float[] g, int go, float[] y, int yo, int room) {
    if (isShort) {
      int whole = wholeGroups(rows, room);
      RowFoldsF32.scale(0, whole, n, e, g, go, y, yo, L / n * n);
      RowFoldsF32.scale(whole, groups(rows), n, e, g, go, e, 0, L);
      storeFrom(whole, rows, y, yo);
      return;
    }
    for (int r = 0; r < rows; r++) {
      float by = g[go + r];
      int j = 0;
      if (vectors) {
        for (; j <= n - L; j += L) {
          FloatVector.fromArray(S, e, r * n + j).mul(by).intoArray(y, yo + r * n + j);
        }
      }
      for (; j < n; j++) {
        y[yo + r * n + j] = e[r * n + j] * by;
      }
    }
  }

  private int groups(int rows) {
    return (rows + L / n - 1) / (L / n);
  }

  /// How many groups may be written as whole vectors: what such a vector writes beyond its group,
  /// the next one overwrites.
  private int wholeGroups(int rows, int room) {
    return Math.min(groups(rows), room < L ? 0 : (room - L) / (L / n * n) + 1);
  }

  private void storeFrom(int group, int rows, float[] y, int yo) {
    int step = L / n * n;
    for (int g = group; g < groups(rows); g++) {
      System.arraycopy(e, g * L, y, yo + g * step, Math.min(step, rows * n - g * step));
    }
  }

  /// log Σ eˣ of each row, -∞ where all are.
  void logSumExp(int rows, float[] x, int xo, float[] y, int yo) {
    for (int r = 0; r < rows; r += block) {
      int h = Math.min(block, rows - r);
      load(h, x, xo + r * n, (rows - r) * n, true);
      logs(h, x, xo + r * n);
      for (int i = 0; i < h; i++) {
        y[yo + r + i] = max[i] + logs[i];
      }
    }
  }

  /// `max + log Σ e(x - max) - x[t]` of each row, in the order that cannot cancel. The class of the
  /// first row is `classes[first]`.
  void crossEntropy(int rows, float[] x, int xo, int[] classes, int first, float[] y, int yo) {
    for (int r = 0; r < rows; r += block) {
      int h = Math.min(block, rows - r);
      load(h, x, xo + r * n, (rows - r) * n, true);
      logs(h, x, xo + r * n);
      for (int i = 0; i < h; i++) {
        int row = r + i;
        y[yo + row] = max[i] - x[xo + row * n + classes[first + row]] + logs[i];
      }
    }
  }

  /// `Σ w (max + log Σ e(x - max) - x)` of each row, where a weight of 0 counts for nothing.
  void crossEntropy(int rows, float[] x, int xo, float[] weight, int wo, float[] y, int yo) {
    for (int r = 0; r < rows; r += block) {
      int h = Math.min(block, rows - r);
      load(h, x, xo + r * n, (rows - r) * n, true);
      logs(h, x, xo + r * n);
      for (int i = 0; i < h; i++) {
        int row = r + i;
        double max = this.max[i];
        double loss = 0;
        for (int c = row * n; c < row * n + n; c++) {
          double w = weight[wo + c];
          if (w != 0) {
            loss += w * (max - x[xo + c] + logs[i]);
          }
        }
        y[yo + row] = (float) loss;
      }
    }
  }

  /// The logarithms of the sums. A row whose largest element is infinite is taken as it stands,
  /// without a shift, its `max` set to 0.
  private void logs(int rows, float[] x, int xo) {
    gatherRows(rows);
    for (int r = 0; r < rows; r++) {
      if (!Float.isFinite(max[r])) {
        max[r] = 0f;
        sum[r] = 0f;
        for (int j = xo + r * n; j < xo + r * n + n; j++) {
          sum[r] += NumberMathF32.exp(x[j]);
        }
      }
      logs[r] = sum[r];
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
