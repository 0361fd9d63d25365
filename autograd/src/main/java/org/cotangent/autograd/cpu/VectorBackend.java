package org.cotangent.autograd.cpu;

import java.util.Arrays;
import java.util.List;
import org.cotangent.autograd.backend.Backend;
import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.backend.Expr;
import org.cotangent.autograd.backend.Layout;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.cotangent.autograd.shape.Sliding;

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
  private final FastConvolution convolutions;

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
    convolutions = new FastConvolution(parallel);
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
    Copying.copy(from, to, parallel);
  }

  @Override
  public void sum(Buffer x, Buffer out) {
    if (x.dtype() == DType.F32) {
      new ReductionF32(neighbours(x), out, parallel).sum();
    } else if (x.dtype() == DType.F64) {
      new ReductionF64(neighbours(x), out, parallel).sum();
    } else {
      WholeReduction.sum(x, out);
    }
  }

  @Override
  public void max(Buffer x, Buffer out) {
    if (x.dtype() == DType.F32) {
      new ReductionF32(neighbours(x), out, parallel).max();
    } else if (x.dtype() == DType.F64) {
      new ReductionF64(neighbours(x), out, parallel).max();
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
      eachRows(
          count,
          n,
          (r, h) -> {
            if (x.dtype() == DType.F32) {
              RowsF32.logSumExp(h, n, rows.f32(), from + r * n, out.f32(), to + r);
            } else {
              RowsF64.logSumExp(h, n, rows.f64(), from + r * n, out.f64(), to + r);
            }
          });
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
    int step = inner;
    int from = rows.layout().offset();
    int to = out.layout().offset();
    eachRows(
        outer,
        n * inner,
        (r, h) -> {
          int at = from + r * n * step;
          if (x.dtype() == DType.F32) {
            RowsF32.argMax(h, n, step, rows.f32(), at, out.i64(), to + r * step);
          } else {
            RowsF64.argMax(h, n, step, rows.f64(), at, out.i64(), to + r * step);
          }
        });
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
      eachRows(
          count,
          n,
          (r, h) -> {
            int at = r * n;
            if (x.dtype() == DType.F32) {
              RowsF32.softmax(h, n, rows.f32(), from + at, out.f32(), to + at);
            } else {
              RowsF64.softmax(h, n, rows.f64(), from + at, out.f64(), to + at);
            }
          });
      return;
    }
    Buffer shift = Buffer.allocate(x.dtype(), s.with(axis, 1));
    max(x, shift);
    Buffer powers = shiftedExp(x, shift);
    Buffer sums = Buffer.allocate(x.dtype(), s.with(axis, 1));
    sum(powers, sums);
    elementwise(Expr.of(Op.Binary.DIV, x.dtype(), 2), new Buffer[] {powers, sums}, out);
  }

  /// Some rows of a matrix, from `first` on.
  private interface Rows {
    void run(int first, int count);
  }

  /// All of `rows` rows of `n` numbers, in pieces shared out among threads.
  private void eachRows(int rows, int n, Rows body) {
    int each = Math.max(1, MathSize.PIECE / n);
    parallel.run(
        MathSize.pieces(rows, each), i -> body.run(i * each, Math.min(each, rows - i * each)));
  }

  @Override
  public void softmaxCrossEntropy(Buffer x, Buffer t, Buffer out) {
    int rows = out.shape().size();
    if (rows == 0) {
      return;
    }
    int n = x.shape().dim(-1);
    if (n == 0) {
      exact.softmaxCrossEntropy(x, t, out);
      return;
    }
    Buffer logits = rowMajor(x);
    int from = logits.layout().offset();
    int to = out.layout().offset();
    if (t.dtype().isInteger()) {
      int[] classes = classes(t, rows, n);
      eachRows(
          rows,
          n,
          (r, h) -> {
            int[] some = Arrays.copyOfRange(classes, r, r + h);
            if (x.dtype() == DType.F32) {
              RowsF32.crossEntropy(h, n, logits.f32(), from + r * n, some, out.f32(), to + r);
            } else {
              RowsF64.crossEntropy(h, n, logits.f64(), from + r * n, some, out.f64(), to + r);
            }
          });
      return;
    }
    Buffer w = rowMajor(t);
    int weights = w.layout().offset();
    eachRows(
        rows,
        n,
        (r, h) -> {
          int at = r * n;
          if (x.dtype() == DType.F32) {
            float[] y = out.f32();
            RowsF32.crossEntropy(h, n, logits.f32(), from + at, w.f32(), weights + at, y, to + r);
          } else {
            double[] y = out.f64();
            RowsF64.crossEntropy(h, n, logits.f64(), from + at, w.f64(), weights + at, y, to + r);
          }
        });
  }

  private static int[] classes(Buffer t, int rows, int n) {
    int[] classes = new int[rows];
    for (int r = 0; r < rows; r++) {
      classes[r] = ReferenceBackend.classIndex(t, r, n);
    }
    return classes;
  }

  @Override
  public void softmaxCrossEntropyGrad(Buffer x, Buffer t, Buffer g, Buffer out) {
    int n = x.shape().dim(-1);
    int rows = n == 0 ? 0 : x.shape().size() / n;
    if (rows == 0) {
      return;
    }
    Buffer logits = rowMajor(x);
    int from = logits.layout().offset();
    int to = out.layout().offset();
    int[] classes = t.dtype().isInteger() ? classes(t, rows, n) : new int[0];
    Buffer w = t.dtype().isInteger() ? t : rowMajor(t);
    int weights = w.layout().offset();
    Buffer factors = rowMajor(g);
    int factor = factors.layout().offset();
    eachRows(
        rows,
        n,
        (r, h) -> {
          int at = r * n;
          int[] some = classes.length == 0 ? classes : Arrays.copyOfRange(classes, r, r + h);
          if (x.dtype() == DType.F32) {
            float[] y = out.f32();
            float[] by = new float[h + LanesF32.L];
            System.arraycopy(factors.f32(), factor + r, by, 0, h);
            if (classes.length > 0) {
              RowsF32.crossEntropyGrad(h, n, logits.f32(), from + at, some, by, y, to + at);
            } else {
              float[] v = w.f32();
              RowsF32.crossEntropyGrad(
                  h, n, logits.f32(), from + at, v, weights + at, by, y, to + at);
            }
          } else {
            double[] y = out.f64();
            double[] by = new double[h + LanesF64.L];
            System.arraycopy(factors.f64(), factor + r, by, 0, h);
            if (classes.length > 0) {
              RowsF64.crossEntropyGrad(h, n, logits.f64(), from + at, some, by, y, to + at);
            } else {
              double[] v = w.f64();
              RowsF64.crossEntropyGrad(
                  h, n, logits.f64(), from + at, v, weights + at, by, y, to + at);
            }
          }
        });
  }

  @Override
  public void matmul(Buffer a, boolean transA, Buffer b, boolean transB, Buffer out) {
    products.run(this, a, transA, b, transB, out);
  }

  @Override
  public void matmulThen(
      Buffer a,
      boolean transA,
      Buffer b,
      boolean transB,
      Buffer product,
      Expr program,
      Buffer[] in,
      Buffer... out) {
    if (product.shape().rank() != 2) {
      Backend.super.matmulThen(a, transA, b, transB, product, program, in, out);
      return;
    }
    Epilogue then = Elementwise.epilogue(program, in, out, scratch, kernels);
    products.run(this, a, transA, b, transB, product, then);
  }

  @Override
  public void gather(Buffer x, Buffer index, int axis, boolean slices, Buffer out) {
    String op = slices ? "INDEX_SELECT" : "GATHER";
    int[] chosen = ReferenceBackend.indices(op, index, x.shape(), axis);
    Indexing.gather(rowMajor(x), chosen, axis, slices, out, parallel);
  }

  @Override
  public void scatterAdd(Buffer x, Buffer index, int axis, boolean slices, Buffer out) {
    String op = slices ? "INDEX_ADD" : "SCATTER_ADD";
    int[] chosen = ReferenceBackend.indices(op, index, out.shape(), axis);
    Indexing.scatterAdd(rowMajor(x), chosen, axis, slices, out, parallel);
  }

  @Override
  public void factorize(Op.Factorization op, Buffer[] in, Buffer out) {
    Factor.run(op, in, out);
  }

  @Override
  public void cumSum(Buffer x, int axis, boolean reverse, Buffer out) {
    Order.cumSum(rowMajor(x), axis, reverse, out, parallel);
  }

  @Override
  public void argSort(Buffer x, int axis, boolean descending, Buffer out) {
    Order.argSort(rowMajor(x), axis, descending, out, parallel);
  }

  @Override
  public void overlapAdd(Buffer x, int axis, int step, int dilation, Buffer out) {
    Overlaps.add(x, axis, step, dilation, out);
  }

  @Override
  public void conv(Op.Conv op, Buffer a, Buffer b, Buffer out) {
    convolutions.run(this, op, a, b, out);
  }

  @Override
  public void argMaxPool(Buffer x, Sliding rows, Sliding columns, Buffer out) {
    if (!x.dtype().isFloating()) {
      exact.argMaxPool(x, rows, columns, out);
      return;
    }
    Pooling.argMax(rowMajor(x), rows, columns, out, parallel);
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
