package org.cotangent.autograd.cpu;

import java.util.Arrays;

/// `C = A B` in a loop that the compiler vectorises itself: a row of C is held in an array of its
/// own, each row of a block of B likewise, so that all share one index.
///
/// Each element is the sum of its rounded products in their order, whatever the block.
final class PlainGemmF32 {
  /// A block of B, 64 KB of floats, stays in the second-level cache while all rows of A go by.
  private static final int TERMS = 64;

  private static final int COLUMNS = 256;

  private final float[][] block = new float[TERMS][COLUMNS];
  private final float[] sums = new float[COLUMNS];
  private final float[] more = new float[COLUMNS];

  /// Elements of A are `aRow` apart along a column and `aCol` along a row, those of B and C alike.
  void multiply(
      int m,
      int n,
      int k,
      float[] a,
      int ao,
      int aRow,
      int aCol,
      float[] b,
      int bo,
      int bRow,
      int bCol,
      float[] c,
      int co,
      int cRow,
      int cCol) {
    for (int j = 0; j < n; j += COLUMNS) {
      int w = Math.min(COLUMNS, n - j);
      int to = co + j * cCol;
      if (k == 0) {
        Arrays.fill(sums, 0, w, 0f);
        for (int i = 0; i < m; i++) {
          write(w, sums, c, to + i * cRow, cCol);
        }
      }
      for (int p = 0; p < k; p += TERMS) {
        int h = Math.min(TERMS, k - p);
        for (int q = 0; q < h; q++) {
          Runs.read(b, bo + (p + q) * bRow + j * bCol, bCol, w, block[q], 0);
        }
        int from = ao + p * aCol;
        for (int i = 0; i < m; i += 2) {
          boolean isPair = i + 1 < m;
          int first = from + i * aRow;
          int second = isPair ? first + aRow : first; // a lone row is computed twice
          start(p == 0, w, c, to + i * cRow, cCol, sums);
          start(p == 0, w, c, to + (isPair ? i + 1 : i) * cRow, cCol, more);
          addTerms(h, w, a, first, second, aCol);
          write(w, sums, c, to + i * cRow, cCol);
          if (isPair) {
            write(w, more, c, to + (i + 1) * cRow, cCol);
          }
        }
      }
    }
  }

  private static void start(boolean isFirst, int n, float[] c, int co, int step, float[] sums) {
    if (isFirst) {
      Arrays.fill(sums, 0, n, 0f);
    } else {
      Runs.read(c, co, step, n, sums, 0);
    }
  }

  private static void write(int n, float[] sums, float[] c, int co, int step) {
    if (step == 1) {
      System.arraycopy(sums, 0, c, co, n);
      return;
    }
    for (int j = 0, at = co; j < n; j++, at += step) {
      c[at] = sums[j];
    }
  }

  private void addTerms(int h, int n, float[] a, int first, int second, int step) {
    int q = 0;
    for (; q <= h - 4; q += 4) {
      int u = first + q * step;
      int v = second + q * step;
      add4(
          n,
          sums,
          more,
          block[q],
          block[q + 1],
          block[q + 2],
          block[q + 3],
          a[u],
          a[u + step],
          a[u + 2 * step],
          a[u + 3 * step],
          a[v],
          a[v + step],
          a[v + 2 * step],
          a[v + 3 * step]);
    }
    for (; q < h; q++) {
      add1(n, sums, more, block[q], a[first + q * step], a[second + q * step]);
    }
  }

  private static void add4(
      int n,
      float[] c,
      float[] d,
      float[] b0,
      float[] b1,
      float[] b2,
      float[] b3,
      float u0,
      float u1,
      float u2,
      float u3,
      float v0,
      float v1,
      float v2,
      float v3) {
    for (int j = 0; j < n; j++) {
      c[j] = c[j] + u0 * b0[j] + u1 * b1[j] + u2 * b2[j] + u3 * b3[j];
      d[j] = d[j] + v0 * b0[j] + v1 * b1[j] + v2 * b2[j] + v3 * b3[j];
    }
  }

  private static void add1(int n, float[] c, float[] d, float[] b, float u, float v) {
    for (int j = 0; j < n; j++) {
      c[j] += u * b[j];
      d[j] += v * b[j];
    }
  }
}
