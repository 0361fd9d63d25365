package org.cotangent.autograd.cpu;

import java.util.Arrays;
import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.backend.Layout;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// Factorisations and systems of equations, matrix by matrix, for all backends.
///
/// Everything is computed in double on arrays of rows and rounded to the dtype once, in the
/// caller's thread. Blocked where that keeps the numbers in the cache.
final class Factor {
  private final Buffer[] in;
  private final Buffer out;
  private final Shape batch;
  private final Layout[] first; // where the matrices of each operand begin

  private Factor(Buffer[] in, Buffer out) {
    this.in = in;
    this.out = out;
    this.batch = out.shape().without(-1).without(-1);
    this.first = new Layout[in.length];
    Arrays.setAll(first, k -> firstElements(in[k]));
  }

  private Layout firstElements(Buffer x) {
    int rank = x.shape().rank();
    Shape ones = batch.inserted(batch.rank(), 1).inserted(batch.rank() + 1, 1);
    return x.layout().slice(rank - 2, 0, 1, 1).slice(rank - 1, 0, 1, 1).expand(ones);
  }

  /// Computes `op` on matrices that [org.cotangent.autograd.op.Shapes] has found to fit.
  static void run(Op.Factorization op, Buffer[] in, Buffer out) {
    if (out.shape().size() == 0) {
      return;
    }
    var work = new Factor(in, out);
    switch (op) {
      case Op.Cholesky() -> work.cholesky();
      case Op.TriangularSolve s -> work.triangularSolve(s);
      case Op.Lu(int left) -> work.lu(left);
      case Op.Solve(boolean transposed) -> work.solve(transposed);
    }
  }

  /// By rows of the upper factor: the Schur complement of a panel of them is formed in one pass.
  private void cholesky() {
    int n = in[0].shape().dim(-1);
    for (int m = 0; m < batch.size(); m++) {
      double[][] r = load(0, m, false);
      for (int i = 0; i < n; i++) {
        for (int j = i + 1; j < n; j++) {
          r[i][j] = 0.5 * r[i][j] + 0.5 * r[j][i];
          r[j][i] = 0;
        }
      }
      cholesky(r, m);
      store(m, r, true);
    }
  }

  private static final int PANEL = 32;

  /// `r := Rᵀ` such that `Rᵀ R` is the matrix whose upper triangle is in `r`.
  private void cholesky(double[][] r, int m) {
    int n = r.length;
    double[] f = new double[n];
    for (int start = 0; start < n; start += PANEL) {
      int end = Math.min(n, start + PANEL);
      for (int i = start; i < n; i++) {
        int before = Math.min(i, end);
        for (int k = start; k < before; k++) {
          f[k] = r[k][i];
        }
        RowUpdates.subtract(r[i], f, r, start, before, i, n);
        if (i < end) {
          double pivot = r[i][i];
          if (!(pivot > 0)) {
            throw new ArithmeticException(
                "CHOLESKY: %s is not positive definite: pivot %d is %s; add a multiple of the identity?"
                    .formatted(which(m), i, pivot));
          }
          double root = Math.sqrt(pivot);
          for (int j = i; j < n; j++) {
            r[i][j] /= root;
          }
        }
      }
    }
  }

  private void triangularSolve(Op.TriangularSolve s) {
    double[][] t = {};
    for (int m = 0; m < batch.size(); m++) {
      t = isNew(0, m) ? load(0, m, s.transposed()) : t;
      double[][] x = load(1, m, false);
      RowUpdates.solve(t, s.upper() != s.transposed(), s.unit(), x, out.shape().dim(-1));
      store(m, x, false);
    }
  }

  private void lu(int left) {
    int n = in[0].shape().dim(-1);
    for (int m = 0; m < batch.size(); m++) {
      LuFactors f = LuFactors.of(load(0, m, false), left);
      double[][] all = Arrays.copyOf(f.packed, n + 2);
      all[n] = Arrays.stream(f.rows).asDoubleStream().toArray();
      all[n + 1] = Arrays.stream(f.columns).asDoubleStream().toArray();
      store(m, all, false);
    }
  }

  /// Iterative refinement from the solution by the factors (Higham, Accuracy and Stability of
  /// Numerical Algorithms, chapter 12): of the factors of the matrix itself one look at the
  /// residual is enough as a rule, of those of a matrix near it some steps.
  private void solve(boolean transposed) {
    int columns = out.shape().dim(-1);
    double[][] a = {};
    var f = new Triangles(new double[0][], transposed);
    // F64: what elimination reaches. F32: far enough below a unit of rounding to be rounded once.
    double enough = out.dtype() == DType.F32 ? 0x1p-30 : in[0].shape().dim(-1) * 0x1p-52;
    for (int m = 0; m < batch.size(); m++) {
      if (isNew(0, m) || isNew(1, m)) {
        a = load(0, m, transposed);
        f = new Triangles(load(1, m, false), transposed);
        checkRegular(f, m);
      }
      double[][] b = load(2, m, false);
      double[][] x = f.solve(b, columns);
      double error = Double.POSITIVE_INFINITY;
      while (true) {
        double[][] r = copy(b);
        RowUpdates.subtractProduct(r, a, x, columns);
        double now = backwardError(r, a, x, b);
        if (!(now > enough && now <= error / 2)) {
          break;
        }
        error = now;
        double[][] correction = f.solve(r, columns);
        for (int i = 0; i < x.length; i++) {
          RowUpdates.subtract(x[i], -1, correction[i], 0, columns);
        }
      }
      store(m, x, false);
    }
  }

  private void checkRegular(Triangles f, int m) {
    int zero = f.zeroPivot();
    if (zero >= 0) {
      throw new ArithmeticException(
          "SOLVE: %s is singular: pivot %d is 0; no or many solutions exist"
              .formatted(which(m), zero));
    }
  }

  /// The largest, over columns j, of `|r_j| / (|A| |x_j| + |b_j|)` in the maximum norm.
  private static double backwardError(double[][] r, double[][] a, double[][] x, double[][] b) {
    double size = 0;
    for (double[] row : a) {
      double sum = 0;
      for (double v : row) {
        sum += Math.abs(v);
      }
      size = Math.max(size, sum);
    }
    double worst = 0;
    for (int j = 0; j < r[0].length; j++) {
      double residual = largest(r, j);
      if (residual != 0) { // 0 solves for 0 exactly
        worst = Math.max(worst, residual / (size * largest(x, j) + largest(b, j)));
      }
    }
    return worst;
  }

  private static double largest(double[][] x, int column) {
    double max = 0;
    for (double[] row : x) {
      max = Math.max(max, Math.abs(row[column]));
    }
    return max;
  }

  private static double[][] copy(double[][] x) {
    double[][] y = new double[x.length][];
    Arrays.setAll(y, i -> x[i].clone());
    return y;
  }

  /// Factors as [Op.Lu] holds them, of a matrix `A` with `A[rows, columns] = L U`, or of its
  /// transpose.
  private static final class Triangles {
    private final double[][] packed; // L U, or the transpose of both
    private final int[] from; // rows of b
    private final int[] to; // rows of the solution
    private final boolean transposed;

    Triangles(double[][] all, boolean transposed) {
      int n = Math.max(0, all.length - 2);
      this.transposed = transposed;
      packed = new double[n][n];
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
          packed[i][j] = transposed ? all[j][i] : all[i][j];
        }
      }
      int[] rows = new int[n];
      int[] columns = new int[n];
      for (int i = 0; i < n; i++) {
        rows[i] = Math.toIntExact(Math.round(all[n][i]));
        columns[i] = Math.toIntExact(Math.round(all[n + 1][i]));
      }
      from = transposed ? columns : rows;
      to = transposed ? rows : columns;
    }

    int zeroPivot() {
      for (int i = 0; i < packed.length; i++) {
        if (packed[i][i] == 0) {
          return i;
        }
      }
      return -1;
    }

    double[][] solve(double[][] b, int columns) {
      double[][] x = new double[packed.length][];
      Arrays.setAll(x, i -> b[from[i]].clone());
      RowUpdates.solve(packed, false, !transposed, x, columns);
      RowUpdates.solve(packed, true, transposed, x, columns);
      double[][] y = new double[x.length][];
      for (int i = 0; i < y.length; i++) {
        y[to[i]] = x[i];
      }
      return y;
    }
  }

  // ---- Matrices of a batch

  /// Whether matrix `m` of an operand is another one than that before.
  private boolean isNew(int operand, int m) {
    return m == 0 || first[operand].at(m) != first[operand].at(m - 1);
  }

  /// Matrix `m` of an operand as rows, transposed if asked.
  private double[][] load(int operand, int m, boolean transposed) {
    Buffer x = in[operand];
    int rank = x.shape().rank();
    int rowAxis = transposed ? rank - 1 : rank - 2;
    int columnAxis = transposed ? rank - 2 : rank - 1;
    int rowStep = x.layout().stride(rowAxis);
    int step = x.layout().stride(columnAxis);
    double[][] rows = new double[x.shape().dim(rowAxis)][x.shape().dim(columnAxis)];
    for (int i = 0; i < rows.length; i++) {
      int at = first[operand].at(m) + i * rowStep;
      for (int j = 0; j < rows[i].length; j++) {
        rows[i][j] = x.getDouble(at + j * step);
      }
    }
    return rows;
  }

  private void store(int m, double[][] y, boolean transposed) {
    int rows = out.shape().dim(-2);
    int columns = out.shape().dim(-1);
    int at = out.layout().offset() + m * rows * columns;
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        ReferenceBackend.put(out, at++, transposed ? y[j][i] : y[i][j]);
      }
    }
  }

  /// How errors name matrix `m` of the batch.
  private String which(int m) {
    if (batch.rank() == 0) {
      return "the matrix " + in[0].shape();
    }
    int[] at = new int[batch.rank()];
    int rest = m;
    for (int axis = at.length - 1; axis >= 0; axis--) {
      at[axis] = rest % batch.dim(axis);
      rest /= batch.dim(axis);
    }
    return "matrix %s of %s".formatted(Arrays.toString(at), in[0].shape());
  }
}
