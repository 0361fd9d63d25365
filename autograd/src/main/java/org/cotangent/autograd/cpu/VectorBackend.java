package org.cotangent.autograd.cpu;

import java.util.List;
import org.cotangent.autograd.backend.Backend;
import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.backend.Expr;
import org.cotangent.autograd.backend.Layout;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// The CPU at full speed: kernels on the Vector API, for the lane count of the machine.
///
/// Results agree with [ReferenceBackend] exactly on integers, and within a few units in the last
/// place on floating numbers; sums and products differ by the order of their terms. Elementwise
/// functions give the same bits for the same number wherever it stands, in whatever layout, before
/// and after the kernels are compiled.
///
/// Any number of threads may call one backend.
public final class VectorBackend implements Backend {
  private final ReferenceBackend exact = new ReferenceBackend();
  private final Pool<Scratch> scratch = new Pool<>(Scratch::new);
  private final Kernels kernels = new Kernels();
  private final Parallel parallel;
  private final MatMul products;

  /// A backend with workspaces of its own and a thread for each processor, or as many as the system
  /// property `cotangent.threads` says.
  public VectorBackend() {
    this(Integer.getInteger("cotangent.threads", Runtime.getRuntime().availableProcessors()));
  }

  /// A backend with workspaces of its own that works in so many threads, the caller's included.
  /// Results do not depend on their number.
  ///
  /// @throws IllegalArgumentException if there is not even one
  public VectorBackend(int threads) {
    parallel = new Parallel(threads);
    products = new MatMul(parallel);
  }

  @Override
  public String name() {
    return "vector";
  }

  @Override
  public void elementwise(Expr program, Buffer[] in, Buffer... out) {
    Elementwise.run(program, in, out, scratch, parallel, kernels);
  }

  @Override
  public void copy(Buffer from, Buffer to) {
    Copying.copy(from, to);
  }

  @Override
  public void sum(Buffer x, Buffer out) {
    if (x.dtype() == DType.F32) {
      new ReductionF32(neighbours(x), out).sum();
    } else if (x.dtype() == DType.F64) {
      new ReductionF64(neighbours(x), out).sum();
    } else {
      WholeReduction.sum(x, out);
    }
  }

  @Override
  public void max(Buffer x, Buffer out) {
    if (x.dtype() == DType.F32) {
      new ReductionF32(neighbours(x), out).max();
    } else if (x.dtype() == DType.F64) {
      new ReductionF64(neighbours(x), out).max();
    } else {
      WholeReduction.max(x, out);
    }
  }

  @Override
  public void logSumExp(Buffer x, Buffer out) {
    int n = x.shape().rank() == 0 ? 1 : x.shape().dim(-1);
    if (n > 0 && out.shape().size() == x.shape().size() / n && isLastReduced(x, out)) {
      Buffer rows = rowMajor(x);
      int from = rows.layout().offset();
      int to = out.layout().offset();
      int count = out.shape().size();
      if (x.dtype() == DType.F32) {
        RowsF32.logSumExp(count, n, rows.f32(), from, out.f32(), to);
      } else {
        RowsF64.logSumExp(count, n, rows.f64(), from, out.f64(), to);
      }
      return;
    }
    Buffer shift = Buffer.allocate(x.dtype(), out.shape());
    max(x, shift);
    Buffer finite = Buffer.allocate(x.dtype(), out.shape());
    elementwise(FINITE_OR_ZERO.get(x.dtype() == DType.F32 ? 0 : 1), new Buffer[] {shift}, finite);
    Buffer powers = shiftedExp(x, finite);
    Buffer sums = Buffer.allocate(x.dtype(), out.shape());
    sum(powers, sums);
    elementwise(LOG_PLUS.get(x.dtype() == DType.F32 ? 0 : 1), new Buffer[] {sums, finite}, out);
  }

  private static boolean isLastReduced(Buffer x, Buffer out) {
    int rank = x.shape().rank();
    return rank > 0
        && out.shape().rank() == rank
        && out.shape().dim(-1) == 1
        && out.shape().with(-1, x.shape().dim(-1)).equals(x.shape());
  }

  /// x - x is 0 for finite x only.
  private static final List<Expr> FINITE_OR_ZERO =
      List.of(finiteOrZero(DType.F32), finiteOrZero(DType.F64));

  private static Expr finiteOrZero(DType d) {
    return new Expr(
        1,
        List.of(new Expr.Constant(0, d)),
        List.of(
            new Expr.Step(Op.Binary.SUB, d, 0, 0, -1),
            new Expr.Step(Op.Compare.EQ, DType.BOOL, 2, 1, -1),
            new Expr.Step(new Op.Where(), d, 3, 0, 1)));
  }

  private static final List<Expr> LOG_PLUS = List.of(logPlus(DType.F32), logPlus(DType.F64));

  private static Expr logPlus(DType d) {
    return new Expr(
        2,
        List.of(),
        List.of(
            new Expr.Step(Op.Unary.LOG, d, 0, -1, -1), new Expr.Step(Op.Binary.ADD, d, 2, 1, -1)));
  }

  private Buffer shiftedExp(Buffer x, Buffer shift) {
    DType d = x.dtype();
    Buffer y = Buffer.allocate(d, x.shape());
    Expr program =
        new Expr(
            2,
            List.of(),
            List.of(
                new Expr.Step(Op.Binary.SUB, d, 0, 1, -1),
                new Expr.Step(Op.Unary.EXP, d, 2, -1, -1)));
    elementwise(program, new Buffer[] {x, shift}, y);
    return y;
  }

  @Override
  public void argMax(Buffer x, int axis, Buffer out) {
    if (!x.dtype().isFloating()) {
      exact.argMax(x, axis, out);
      return;
    }
    Shape s = x.shape();
    int n = s.dim(axis);
    if (out.shape().size() == 0) {
      return;
    }
    int inner = 1;
    for (int i = axis + 1; i < s.rank(); i++) {
      inner *= s.dim(i);
    }
    Buffer rows = rowMajor(x);
    int outer = s.size() / n / inner;
    int to = out.layout().offset();
    if (x.dtype() == DType.F32) {
      RowsF32.argMax(outer, n, inner, rows.f32(), rows.layout().offset(), out.i64(), to);
    } else {
      RowsF64.argMax(outer, n, inner, rows.f64(), rows.layout().offset(), out.i64(), to);
    }
  }

  @Override
  public void softmax(Buffer x, int axis, Buffer out) {
    Shape s = x.shape();
    if (s.size() == 0) {
      return;
    }
    if (axis == s.rank() - 1) {
      Buffer rows = rowMajor(x);
      int n = s.dim(axis);
      int count = s.size() / n;
      int from = rows.layout().offset();
      int to = out.layout().offset();
      if (x.dtype() == DType.F32) {
        RowsF32.softmax(count, n, rows.f32(), from, out.f32(), to);
      } else {
        RowsF64.softmax(count, n, rows.f64(), from, out.f64(), to);
      }
      return;
    }
    Buffer shift = Buffer.allocate(x.dtype(), s.with(axis, 1));
    max(x, shift);
    Buffer powers = shiftedExp(x, shift);
    Buffer sums = Buffer.allocate(x.dtype(), s.with(axis, 1));
    sum(powers, sums);
    elementwise(Expr.of(Op.Binary.DIV, x.dtype(), 2), new Buffer[] {powers, sums}, out);
  }

  @Override
  public void softmaxCrossEntropy(Buffer x, Buffer t, Buffer out) {
    int rows = out.shape().size();
    if (rows == 0) {
      return;
    }
    int n = x.shape().dim(-1);
    Buffer logits = rowMajor(x);
    int from = logits.layout().offset();
    int to = out.layout().offset();
    if (t.dtype().isInteger()) {
      int[] classes = new int[rows];
      for (int r = 0; r < rows; r++) {
        classes[r] = ReferenceBackend.classIndex(t, r, n);
      }
      if (x.dtype() == DType.F32) {
        RowsF32.crossEntropy(rows, n, logits.f32(), from, classes, out.f32(), to);
      } else {
        RowsF64.crossEntropy(rows, n, logits.f64(), from, classes, out.f64(), to);
      }
      return;
    }
    Buffer w = rowMajor(t);
    int weights = w.layout().offset();
    if (x.dtype() == DType.F32) {
      RowsF32.crossEntropy(rows, n, logits.f32(), from, w.f32(), weights, out.f32(), to);
    } else {
      RowsF64.crossEntropy(rows, n, logits.f64(), from, w.f64(), weights, out.f64(), to);
    }
  }

  @Override
  public void matmul(Buffer a, boolean transA, Buffer b, boolean transB, Buffer out) {
    products.run(this, a, transA, b, transB, out);
  }

  @Override
  public void gather(Buffer x, Buffer index, int axis, boolean slices, Buffer out) {
    String op = slices ? "INDEX_SELECT" : "GATHER";
    int[] chosen = ReferenceBackend.indices(op, index, x.shape(), axis);
    Indexing.gather(rowMajor(x), chosen, axis, slices, out);
  }

  @Override
  public void scatterAdd(Buffer x, Buffer index, int axis, boolean slices, Buffer out) {
    String op = slices ? "INDEX_ADD" : "SCATTER_ADD";
    int[] chosen = ReferenceBackend.indices(op, index, out.shape(), axis);
    Indexing.scatterAdd(rowMajor(x), chosen, axis, slices, out);
  }

  /// The same elements in row-major order without gaps.
  private Buffer rowMajor(Buffer x) {
    if (x.layout().isContiguous()) {
      return x;
    }
    Buffer y = Buffer.allocate(x.dtype(), x.shape());
    copy(x, y);
    return y;
  }

  /// The same elements, neighbours along the last axis.
  private Buffer neighbours(Buffer x) {
    Layout layout = x.layout();
    for (int axis = layout.shape().rank() - 1; axis >= 0; axis--) {
      if (layout.shape().dim(axis) != 1) {
        return layout.stride(axis) == 1 ? x : rowMajor(x);
      }
    }
    return x;
  }
}
