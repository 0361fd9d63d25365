package org.cotangent.autograd.backend;

import java.util.Arrays;
import java.util.Optional;
import org.cotangent.autograd.shape.Axes;
import org.cotangent.autograd.shape.Shape;

/// Where the elements of a tensor lie in an array: element `(i, j, ...)` is at `offset + i *
/// stride(0) + j * stride(1) + ...`.
///
/// A stride of 0 repeats an element, a negative one walks backwards, and windows overlap. Views
/// (reshape, permute, expand, slice, windows) are new layouts over the same array.
public final class Layout {
  private final Shape shape;
  private final int[] strides;
  private final int offset;
  private final boolean contiguous;

  private Layout(Shape shape, int[] strides, int offset) {
    this.shape = shape;
    this.strides = strides;
    this.offset = offset;
    this.contiguous = isRowMajor(shape, strides);
  }

  /// Row-major from the start of an array.
  public static Layout of(Shape shape) {
    return new Layout(shape, rowMajor(shape), 0);
  }

  private static int[] rowMajor(Shape shape) {
    int[] s = new int[shape.rank()];
    int step = 1;
    for (int i = s.length - 1; i >= 0; i--) {
      s[i] = step;
      step *= Math.max(1, shape.dim(i));
    }
    return s;
  }

  private static boolean isRowMajor(Shape shape, int[] strides) {
    if (shape.size() == 0) {
      return true;
    }
    int step = 1;
    for (int i = strides.length - 1; i >= 0; i--) {
      int n = shape.dim(i);
      if (n != 1 && strides[i] != step) {
        return false;
      }
      step *= n;
    }
    return true;
  }

  /// The extents.
  public Shape shape() {
    return shape;
  }

  /// The distance in the array between neighbours along an axis (0 to rank - 1).
  public int stride(int axis) {
    return strides[axis];
  }

  /// The place of the first element.
  public int offset() {
    return offset;
  }

  /// Whether the elements lie in row-major order without gaps.
  public boolean isContiguous() {
    return contiguous;
  }

  /// The place of the element with row-major number `i`.
  public int at(int i) {
    if (contiguous) {
      return offset + i;
    }
    int at = offset;
    int rest = i;
    for (int axis = strides.length - 1; axis >= 0; axis--) {
      int n = shape.dim(axis);
      at += rest % n * strides[axis];
      rest /= n;
    }
    return at;
  }

  /// The same elements in another shape, if the strides can say it.
  public Optional<Layout> reshape(Shape to) {
    if (contiguous) {
      return Optional.of(new Layout(to, rowMajor(to), offset));
    }
    int[] s = new int[to.rank()];
    int i = 0; // axes of this shape used up
    int j = 0; // axes of the new shape placed
    while (i < shape.rank() || j < to.rank()) {
      int iEnd = i;
      int jEnd = j;
      long have = iEnd < shape.rank() ? shape.dim(iEnd++) : 1;
      long want = jEnd < to.rank() ? to.dim(jEnd++) : 1;
      while (have != want) {
        if (have < want) {
          have *= shape.dim(iEnd++);
        } else {
          want *= to.dim(jEnd++);
        }
      }
      // The group [i, iEnd) becomes [j, jEnd): possible when its own strides nest.
      int outer = -1; // last axis of the group with more than one element
      for (int a = i; a < iEnd; a++) {
        if (shape.dim(a) == 1) {
          continue;
        }
        if (outer >= 0 && strides[outer] != (long) strides[a] * shape.dim(a)) {
          return Optional.empty();
        }
        outer = a;
      }
      int step = outer < 0 ? 1 : strides[outer];
      for (int b = jEnd - 1; b >= j; b--) {
        s[b] = step;
        step *= to.dim(b);
      }
      i = iEnd;
      j = jEnd;
    }
    return Optional.of(new Layout(to, s, offset));
  }

  /// The axes in another order.
  public Layout permute(Axes order) {
    int[] s = new int[strides.length];
    for (int i = 0; i < s.length; i++) {
      s[i] = strides[order.get(i)];
    }
    return new Layout(order.apply(shape), s, offset);
  }

  /// Stretched to a larger shape by repeating elements, which must be possible.
  public Layout expand(Shape to) {
    if (to.equals(shape)) {
      return this;
    }
    int shift = to.rank() - shape.rank();
    int[] s = new int[to.rank()];
    for (int i = 0; i < shape.rank(); i++) {
      s[i + shift] = shape.dim(i) == 1 ? 0 : strides[i];
    }
    return new Layout(to, s, offset);
  }

  /// Elements `start, start + step, ...` of one axis.
  public Layout slice(int axis, int start, int length, int step) {
    int[] s = strides.clone();
    s[axis] *= step;
    Shape part = shape.with(axis, length);
    // Where nothing is left there is no first element, whose place might lie beyond the array.
    return new Layout(part, s, part.size() == 0 ? offset : offset + start * strides[axis]);
  }

  /// Windows of `size` elements along an axis, in a new last axis; they may share elements.
  public Layout windows(int axis, int count, int size, int step, int dilation) {
    int[] s = Arrays.copyOf(strides, strides.length + 1);
    s[strides.length] = dilation * strides[axis];
    s[axis] *= step;
    Shape part = shape.with(axis, count).inserted(shape.rank(), size);
    return new Layout(part, s, offset);
  }
}
