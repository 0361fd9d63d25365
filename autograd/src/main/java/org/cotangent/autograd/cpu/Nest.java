package org.cotangent.autograd.cpu;

import org.cotangent.autograd.backend.Layout;
import org.cotangent.autograd.shape.Shape;

/// The loops of a reduction: the axes of the operand, merged where they can be, each either kept in
/// the result or reduced (the result's stride is 0).
final class Nest {
  /// Where an inner run begins in the operand and in the result.
  @FunctionalInterface
  interface Place {
    void at(int x, int y);
  }

  private final int[] dims;
  private final int[] xStep;
  private final int[] yStep;
  private final int depth;
  private final int xStart;
  private final int yStart;

  private Nest(int[] dims, int[] xStep, int[] yStep, int depth, int xStart, int yStart) {
    this.dims = dims;
    this.xStep = xStep;
    this.yStep = yStep;
    this.depth = depth;
    this.xStart = xStart;
    this.yStart = yStart;
  }

  /// A nest over `shape`, which `y` stretches to. There is always an innermost axis.
  static Nest of(Shape shape, Layout x, Layout y) {
    Layout group = y.expand(shape);
    int rank = shape.rank();
    int[] dims = new int[rank + 1];
    int[] xs = new int[rank + 1];
    int[] ys = new int[rank + 1];
    int top = -1;
    for (int axis = 0; axis < rank; axis++) {
      int n = shape.dim(axis);
      if (n == 1) {
        continue;
      }
      if (top >= 0 && xs[top] == x.stride(axis) * n && ys[top] == group.stride(axis) * n) {
        dims[top] *= n;
      } else {
        top++;
        dims[top] = n;
      }
      xs[top] = x.stride(axis);
      ys[top] = group.stride(axis);
    }
    if (top < 0) {
      top = 0;
      dims[0] = 1;
      xs[0] = 1;
    }
    return new Nest(dims, xs, ys, top + 1, x.offset(), y.offset());
  }

  /// Whether the elements of an inner run all go to one element of the result.
  boolean isReduced() {
    return yStep[depth - 1] == 0;
  }

  /// Whether elements of an inner run are neighbours in the operand.
  boolean isContiguous() {
    return xStep[depth - 1] == 1;
  }

  /// Whether each element of the result belongs to one inner run only.
  boolean visitsOnce() {
    for (int axis = 0; axis < depth - 1; axis++) {
      if (yStep[axis] == 0) {
        return false;
      }
    }
    return true;
  }

  /// The length of an inner run.
  int inner() {
    return dims[depth - 1];
  }

  /// If inner runs are kept: how many of them, [#rowStep] apart, go to the same elements.
  int rows() {
    return hasRows() ? dims[depth - 2] : 1;
  }

  /// See [#rows].
  int rowStep() {
    return hasRows() ? xStep[depth - 2] : 0;
  }

  private boolean hasRows() {
    return depth > 1 && yStep[depth - 2] == 0;
  }

  /// How many inner runs there are.
  int runs() {
    return places(depth - 1);
  }

  /// How many groups of [#rows] inner runs there are.
  int columns() {
    return places(outer());
  }

  private int places(int axes) {
    int n = 1;
    for (int axis = 0; axis < axes; axis++) {
      n *= dims[axis];
    }
    return n;
  }

  private int outer() {
    return hasRows() ? depth - 2 : depth - 1;
  }

  /// Whether each element of the result belongs to one group of [#rows] inner runs only.
  boolean groupsOnce() {
    for (int axis = 0; axis < outer(); axis++) {
      if (yStep[axis] == 0) {
        return false;
      }
    }
    return true;
  }

  /// Visits some of the inner runs in row-major order.
  void runs(int from, int to, Place place) {
    visit(from, to, depth - 1, place);
  }

  /// Visits some of the groups of [#rows] inner runs in row-major order.
  void columns(int from, int to, Place place) {
    visit(from, to, outer(), place);
  }

  private void visit(int from, int to, int axes, Place place) {
    if (from >= to) {
      return; // an axis may be empty
    }
    if (axes <= 1) { // most are; nothing is allocated
      int xs = axes == 0 ? 0 : xStep[0];
      int ys = axes == 0 ? 0 : yStep[0];
      for (int i = from; i < to; i++) {
        place.at(xStart + i * xs, yStart + i * ys);
      }
      return;
    }
    int[] at = new int[axes];
    int x = xStart;
    int y = yStart;
    int rest = from;
    for (int axis = axes - 1; axis >= 0; axis--) {
      at[axis] = rest % dims[axis];
      rest /= dims[axis];
      x += at[axis] * xStep[axis];
      y += at[axis] * yStep[axis];
    }
    for (int i = from; i < to; i++) {
      place.at(x, y);
      for (int axis = axes - 1; axis >= 0; axis--) {
        x += xStep[axis];
        y += yStep[axis];
        if (++at[axis] < dims[axis]) {
          break;
        }
        at[axis] = 0;
        x -= dims[axis] * xStep[axis];
        y -= dims[axis] * yStep[axis];
      }
    }
  }
}
