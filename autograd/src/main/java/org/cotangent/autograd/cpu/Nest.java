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

  /// Visits all inner runs in row-major order.
  void runs(Place place) {
    visit(0, depth - 1, xStart, yStart, place);
  }

  /// Visits all groups of [#rows] inner runs in row-major order.
  void columns(Place place) {
    visit(0, hasRows() ? depth - 2 : depth - 1, xStart, yStart, place);
  }

  /// The recursion is as deep as there are axes.
  private void visit(int axis, int end, int x, int y, Place place) {
    if (axis == end) {
      place.at(x, y);
      return;
    }
    for (int i = 0; i < dims[axis]; i++) {
      visit(axis + 1, end, x + i * xStep[axis], y + i * yStep[axis], place);
    }
  }
}
