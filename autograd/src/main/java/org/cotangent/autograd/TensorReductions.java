package org.cotangent.autograd;

import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// What tensors do over whole axes: sums, extremes, softmax, matrix products. Part of [Tensor].
abstract sealed class TensorReductions extends TensorElementwise permits TensorViews {

  /// The sum of all elements; integers and truth values are counted in I64.
  public Tensor sum() {
    return sum(Reduce.all(shape()), false);
  }

  /// The sum along some axes, which disappear; along none, the tensor itself.
  public Tensor sum(int... axes) {
    return sum(axes, false);
  }

  /// The sum along one axis, which stays with extent 1 if asked.
  public Tensor sum(int axis, boolean keepDims) {
    return sum(new int[] {axis}, keepDims);
  }

  /// The sum along some axes, which stay with extent 1 if asked.
  public Tensor sum(int[] axes, boolean keepDims) {
    Tensor x = dtype().isFloating() ? self() : to(DType.I64);
    return Reduce.over("SUM", x, axes, keepDims, Op.Sum::new);
  }

  /// The mean of all elements; of none, NaN.
  public Tensor mean() {
    return mean(Reduce.all(shape()), false);
  }

  /// The mean along some axes, which disappear.
  public Tensor mean(int... axes) {
    return mean(axes, false);
  }

  /// The mean along one axis, which stays with extent 1 if asked.
  public Tensor mean(int axis, boolean keepDims) {
    return mean(new int[] {axis}, keepDims);
  }

  /// The mean along some axes, which stay with extent 1 if asked.
  public Tensor mean(int[] axes, boolean keepDims) {
    Tensor x = to(Promotion.floating(dtype()));
    return x.sum(axes, keepDims).div(Reduce.count("MEAN", shape(), axes));
  }

  /// The largest element; NaN if one is. Ties share the gradient evenly.
  public Tensor max() {
    return max(Reduce.all(shape()), false);
  }

  /// The largest along some axes, which disappear.
  public Tensor max(int... axes) {
    return max(axes, false);
  }

  /// The largest along one axis, which stays with extent 1 if asked.
  public Tensor max(int axis, boolean keepDims) {
    return max(new int[] {axis}, keepDims);
  }

  /// The largest along some axes, which stay with extent 1 if asked.
  ///
  /// @throws IllegalArgumentException if there are no elements to choose from
  public Tensor max(int[] axes, boolean keepDims) {
    return Reduce.over("MAX", self(), axes, keepDims, Op.Max::new);
  }

  /// The smallest element; NaN if one is. Ties share the gradient evenly.
  public Tensor min() {
    return min(Reduce.all(shape()), false);
  }

  /// The smallest along some axes, which disappear.
  public Tensor min(int... axes) {
    return min(axes, false);
  }

  /// The smallest along one axis, which stays with extent 1 if asked.
  public Tensor min(int axis, boolean keepDims) {
    return min(new int[] {axis}, keepDims);
  }

  /// The smallest along some axes, which stay with extent 1 if asked: -max(-x).
  public Tensor min(int[] axes, boolean keepDims) {
    return self().neg().max(axes, keepDims).neg();
  }

  /// The product of all elements.
  public Tensor prod() {
    return prod(Reduce.all(shape()), false);
  }

  /// The product along some axes, which disappear.
  public Tensor prod(int... axes) {
    return prod(axes, false);
  }

  /// The product along one axis, which stays with extent 1 if asked.
  public Tensor prod(int axis, boolean keepDims) {
    return prod(new int[] {axis}, keepDims);
  }

  /// The product along some axes, which stay with extent 1 if asked. Gradients never divide by x,
  /// so they are right where elements are 0, at every order.
  public Tensor prod(int[] axes, boolean keepDims) {
    return Reduce.product(self(), axes, keepDims);
  }

  /// log Σ exp over all elements, without overflow.
  public Tensor logSumExp() {
    return logSumExp(Reduce.all(shape()), false);
  }

  /// log Σ exp along some axes, which disappear.
  public Tensor logSumExp(int... axes) {
    return logSumExp(axes, false);
  }

  /// log Σ exp along one axis, which stays with extent 1 if asked.
  public Tensor logSumExp(int axis, boolean keepDims) {
    return logSumExp(new int[] {axis}, keepDims);
  }

  /// log Σ exp along some axes. Where all elements are -∞ the value is -∞ and the gradient 0.
  public Tensor logSumExp(int[] axes, boolean keepDims) {
    Tensor x = to(Promotion.floating(dtype()));
    return Reduce.over("LOG_SUM_EXP", x, axes, keepDims, Op.LogSumExp::new);
  }

  /// The first position of the largest element along an axis, which disappears; I64. A NaN counts
  /// as the largest.
  public Tensor argmax(int axis) {
    int a = shape().axis("ARG_MAX", axis);
    return apply(new Op.ArgMax(a), self()).squeeze(a);
  }

  /// The first position of the smallest element along an axis, which disappears; I64.
  public Tensor argmin(int axis) {
    return self().neg().argmax(axis);
  }

  /// exp(x) / Σ exp(x) along an axis, without overflow. All -∞ gives NaN.
  public Tensor softmax(int axis) {
    Tensor x = to(Promotion.floating(dtype()));
    return apply(new Op.Softmax(shape().axis("SOFTMAX", axis)), x);
  }

  /// The logarithm of [#softmax], accurate where that would underflow.
  public Tensor logSoftmax(int axis) {
    // Shifting first keeps the digits of small probabilities: lse(z) is near 0, not near max(x).
    Tensor x = to(Promotion.floating(dtype()));
    Tensor z = shape().dim(axis) == 0 ? x : x.sub(x.detach().max(axis, true));
    return z.sub(z.logSumExp(axis, true));
  }

  /// The matrix product. Vectors count as a row on the left and a column on the right; axes before
  /// the last two are batches and broadcast.
  ///
  /// @throws IllegalArgumentException if an operand is a scalar or the inner extents differ
  public Tensor matmul(Tensor o) {
    DType d = Promotion.floating(DType.promote(dtype(), o.dtype()));
    return MatMul.of(to(d), o.to(d));
  }

  /// `-Σ_c t_c log softmax(this)_c` for each row of logits (the last axis): the fused, stable
  /// cross-entropy. Targets are class indices (I32 or I64, shape without the last axis) or a weight
  /// a class (shape of this).
  ///
  /// The gradient by the logits is `softmax · Σt - t`.
  ///
  /// @return one loss a row, shape without the last axis
  /// @throws IndexOutOfBoundsException if an index is not a class
  public Tensor softmaxCrossEntropy(Tensor target) {
    Tensor t = target.dtype().isInteger() ? target : target.to(dtype());
    Shape rows = shape().rank() == 0 ? shape() : shape().without(-1);
    return apply(new Op.SoftmaxCrossEntropy(), self(), t).reshape(rows);
  }
}
