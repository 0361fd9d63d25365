package org.cotangent.autograd.cpu;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
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

  /// Products of fewer terms are not worth sharing out: some five microseconds of work.
  private static final long SHARED = 1 << 19;

  /// Epilogues on fewer numbers are not worth sharing out.
  private static final int SHARED_NUMBERS = 1 << 15;

  /// Chunks of a batch to each thread: more than one, since a thread may come late.
  private static final int CHUNKS_EACH = 4;

  /// The height of the tallest tile.
  private static final int ROW_TILE = 12;

  private static final int COLUMN_TILE = 32;

  MatMul(Parallel parallel) {
    this.parallel = parallel;
  }

  /// A batch of matrices whose rows are `step` apart, after transposition if `trans`.
  private record Operand(Buffer x, boolean trans, int step) {
    /// @param copied makes a row-major copy
    static Operand of(Buffer x, boolean trans, UnaryOperator<Buffer> copied) {
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
      return new Operand(copied.apply(x), trans, cols);
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
    run(backend, a, transA, b, transB, out, Epilogue.NONE);
  }

  /// `out = op(a) op(b)`, contiguous, and then the epilogue on each row of all its matrices, which
  /// stand one below the other.
  void run(
      Backend backend,
      Buffer a,
      boolean transA,
      Buffer b,
      boolean transB,
      Buffer out,
      Epilogue epilogue) {
    piece(
            Operand.of(a, transA, x -> copied(backend, x)),
            Operand.of(b, transB, x -> copied(backend, x)),
            a.shape().dim(transA ? -2 : -1),
            out,
            epilogue)
        .run();
  }

  private static Buffer copied(Backend backend, Buffer x) {
    Buffer copy = Buffer.allocate(x.dtype(), x.shape());
    backend.copy(x, copy);
    return copy;
  }

  /// The same made ready to be run many times.
  Piece piece(Buffer a, boolean transA, Buffer b, boolean transB, Buffer out, Epilogue epilogue) {
    List<Piece> before = new ArrayList<>();
    UnaryOperator<Buffer> copied =
        x -> {
          Buffer copy = Buffer.allocate(x.dtype(), x.shape());
          before.add(CopyPiece.of(x, copy, parallel));
          return copy;
        };
    Operand l = Operand.of(a, transA, copied);
    Operand r = Operand.of(b, transB, copied);
    Piece product = piece(l, r, a.shape().dim(transA ? -2 : -1), out, epilogue);
    before.add(product);
    return Staged.sequence(before);
  }

  private Piece piece(Operand l, Operand r, int k, Buffer out, Epilogue epilogue) {
    Shape y = out.shape();
    if (y.size() == 0) {
      return CopyPiece.NONE;
    }
    int m = y.dim(-2);
    int n = y.dim(-1);
    int start = out.layout().offset();
    int batches = y.size() / (m * n);
    Piece finish = finish(batches * m, y.size(), epilogue);
    if (k == 0) {
      return () -> {
        part(l, 0, r, 0, y.size(), 1, 0, out, start, 1, Epilogue.NONE, 0, 0); // zeros
        finish.run();
      };
    }
    boolean oneRight = r.x.shape().size() == r.x.shape().dim(-1) * r.x.shape().dim(-2);
    if (batches == 1 || (oneRight && l.isTall() && l.x.shape().size() == batches * m * k)) {
      int ao = l.x.layout().offset();
      return multiply(l, ao, r, r.x.layout().offset(), batches * m, n, k, out, start, epilogue);
    }
    Shape each = y.with(-2, 1).with(-1, 1);
    int[] lefts = new int[batches];
    int[] rights = new int[batches];
    int[] next = {0};
    Walk.over(each, l.matrices().expand(each), r.matrices().expand(each))
        .run((count, at, step) -> {
          for (int i = 0; i < count; i++) {
            lefts[next[0]] = at[0] + i * step[0];
            rights[next[0]++] = at[1] + i * step[1];
          }
        });
    Piece products = batch(l, lefts, r, rights, m, n, k, out);
    return Staged.sequence(List.of(products, finish));
  }

  /// Whole products to each thread if there are enough of them, else parts of each.
  private Piece batch(
      Operand l, int[] lefts, Operand r, int[] rights, int m, int n, int k, Buffer out) {
    int batches = lefts.length;
    int start = out.layout().offset();
    if (batches < parallel.threads()) {
      Piece[] each = new Piece[batches];
      for (int i = 0; i < batches; i++) {
        int to = start + i * m * n;
        each[i] = multiply(l, lefts[i], r, rights[i], m, n, k, out, to, Epilogue.NONE);
      }
      return Staged.sequence(List.of(each));
    }
    int chunks =
        (long) batches * m * n * k < SHARED
            ? 1
            : Math.min(batches, CHUNKS_EACH * parallel.threads());
    return parallel.ready(
        chunks,
        chunk -> {
          int end = (int) ((chunk + 1L) * batches / chunks);
          for (int i = (int) ((long) chunk * batches / chunks); i < end; i++) {
            part(
                l, lefts[i], r, rights[i], m, n, k, out, start + i * m * n, n, Epilogue.NONE, 0, 0);
          }
        });
  }

  /// The epilogue on `rows` rows of `size` numbers in all, when the product is done.
  @SuppressWarnings("ReferenceEquality") // the one that has nothing to do
  private Piece finish(int rows, int size, Epilogue epilogue) {
    if (epilogue == Epilogue.NONE) {
      return CopyPiece.NONE;
    }
    int parts = size < SHARED_NUMBERS ? 1 : Math.min(rows, parallel.threads());
    return parallel
        .ready(
            parts,
            part -> {
              int first = (int) ((long) part * rows / parts);
              epilogue.rows(first, (int) ((part + 1L) * rows / parts) - first);
            })
        .after(epilogue::before);
  }

  private Piece multiply(
      Operand a,
      int ao,
      Operand b,
      int bo,
      int m,
      int n,
      int k,
      Buffer out,
      int to,
      Epilogue epilogue) {
    int parts = (long) m * n * k < SHARED ? 1 : parallel.threads();
    Epilogue joined = epilogue instanceof RowBias ? epilogue : Epilogue.NONE;
    // What is divided is packed once, the other operand by each thread: better the smaller one.
    boolean byRows = parts == 1 || m >= n;
    int[] ends = ends(byRows ? m : n, byRows ? ROW_TILE : COLUMN_TILE, parts);
    Staged work =
        parallel.ready(
            ends.length,
            part -> {
              int first = part == 0 ? 0 : ends[part - 1];
              int count = ends[part] - first;
              if (byRows) {
                int at = ao + first * (a.trans ? 1 : a.step);
                part(a, at, b, bo, count, n, k, out, to + first * n, n, epilogue, first, 0);
              } else {
                int at = bo + first * (b.trans ? b.step : 1);
                part(a, ao, b, at, m, count, k, out, to + first, n, joined, 0, first);
              }
            });
    if (byRows) {
      return work.after(epilogue::before);
    }
    Piece finish = finish(m, m * n, epilogue instanceof RowBias ? Epilogue.NONE : epilogue);
    return Staged.sequence(List.of(work, finish));
  }

  /// Where parts end that are as even as parts of whole tiles can be; none is empty.
  private static int[] ends(int extent, int tile, int parts) {
    double each = (double) extent / parts / tile; // in tiles
    return IntStream.rangeClosed(1, parts)
        .map(p -> p == parts ? extent : Math.min((int) Math.round(p * each) * tile, extent))
        .filter(end -> end > 0)
        .distinct()
        .toArray();
  }

  /// @param then is told which rows are done, or a [RowBias], which is joined to the product
  /// @param row the first
  /// @param column the first, for the bias
  private void part(
      Operand a,
      int ao,
      Operand b,
      int bo,
      int m,
      int n,
      int k,
      Buffer out,
      int to,
      int ldc,
      Epilogue then,
      int row,
      int column) {
    if (out.dtype() == DType.F32) {
      GemmF32 gemm = floats.take();
      if (then instanceof RowBias bias) {
        bias.join(gemm, column);
      } else {
        gemm.tell(then, row);
      }
      gemm.multiply(
          a.trans, b.trans, m, n, k, a.x.f32(), ao, a.step, b.x.f32(), bo, b.step, out.f32(), to,
          ldc, false);
      floats.give(gemm);
    } else {
      GemmF64 gemm = doubles.take();
      if (then instanceof RowBias bias) {
        bias.join(gemm, column);
      } else {
        gemm.tell(then, row);
      }
      gemm.multiply(
          a.trans, b.trans, m, n, k, a.x.f64(), ao, a.step, b.x.f64(), bo, b.step, out.f64(), to,
          ldc, false);
      doubles.give(gemm);
    }
  }
}
