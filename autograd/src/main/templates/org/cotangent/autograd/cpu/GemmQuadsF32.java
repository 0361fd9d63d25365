package org.cotangent.autograd.cpu;

import static org.cotangent.autograd.cpu.LanesF32.L;
import static org.cotangent.autograd.cpu.LanesF32.S;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/// C = A B with up to four columns, where A lies row by row: a vector holds four columns of as many
/// rows as it has room for, and reads four terms of each row at a time. Vectors down the rows would
/// have to transpose A first.
final class GemmQuadsF32 {
  private GemmQuadsF32() {}

  /// Columns of a row, those that are missing included, and terms that are read at a time.
  static final int QUAD = 4;

  private static final VectorSpecies<Float> QUAD_OF = FloatVector.SPECIES_128; // F32 only

  // F64: private static final VectorSpecies<Double> QUAD_OF = DoubleVector.SPECIES_256;

  /// Rows in a vector. A tile has four vectors, so `L` rows.
  private static final int ROWS = L / QUAD;

  private static final VectorMask<Float> FROM_4 = VectorMask.fromLong(S, -1L << 4);
  private static final VectorMask<Float> FROM_8 = VectorMask.fromLong(S, -1L << 8);
  private static final VectorMask<Float> FROM_12 = VectorMask.fromLong(S, -1L << 12);

  /// One of the four terms of each row in place of all.
  private static final VectorShuffle<Float> TERM_0 = VectorShuffle.fromOp(S, i -> i / QUAD * QUAD);

  private static final VectorShuffle<Float> TERM_1 =
      VectorShuffle.fromOp(S, i -> i / QUAD * QUAD + 1);
  private static final VectorShuffle<Float> TERM_2 =
      VectorShuffle.fromOp(S, i -> i / QUAD * QUAD + 2);
  private static final VectorShuffle<Float> TERM_3 =
      VectorShuffle.fromOp(S, i -> i / QUAD * QUAD + 3);

  /// The four columns of the first row to all rows.
  private static final VectorShuffle<Float> COLUMNS = VectorShuffle.fromOp(S, i -> i % QUAD);

  private static final float[] ZEROS = new float[QUAD * L];

  /// Whether there are rows enough, apart from each other, and few columns.
  static boolean fits(int m, int n, int lda) {
    return L >= QUAD && m >= L && n <= QUAD && lda >= QUAD;
  }

  /// Each row of `b` holds the four columns of a term over and over, `rest` the terms that are left
  /// of A, which make no four.
  static void run(
      int m,
      int n,
      int kc,
      float[] a,
      int ao,
      int lda,
      float[] b,
      float[] rest,
      float[] tile,
      float[] c,
      int co,
      int ldc,
      boolean more) {
    int quads = kc / QUAD;
    int left = kc % QUAD;
    if (left > 0) {
      Arrays.fill(b, kc * L, (kc - left + QUAD) * L, 0f);
      GemmFewF32.packA(m, left, a, ao + quads * QUAD, lda, 1, rest);
    }
    for (int i = 0; i < m; i += L) {
      int at = Math.min(i, m - L); // the last tile may do some rows again
      tile(quads, a, ao + at * lda, lda, b, 0, ZEROS, tile);
      if (left > 0) {
        tile(1, rest, at * QUAD, QUAD, b, quads * QUAD * L, tile, tile);
      }
      flush(i - at, n, tile, c, co + at * ldc, ldc, more);
    }
  }

  /// The four columns of each term, over and over; those beyond `n` are waste.
  static void terms(int kc, int n, float[] x, int xo, int term, int column, float[] y) {
    int whole = column == 1 ? GemmPackF32.whole(x.length - L, xo, term, kc) : 0;
    for (int k = 0; k < whole; k++) {
      FloatVector.fromArray(S, x, xo + k * term).rearrange(COLUMNS).intoArray(y, k * L);
    }
    for (int k = whole; k < kc; k++) {
      for (int j = 0; j < n; j++) {
        y[k * L + j] = x[xo + k * term + j * column];
      }
    }
    for (int k = whole; k < kc; k++) {
      FloatVector.fromArray(S, y, k * L).rearrange(COLUMNS).intoArray(y, k * L);
    }
  }

  /// The rows of a tile from `first` on to C.
  private static void flush(
      int first, int n, float[] tile, float[] c, int co, int ldc, boolean more) {
    int r = first;
    if (ldc == n && !more) { // quads as a whole: the next rows overwrite what is too much
      for (; r < L - QUAD; r++) {
        FloatVector.fromArray(QUAD_OF, tile, QUAD * r).intoArray(c, co + r * n);
      }
    }
    GemmPackF32.unpack(L - r, n, tile, QUAD * r, QUAD, c, co + r * ldc, ldc, more);
  }

  private static void tile(
      int quads, float[] a, int ao, int lda, float[] b, int bo, float[] d, float[] c) {
    FloatVector p = FloatVector.fromArray(S, d, 0);
    FloatVector q = FloatVector.fromArray(S, d, L);
    FloatVector s = FloatVector.fromArray(S, d, 2 * L);
    FloatVector t = FloatVector.fromArray(S, d, 3 * L);
    for (int k = 0; k < quads * QUAD; k += QUAD) {
      int at = ao + k;
      FloatVector x = rows(a, at, lda);
      FloatVector y = rows(a, at + ROWS * lda, lda);
      FloatVector z = rows(a, at + 2 * ROWS * lda, lda);
      FloatVector w = rows(a, at + 3 * ROWS * lda, lda);
      int from = bo + L * k;
      FloatVector term = FloatVector.fromArray(S, b, from);
      p = x.rearrange(TERM_0).fma(term, p);
      q = y.rearrange(TERM_0).fma(term, q);
      s = z.rearrange(TERM_0).fma(term, s);
      t = w.rearrange(TERM_0).fma(term, t);
      term = FloatVector.fromArray(S, b, from + L);
      p = x.rearrange(TERM_1).fma(term, p);
      q = y.rearrange(TERM_1).fma(term, q);
      s = z.rearrange(TERM_1).fma(term, s);
      t = w.rearrange(TERM_1).fma(term, t);
      term = FloatVector.fromArray(S, b, from + 2 * L);
      p = x.rearrange(TERM_2).fma(term, p);
      q = y.rearrange(TERM_2).fma(term, q);
      s = z.rearrange(TERM_2).fma(term, s);
      t = w.rearrange(TERM_2).fma(term, t);
      term = FloatVector.fromArray(S, b, from + 3 * L);
      p = x.rearrange(TERM_3).fma(term, p);
      q = y.rearrange(TERM_3).fma(term, q);
      s = z.rearrange(TERM_3).fma(term, s);
      t = w.rearrange(TERM_3).fma(term, t);
    }
    p.intoArray(c, 0);
    q.intoArray(c, L);
    s.intoArray(c, 2 * L);
    t.intoArray(c, 3 * L);
  }

  /// Four neighbours of each of as many rows as a vector has room for. All that is read lies
  /// between the first of them and the last.
  private static FloatVector rows(float[] a, int at, int lda) {
    FloatVector rows = FloatVector.fromArray(S, a, at);
    if (L > 4) {
      rows = rows.blend(FloatVector.fromArray(S, a, at + lda - 4), FROM_4);
    }
    if (L > 8) {
      rows = rows.blend(FloatVector.fromArray(S, a, at + 2 * lda - 8), FROM_8);
      rows = rows.blend(FloatVector.fromArray(S, a, at + 3 * lda - 12), FROM_12);
    }
    return rows;
  }
}
