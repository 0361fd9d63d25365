package org.cotangent.autograd.cpu;

import static org.cotangent.autograd.cpu.LanesF32.L;
import static org.cotangent.autograd.cpu.LanesF32.S;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/// C = A B with at most four terms to each element: a tile would spend its time on beginning and
/// ending, so rows of C are written as they come, and a bias and ReLU are joined to that.
final class GemmFewF32 {
  private GemmFewF32() {}

  /// The terms of the products. Missing ones are -0.0 times 0.0, which changes no sum.
  static final int TERMS = 4;

  /// Vectors that are computed together: so many chains of additions under way.
  private static final int WIDE = 4 * L;

  /// Rows that should be done at a time: so much of C stays in the cache.
  static final int ROWS = 64;

  /// A has four neighbours in each row, of which `k` count; the four rows of B are `ldb` apart. The
  /// last vectors of a row of C begin before its end, where it has been written already: `n >= L`.
  ///
  /// @param hasBias whether the numbers of `bias` from `biasAt` on are added to each row, where
  ///   what is below `least` then becomes that
  static void run(
      int m,
      int n,
      int k,
      float[] a,
      float[] b,
      int ldb,
      float[] c,
      int co,
      int ldc,
      boolean hasBias,
      float[] bias,
      int biasAt,
      float least) {
    int step = n >= WIDE ? WIDE : L;
    for (int j = 0; j < n; j += step) {
      int at = Math.min(j, n - step);
      int to = co + at;
      int plus = biasAt + at;
      if (step == L) {
        one(m, a, b, at, ldb, c, to, ldc, hasBias, bias, plus, least);
      } else if (k <= 2) {
        twoTerms(m, a, b, at, ldb, c, to, ldc, hasBias, bias, plus, least);
      } else {
        fourTerms(m, a, b, at, ldb, c, to, ldc, hasBias, bias, plus, least);
      }
    }
  }

  private static void one(
      int m,
      float[] a,
      float[] b,
      int bo,
      int ldb,
      float[] c,
      int co,
      int ldc,
      boolean hasBias,
      float[] bias,
      int biasAt,
      float least) {
    FloatVector zero = FloatVector.zero(S);
    FloatVector floor = FloatVector.broadcast(S, least);
    FloatVector b0 = FloatVector.fromArray(S, b, bo);
    FloatVector b1 = FloatVector.fromArray(S, b, bo + ldb);
    FloatVector b2 = FloatVector.fromArray(S, b, bo + 2 * ldb);
    FloatVector b3 = FloatVector.fromArray(S, b, bo + 3 * ldb);
    for (int i = 0; i < m; i++) {
      FloatVector p = FloatVector.broadcast(S, a[TERMS * i]).fma(b0, zero);
      p = FloatVector.broadcast(S, a[TERMS * i + 1]).fma(b1, p);
      p = FloatVector.broadcast(S, a[TERMS * i + 2]).fma(b2, p);
      p = FloatVector.broadcast(S, a[TERMS * i + 3]).fma(b3, p);
      if (hasBias) {
        p = p.add(FloatVector.fromArray(S, bias, biasAt)).max(floor);
      }
      p.intoArray(c, co + i * ldc);
    }
  }

  /// Four vectors of each row, of two terms.
  private static void twoTerms(
      int m,
      float[] a,
      float[] b,
      int bo,
      int ldb,
      float[] c,
      int co,
      int ldc,
      boolean hasBias,
      float[] bias,
      int biasAt,
      float least) {
    FloatVector zero = FloatVector.zero(S);
    FloatVector floor = FloatVector.broadcast(S, least);
    FloatVector p0 = FloatVector.fromArray(S, b, bo);
    FloatVector p1 = FloatVector.fromArray(S, b, bo + L);
    FloatVector p2 = FloatVector.fromArray(S, b, bo + 2 * L);
    FloatVector p3 = FloatVector.fromArray(S, b, bo + 3 * L);
    FloatVector q0 = FloatVector.fromArray(S, b, bo + ldb);
    FloatVector q1 = FloatVector.fromArray(S, b, bo + ldb + L);
    FloatVector q2 = FloatVector.fromArray(S, b, bo + ldb + 2 * L);
    FloatVector q3 = FloatVector.fromArray(S, b, bo + ldb + 3 * L);
    int to = co;
    for (int i = 0; i < m; i++) {
      FloatVector x = FloatVector.broadcast(S, a[TERMS * i]);
      FloatVector y = FloatVector.broadcast(S, a[TERMS * i + 1]);
      FloatVector s0 = y.fma(q0, x.fma(p0, zero));
      FloatVector s1 = y.fma(q1, x.fma(p1, zero));
      FloatVector s2 = y.fma(q2, x.fma(p2, zero));
      FloatVector s3 = y.fma(q3, x.fma(p3, zero));
      if (hasBias) {
        s0 = s0.add(FloatVector.fromArray(S, bias, biasAt)).max(floor);
        s1 = s1.add(FloatVector.fromArray(S, bias, biasAt + L)).max(floor);
        s2 = s2.add(FloatVector.fromArray(S, bias, biasAt + 2 * L)).max(floor);
        s3 = s3.add(FloatVector.fromArray(S, bias, biasAt + 3 * L)).max(floor);
      }
      s0.intoArray(c, to);
      s1.intoArray(c, to + L);
      s2.intoArray(c, to + 2 * L);
      s3.intoArray(c, to + 3 * L);
      to += ldc;
    }
  }

  /// Four vectors of each row, of four terms.
  private static void fourTerms(
      int m,
      float[] a,
      float[] b,
      int bo,
      int ldb,
      float[] c,
      int co,
      int ldc,
      boolean hasBias,
      float[] bias,
      int biasAt,
      float least) {
    FloatVector zero = FloatVector.zero(S);
    FloatVector floor = FloatVector.broadcast(S, least);
    FloatVector p0 = FloatVector.fromArray(S, b, bo);
    FloatVector p1 = FloatVector.fromArray(S, b, bo + L);
    FloatVector p2 = FloatVector.fromArray(S, b, bo + 2 * L);
    FloatVector p3 = FloatVector.fromArray(S, b, bo + 3 * L);
    int second = bo + ldb;
    FloatVector q0 = FloatVector.fromArray(S, b, second);
    FloatVector q1 = FloatVector.fromArray(S, b, second + L);
    FloatVector q2 = FloatVector.fromArray(S, b, second + 2 * L);
    FloatVector q3 = FloatVector.fromArray(S, b, second + 3 * L);
    int third = bo + 2 * ldb;
    FloatVector r0 = FloatVector.fromArray(S, b, third);
    FloatVector r1 = FloatVector.fromArray(S, b, third + L);
    FloatVector r2 = FloatVector.fromArray(S, b, third + 2 * L);
    FloatVector r3 = FloatVector.fromArray(S, b, third + 3 * L);
    int fourth = bo + 3 * ldb;
    FloatVector t0 = FloatVector.fromArray(S, b, fourth);
    FloatVector t1 = FloatVector.fromArray(S, b, fourth + L);
    FloatVector t2 = FloatVector.fromArray(S, b, fourth + 2 * L);
    FloatVector t3 = FloatVector.fromArray(S, b, fourth + 3 * L);
    int to = co;
    for (int i = 0; i < m; i++) {
      FloatVector x = FloatVector.broadcast(S, a[TERMS * i]);
      FloatVector s0 = x.fma(p0, zero);
      FloatVector s1 = x.fma(p1, zero);
      FloatVector s2 = x.fma(p2, zero);
      FloatVector s3 = x.fma(p3, zero);
      x = FloatVector.broadcast(S, a[TERMS * i + 1]);
      s0 = x.fma(q0, s0);
      s1 = x.fma(q1, s1);
      s2 = x.fma(q2, s2);
      s3 = x.fma(q3, s3);
      x = FloatVector.broadcast(S, a[TERMS * i + 2]);
      s0 = x.fma(r0, s0);
      s1 = x.fma(r1, s1);
      s2 = x.fma(r2, s2);
      s3 = x.fma(r3, s3);
      x = FloatVector.broadcast(S, a[TERMS * i + 3]);
      s0 = x.fma(t0, s0);
      s1 = x.fma(t1, s1);
      s2 = x.fma(t2, s2);
      s3 = x.fma(t3, s3);
      if (hasBias) {
        s0 = s0.add(FloatVector.fromArray(S, bias, biasAt)).max(floor);
        s1 = s1.add(FloatVector.fromArray(S, bias, biasAt + L)).max(floor);
        s2 = s2.add(FloatVector.fromArray(S, bias, biasAt + 2 * L)).max(floor);
        s3 = s3.add(FloatVector.fromArray(S, bias, biasAt + 3 * L)).max(floor);
      }
      s0.intoArray(c, to);
      s1.intoArray(c, to + L);
      s2.intoArray(c, to + 2 * L);
      s3.intoArray(c, to + 3 * L);
      to += ldc;
    }
  }

  /// Row r of a matrix of `count` rows and `k` columns, at `xo + r row + q column`, followed by
  /// missing terms.
  static void packA(int count, int k, float[] x, int xo, int row, int column, float[] y) {
    Arrays.fill(y, 0, TERMS * count, -0f);
    for (int q = 0; q < k; q++) {
      for (int r = 0; r < count; r++) {
        y[TERMS * r + q] = x[xo + r * row + q * column];
      }
    }
  }

  /// The `k` rows of a matrix of `n` columns, then rows of zeros.
  static void packB(int n, int k, float[] x, int xo, int row, int column, float[] y) {
    Arrays.fill(y, k * n, TERMS * n, 0f);
    for (int q = 0; q < k; q++) {
      for (int j = 0; j < n; j++) {
        y[q * n + j] = x[xo + q * row + j * column];
      }
    }
  }
}
