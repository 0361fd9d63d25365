package org.cotangent.autograd.cpu;

import static java.lang.constant.ConstantDescs.CD_double;
import static java.lang.constant.ConstantDescs.CD_float;

import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.util.Arrays;
import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.backend.Call;
import org.cotangent.autograd.backend.Layout;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// Writes a small matrix product in bytecode, number by number; the bits are those of [GemmF32].
final class ProductWriter {
  /// Sums that are under way at once, in neighbouring columns: they hide each other's latency.
  private static final int TOGETHER = 4;

  private final Call.Product call;
  private final LoopWriter w;
  private final DType dtype;
  private final int k;
  private final int aTerm;
  private final int bTerm;
  private final int bColumn;

  private ProductWriter(Call.Product call, LoopWriter w) {
    this.call = call;
    this.w = w;
    dtype = call.product().dtype();
    k = call.a().shape().dim(call.transA() ? -2 : -1);
    aTerm = fromLast(call.a(), call.transA() ? 2 : 1);
    bTerm = fromLast(call.b(), call.transB() ? 1 : 2);
    bColumn = fromLast(call.b(), call.transB() ? 2 : 1);
  }

  private static int fromLast(Buffer x, int axis) {
    return x.layout().stride(x.shape().rank() - axis);
  }

  /// The terms of all sums together.
  static long terms(Call.Product p) {
    return (long) p.product().shape().size() * p.a().shape().dim(p.transA() ? -2 : -1);
  }

  static LoopBody loops(Call.Product call, ArrayTable arrays) {
    return new LoopBody(2 * TOGETHER, w -> new ProductWriter(call, w).write(arrays));
  }

  private void write(ArrayTable arrays) {
    Buffer a = call.a();
    Buffer b = call.b();
    Buffer c = call.product();
    Shape y = c.shape();
    int rank = y.rank();
    int m = y.dim(-2);
    int n = y.dim(-1);
    Shape each = y.with(-2, 1).with(-1, 1);
    Merged batches = Merged.over(each, matrices(a), matrices(b), matrices(c));
    int depth = batches.extents().length;
    int[] extents = Arrays.copyOf(batches.extents(), depth + 1);
    extents[depth] = m;
    int aRow = fromLast(a, call.transA() ? 1 : 2);
    var from =
        new LoopWriter.Place(
                w.array(arrays.slot(a), dtype), dtype, a.layout().offset(), batches.steps()[0])
            .with(aRow);
    var by =
        new LoopWriter.Place(
                w.array(arrays.slot(b), dtype), dtype, b.layout().offset(), batches.steps()[1])
            .with(0);
    var to =
        new LoopWriter.Place(
                w.array(arrays.slot(c), dtype), dtype, c.layout().offset(), batches.steps()[2])
            .with(c.layout().stride(rank - 2));
    int whole = n / TOGETHER * TOGETHER;
    w.nest(
        extents,
        index -> {
          if (whole > 0) {
            w.nest(
                new int[] {whole / TOGETHER},
                index,
                inner ->
                    sums(
                        TOGETHER,
                        from.with(0),
                        by.with(TOGETHER * bColumn),
                        to.with(TOGETHER),
                        inner));
          }
          if (whole < n) {
            sums(n - whole, from, by.plus(whole * bColumn), to.plus(whole), index);
          }
        });
  }

  /// Where the first element of each matrix lies.
  private static Layout matrices(Buffer x) {
    int rank = x.shape().rank();
    return x.layout().slice(rank - 2, 0, 1, 1).slice(rank - 1, 0, 1, 1);
  }

  /// Some neighbouring elements of one row.
  private void sums(
      int count,
      LoopWriter.Place a,
      LoopWriter.Place b,
      LoopWriter.Place c,
      LoopWriter.Index index) {
    TypeKind kind = LoopWriter.kind(dtype);
    int blocks = Math.max(1, (k + GemmF32.KC - 1) / GemmF32.KC);
    int block = (k + blocks - 1) / blocks;
    int[] total = new int[count];
    for (int p = 0; p < Math.max(1, k); p += Math.max(1, block)) {
      int terms = Math.min(block, k - p);
      int[] sum = new int[count];
      for (int q = 0; q < count; q++) {
        w.constant(0, dtype);
        sum[q] = w.store(kind);
      }
      var left = a.plus(p * aTerm).with(aTerm);
      var right = b.plus(p * bTerm).with(bTerm);
      if (terms > 0) {
        w.nest(
            new int[] {terms},
            index,
            inner -> {
              w.load(left, inner);
              int x = w.store(kind);
              for (int q = 0; q < count; q++) {
                w.code.loadLocal(kind, x);
                w.load(right.plus(q * bColumn), inner);
                add(kind, sum[q]);
                w.code.storeLocal(kind, sum[q]);
              }
            });
      }
      for (int q = 0; p > 0 && q < count; q++) {
        w.code.loadLocal(kind, total[q]).loadLocal(kind, sum[q]);
        plus();
        w.code.storeLocal(kind, sum[q]);
      }
      total = sum;
    }
    for (int q = 0; q < count; q++) {
      int local = total[q];
      w.store(c.plus(q), index, () -> w.code.loadLocal(kind, local));
    }
  }

  /// Two factors on the stack become their product plus a sum, rounded as everywhere on this
  /// machine.
  private void add(TypeKind kind, int sum) {
    ClassDesc x = dtype == DType.F32 ? CD_float : CD_double;
    if (LanesF32.FUSED) {
      w.code
          .loadLocal(kind, sum)
          .invokestatic(ClassDesc.of("java.lang.Math"), "fma", MethodTypeDesc.of(x, x, x, x));
      return;
    }
    if (dtype == DType.F32) {
      w.code.fmul();
    } else {
      w.code.dmul();
    }
    w.code.loadLocal(kind, sum);
    plus();
  }

  private void plus() {
    if (dtype == DType.F32) {
      w.code.fadd();
    } else {
      w.code.dadd();
    }
  }
}
