package org.cotangent.autograd.cpu;

import static org.cotangent.autograd.cpu.LanesF32.L;
import static org.cotangent.autograd.cpu.LanesF32.S;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector; // F32 only
// F64: import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;

/// The largest elements and the sums of many rows: short ones (`n <= L`), of which a vector takes
/// as many as fit, and longer ones.
///
/// A row is folded by halves: element p gets element p + d for d = 8, 4, 2, 1 as far as there is
/// one. Of a longer row the vectors are taken together first, one after another, the last of them
/// lying so that it ends with the row; what it shares with the one before counts once. So what a
/// row gives does not depend on where it stands.
///
/// Each method is a loop of few operations, for the processor works on several rows at once only as
/// long as it sees their beginnings: with the exponential inside, softmax took twice the time
/// (measured). Largest elements are found among integers that are ordered like the numbers: the
/// comparison of floats that does right by NaN costs six instructions, that of integers one. A NaN
/// with a sign is less than all numbers here, one without it is larger.
final class RowFoldsF32 {
  private RowFoldsF32() {}

  /// For rows of some length: which lanes to add to which.
  static final class Folds {
    /// The lane that goes to each, five times: for d = 8, 4, 2, 1, and the first of the row.
    final int[] lanes = new int[5 * L]; // F32 only

    // F64: final long[] lanes = new long[5 * L];

    /// Which of the rows a lane belongs to.
    final int[] rows = new int[L]; // F32 only

    // F64: final long[] rows = new long[L];

    /// 1 where a lane is added, four times: for d = 8, 4, 2, 1.
    final float[] counts = new float[4 * L];

    Folds(int n) {
      int used = L / n * n;
      for (int i = 0; i < L; i++) {
        for (int k = 0, d = 8; k < 4; k++, d /= 2) {
          boolean adds = i < used && i % n < d && i % n + d < n;
          lanes[k * L + i] = adds ? i + d : i;
          counts[k * L + i] = adds ? 1f : 0f;
        }
        lanes[4 * L + i] = i < used ? i / n * n : i;
        rows[i] = Math.min(i / n, L - 1);
      }
    }
  }

  private static final Folds[] FOLDS = new Folds[L + 1];

  static {
    for (int n = 1; n <= L; n++) {
      FOLDS[n] = new Folds(n);
    }
  }

  private static final int SIGN = 31; // F32 only
  private static final int SIZE = Integer.MAX_VALUE; // F32 only

  // F64: private static final int SIGN = 63;
  // F64: private static final long SIZE = Long.MAX_VALUE;

  /// Short rows: `e = x - max`, and `max` itself, if it is wanted, in the place of each element.
  /// Group g is the `L / n` rows from `x[xo + g (L / n) n]` on; its whole vector is read, and
  /// written at `g L`.
  static void shift(int groups, int n, float[] x, int xo, float[] e, boolean wanted, float[] max) {
    Folds folds = FOLDS[n];
    IntVector by8 = IntVector.fromArray(LanesF32.WHOLE, folds.lanes, 0); // F32 only
    IntVector by4 = IntVector.fromArray(LanesF32.WHOLE, folds.lanes, L); // F32 only
    IntVector by2 = IntVector.fromArray(LanesF32.WHOLE, folds.lanes, 2 * L); // F32 only
    IntVector by1 = IntVector.fromArray(LanesF32.WHOLE, folds.lanes, 3 * L); // F32 only
    IntVector row = IntVector.fromArray(LanesF32.WHOLE, folds.lanes, 4 * L); // F32 only
    // F64: LongVector by8 = LongVector.fromArray(LanesF64.WHOLE, folds.lanes, 0);
    // F64: LongVector by4 = LongVector.fromArray(LanesF64.WHOLE, folds.lanes, L);
    // F64: LongVector by2 = LongVector.fromArray(LanesF64.WHOLE, folds.lanes, 2 * L);
    // F64: LongVector by1 = LongVector.fromArray(LanesF64.WHOLE, folds.lanes, 3 * L);
    // F64: LongVector row = LongVector.fromArray(LanesF64.WHOLE, folds.lanes, 4 * L);
    int step = L / n * n;
    for (int g = 0; g < groups; g++) {
      FloatVector v = FloatVector.fromArray(S, x, xo + g * step);
      IntVector m = v.reinterpretAsInts(); // F32 only
      // F64: LongVector m = v.reinterpretAsLongs();
      m = m.lanewise(VectorOperators.ASHR, SIGN).and(SIZE).lanewise(VectorOperators.XOR, m);
      if (L > 8) {
        m = m.max(by8.selectFrom(m));
      }
      if (L > 4) {
        m = m.max(by4.selectFrom(m));
      }
      if (L > 2) {
        m = m.max(by2.selectFrom(m));
      }
      m = row.selectFrom(m.max(by1.selectFrom(m)));
      m = m.lanewise(VectorOperators.ASHR, SIGN).and(SIZE).lanewise(VectorOperators.XOR, m);
      FloatVector f = m.reinterpretAsFloats(); // F32 only
      // F64: DoubleVector f = m.reinterpretAsDoubles();
      v.sub(f).intoArray(e, g * L);
      if (wanted) {
        f.intoArray(max, g * L);
      }
    }
  }

  /// Short rows: the sum of its row in the place of each element; both lie as [#shift] leaves them.
  static void sums(int groups, int n, float[] e, float[] sum) {
    Folds folds = FOLDS[n];
    IntVector by8 = IntVector.fromArray(LanesF32.WHOLE, folds.lanes, 0); // F32 only
    IntVector by4 = IntVector.fromArray(LanesF32.WHOLE, folds.lanes, L); // F32 only
    IntVector by2 = IntVector.fromArray(LanesF32.WHOLE, folds.lanes, 2 * L); // F32 only
    IntVector by1 = IntVector.fromArray(LanesF32.WHOLE, folds.lanes, 3 * L); // F32 only
    IntVector row = IntVector.fromArray(LanesF32.WHOLE, folds.lanes, 4 * L); // F32 only
    // F64: LongVector by8 = LongVector.fromArray(LanesF64.WHOLE, folds.lanes, 0);
    // F64: LongVector by4 = LongVector.fromArray(LanesF64.WHOLE, folds.lanes, L);
    // F64: LongVector by2 = LongVector.fromArray(LanesF64.WHOLE, folds.lanes, 2 * L);
    // F64: LongVector by1 = LongVector.fromArray(LanesF64.WHOLE, folds.lanes, 3 * L);
    // F64: LongVector row = LongVector.fromArray(LanesF64.WHOLE, folds.lanes, 4 * L);
    FloatVector count8 = FloatVector.fromArray(S, folds.counts, 0);
    FloatVector count4 = FloatVector.fromArray(S, folds.counts, L);
    FloatVector count2 = FloatVector.fromArray(S, folds.counts, 2 * L);
    FloatVector count1 = FloatVector.fromArray(S, folds.counts, 3 * L);
    for (int i = 0; i < groups * L; i += L) {
      FloatVector s = FloatVector.fromArray(S, e, i);
      FloatVector o;
      if (L > 8) {
        o = by8.selectFrom(s.reinterpretAsInts()).reinterpretAsFloats(); // F32 only
        // F64: o = by8.selectFrom(s.reinterpretAsLongs()).reinterpretAsDoubles();
        s = o.fma(count8, s);
      }
      if (L > 4) {
        o = by4.selectFrom(s.reinterpretAsInts()).reinterpretAsFloats(); // F32 only
        // F64: o = by4.selectFrom(s.reinterpretAsLongs()).reinterpretAsDoubles();
        s = o.fma(count4, s);
      }
      if (L > 2) {
        o = by2.selectFrom(s.reinterpretAsInts()).reinterpretAsFloats(); // F32 only
        // F64: o = by2.selectFrom(s.reinterpretAsLongs()).reinterpretAsDoubles();
        s = o.fma(count2, s);
      }
      o = by1.selectFrom(s.reinterpretAsInts()).reinterpretAsFloats(); // F32 only
      // F64: o = by1.selectFrom(s.reinterpretAsLongs()).reinterpretAsDoubles();
      s = o.fma(count1, s);
      s = row.selectFrom(s.reinterpretAsInts()).reinterpretAsFloats(); // F32 only
      // F64: s = row.selectFrom(s.reinterpretAsLongs()).reinterpretAsDoubles();
      s.intoArray(sum, i);
    }
  }

  /// Short rows: each element of some groups divided by the sum of its row. Group g goes to `y[yo +
  /// g step]`, a whole vector.
  static void normalise(int from, int to, int n, float[] e, float[] y, int yo, int step) {
    Folds folds = FOLDS[n];
    IntVector by8 = IntVector.fromArray(LanesF32.WHOLE, folds.lanes, 0); // F32 only
    IntVector by4 = IntVector.fromArray(LanesF32.WHOLE, folds.lanes, L); // F32 only
    IntVector by2 = IntVector.fromArray(LanesF32.WHOLE, folds.lanes, 2 * L); // F32 only
    IntVector by1 = IntVector.fromArray(LanesF32.WHOLE, folds.lanes, 3 * L); // F32 only
    IntVector row = IntVector.fromArray(LanesF32.WHOLE, folds.lanes, 4 * L); // F32 only
    // F64: LongVector by8 = LongVector.fromArray(LanesF64.WHOLE, folds.lanes, 0);
    // F64: LongVector by4 = LongVector.fromArray(LanesF64.WHOLE, folds.lanes, L);
    // F64: LongVector by2 = LongVector.fromArray(LanesF64.WHOLE, folds.lanes, 2 * L);
    // F64: LongVector by1 = LongVector.fromArray(LanesF64.WHOLE, folds.lanes, 3 * L);
    // F64: LongVector row = LongVector.fromArray(LanesF64.WHOLE, folds.lanes, 4 * L);
    FloatVector count8 = FloatVector.fromArray(S, folds.counts, 0);
    FloatVector count4 = FloatVector.fromArray(S, folds.counts, L);
    FloatVector count2 = FloatVector.fromArray(S, folds.counts, 2 * L);
    FloatVector count1 = FloatVector.fromArray(S, folds.counts, 3 * L);
    for (int g = from; g < to; g++) {
      FloatVector v = FloatVector.fromArray(S, e, g * L);
      FloatVector s = v;
      FloatVector o;
      if (L > 8) {
        o = by8.selectFrom(s.reinterpretAsInts()).reinterpretAsFloats(); // F32 only
        // F64: o = by8.selectFrom(s.reinterpretAsLongs()).reinterpretAsDoubles();
        s = o.fma(count8, s);
      }
      if (L > 4) {
        o = by4.selectFrom(s.reinterpretAsInts()).reinterpretAsFloats(); // F32 only
        // F64: o = by4.selectFrom(s.reinterpretAsLongs()).reinterpretAsDoubles();
        s = o.fma(count4, s);
      }
      if (L > 2) {
        o = by2.selectFrom(s.reinterpretAsInts()).reinterpretAsFloats(); // F32 only
        // F64: o = by2.selectFrom(s.reinterpretAsLongs()).reinterpretAsDoubles();
        s = o.fma(count2, s);
      }
      o = by1.selectFrom(s.reinterpretAsInts()).reinterpretAsFloats(); // F32 only
      // F64: o = by1.selectFrom(s.reinterpretAsLongs()).reinterpretAsDoubles();
      s = o.fma(count1, s);
      s = row.selectFrom(s.reinterpretAsInts()).reinterpretAsFloats(); // F32 only
      // F64: s = row.selectFrom(s.reinterpretAsLongs()).reinterpretAsDoubles();
      v.div(s).intoArray(y, yo + g * step);
    }
  }

  /// Short rows: each element of some groups times `by[bo + r]` for row r. Beyond all rows, `by`
  /// goes on for a vector. Group g goes to `y[yo + g step]`, a whole vector.
  static void scale(
      int from, int to, int n, float[] e, float[] by, int bo, float[] y, int yo, int step) {
    IntVector row = IntVector.fromArray(LanesF32.WHOLE, FOLDS[n].rows, 0); // F32 only
    // F64: LongVector row = LongVector.fromArray(LanesF64.WHOLE, FOLDS[n].rows, 0);
    int each = L / n;
    for (int g = from; g < to; g++) {
      FloatVector f = FloatVector.fromArray(S, by, bo + g * each);
      f = row.selectFrom(f.reinterpretAsInts()).reinterpretAsFloats(); // F32 only
      // F64: f = row.selectFrom(f.reinterpretAsLongs()).reinterpretAsDoubles();
      FloatVector.fromArray(S, e, g * L).mul(f).intoArray(y, yo + g * step);
    }
  }

  private static final VectorShuffle<Float> ACROSS_8 = across(8);
  private static final VectorShuffle<Float> ACROSS_4 = across(4);
  private static final VectorShuffle<Float> ACROSS_2 = across(2);
  private static final VectorShuffle<Float> ACROSS_1 = across(1);

  private static VectorShuffle<Float> across(int d) {
    return VectorShuffle.fromOp(S, i -> (i ^ d) % L);
  }

  /// Rows of `n >= L`: `e = x - max`, and `max` of each.
  static void longShift(int rows, int n, float[] x, int xo, float[] e, float[] max) {
    for (int r = 0; r < rows; r++) {
      int from = xo + r * n;
      FloatVector v = FloatVector.fromArray(S, x, from + n - L);
      IntVector m = v.reinterpretAsInts(); // F32 only
      // F64: LongVector m = v.reinterpretAsLongs();
      m = m.lanewise(VectorOperators.ASHR, SIGN).and(SIZE).lanewise(VectorOperators.XOR, m);
      for (int j = 0; j < n - L; j += L) {
        FloatVector u = FloatVector.fromArray(S, x, from + j);
        IntVector b = u.reinterpretAsInts(); // F32 only
        // F64: LongVector b = u.reinterpretAsLongs();
        m =
            m.max(
                b.lanewise(VectorOperators.ASHR, SIGN).and(SIZE).lanewise(VectorOperators.XOR, b));
      }
      int best = m.reduceLanes(VectorOperators.MAX); // F32 only
      max[r] = Float.intBitsToFloat(best ^ (best >> SIGN & SIZE)); // F32 only
      // F64: long best = m.reduceLanes(VectorOperators.MAX);
      // F64: max[r] = Double.longBitsToDouble(best ^ (best >> SIGN & SIZE));
    }
    for (int r = 0; r < rows; r++) {
      FloatVector m = FloatVector.broadcast(S, max[r]);
      int from = xo + r * n;
      for (int j = 0; j < n - L; j += L) {
        FloatVector.fromArray(S, x, from + j).sub(m).intoArray(e, r * n + j);
      }
      FloatVector.fromArray(S, x, from + n - L).sub(m).intoArray(e, (r + 1) * n - L);
    }
  }

  /// L zeros, then L ones.
  private static final float[] COUNT = new float[2 * L];

  static {
    java.util.Arrays.fill(COUNT, L, 2 * L, 1f);
  }

  /// Rows of `n >= L`: the sum of each.
  static void longSums(int rows, int n, float[] e, float[] sum) {
    int shared = (n + L - 1) / L * L - n;
    FloatVector count = FloatVector.fromArray(S, COUNT, L - shared);
    for (int r = 0; r < rows; r++) {
      FloatVector s = FloatVector.zero(S);
      for (int j = r * n; j < (r + 1) * n - L; j += L) {
        s = s.add(FloatVector.fromArray(S, e, j));
      }
      s = FloatVector.fromArray(S, e, (r + 1) * n - L).fma(count, s);
      if (L > 8) {
        s = s.add(s.rearrange(ACROSS_8));
      }
      if (L > 4) {
        s = s.add(s.rearrange(ACROSS_4));
      }
      if (L > 2) {
        s = s.add(s.rearrange(ACROSS_2));
      }
      sum[r] = s.add(s.rearrange(ACROSS_1)).lane(0);
    }
  }
}
