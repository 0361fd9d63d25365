package org.cotangent.autograd.cpu;

import org.cotangent.autograd.backend.Backend;
import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.backend.Expr;
import org.cotangent.autograd.backend.Layout;
import org.cotangent.autograd.backend.Walk;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.cotangent.autograd.shape.Sliding;

/// The CPU without the Vector API: plain loops, in forms that the compiler vectorises itself.
///
/// Results agree with [ReferenceBackend] as those of [VectorBackend] do. What is rare is left to
/// it. Works in the caller's thread; any number of threads may call one backend.
final class ScalarBackend implements Backend {
  private static final Parallel ALONE = new Parallel(1);

  private final ReferenceBackend exact = new ReferenceBackend();
  private final Pool<Scratch> scratch = new Pool<>(Scratch::new);
  private final Pool<PlainGemmF32> floats = new Pool<>(PlainGemmF32::new);
  private final Pool<PlainGemmF64> doubles = new Pool<>(PlainGemmF64::new);

  @Override
  public String name() {
    return "scalar";
  }

  @Override
  public void elementwise(Expr program, Buffer[] in, Buffer... out) {
    Scratch tiles = scratch.take();
    PlainElementwise.run(program, in, out, tiles);
    scratch.give(tiles);
  }

  @Override
  public void copy(Buffer from, Buffer to) {
    Copying.plain(from, to);
  }

  @Override
  public void sum(Buffer x, Buffer out) {
    switch (x.dtype()) {
      case F32 -> PlainRowsF32.sum(rowMajor(x), out);
      case F64 -> PlainRowsF64.sum(rowMajor(x), out);
      case I32, I64, BOOL -> WholeReduction.sum(x, out);
    }
  }

  @Override
  public void max(Buffer x, Buffer out) {
    switch (x.dtype()) {
      case F32 -> PlainRowsF32.max(rowMajor(x), out);
      case F64 -> PlainRowsF64.max(rowMajor(x), out);
      case I32, I64, BOOL -> WholeReduction.max(x, out);
    }
  }

  @Override
  public void logSumExp(Buffer x, Buffer out) {
    int rank = x.shape().rank();
    if (x.shape().size() == 0 || rank == 0 || !out.shape().equals(x.shape().with(-1, 1))) {
      exact.logSumExp(x, out);
      return;
    }
    Buffer rows = rowMajor(x);
    int from = rows.layout().offset();
    int to = out.layout().offset();
    int n = x.shape().dim(-1);
    if (x.dtype() == DType.F32) {
      PlainRowsF32.logSumExp(out.shape().size(), n, rows.f32(), from, out.f32(), to);
    } else {
      PlainRowsF64.logSumExp(out.shape().size(), n, rows.f64(), from, out.f64(), to);
    }
  }

  @Override
  public void argMax(Buffer x, int axis, Buffer out) {
    if (!x.dtype().isFloating() || x.shape().size() == 0) {
      exact.argMax(x, axis, out);
      return;
    }
    int n = x.shape().dim(axis);
    int inner = 1;
    for (int i = axis + 1; i < x.shape().rank(); i++) {
      inner *= x.shape().dim(i);
    }
    int outer = x.shape().size() / n / inner;
    Buffer rows = rowMajor(x);
    int from = rows.layout().offset();
    int to = out.layout().offset();
    if (x.dtype() == DType.F32) {
      PlainRowsF32.argMax(outer, n, inner, rows.f32(), from, out.i64(), to);
    } else {
      PlainRowsF64.argMax(outer, n, inner, rows.f64(), from, out.i64(), to);
    }
  }

  @Override
  public void softmax(Buffer x, int axis, Buffer out) {
    if (x.shape().size() == 0 || axis != x.shape().rank() - 1) {
      exact.softmax(x, axis, out);
      return;
    }
    int n = x.shape().dim(axis);
    int count = x.shape().size() / n;
    Buffer rows = rowMajor(x);
    int from = rows.layout().offset();
    int to = out.layout().offset();
    if (x.dtype() == DType.F32) {
      PlainRowsF32.softmax(count, n, rows.f32(), from, out.f32(), to);
    } else {
      PlainRowsF64.softmax(count, n, rows.f64(), from, out.f64(), to);
    }
  }

  @Override
  public void softmaxCrossEntropy(Buffer x, Buffer t, Buffer out) {
    if (!t.dtype().isInteger()) {
      exact.softmaxCrossEntropy(x, t, out);
      return;
    }
    int n = x.shape().dim(-1);
    int count = out.shape().size();
    Buffer rows = rowMajor(x);
    int from = rows.layout().offset();
    int to = out.layout().offset();
    if (x.dtype() == DType.F32) {
      PlainRowsF32.crossEntropy(count, n, rows.f32(), from, t, out.f32(), to);
    } else {
      PlainRowsF64.crossEntropy(count, n, rows.f64(), from, t, out.f64(), to);
    }
  }

  @Override
  public void matmul(Buffer a, boolean transA, Buffer b, boolean transB, Buffer out) {
    Shape y = out.shape();
    if (y.size() == 0) {
      return;
    }
    int m = y.dim(-2);
    int n = y.dim(-1);
    int k = a.shape().dim(transA ? -2 : -1);
    Shape each = y.with(-2, 1).with(-1, 1);
    int[] next = {out.layout().offset()};
    Walk.over(each, matrices(a).expand(each), matrices(b).expand(each))
        .run((count, at, step) -> {
          for (int i = 0; i < count; i++) {
            int ao = at[0] + i * step[0];
            int bo = at[1] + i * step[1];
            multiply(m, n, k, a, ao, transA, b, bo, transB, out, next[0]);
            next[0] += m * n;
          }
        });
  }

  /// Where the first element of each matrix lies.
  private static Layout matrices(Buffer x) {
    int rank = x.shape().rank();
    return x.layout().slice(rank - 2, 0, 1, 1).slice(rank - 1, 0, 1, 1);
  }

  private void multiply(
      int m,
      int n,
      int k,
      Buffer a,
      int ao,
      boolean transA,
      Buffer b,
      int bo,
      boolean transB,
      Buffer out,
      int to) {
    int ar = fromLast(a, transA ? 1 : 2);
    int ac = fromLast(a, transA ? 2 : 1);
    int br = fromLast(b, transB ? 1 : 2);
    int bc = fromLast(b, transB ? 2 : 1);
    boolean floating = out.dtype() == DType.F32;
    // The inner loop runs along columns; of a tall result the transposed one is computed.
    if (floating) {
      PlainGemmF32 gemm = floats.take();
      float[] x = a.f32();
      float[] w = b.f32();
      if (n >= m) {
        gemm.multiply(m, n, k, x, ao, ar, ac, w, bo, br, bc, out.f32(), to, n, 1);
      } else {
        gemm.multiply(n, m, k, w, bo, bc, br, x, ao, ac, ar, out.f32(), to, 1, n);
      }
      floats.give(gemm);
    } else {
      PlainGemmF64 gemm = doubles.take();
      double[] x = a.f64();
      double[] w = b.f64();
      if (n >= m) {
        gemm.multiply(m, n, k, x, ao, ar, ac, w, bo, br, bc, out.f64(), to, n, 1);
      } else {
        gemm.multiply(n, m, k, w, bo, bc, br, x, ao, ac, ar, out.f64(), to, 1, n);
      }
      doubles.give(gemm);
    }
  }

  private static int fromLast(Buffer x, int axis) {
    return x.layout().stride(x.shape().rank() - axis);
  }

  @Override
  public void softmaxCrossEntropyGrad(Buffer x, Buffer t, Buffer g, Buffer out) {
    exact.softmaxCrossEntropyGrad(x, t, g, out);
  }

  @Override
  public void gather(Buffer x, Buffer index, int axis, boolean slices, Buffer out) {
    String op = slices ? "INDEX_SELECT" : "GATHER";
    int[] chosen = ReferenceBackend.indices(op, index, x.shape(), axis);
    Indexing.gather(rowMajor(x), chosen, axis, slices, out, ALONE);
  }

  @Override
  public void scatterAdd(Buffer x, Buffer index, int axis, boolean slices, Buffer out) {
    String op = slices ? "INDEX_ADD" : "SCATTER_ADD";
    int[] chosen = ReferenceBackend.indices(op, index, out.shape(), axis);
    Indexing.scatterAdd(rowMajor(x), chosen, axis, slices, out, ALONE);
  }

  @Override
  public void factorize(Op.Factorization op, Buffer[] in, Buffer out) {
    Factor.run(op, in, out);
  }

  @Override
  public void cumSum(Buffer x, int axis, boolean reverse, Buffer out) {
    Order.cumSum(rowMajor(x), axis, reverse, out, ALONE);
  }

  @Override
  public void argSort(Buffer x, int axis, boolean descending, Buffer out) {
    Order.argSort(rowMajor(x), axis, descending, out, ALONE);
  }

  @Override
  public void overlapAdd(Buffer x, int axis, int step, int dilation, Buffer out) {
    Overlaps.add(x, axis, step, dilation, out);
  }

  @Override
  public void conv(Op.Conv op, Buffer a, Buffer b, Buffer out) {
    PlainConvolution.run(this, op, a, b, out);
  }

  @Override
  public void argMaxPool(Buffer x, Sliding rows, Sliding columns, Buffer out) {
    if (!x.dtype().isFloating()) {
      exact.argMaxPool(x, rows, columns, out);
      return;
    }
    Pooling.argMax(rowMajor(x), rows, columns, out, ALONE, false).run();
  }

  @Override
  public void moments(Buffer x, Buffer out) {
    Moments.compute(this, x, out);
  }

  /// The same elements in row-major order without gaps.
  private static Buffer rowMajor(Buffer x) {
    if (x.layout().isContiguous()) {
      return x;
    }
    Buffer y = Buffer.allocate(x.dtype(), x.shape());
    Copying.plain(x, y);
    return y;
  }
}
