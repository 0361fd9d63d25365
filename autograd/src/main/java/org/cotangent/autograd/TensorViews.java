package org.cotangent.autograd;

import java.util.Arrays;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.shape.Axes;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// How tensors change shape, are cut, joined and indexed. Views share memory. Part of [Tensor].
abstract sealed class TensorViews extends TensorReductions permits Tensor {

  /// The same elements in row-major order under another shape.
  public Tensor reshape(Shape to) {
    return shape().equals(to) ? self() : apply(new Op.Reshape(to), self());
  }

  /// The same; one extent may be -1 and is then worked out.
  public Tensor reshape(int... dims) {
    return reshape(Indexing.inferred(shape(), dims));
  }

  /// All elements as a vector.
  public Tensor flatten() {
    return reshape(Shape.of(shape().size()));
  }

  /// All axes from the given one on as a single axis.
  public Tensor flatten(int fromAxis) {
    int a = shape().axis("FLATTEN", fromAxis);
    int[] d = Arrays.copyOf(shape().dims(), a + 1);
    for (int i = a + 1; i < shape().rank(); i++) {
      d[a] *= shape().dim(i);
    }
    return reshape(Shape.of(d));
  }

  /// Without an axis of extent 1.
  public Tensor squeeze(int axis) {
    int a = shape().axis("SQUEEZE", axis);
    if (shape().dim(a) != 1) {
      throw new IllegalArgumentException(
          "SQUEEZE: axis %d of %s has extent %d, not 1".formatted(axis, shape(), shape().dim(a)));
    }
    return reshape(shape().without(a));
  }

  /// With a new axis of extent 1 at the given place (0 to rank, or negative from the end).
  public Tensor unsqueeze(int axis) {
    int rank = shape().rank();
    int a = axis < 0 ? axis + rank + 1 : axis;
    if (a < 0 || a > rank) {
      throw new IllegalArgumentException(
          "UNSQUEEZE: no place %d in shape %s: places are %d to %d"
              .formatted(axis, shape(), -rank - 1, rank));
    }
    return reshape(shape().inserted(a, 1));
  }

  /// Stretched to a shape by repeating elements along new axes and axes of extent 1.
  public Tensor expand(Shape to) {
    return shape().equals(to) ? self() : apply(new Op.Expand(to), self());
  }

  /// The same; an extent of -1 stays as it is.
  public Tensor expand(int... dims) {
    int[] d = dims.clone();
    int shift = d.length - shape().rank();
    for (int i = Math.max(0, shift); i < d.length; i++) {
      d[i] = d[i] == -1 ? shape().dim(i - shift) : d[i];
    }
    return expand(Shape.of(d));
  }

  /// The axes in another order.
  public Tensor permute(int... order) {
    return apply(new Op.Permute(Axes.permutation(shape(), order)), self());
  }

  /// Two axes exchanged.
  public Tensor transpose(int axis1, int axis2) {
    int[] order = Reduce.all(shape());
    int a = shape().axis("TRANSPOSE", axis1);
    int b = shape().axis("TRANSPOSE", axis2);
    order[a] = b;
    order[b] = a;
    return permute(order);
  }

  /// The transpose of a matrix, or of each matrix in a batch.
  public Tensor t() {
    return transpose(-1, -2);
  }

  /// Elements `start` to `stop - 1` of an axis; negative positions count from the end, positions
  /// beyond the ends are cut back, as in NumPy.
  public Tensor slice(int axis, int start, int stop) {
    return slice(axis, start, stop, 1);
  }

  /// Every `step`-th element from `start` up to but without `stop`; `step` is positive.
  public Tensor slice(int axis, int start, int stop, int step) {
    return Indexing.slice(self(), axis, start, stop, step);
  }

  /// The elements of an axis in reverse order.
  public Tensor flip(int axis) {
    int a = shape().axis("FLIP", axis);
    int n = shape().dim(a);
    return n < 2 ? self() : apply(new Op.Slice(a, n - 1, n, -1), self());
  }

  /// One position of an axis, which disappears.
  public Tensor select(int axis, int position) {
    return Indexing.select(self(), axis, position);
  }

  /// All windows of `size` elements along an axis, `step` apart, the elements of a window along a
  /// new last axis; windows may overlap. What is left at the end belongs to none.
  public Tensor unfold(int axis, int size, int step) {
    return unfold(axis, size, step, 1);
  }

  /// The same with every `dilation`-th element in a window.
  public Tensor unfold(int axis, int size, int step, int dilation) {
    return Indexing.unfold(self(), axis, size, step, dilation);
  }

  /// The adjoint of [#unfold]: zeros of extent `extent` along an axis, to which the windows, whose
  /// elements lie along the last axis, are added.
  public Tensor fold(int axis, int extent, int step, int dilation) {
    int a = shape().without(-1).axis("FOLD", axis);
    return apply(new Op.OverlapAdd(a, extent, step, dilation), self());
  }

  /// Zeros before and after along an axis.
  public Tensor pad(int axis, int before, int after) {
    return pad(axis, before, after, 0);
  }

  /// The number `v` before and after along an axis.
  public Tensor pad(int axis, int before, int after, double v) {
    return Indexing.pad(self(), axis, before, after, v);
  }

  /// `y[.., i, ..] = x[.., index[.., i, ..], ..]` along an axis: the index has the rank of this
  /// tensor and its extents on the other axes, or smaller ones. Repeated positions gather their
  /// gradients.
  ///
  /// @throws IndexOutOfBoundsException if an index is not a position of the axis
  public Tensor gather(int axis, Tensor index) {
    return Indexing.gather(self(), axis, index);
  }

  /// The slices of an axis at the positions of an index vector, in its order; repeats allowed.
  ///
  /// @throws IndexOutOfBoundsException if an index is not a position of the axis
  public Tensor indexSelect(int axis, Tensor index) {
    return apply(new Op.IndexSelect(shape().axis("INDEX_SELECT", axis)), self(), index);
  }

  /// This tensor with `source[.., i, ..]` added at position `index[.., i, ..]` of an axis. The
  /// index may be smaller than this tensor and the source on the other axes.
  ///
  /// @throws IndexOutOfBoundsException if an index is not a position of the axis
  public Tensor scatterAdd(int axis, Tensor index, Tensor source) {
    return Indexing.scatterAdd(self(), axis, index, source);
  }

  /// A last axis of `classes` numbers, 1 at the position that the index names and 0 elsewhere.
  ///
  /// @throws IllegalArgumentException if this is not an integer tensor
  public Tensor oneHot(int classes, DType dtype) {
    return Indexing.oneHot(self(), classes, dtype);
  }

  /// Tensors one after another along an existing axis.
  public static Tensor concat(int axis, Tensor... parts) {
    return Indexing.concat(axis, parts);
  }

  /// Tensors of one shape side by side along a new axis.
  public static Tensor stack(int axis, Tensor... parts) {
    Tensor[] p = new Tensor[parts.length];
    Arrays.setAll(p, i -> parts[i].unsqueeze(axis));
    return concat(axis, p);
  }
}
