package org.cotangent.autograd;

import org.cotangent.autograd.op.Op;

/// Orders along an axis, and the elements that an order chooses.
///
/// Positions are `I64` and are no functions to differentiate; gradients of the values go to the
/// elements chosen. A NaN counts as the largest.
public final class Sorting {
  private Sorting() {}

  /// Elements and their positions along the axis.
  public record Entries(Tensor values, Tensor indices) {}

  /// The positions that put an axis into rising or falling order; equal elements stay in theirs.
  public static Tensor argsort(Tensor x, int axis, boolean descending) {
    return Recording.apply(
        new Op.ArgSort(x.shape().axis("ARG_SORT", axis), descending), x.detach());
  }

  /// The elements of an axis in rising or falling order.
  public static Entries sort(Tensor x, int axis, boolean descending) {
    Tensor order = argsort(x, axis, descending);
    return new Entries(x.gather(axis, order), order);
  }

  /// The k largest (or smallest) elements of an axis, best first; of equal ones the first.
  ///
  /// @throws IllegalArgumentException if the axis has fewer than k
  public static Entries topk(Tensor x, int k, int axis, boolean largest) {
    int a = x.shape().axis("TOP_K", axis);
    if (k < 0 || k > x.dim(a)) {
      throw new IllegalArgumentException(
          "TOP_K: axis %d of %s has %d elements, not %d".formatted(axis, x.shape(), x.dim(a), k));
    }
    Tensor order = argsort(x, a, largest).slice(a, 0, k);
    return new Entries(x.gather(a, order), order);
  }

  /// The largest element of an axis and its first position, to which the gradient goes.
  public static Entries max(Tensor x, int axis, boolean keepDims) {
    int a = x.shape().axis("MAX", axis);
    return at(x, a, Recording.apply(new Op.ArgMax(a), x.detach()), keepDims);
  }

  /// The smallest element of an axis and its first position, to which the gradient goes; a NaN is
  /// chosen before all numbers.
  public static Entries min(Tensor x, int axis, boolean keepDims) {
    int a = x.shape().axis("MIN", axis);
    return at(x, a, Recording.apply(new Op.ArgMax(a), x.detach().neg()), keepDims);
  }

  /// The elements at positions of which there is one a row.
  static Entries at(Tensor x, int axis, Tensor index, boolean keepDims) {
    Tensor values = x.gather(axis, index);
    return keepDims
        ? new Entries(values, index)
        : new Entries(values.squeeze(axis), index.squeeze(axis));
  }
}
