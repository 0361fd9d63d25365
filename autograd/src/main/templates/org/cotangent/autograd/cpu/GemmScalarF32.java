package org.cotangent.autograd.cpu;

import static org.cotangent.autograd.cpu.LanesF32.fma;

/// C = A B or C += A B number by number, for tiny products, for programs too short to wait for the
/// vector kernels, and for machines without vectors. The bits are those of the tiles.
final class GemmScalarF32 {
  private GemmScalarF32() {}

  /// Whichever way round has more columns. The numbers lie as for the next method.
  static void multiply(
      int m,
      int n,
      int kc,
      float[] a,
      int ao,
      int aRow,
      int aTerm,
      float[] b,
      int bo,
      int bTerm,
      int bColumn,
      float[] c,
      int co,
      int ldc,
      boolean add) {
    if (n >= m) {
      run(m, n, kc, a, ao, aRow, aTerm, b, bo, bTerm, bColumn, c, co, ldc, 1, add);
    } else { // Cᵀ = Bᵀ Aᵀ
      run(n, m, kc, b, bo, bColumn, bTerm, a, ao, aTerm, aRow, c, co, 1, ldc, add);
    }
  }

  /// Element (i, k) of A is at `ao + i aRow + k aTerm`, (k, j) of B at `bo + k bTerm + j bColumn`,
  /// (i, j) of C at `co + i cRow + j cColumn`. Eight columns at a time, so let them be the many.
  static void run(
      int m,
      int n,
      int kc,
      float[] a,
      int ao,
      int aRow,
      int aTerm,
      float[] b,
      int bo,
      int bTerm,
      int bColumn,
      float[] c,
      int co,
      int cRow,
      int cColumn,
      boolean add) {
    for (int i = 0; i < m; i++, ao += aRow, co += cRow) {
      int j = 0;
      for (; j <= n - 8; j += 8) {
        int from = bo + j * bColumn;
        block(kc, a, ao, aTerm, b, from, bTerm, bColumn, c, co + j * cColumn, cColumn, add);
      }
      for (; j < n; j++) {
        one(kc, a, ao, aTerm, b, bo + j * bColumn, bTerm, c, co + j * cColumn, add);
      }
    }
  }

  /// Eight sums hide the latency of each other.
  private static void block(
      int kc,
      float[] a,
      int ao,
      int aTerm,
      float[] b,
      int bo,
      int bTerm,
      int bColumn,
      float[] c,
      int co,
      int cColumn,
      boolean add) {
    float s0 = 0f;
    float s1 = 0f;
    float s2 = 0f;
    float s3 = 0f;
    float s4 = 0f;
    float s5 = 0f;
    float s6 = 0f;
    float s7 = 0f;
    for (int k = 0; k < kc; k++, ao += aTerm, bo += bTerm) {
      float x = a[ao];
      s0 = fma(x, b[bo], s0);
      s1 = fma(x, b[bo + bColumn], s1);
      s2 = fma(x, b[bo + 2 * bColumn], s2);
      s3 = fma(x, b[bo + 3 * bColumn], s3);
      s4 = fma(x, b[bo + 4 * bColumn], s4);
      s5 = fma(x, b[bo + 5 * bColumn], s5);
      s6 = fma(x, b[bo + 6 * bColumn], s6);
      s7 = fma(x, b[bo + 7 * bColumn], s7);
    }
    set(c, co, cColumn, add, s0, s1, s2, s3);
    set(c, co + 4 * cColumn, cColumn, add, s4, s5, s6, s7);
  }

  private static void set(
      float[] c, int at, int step, boolean add, float s0, float s1, float s2, float s3) {
    c[at] = add ? c[at] + s0 : s0;
    c[at + step] = add ? c[at + step] + s1 : s1;
    c[at + 2 * step] = add ? c[at + 2 * step] + s2 : s2;
    c[at + 3 * step] = add ? c[at + 3 * step] + s3 : s3;
  }

  private static void one(
      int kc,
      float[] a,
      int ao,
      int aTerm,
      float[] b,
      int bo,
      int bTerm,
      float[] c,
      int to,
      boolean add) {
    float s = 0f;
    for (int k = 0; k < kc; k++, ao += aTerm, bo += bTerm) {
      s = fma(a[ao], b[bo], s);
    }
    c[to] = add ? c[to] + s : s;
  }
}
