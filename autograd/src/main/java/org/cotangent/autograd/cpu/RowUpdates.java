package org.cotangent.autograd.cpu;

/// Subtracts multiples of rows from a row: the one inner loop of all factorisations, in the form
/// that the compiler vectorises itself: several arrays, one index.
final class RowUpdates {
  private RowUpdates() {}

  /// So many columns of all rows of a system stay in the second-level cache: 1000 rows of 128
  /// doubles are 1 MB.
  private static final int COLUMNS = 128;

  /// `y[j] -= f · x[j]` for `from <= j < to`.
  static void subtract(double[] y, double f, double[] x, int from, int to) {
    for (int j = from; j < to; j++) {
      y[j] -= f * x[j];
    }
  }

  /// `y[j] -= Σ_k f[k] · x[k][j]` for `first <= k < last` and `from <= j < to`, k by k; `f` may be
  /// another part of `y`. Four rows a pass, because a row alone costs a load and a store of `y` for
  /// each product.
  static void subtract(
      double[] y, double[] f, double[][] x, int first, int last, int from, int to) {
    int k = first;
    for (; k + 4 <= last; k += 4) {
      four(y, f[k], x[k], f[k + 1], x[k + 1], f[k + 2], x[k + 2], f[k + 3], x[k + 3], from, to);
    }
    for (; k < last; k++) {
      subtract(y, f[k], x[k], from, to);
    }
  }

  private static void four(
      double[] y,
      double f0,
      double[] x0,
      double f1,
      double[] x1,
      double f2,
      double[] x2,
      double f3,
      double[] x3,
      int from,
      int to) {
    for (int j = from; j < to; j++) {
      y[j] = y[j] - f0 * x0[j] - f1 * x1[j] - f2 * x2[j] - f3 * x3[j];
    }
  }

  /// `x := T⁻¹ x` for a triangle `T` of the matrix `t`, whose diagonal counts as 1 if `unit`.
  static void solve(double[][] t, boolean upper, boolean unit, double[][] x, int columns) {
    int n = t.length;
    for (int from = 0; from < columns; from += COLUMNS) {
      int to = Math.min(columns, from + COLUMNS);
      for (int step = 0; step < n; step++) {
        int i = upper ? n - 1 - step : step;
        subtract(x[i], t[i], x, upper ? i + 1 : 0, upper ? n : i, from, to);
        if (!unit) {
          for (int j = from; j < to; j++) {
            x[i][j] /= t[i][i];
          }
        }
      }
    }
  }

  /// `y -= a x` for matrices.
  static void subtractProduct(double[][] y, double[][] a, double[][] x, int columns) {
    for (int from = 0; from < columns; from += COLUMNS) {
      int to = Math.min(columns, from + COLUMNS);
      for (int i = 0; i < a.length; i++) {
        subtract(y[i], a[i], x, 0, x.length, from, to);
      }
    }
  }
}
