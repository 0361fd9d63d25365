package org.cotangent.autograd.cpu;

import static org.cotangent.autograd.cpu.LanesF32.L;
import static org.cotangent.autograd.cpu.LanesF32.S;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/// C = A B with at most four terms to each element: a tile would spend its time on beginning and
/// ending, so rows of C are written as they come.
final class GemmFewF32 {
  private GemmFewF32() {}

  /// The terms of the products. Missing ones are -0.0 times 0.0, which changes no sum.
  static final int TERMS = 4;

  /// Rows that are gone through for each vector of columns: so much of C stays in the cache. Rows
  /// at a distance of 16 vectors or a multiple of it meet in few places there.
  private static int rows(int ldc) {
    return ldc % (16 * L) == 0 ? 8 : 64;
  }

  /// A has four neighbours in each row; the four rows of B are `ldb` apart. The last vector of a
  /// row of C begins before its end, where it has been written already: `n >= L`.
  static void run(int m, int n, int k, float[] a, float[] b, int ldb, float[] c, int co, int ldc) {
    int most = rows(ldc);
    for (int i = 0; i < m; i += most) {
      int rows = Math.min(most, m - i);
      for (int j = 0; j < n; j += L) {
        int at = Math.min(j, n - L);
        if (k <= 2) {
          two(rows, a, TERMS * i, b, at, ldb, c, co + i * ldc + at, ldc);
        } else {
          columns(rows, a, TERMS * i, b, at, ldb, c, co + i * ldc + at, ldc);
        }
      }
    }
  }

  /// The same with a bias added to each row and nothing below `least`.
  static void run(
      int m,
      int n,
      float[] a,
      float[] b,
      int ldb,
      float[] c,
      int co,
      int ldc,
      float[] bias,
      int biasAt,
      float least) {
    int most = rows(ldc);
    for (int i = 0; i < m; i += most) {
      int rows = Math.min(most, m - i);
      for (int j = 0; j < n; j += L) {
        int at = Math.min(j, n - L);
        FloatVector plus = FloatVector.fromArray(S, bias, biasAt + at);
        columns(rows, a, TERMS * i, b, at, ldb, c, co + i * ldc + at, ldc, plus, least);
      }
    }
  }

  private static void columns(
      int m,
      float[] a,
      int ao,
      float[] b,
      int bo,
      int ldb,
      float[] c,
      int co,
      int ldc,
      FloatVector plus,
      float least) {
    FloatVector zero = FloatVector.zero(S);
    FloatVector floor = FloatVector.broadcast(S, least);
    FloatVector b0 = FloatVector.fromArray(S, b, bo);
    FloatVector b1 = FloatVector.fromArray(S, b, bo + ldb);
    FloatVector b2 = FloatVector.fromArray(S, b, bo + 2 * ldb);
    FloatVector b3 = FloatVector.fromArray(S, b, bo + 3 * ldb);
    for (int i = 0; i < m; i++) {
      FloatVector p = FloatVector.broadcast(S, a[ao + 4 * i]).fma(b0, zero);
      p = FloatVector.broadcast(S, a[ao + 4 * i + 1]).fma(b1, p);
      p = FloatVector.broadcast(S, a[ao + 4 * i + 2]).fma(b2, p);
      p = FloatVector.broadcast(S, a[ao + 4 * i + 3]).fma(b3, p);
      p.add(plus).max(floor).intoArray(c, co + i * ldc);
    }
  }

  /// Down the rows, since loops over many rows gain more than those over few columns.
  private static void columns(
      int m, float[] a, int ao, float[] b, int bo, int ldb, float[] c, int co, int ldc) {
    FloatVector zero = FloatVector.zero(S);
    FloatVector b0 = FloatVector.fromArray(S, b, bo);
    FloatVector b1 = FloatVector.fromArray(S, b, bo + ldb);
    FloatVector b2 = FloatVector.fromArray(S, b, bo + 2 * ldb);
    FloatVector b3 = FloatVector.fromArray(S, b, bo + 3 * ldb);
    for (int i = 0; i < m; i++) {
      FloatVector p = FloatVector.broadcast(S, a[ao + 4 * i]).fma(b0, zero);
      p = FloatVector.broadcast(S, a[ao + 4 * i + 1]).fma(b1, p);
      p = FloatVector.broadcast(S, a[ao + 4 * i + 2]).fma(b2, p);
      p = FloatVector.broadcast(S, a[ao + 4 * i + 3]).fma(b3, p);
      p.intoArray(c, co + i * ldc);
    }
  }

  /// Up to two terms.
  private static void two(
      int m, float[] a, int ao, float[] b, int bo, int ldb, float[] c, int co, int ldc) {
    FloatVector zero = FloatVector.zero(S);
    FloatVector b0 = FloatVector.fromArray(S, b, bo);
    FloatVector b1 = FloatVector.fromArray(S, b, bo + ldb);
    for (int i = 0; i < m; i++) {
      FloatVector p = FloatVector.broadcast(S, a[ao + 4 * i]).fma(b0, zero);
      p = FloatVector.broadcast(S, a[ao + 4 * i + 1]).fma(b1, p);
      p.intoArray(c, co + i * ldc);
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
