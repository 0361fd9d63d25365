package org.cotangent.autograd.cpu;

import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.shape.DType;

/// Running sums and orders along an axis, of contiguous operands; rows are shared out among
/// threads. Integers are rare here, and left to the specification.
final class Order {
  private Order() {}

  private static final ReferenceBackend EXACT = new ReferenceBackend();

  static void cumSum(Buffer x, int axis, boolean reverse, Buffer out, Parallel parallel) {
    if (!x.dtype().isFloating()) {
      EXACT.cumSum(x, axis, reverse, out);
      return;
    }
    int n = x.shape().dim(axis);
    int inner = inner(x, axis);
    each(
        x,
        n * inner,
        parallel,
        (first, count) -> {
          int from = x.layout().offset() + first * n * inner;
          int to = out.layout().offset() + first * n * inner;
          if (x.dtype() == DType.F32) {
            OrderF32.cumSum(count, n, inner, reverse, x.f32(), from, out.f32(), to);
          } else {
            OrderF64.cumSum(count, n, inner, reverse, x.f64(), from, out.f64(), to);
          }
        });
  }

  static void argSort(Buffer x, int axis, boolean descending, Buffer out, Parallel parallel) {
    if (!x.dtype().isFloating()) {
      EXACT.argSort(x, axis, descending, out);
      return;
    }
    int n = x.shape().dim(axis);
    int inner = inner(x, axis);
    each(
        x,
        n * inner,
        parallel,
        (first, count) -> {
          int from = x.layout().offset() + first * n * inner;
          int to = out.layout().offset() + first * n * inner;
          if (x.dtype() == DType.F32) {
            OrderF32.argSort(count, n, inner, descending, x.f32(), from, out.i64(), to);
          } else {
            OrderF64.argSort(count, n, inner, descending, x.f64(), from, out.i64(), to);
          }
        });
  }

  private interface Blocks {
    void run(int first, int count);
  }

  /// Blocks of `size` numbers, in pieces shared out among threads.
  private static void each(Buffer x, int size, Parallel parallel, Blocks body) {
    if (x.shape().size() == 0) {
      return;
    }
    int blocks = x.shape().size() / size;
    int each = Math.max(1, MathSize.PIECE / size);
    parallel.run(
        MathSize.pieces(blocks, each), i -> body.run(i * each, Math.min(each, blocks - i * each)));
  }

  private static int inner(Buffer x, int axis) {
    int inner = 1;
    for (int i = axis + 1; i < x.shape().rank(); i++) {
      inner *= x.shape().dim(i);
    }
    return inner;
  }
}
