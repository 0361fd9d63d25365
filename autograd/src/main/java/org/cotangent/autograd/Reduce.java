package org.cotangent.autograd;

import java.util.Arrays;
import java.util.function.Function;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.shape.Shape;

/// From axis numbers to the shapes that reductions are stated in.
final class Reduce {
  private Reduce() {}

  static int[] all(Shape shape) {
    int[] axes = new int[shape.rank()];
    Arrays.setAll(axes, i -> i);
    return axes;
  }

  /// Resolved, ascending axes; each at most once.
  private static int[] axes(String op, Shape x, int[] axes) {
    int[] a = new int[axes.length];
    for (int i = 0; i < a.length; i++) {
      a[i] = x.axis(op, axes[i]);
    }
    Arrays.sort(a);
    for (int i = 1; i < a.length; i++) {
      if (a[i] == a[i - 1]) {
        throw new IllegalArgumentException(
            "%s: the axes %s of shape %s name axis %d twice"
                .formatted(op, Arrays.toString(axes), x, a[i]));
      }
    }
    return a;
  }

  /// The number of elements that fall into each result.
  static int count(String op, Shape x, int[] axes) {
    int n = 1;
    for (int a : axes(op, x, axes)) {
      n *= x.dim(a);
    }
    return n;
  }

  static Tensor over(String name, Tensor x, int[] axes, boolean keepDims, Function<Shape, Op> op) {
    Shape shape = x.shape();
    int[] a = axes(name, shape, axes);
    if (a.length == 0) {
      return Recording.apply(op.apply(shape), x);
    }
    Shape kept = shape.collapsed(a);
    if (keepDims) {
      return Recording.apply(op.apply(kept), x);
    }
    Shape dropped = dropped(shape, a);
    // Leading axes can be dropped at once: what is left aligns with x from the right.
    boolean leading = a[a.length - 1] == a.length - 1;
    return leading
        ? Recording.apply(op.apply(dropped), x)
        : Recording.apply(op.apply(kept), x).reshape(dropped);
  }

  private static Shape dropped(Shape shape, int[] axes) {
    int[] d = new int[shape.rank() - axes.length];
    int next = 0;
    int k = 0;
    for (int i = 0; i < shape.rank(); i++) {
      if (k < axes.length && axes[k] == i) {
        k++;
      } else {
        d[next++] = shape.dim(i);
      }
    }
    return Shape.of(d);
  }

  /// Products by halving: log₂ n multiplications of slices, whose rule never divides.
  static Tensor product(Tensor x, int[] axes, boolean keepDims) {
    Tensor y = x;
    int[] a = axes("PROD", x.shape(), axes);
    for (int axis : a) {
      y = halved(y, axis);
    }
    return keepDims ? y : y.reshape(dropped(x.shape(), a));
  }

  private static Tensor halved(Tensor x, int axis) {
    int n = x.dim(axis);
    if (n == 0) {
      return Tensor.full(x.shape().with(axis, 1), 1, x.dtype());
    }
    Tensor y = x;
    while (n > 1) {
      int half = n / 2;
      Tensor pairs = y.slice(axis, 0, half).mul(y.slice(axis, half, 2 * half));
      y = n % 2 == 0 ? pairs : Tensor.concat(axis, pairs, y.slice(axis, n - 1, n));
      n -= half;
    }
    return y;
  }
}
