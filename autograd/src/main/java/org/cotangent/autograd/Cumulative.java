package org.cotangent.autograd;

import java.util.Arrays;
import java.util.function.BinaryOperator;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.shape.DType;

/// Sums, products and extremes of the elements up to each one along an axis.
public final class Cumulative {
  private Cumulative() {}

  /// `y[i] = x[0] + ... + x[i]`; integers and truth values are counted in `I64`.
  public static Tensor sum(Tensor x, int axis) {
    Tensor v = x.dtype().isFloating() ? x : x.to(DType.I64);
    return Recording.apply(new Op.CumSum(x.shape().axis("CUM_SUM", axis), false), v);
  }

  /// `y[i] = x[0] · ... · x[i]`. Gradients never divide by x, so they are right where elements are
  /// 0, at every order.
  public static Tensor prod(Tensor x, int axis) {
    return scan(x, x.shape().axis("CUM_PROD", axis), Tensor::mul);
  }

  /// `y[i] = log(exp x[0] + ... + exp x[i])`, without overflow.
  public static Tensor logSumExp(Tensor x, int axis) {
    Tensor v = x.to(Promotion.floating(x.dtype()));
    return scan(v, x.shape().axis("LOG_CUM_SUM_EXP", axis), Special::logAddExp);
  }

  /// The largest element so far and its last position, to which the gradient goes; a NaN is larger
  /// than all before it.
  public static Sorting.Entries max(Tensor x, int axis) {
    int a = x.shape().axis("CUM_MAX", axis);
    return extreme(x, x.detach(), a);
  }

  /// The smallest element so far and its last position, to which the gradient goes; a NaN is
  /// smaller than all before it.
  public static Sorting.Entries min(Tensor x, int axis) {
    int a = x.shape().axis("CUM_MIN", axis);
    return extreme(x, x.detach().neg(), a);
  }

  /// Prefixes by doubling: after step k each element stands for the 2ᵏ that end at it. log₂ n
  /// passes of an operation that must be associative.
  private static Tensor scan(Tensor x, int axis, BinaryOperator<Tensor> op) {
    int n = x.dim(axis);
    Tensor y = x;
    for (int reach = 1; reach < n; reach = Math.multiplyExact(reach, 2)) {
      Tensor before = y.slice(axis, 0, n - reach);
      Tensor here = y.slice(axis, reach, n);
      y = Tensor.concat(axis, y.slice(axis, 0, reach), op.apply(before, here));
    }
    return y;
  }

  /// The same scan on pairs of a number and its position.
  private static Sorting.Entries extreme(Tensor x, Tensor size, int axis) {
    int n = x.dim(axis);
    Tensor best = size;
    Tensor at = positions(x, axis);
    for (int reach = 1; reach < n; reach = Math.multiplyExact(reach, 2)) {
      Tensor before = best.slice(axis, 0, n - reach);
      Tensor here = best.slice(axis, reach, n);
      Tensor later = here.ge(before).or(here.isNaN());
      Tensor places = Tensor.where(later, at.slice(axis, reach, n), at.slice(axis, 0, n - reach));
      best = Tensor.concat(axis, best.slice(axis, 0, reach), Tensor.where(later, here, before));
      at = Tensor.concat(axis, at.slice(axis, 0, reach), places);
    }
    return new Sorting.Entries(x.gather(axis, at), at);
  }

  /// For each element its position along an axis.
  private static Tensor positions(Tensor x, int axis) {
    int[] along = new int[x.rank()];
    Arrays.fill(along, 1);
    along[axis] = x.dim(axis);
    return Tensor.arange(x.dim(axis)).reshape(along).expand(x.shape());
  }
}
