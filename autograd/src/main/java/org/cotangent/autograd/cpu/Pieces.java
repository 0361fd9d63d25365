package org.cotangent.autograd.cpu;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.backend.Layout;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.cotangent.autograd.shape.Sliding;

/// Makes operations of [VectorBackend] ready, to be run once or many times.
final class Pieces {
  private final Parallel parallel;

  Pieces(Parallel parallel) {
    this.parallel = parallel;
  }

  /// An operand as a kernel wants it, and what must be done before that is filled.
  record Source(Buffer buffer, Optional<Piece> filling) {
    Source(Buffer buffer) {
      this(buffer, Optional.empty());
    }

    /// `then`, but after what this operand needs.
    Piece before(Piece then) {
      return filling.map(first -> Staged.sequence(List.of(first, then))).orElse(then);
    }
  }

  /// The same elements in row-major order without gaps.
  Source rowMajor(Buffer x) {
    if (x.layout().isContiguous()) {
      return new Source(x);
    }
    Buffer y = Buffer.allocate(x.dtype(), x.shape());
    return new Source(y, Optional.of(CopyPiece.of(x, y, parallel)));
  }

  /// The same elements, neighbours along the last axis.
  private Source neighbours(Buffer x) {
    Layout layout = x.layout();
    for (int axis = layout.shape().rank() - 1; axis >= 0; axis--) {
      if (layout.shape().dim(axis) != 1) {
        return layout.stride(axis) == 1 ? new Source(x) : rowMajor(x);
      }
    }
    return new Source(x);
  }

  /// The sums of floating numbers.
  Piece sum(Buffer x, Buffer out) {
    Source in = neighbours(x);
    return in.before(
        x.dtype() == DType.F32
            ? new ReductionF32(in.buffer(), out, parallel).sum()
            : new ReductionF64(in.buffer(), out, parallel).sum());
  }

  /// The largest of floating numbers.
  Piece max(Buffer x, Buffer out) {
    Source in = neighbours(x);
    return in.before(
        x.dtype() == DType.F32
            ? new ReductionF32(in.buffer(), out, parallel).max()
            : new ReductionF64(in.buffer(), out, parallel).max());
  }

  /// Whether a result has one element for each row of `x`, of which there is at least one.
  static boolean isOfRows(Buffer x, Buffer out) {
    int rank = x.shape().rank();
    return rank > 0
        && x.shape().size() > 0
        && out.shape().rank() == rank
        && out.shape().dim(-1) == 1
        && out.shape().with(-1, x.shape().dim(-1)).equals(x.shape());
  }

  /// log Σ eˣ of each row.
  Piece logSumExp(Buffer x, Buffer out) {
    Source in = rowMajor(x);
    int n = x.shape().dim(-1);
    int rows = out.shape().size();
    return in.before(
        x.dtype() == DType.F32
            ? new RowPiecesF32(rows, n, parallel).logSumExp(in.buffer(), out)
            : new RowPiecesF64(rows, n, parallel).logSumExp(in.buffer(), out));
  }

  /// eˣ / Σ eˣ of each row, of which there is at least one.
  Piece softmax(Buffer x, Buffer out) {
    Source in = rowMajor(x);
    int n = x.shape().dim(-1);
    int rows = x.shape().size() / n;
    return in.before(
        x.dtype() == DType.F32
            ? new RowPiecesF32(rows, n, parallel).softmax(in.buffer(), out)
            : new RowPiecesF64(rows, n, parallel).softmax(in.buffer(), out));
  }

  /// The cross-entropy of each row, of which there is at least one.
  Piece softmaxCrossEntropy(Buffer x, Buffer t, Buffer out) {
    Source in = rowMajor(x);
    Source target = t.dtype().isInteger() ? new Source(t) : rowMajor(t);
    int n = x.shape().dim(-1);
    int rows = out.shape().size();
    return in.before(
        target.before(
            x.dtype() == DType.F32
                ? new RowPiecesF32(rows, n, parallel)
                    .crossEntropy(in.buffer(), target.buffer(), out)
                : new RowPiecesF64(rows, n, parallel)
                    .crossEntropy(in.buffer(), target.buffer(), out)));
  }

  /// The derivative of the cross-entropy, of at least one row.
  Piece softmaxCrossEntropyGrad(Buffer x, Buffer t, Buffer g, Buffer out) {
    Source in = rowMajor(x);
    Source target = t.dtype().isInteger() ? new Source(t) : rowMajor(t);
    int n = x.shape().dim(-1);
    int rows = x.shape().size() / n;
    return in.before(
        target.before(
            x.dtype() == DType.F32
                ? new RowPiecesF32(rows, n, parallel)
                    .crossEntropyGrad(in.buffer(), target.buffer(), g, out)
                : new RowPiecesF64(rows, n, parallel)
                    .crossEntropyGrad(in.buffer(), target.buffer(), g, out)));
  }

  /// Elements or slices of `x` chosen by an index.
  Piece gather(Buffer x, Buffer index, int axis, boolean slices, Buffer out) {
    Source in = rowMajor(x);
    if (isAlongRows(x, index, axis, slices, out)) {
      return in.before(alongRows("GATHER", in.buffer(), index, out, x.shape(), true));
    }
    int[] at = new int[index.shape().size()];
    Arrays.setAll(at, index.layout()::at);
    int[] chosen = new int[at.length];
    int extent = x.shape().dim(axis);
    Piece work = Indexing.gathering(in.buffer(), chosen, axis, slices, out, parallel);
    return in.before(() -> {
      for (int i = 0; i < at.length; i++) {
        long v = index.getLong(at[i]);
        if (v < 0 || v >= extent) {
          ReferenceBackend.indices(slices ? "INDEX_SELECT" : "GATHER", index, x.shape(), axis);
        }
        chosen[i] = (int) v;
      }
      work.run();
    });
  }

  /// Whether an index of one element each along the last axis has a loop of its own.
  static boolean isAlongRows(Buffer x, Buffer index, int axis, boolean slices, Buffer out) {
    return !slices
        && axis == x.shape().rank() - 1
        && x.dtype().isFloating()
        && index.dtype() == DType.I64
        && index.layout().isContiguous()
        && index.shape().size() > 0
        && out.shape().size() > 0;
  }

  /// What is added up at positions along the last axis: see [#isAlongRows].
  Piece scatterAdd(Buffer x, Buffer index, Buffer out) {
    Source in = rowMajor(x);
    return in.before(alongRows("SCATTER_ADD", in.buffer(), index, out, out.shape(), false));
  }

  /// @param chosen the shape of what the positions belong to
  private Piece alongRows(
      String op, Buffer x, Buffer index, Buffer out, Shape chosen, boolean gathers) {
    int axis = chosen.rank() - 1;
    int m = chosen.dim(axis);
    int n = index.shape().dim(axis);
    int rows = index.shape().size() / n;
    int each = Math.max(1, MathSize.PIECE / Math.max(m, n));
    long[] at = index.i64();
    int io = index.layout().offset();
    int xo = x.layout().offset();
    int yo = out.layout().offset();
    boolean isFloat = x.dtype() == DType.F32;
    return parallel.ready(
        MathSize.pieces(rows, each),
        piece -> {
          int first = piece * each;
          int end = Math.min(rows, first + each);
          boolean fits =
              gathers
                  ? isFloat
                      ? RowIndexF32.gather(first, end, m, n, x.f32(), xo, at, io, out.f32(), yo)
                      : RowIndexF64.gather(first, end, m, n, x.f64(), xo, at, io, out.f64(), yo)
                  : isFloat
                      ? RowIndexF32.scatterAdd(first, end, m, n, x.f32(), xo, at, io, out.f32(), yo)
                      : RowIndexF64.scatterAdd(
                          first, end, m, n, x.f64(), xo, at, io, out.f64(), yo);
          if (!fits) {
            ReferenceBackend.indices(op, index, chosen, axis); // names the first one that does not
          }
        });
  }

  /// The moments of numbers whose groups are runs of neighbours; nothing for others.
  Optional<Piece> moments(Buffer x, Buffer out) {
    if (x.shape().size() == 0 || out.shape().size() == 0) {
      return Optional.empty();
    }
    Nest nest = Nest.of(x.shape(), x.layout(), Moments.half(out, 0).layout());
    if (!nest.isReduced() || !nest.isContiguous()) {
      return Optional.empty();
    }
    return Optional.of(
        x.dtype() == DType.F32
            ? new MomentsF32(x, out, nest, parallel).piece()
            : new MomentsF64(x, out, nest, parallel).piece());
  }

  /// Where the largest elements of windows are.
  Piece argMaxPool(Buffer x, Sliding rows, Sliding columns, Buffer out) {
    Source in = rowMajor(x);
    return in.before(Pooling.argMax(in.buffer(), rows, columns, out, parallel, true));
  }
}
