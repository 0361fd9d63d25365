package org.cotangent.autograd.cpu;

import static org.cotangent.autograd.cpu.LanesF32.L;
import static org.cotangent.autograd.cpu.LanesF32.S;

import jdk.incubator.vector.FloatVector;

/// `y[i, j] = a[i] b[i, j]`: a number for each row. With the same row for all, the outer product.
final class ScaledF32 {
  private ScaledF32() {}

  /// How far, in numbers, the first one of an array is from the beginning of a line: 16 bytes.
  private static final int HEADER = 16 / Float.BYTES;

  /// @param m rows of `y`, which follow one another
  /// @param n numbers in each
  /// @param as how far apart the numbers of `a` are
  /// @param bs how far apart the rows of `b` are; 0 for one row
  @SuppressWarnings("ReferenceEquality") // one array, not two with equal numbers
  static void run(
      int m, int n, float[] a, int ao, int as, float[] b, int bo, int bs, float[] y, int yo) {
    if (n < L) {
      shortRows(m, n, a, ao, as, b, bo, bs, y, yo);
      return;
    }
    for (int i = 0; i < m; i++) {
      if (y == b) {
        plain(n, a[ao + i * as], b, bo + i * bs, y, yo + i * n);
      } else {
        row(n, a[ao + i * as], b, bo + i * bs, y, yo + i * n);
      }
    }
  }

  /// Vectors that lie evenly in the cache's lines, but for the first and the last. What two of them
  /// have in common is computed twice.
  private static void row(int n, float scale, float[] b, int bo, float[] y, int yo) {
    FloatVector v = FloatVector.broadcast(S, scale);
    FloatVector.fromArray(S, b, bo).mul(v).intoArray(y, yo);
    int j = L - (yo + HEADER) % L;
    for (; j <= n - L; j += L) {
      FloatVector.fromArray(S, b, bo + j).mul(v).intoArray(y, yo + j);
    }
    FloatVector.fromArray(S, b, bo + n - L).mul(v).intoArray(y, yo + n - L);
  }

  /// For a result that is written over the rows, each number once.
  private static void plain(int n, float scale, float[] b, int bo, float[] y, int yo) {
    for (int j = 0; j < n; j++) {
      y[yo + j] = scale * b[bo + j];
    }
  }

  /// Rows shorter than a vector: each is written with what the vector holds beyond it, over which
  /// the rows after it are written then; the last ones number by number.
  @SuppressWarnings("ReferenceEquality") // one array, not two with equal numbers
  private static void shortRows(
      int m, int n, float[] a, int ao, int as, float[] b, int bo, int bs, float[] y, int yo) {
    int i = 0;
    if (y != b && bs >= 0) {
      int last = yo + m * n - L;
      for (; yo + i * n <= last && bo + i * bs <= b.length - L; i++) {
        FloatVector v = FloatVector.fromArray(S, b, bo + i * bs);
        v.mul(a[ao + i * as]).intoArray(y, yo + i * n);
      }
    }
    for (; i < m; i++) {
      plain(n, a[ao + i * as], b, bo + i * bs, y, yo + i * n);
    }
  }
}
