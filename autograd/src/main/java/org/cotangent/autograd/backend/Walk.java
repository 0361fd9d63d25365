package org.cotangent.autograd.backend;

import org.cotangent.autograd.shape.Shape;

/// A loop nest over the elements of one shape as they lie in several buffers at once.
///
/// Neighbouring axes that every layout steps through evenly become one, so that a kernel meets long
/// inner runs: two contiguous operands give one run of all elements, a row added to a matrix gives
/// one run a row.
public final class Walk {
  private final int[] dims;
  private final int[][] strides; // [layout][axis]
  private final int[] start;

  private Walk(int[] dims, int[][] strides, int[] start) {
    this.dims = dims;
    this.strides = strides;
    this.start = start;
  }

  /// What is done with each inner run: `n` elements, the first at `at[k]` of buffer `k`, the next
  /// `step[k]` further. The arrays belong to the walk.
  @FunctionalInterface
  public interface Run {
    /// Called once a run, in row-major order.
    void of(int n, int[] at, int[] step);
  }

  /// A walk over `shape` in all `layouts`, each of which is stretched to it first.
  public static Walk over(Shape shape, Layout... layouts) {
    int k = layouts.length;
    int rank = shape.rank();
    int[] dims = new int[Math.max(1, rank)];
    int[][] strides = new int[k][Math.max(1, rank)];
    int[] start = new int[k];
    for (int l = 0; l < k; l++) {
      start[l] = layouts[l].offset();
    }
    int[] shift = new int[k];
    for (int l = 0; l < k; l++) {
      shift[l] = layouts[l].shape().rank() - rank;
    }
    int top = -1; // the last merged axis
    for (int axis = 0; axis < rank; axis++) {
      int n = shape.dim(axis);
      if (n == 1) {
        continue;
      }
      boolean merge = top >= 0;
      for (int l = 0; merge && l < k; l++) {
        merge = strides[l][top] == stride(layouts[l], axis + shift[l]) * n;
      }
      if (!merge) {
        top++;
        dims[top] = 1;
      }
      dims[top] *= n;
      for (int l = 0; l < k; l++) {
        strides[l][top] = stride(layouts[l], axis + shift[l]);
      }
    }
    if (top < 0) {
      top = 0;
      dims[0] = shape.size();
    }
    int[] d = new int[top + 1];
    System.arraycopy(dims, 0, d, 0, d.length);
    return new Walk(d, strides, start);
  }

  private static int stride(Layout layout, int axis) {
    return axis < 0 || layout.shape().dim(axis) == 1 ? 0 : layout.stride(axis);
  }

  /// The number of elements in each inner run.
  public int inner() {
    return dims[dims.length - 1];
  }

  /// Visits all runs in row-major order.
  public void run(Run body) {
    int last = dims.length - 1;
    int k = start.length;
    int[] at = start.clone();
    int[] step = new int[k];
    for (int l = 0; l < k; l++) {
      step[l] = strides[l][last];
    }
    for (int d : dims) {
      if (d == 0) {
        return;
      }
    }
    if (last == 0) {
      body.of(dims[0], at, step);
      return;
    }
    int[] index = new int[last];
    while (true) {
      body.of(dims[last], at, step);
      int axis = last - 1;
      while (axis >= 0) {
        if (++index[axis] < dims[axis]) {
          for (int l = 0; l < k; l++) {
            at[l] += strides[l][axis];
          }
          break;
        }
        index[axis] = 0;
        for (int l = 0; l < k; l++) {
          at[l] -= strides[l][axis] * (dims[axis] - 1);
        }
        axis--;
      }
      if (axis < 0) {
        return;
      }
    }
  }
}
