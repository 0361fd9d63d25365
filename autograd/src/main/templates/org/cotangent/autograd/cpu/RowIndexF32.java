package org.cotangent.autograd.cpu;

import java.util.Arrays;

/// Elements of rows chosen by an index a row, and their adjoint, in plain loops.
final class RowIndexF32 {
  private RowIndexF32() {}

  /// `y[r][i] = x[r][index[r][i]]` for rows `first` to `end - 1` of `m` numbers in `x` and `n` in
  /// `y`, all row-major from the given beginnings on. Returns whether all indices are in range;
  /// where not, anything stands.
  static boolean gather(
      int first,
      int end,
      int m,
      int n,
      float[] x,
      int xo,
      long[] index,
      int io,
      float[] y,
      int yo) {
    boolean fits = true;
    for (int r = first; r < end; r++) {
      int from = xo + r * m;
      for (int i = r * n; i < (r + 1) * n; i++) {
        long at = index[io + i];
        if (at < 0 || at >= m) {
          fits = false;
        } else {
          y[yo + i] = x[from + (int) at];
        }
      }
    }
    return fits;
  }

  /// `y[r][index[r][i]] = Σ x[r][i]`, terms in their order, for rows of `n` numbers in `x` and `m`
  /// in `y`, which may hold anything before. Returns whether all indices are in range.
  static boolean scatterAdd(
      int first,
      int end,
      int m,
      int n,
      float[] x,
      int xo,
      long[] index,
      int io,
      float[] y,
      int yo) {
    boolean fits = true;
    Arrays.fill(y, yo + first * m, yo + end * m, 0f);
    for (int r = first; r < end; r++) {
      int to = yo + r * m;
      for (int i = r * n; i < (r + 1) * n; i++) {
        long at = index[io + i];
        if (at < 0 || at >= m) {
          fits = false;
        } else {
          y[to + (int) at] += x[xo + i];
        }
      }
    }
    return fits;
  }
}
