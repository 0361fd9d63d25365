package org.cotangent.autograd.backend;

import java.util.List;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.shape.Sliding;

/// Computes on some hardware: the dozen things that every operation comes down to.
///
/// Results go to `out`, a contiguous buffer of the right shape and dtype that the caller allocated
/// and that shares nothing with the operands. It is zeroed, except for [#elementwise], [#matmul],
/// [#matmulThen] and [#softmaxCrossEntropyGrad], where it holds anything. Operands may have any
/// strides. Shapes and dtypes were checked before ([org.cotangent.autograd.op.Shapes]). A backend
/// has no state that one call leaves for another to see, and gives the same bits for the same call
/// whatever the number of threads.
public interface Backend {
  /// A short name for logs and error messages.
  String name();

  /// `out[k][i] = program(in[0][i], in[1][i], ...)[k]`, operands stretched to the shape of the
  /// results, which is one. Here alone a result may be an operand too, in the same layout: each
  /// element is read before it is written.
  void elementwise(Expr program, Buffer[] in, Buffer... out);

  /// Copies between two layouts of one shape and dtype; `to` may have any strides but no overlap.
  void copy(Buffer from, Buffer to);

  /// Sums the elements of `x` that each element of `out` stretches over.
  void sum(Buffer x, Buffer out);

  /// The largest of those elements; NaN if one is.
  void max(Buffer x, Buffer out);

  /// log Σ eˣ of those elements, shifted by the largest finite one; -∞ if all are -∞ or there are
  /// none.
  void logSumExp(Buffer x, Buffer out);

  /// The first position of the largest (or first NaN) along an axis; `out` is `I64`.
  void argMax(Buffer x, int axis, Buffer out);

  /// eˣ / Σ eˣ along an axis, shifted by the largest.
  void softmax(Buffer x, int axis, Buffer out);

  /// -Σ_c t_c log softmax(x)_c over the last axis; `t` holds class indices (integers) or weights.
  ///
  /// @throws IndexOutOfBoundsException if a class index is not in range
  void softmaxCrossEntropy(Buffer x, Buffer t, Buffer out);

  /// The derivative of [#softmaxCrossEntropy] by `x`, times `g`, an element a row: `(softmax(x) Σ_c
  /// t_c - t) g`. `out` has the shape of `x`.
  void softmaxCrossEntropyGrad(Buffer x, Buffer t, Buffer g, Buffer out);

  /// The product of the last two axes of `a` (transposed if `transA`) and `b`, batches broadcast.
  void matmul(Buffer a, boolean transA, Buffer b, boolean transB, Buffer out);

  /// [#matmul] into `product`, then [#elementwise], of whose operands the product is one.
  default void matmulThen(
      Buffer a,
      boolean transA,
      Buffer b,
      boolean transB,
      Buffer product,
      Expr program,
      Buffer[] in,
      Buffer... out) {
    matmul(a, transA, b, transB, product);
    elementwise(program, in, out);
  }

  /// See [org.cotangent.autograd.op.Op.Gather] and, if the index has rank 1 and `slices` is set,
  /// [org.cotangent.autograd.op.Op.IndexSelect].
  ///
  /// @throws IndexOutOfBoundsException if an index is not in range
  void gather(Buffer x, Buffer index, int axis, boolean slices, Buffer out);

  /// See [org.cotangent.autograd.op.Op.ScatterAdd] and, if `slices` is set,
  /// [org.cotangent.autograd.op.Op.IndexAdd]. Adds in row-major order of `x`.
  ///
  /// @throws IndexOutOfBoundsException if an index is not in range
  void scatterAdd(Buffer x, Buffer index, int axis, boolean slices, Buffer out);

  /// Makes calls ready to be run in order, many times. Everything that depends only on shapes,
  /// layouts and programs can be done here once; calls may be joined, or run side by side where
  /// none reads what another writes, as long as each result has the same bits.
  default Prepared prepare(List<Call> calls) {
    return new PlainlyPrepared(this, calls);
  }

  /// See [org.cotangent.autograd.op.Op.Factorization].
  ///
  /// @throws ArithmeticException if a matrix is singular or not positive definite, and must not be
  void factorize(Op.Factorization op, Buffer[] in, Buffer out);

  /// Sums of the elements up to each one along an axis, from its end if `reverse` is set.
  void cumSum(Buffer x, int axis, boolean reverse, Buffer out);

  /// See [org.cotangent.autograd.op.Op.ArgSort]; `out` is `I64`.
  void argSort(Buffer x, int axis, boolean descending, Buffer out);

  /// See [org.cotangent.autograd.op.Op.OverlapAdd].
  void overlapAdd(Buffer x, int axis, int step, int dilation, Buffer out);

  /// See [org.cotangent.autograd.op.Op.Conv].
  void conv(Op.Conv op, Buffer a, Buffer b, Buffer out);

  /// See [org.cotangent.autograd.op.Op.ArgMaxPool]; `out` is `I64`.
  void argMaxPool(Buffer x, Sliding rows, Sliding columns, Buffer out);

  /// See [org.cotangent.autograd.op.Op.Moments]: of the elements that each element of one half of
  /// `out` stretches over.
  void moments(Buffer x, Buffer out);
}
