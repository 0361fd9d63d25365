package org.cotangent.autograd.cpu;

import static org.cotangent.autograd.cpu.LanesF32.L;
import static org.cotangent.autograd.cpu.LanesF32.S;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;

/// Sums and largest elements of runs and of columns.
///
/// Errors of a sum of n numbers, against the exact sum of their sizes and to first order: a run is
/// added in blocks of [#BLOCK], each by four vectors of partial sums, and the blocks by halves, so
/// at most BLOCK/4L + log2(n/BLOCK) + 8 roundings lie between a number and the result. Rows are
/// added in blocks of [#ROWS], and the blocks with Kahan's correction: ROWS + 3 roundings, for any
/// number of rows, and 3 more if there are fewer than [#NARROW] columns and many rows.
final class ReduceF32 {
  private ReduceF32() {}

  static final int BLOCK = 1024;
  static final int ROWS = 32;

  /// Fewer columns than this are taken several rows at a time.
  static final int NARROW = 64;

  /// The sum of `n` neighbours.
  static float sum(int n, float[] x, int xo) {
    if (n <= BLOCK) {
      return n < L ? sumOfFew(n, x, xo) : sumOfBlock(n, x, xo);
    }
    int half = half(n);
    return sum(half, x, xo) + sum(n - half, x, xo + half);
  }

  /// How many of `n` neighbours are in the first half.
  static int half(int n) {
    return (n / BLOCK + 1) / 2 * BLOCK;
  }

  private static float sumOfFew(int n, float[] x, int xo) {
    float s = 0f;
    for (int i = xo; i < xo + n; i++) {
      s += x[i];
    }
    return s;
  }

  private static float sumOfBlock(int n, float[] x, int xo) {
    FloatVector s0 = FloatVector.zero(S);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    int i = 0;
    for (; i <= n - 4 * L; i += 4 * L) {
      s0 = s0.add(FloatVector.fromArray(S, x, xo + i));
      s1 = s1.add(FloatVector.fromArray(S, x, xo + i + L));
      s2 = s2.add(FloatVector.fromArray(S, x, xo + i + 2 * L));
      s3 = s3.add(FloatVector.fromArray(S, x, xo + i + 3 * L));
    }
    for (; i <= n - L; i += L) {
      s0 = s0.add(FloatVector.fromArray(S, x, xo + i));
    }
    return across(s0.add(s1).add(s2.add(s3))) + sumOfFew(n - i, x, xo + i);
  }

  /// The sum of all lanes, by halves. Java's reduceLanes does not say in which order it adds.
  static float across(FloatVector sums) {
    FloatVector v = sums;
    if (L > 8) {
      v = v.add(v.rearrange(ACROSS_8));
    }
    if (L > 4) {
      v = v.add(v.rearrange(ACROSS_4));
    }
    if (L > 2) {
      v = v.add(v.rearrange(ACROSS_2));
    }
    return v.add(v.rearrange(ACROSS_1)).lane(0);
  }

  private static final VectorShuffle<Float> ACROSS_8 = across(8);
  private static final VectorShuffle<Float> ACROSS_4 = across(4);
  private static final VectorShuffle<Float> ACROSS_2 = across(2);
  private static final VectorShuffle<Float> ACROSS_1 = across(1);

  private static VectorShuffle<Float> across(int d) {
    return VectorShuffle.fromOp(S, i -> (i ^ d) % L);
  }

  /// Adds to `y[j]` the numbers `x[r][j]` of rows of `n` neighbours, `step` apart. `lost` collects
  /// what rounding took from each `y[j]`, in Kahan's way; from `so` on it has room for `n` sums.
  static void sumRows(
      int rows,
      int n,
      float[] x,
      int xo,
      int step,
      float[] y,
      int yo,
      float[] lost,
      int lo,
      int so) {
    for (int r = 0; r < rows; r += ROWS) {
      columns(Math.min(ROWS, rows - r), n, x, xo + r * step, step, lost, so);
      addAll(n, lost, so, y, yo, lost, lo);
    }
  }

  /// The sums of a block of rows. The last vectors may do some columns again.
  private static void columns(int rows, int n, float[] x, int xo, int step, float[] sums, int so) {
    int j = 0;
    if (n >= 4 * L) {
      for (; j < n; j += 4 * L) {
        int at = Math.min(j, n - 4 * L);
        fourVectors(rows, x, xo + at, step, sums, so + at);
      }
    } else if (n >= L) {
      for (; j < n; j += L) {
        int at = Math.min(j, n - L);
        FloatVector s = FloatVector.fromArray(S, x, xo + at);
        for (int r = 1; r < rows; r++) {
          s = s.add(FloatVector.fromArray(S, x, xo + r * step + at));
        }
        s.intoArray(sums, so + at);
      }
    }
    for (; j < n; j++) {
      float s = x[xo + j];
      for (int r = 1; r < rows; r++) {
        s += x[xo + r * step + j];
      }
      sums[so + j] = s;
    }
  }

  /// Four at a time, since an addition to one waits for the addition before it.
  private static void fourVectors(int rows, float[] x, int xo, int step, float[] sums, int so) {
    int at = xo;
    FloatVector s0 = FloatVector.fromArray(S, x, at);
    FloatVector s1 = FloatVector.fromArray(S, x, at + L);
    FloatVector s2 = FloatVector.fromArray(S, x, at + 2 * L);
    FloatVector s3 = FloatVector.fromArray(S, x, at + 3 * L);
    for (int r = 1; r < rows; r++) {
      at += step;
      s0 = s0.add(FloatVector.fromArray(S, x, at));
      s1 = s1.add(FloatVector.fromArray(S, x, at + L));
      s2 = s2.add(FloatVector.fromArray(S, x, at + 2 * L));
      s3 = s3.add(FloatVector.fromArray(S, x, at + 3 * L));
    }
    s0.intoArray(sums, so);
    s1.intoArray(sums, so + L);
    s2.intoArray(sums, so + 2 * L);
    s3.intoArray(sums, so + 3 * L);
  }

  /// Adds rows of `n` neighbours, one after the other without gaps, to the sums of the rows before
  /// them in their block. The last vector does some columns again, so it is stored last.
  static void addToColumns(int rows, int n, float[] x, int xo, float[] sums, int so) {
    if (n < L) {
      for (int i = 0; i < rows * n; i++) {
        sums[so + i % n] += x[xo + i];
      }
      return;
    }
    FloatVector last = addToVector(rows, n, x, xo + n - L, sums, so + n - L);
    int j = 0;
    for (; j <= n - 4 * L; j += 4 * L) {
      FloatVector s0 = FloatVector.fromArray(S, sums, so + j);
      FloatVector s1 = FloatVector.fromArray(S, sums, so + j + L);
      FloatVector s2 = FloatVector.fromArray(S, sums, so + j + 2 * L);
      FloatVector s3 = FloatVector.fromArray(S, sums, so + j + 3 * L);
      for (int r = 0, at = xo + j; r < rows; r++, at += n) {
        s0 = s0.add(FloatVector.fromArray(S, x, at));
        s1 = s1.add(FloatVector.fromArray(S, x, at + L));
        s2 = s2.add(FloatVector.fromArray(S, x, at + 2 * L));
        s3 = s3.add(FloatVector.fromArray(S, x, at + 3 * L));
      }
      s0.intoArray(sums, so + j);
      s1.intoArray(sums, so + j + L);
      s2.intoArray(sums, so + j + 2 * L);
      s3.intoArray(sums, so + j + 3 * L);
    }
    for (; j < n - L; j += L) {
      addToVector(rows, n, x, xo + j, sums, so + j).intoArray(sums, so + j);
    }
    last.intoArray(sums, so + n - L);
  }

  private static FloatVector addToVector(int rows, int n, float[] x, int xo, float[] sums, int so) {
    FloatVector s = FloatVector.fromArray(S, sums, so);
    for (int r = 0; r < rows; r++) {
      s = s.add(FloatVector.fromArray(S, x, xo + r * n));
    }
    return s;
  }

  /// Adds a row of sums to `y` by Kahan's rule.
  static void addAll(int n, float[] sums, int so, float[] y, int yo, float[] lost, int lo) {
    int j = 0;
    for (; j <= n - L; j += L) {
      FloatVector before = FloatVector.fromArray(S, y, yo + j);
      FloatVector part =
          FloatVector.fromArray(S, sums, so + j).sub(FloatVector.fromArray(S, lost, lo + j));
      FloatVector after = before.add(part);
      FloatVector error = after.sub(before).sub(part);
      VectorMask<Float> finite = error.sub(error).compare(VectorOperators.EQ, 0f);
      FloatVector.zero(S).blend(error, finite).intoArray(lost, lo + j); // an infinite sum stays so
      after.intoArray(y, yo + j);
    }
    for (; j < n; j++) {
      add(sums[so + j], y, yo + j, lost, lo + j);
    }
  }

  /// Adds one number by Kahan's rule.
  static void add(float s, float[] y, int at, float[] lost, int lo) {
    float before = y[at];
    float part = s - lost[lo];
    float after = before + part;
    float error = after - before - part;
    lost[lo] = Float.isFinite(error) ? error : 0f;
    y[at] = after;
  }

  /// The sums of a few columns of many rows, into `y`. If there are no gaps between the rows, as
  /// many of them as a vector has lanes are taken for one row. `work` is from [#narrowWork].
  static void sumNarrow(
      int rows, int n, float[] x, int xo, int step, float[] y, int yo, float[] work) {
    Arrays.fill(work, 0f);
    int lost = 2 * L * n;
    int room = lost + n;
    int wide = step == n ? rows / L : 0;
    if (wide > 0) {
      sumRows(wide, L * n, x, xo, L * n, work, 0, work, L * n, room);
      for (int i = 0; i < L * n; i++) {
        add(work[i], y, yo + i % n, work, lost + i % n);
      }
    }
    sumRows(rows - wide * L, n, x, xo + wide * L * step, step, y, yo, work, lost, room);
  }

  /// The workspace of [#sumNarrow].
  static float[] narrowWork(int n) {
    return new float[(3 * L + 1) * n];
  }

  /// The largest of `n` neighbours, -∞ of none, NaN if one is.
  static float max(int n, float[] x, int xo) {
    int i = 0;
    float m = Float.NEGATIVE_INFINITY;
    if (n >= L) {
      FloatVector m0 = FloatVector.broadcast(S, m);
      FloatVector m1 = m0;
      FloatVector m2 = m0;
      FloatVector m3 = m0;
      for (; i <= n - 4 * L; i += 4 * L) {
        m0 = m0.max(FloatVector.fromArray(S, x, xo + i));
        m1 = m1.max(FloatVector.fromArray(S, x, xo + i + L));
        m2 = m2.max(FloatVector.fromArray(S, x, xo + i + 2 * L));
        m3 = m3.max(FloatVector.fromArray(S, x, xo + i + 3 * L));
      }
      for (; i <= n - L; i += L) {
        m0 = m0.max(FloatVector.fromArray(S, x, xo + i));
      }
      m = m0.max(m1).max(m2.max(m3)).reduceLanes(VectorOperators.MAX);
    }
    for (; i < n; i++) {
      m = Math.max(m, x[xo + i]);
    }
    return m;
  }

  /// The largest of `x[r][j]` and `y[j]` for each of `n` columns, into `y`.
  static void maxRows(int rows, int n, float[] x, int xo, int step, float[] y, int yo) {
    int j = 0;
    for (; j <= n - L; j += L) {
      FloatVector v = FloatVector.fromArray(S, y, yo + j);
      for (int r = 0; r < rows; r++) {
        v = v.max(FloatVector.fromArray(S, x, xo + r * step + j));
      }
      v.intoArray(y, yo + j);
    }
    for (; j < n; j++) {
      float m = y[yo + j];
      for (int r = 0; r < rows; r++) {
        m = Math.max(m, x[xo + r * step + j]);
      }
      y[yo + j] = m;
    }
  }
}
