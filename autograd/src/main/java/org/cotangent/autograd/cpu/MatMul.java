package org.cotangent.autograd.cpu;

import org.cotangent.autograd.backend.Backend;
import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.backend.Layout;
import org.cotangent.autograd.backend.Walk;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// Products of batches of matrices, with operands in any layout.
///
/// A matrix whose rows or columns are neighbours goes to the kernel as it is, a transposed view by
/// a flag; any other is copied first.
final class MatMul {
  private final Pool<GemmF32> floats = new Pool<>(GemmF32::new);
  private final Pool<GemmF64> doubles = new Pool<>(GemmF64::new);
  private final Parallel parallel;

  /// Products of fewer terms are not worth sharing out: some ten microseconds of work.
  private static final long SHARED = 1 << 20;

  /// A multiple of every tile height and of every vector length.
  private static final int ROW_TILE = 24;

  private static final int COLUMN_TILE = 32;

  /// From so many rows to each thread on, sharing out rows costs nothing against one thread.
  private static final int ROWS_EACH = 96;

  MatMul(Parallel parallel) {
    this.parallel = parallel;
  }

  /// A batch of matrices whose rows are `step` apart, after transposition if `trans`.
  private record Operand(Buffer x, boolean trans, int step) {
    static Operand of(Backend backend, Buffer x, boolean trans) {
      Layout layout = x.layout();
      int rank = layout.shape().rank();
      int rows = layout.shape().dim(-2);
      int cols = layout.shape().dim(-1);
      int rowStep = layout.stride(rank - 2);
      int colStep = layout.stride(rank - 1);
      if (cols == 1 || colStep == 1) {
        return new Operand(x, trans, rows == 1 ? cols : rowStep);
      }
      if (rows == 1 || rowStep == 1) {
        return new Operand(x, !trans, colStep);
      }
      Buffer copy = Buffer.allocate(x.dtype(), x.shape());
      backend.copy(x, copy);
      return new Operand(copy, trans, cols);
    }

    /// Where the first element of each matrix lies.
    Layout matrices() {
      int rank = x.shape().rank();
      return x.layout().slice(rank - 2, 0, 1, 1).slice(rank - 1, 0, 1, 1);
    }

    /// Whether all matrices stand one below the other as one tall matrix.
    boolean isTall() {
      return !trans && x.layout().isContiguous();
    }
  }

  /// `out = op(a) op(b)`.
  void run(Backend backend, Buffer a, boolean transA, Buffer b, boolean transB, Buffer out) {
    Shape y = out.shape();
    if (y.size() == 0) {
      return;
    }
    int m = y.dim(-2);
    int n = y.dim(-1);
    int k = a.shape().dim(transA ? -2 : -1);
    int start = out.layout().offset();
    if (k == 0) {
      multiply(a, 0, false, 1, b, 0, false, 1, y.size(), 1, 0, out, start);
      return;
    }
    Operand l = Operand.of(backend, a, transA);
    Operand r = Operand.of(backend, b, transB);
    int batches = y.size() / (m * n);
    boolean oneRight = b.shape().size() == b.shape().dim(-1) * b.shape().dim(-2);
    if (batches == 1 || (oneRight && l.isTall() && a.shape().size() == batches * m * k)) {
      multiply(l, l.x.layout().offset(), r, r.x.layout().offset(), batches * m, n, k, out, start);
      return;
    }
    Shape each = y.with(-2, 1).with(-1, 1);
    int[] next = {start};
    Walk.over(each, l.matrices().expand(each), r.matrices().expand(each))
        .run((count, at, step) -> {
          for (int i = 0; i < count; i++) {
            int ao = at[0] + i * step[0];
            int bo = at[1] + i * step[1];
            multiply(l, ao, r, bo, m, n, k, out, next[0]);
            next[0] += m * n;
          }
        });
  }

  private void multiply(
      Operand a, int ao, Operand b, int bo, int m, int n, int k, Buffer out, int to) {
    multiply(a.x, ao, a.trans, a.step, b.x, bo, b.trans, b.step, m, n, k, out, to);
  }

  private void multiply(
      Buffer a,
      int ao,
      boolean transA,
      int lda,
      Buffer b,
      int bo,
      boolean transB,
      int ldb,
      int m,
      int n,
      int k,
      Buffer out,
      int to) {
    int parts = (long) m * n * k < SHARED ? 1 : parallel.threads();
    // Whole tiles to each: rows, unless there are so few that columns divide more evenly.
    boolean byRows = m >= n || m >= parts * ROWS_EACH;
    int unit = byRows ? ROW_TILE : COLUMN_TILE;
    int extent = byRows ? m : n;
    int tiles = (extent + unit - 1) / unit;
    int each = (tiles + parts - 1) / parts * unit;
    parallel.run(
        (extent + each - 1) / each,
        part -> {
          int first = part * each;
          int count = Math.min(each, extent - first);
          int rows = byRows ? count : m;
          int columns = byRows ? n : count;
          int aAt = byRows ? ao + first * (transA ? 1 : lda) : ao;
          int bAt = byRows ? bo : bo + first * (transB ? ldb : 1);
          int cAt = to + (byRows ? first * n : first);
          multiplyPart(a, aAt, transA, lda, b, bAt, transB, ldb, rows, columns, k, out, cAt, n);
        });
  }

  private void multiplyPart(
      Buffer a,
      int ao,
      boolean transA,
      int lda,
      Buffer b,
      int bo,
      boolean transB,
      int ldb,
      int m,
      int n,
      int k,
      Buffer out,
      int to,
      int ldc) {
    if (out.dtype() == DType.F32) {
      GemmF32 gemm = floats.take();
      gemm.multiply(
          transA, transB, m, n, k, a.f32(), ao, lda, b.f32(), bo, ldb, out.f32(), to, ldc, false);
      floats.give(gemm);
    } else {
      GemmF64 gemm = doubles.take();
      gemm.multiply(
          transA, transB, m, n, k, a.f64(), ao, lda, b.f64(), bo, ldb, out.f64(), to, ldc, false);
      doubles.give(gemm);
    }
  }
}
