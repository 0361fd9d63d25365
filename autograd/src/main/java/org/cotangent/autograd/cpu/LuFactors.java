package org.cotangent.autograd.cpu;

/// `x[rows, columns] = L U` by Gaussian elimination, in place of the matrix.
///
/// Rows are exchanged for the largest pivot of a column (partial pivoting; Golub and Van Loan,
/// Matrix Computations, algorithm 3.4.1). Where that meets a pivot that is 0 up to rounding, it
/// begins again and searches the whole rest of the matrix for each pivot (complete pivoting,
/// algorithm 3.4.3): then such pivots come last, and the derivatives of a determinant, which never
/// divide by the last ones, are right for singular matrices too.
final class LuFactors {
  /// Columns eliminated together, so that the rest of the matrix is read once for all of them.
  private static final int PANEL = 32;

  /// The factors: `L` below the diagonal, `U` above and on it; not eliminated columns as they are.
  final double[][] packed;

  /// Row `i` of the factors is this row of the matrix.
  final int[] rows;

  /// Column `j` of the factors is this column of the matrix.
  final int[] columns;

  private LuFactors(double[][] x) {
    packed = x;
    rows = counted(x.length);
    columns = counted(x.length);
  }

  private static int[] counted(int n) {
    int[] order = new int[n];
    for (int i = 0; i < n; i++) {
      order[i] = i;
    }
    return order;
  }

  /// The factors of `x`, which may be overwritten; the last `left` columns are not eliminated.
  static LuFactors of(double[][] x, int left) {
    int steps = Math.max(0, x.length - left);
    double[][] copy = new double[x.length][];
    for (int i = 0; i < copy.length; i++) {
      copy[i] = x[i].clone();
    }
    var partial = new LuFactors(copy);
    if (partial.eliminate(steps)) {
      return partial;
    }
    var complete = new LuFactors(x);
    complete.eliminateCompletely(steps);
    return complete;
  }

  /// What rounding may leave of a column that depends on those before it: n units of its size.
  private double[] negligible() {
    int n = packed.length;
    double[] size = new double[n];
    for (double[] row : packed) {
      for (int j = 0; j < n; j++) {
        size[j] = Math.max(size[j], n * 0x1p-52 * Math.abs(row[j]));
      }
    }
    return size;
  }

  /// Partial pivoting, by panels; false if a pivot is negligible.
  private boolean eliminate(int steps) {
    int n = packed.length;
    double[] negligible = negligible();
    for (int first = 0; first < steps; first += PANEL) {
      int last = Math.min(steps, first + PANEL);
      for (int k = first; k < last; k++) {
        int p = largestBelow(k);
        if (Math.abs(packed[p][k]) <= negligible[k]) {
          return false;
        }
        exchangeRows(k, p);
        reduce(k, last);
      }
      for (int i = first + 1; i < n; i++) {
        RowUpdates.subtract(packed[i], packed[i], packed, first, Math.min(i, last), last, n);
      }
    }
    return true;
  }

  private void eliminateCompletely(int steps) {
    int n = packed.length;
    for (int k = 0; k < steps; k++) {
      int row = k;
      int column = k;
      for (int i = k; i < n; i++) {
        for (int j = k; j < n; j++) {
          if (isLarger(packed[i][j], packed[row][column])) {
            row = i;
            column = j;
          }
        }
      }
      if (packed[row][column] == 0) {
        return;
      }
      exchangeRows(k, row);
      exchangeColumns(k, column);
      reduce(k, n);
    }
  }

  /// Subtracts row `k` from those below, in the columns after `k` and before `to`.
  private void reduce(int k, int to) {
    for (int i = k + 1; i < packed.length; i++) {
      double f = packed[i][k] / packed[k][k];
      packed[i][k] = f;
      RowUpdates.subtract(packed[i], f, packed[k], k + 1, to);
    }
  }

  private int largestBelow(int k) {
    int p = k;
    for (int i = k + 1; i < packed.length; i++) {
      if (isLarger(packed[i][k], packed[p][k])) {
        p = i;
      }
    }
    return p;
  }

  /// A NaN is larger than all, so that it gets into the factors.
  private static boolean isLarger(double a, double b) {
    return !(Math.abs(a) <= Math.abs(b)) && !Double.isNaN(b);
  }

  private void exchangeRows(int i, int j) {
    double[] row = packed[i];
    packed[i] = packed[j];
    packed[j] = row;
    exchange(rows, i, j);
  }

  private void exchangeColumns(int i, int j) {
    for (double[] row : packed) {
      double v = row[i];
      row[i] = row[j];
      row[j] = v;
    }
    exchange(columns, i, j);
  }

  private static void exchange(int[] order, int i, int j) {
    int v = order[i];
    order[i] = order[j];
    order[j] = v;
  }
}
