package org.cotangent.autograd.cpu;

import java.util.Arrays;
import org.cotangent.autograd.backend.Layout;
import org.cotangent.autograd.shape.Shape;

/// The loops over a shape as it lies in several layouts at once: neighbouring axes that all of them
/// step through evenly are one.
///
/// @param extents of the loops, outermost first
/// @param steps of each layout in each loop
record Merged(int[] extents, int[][] steps) {
  /// Each layout is stretched to `shape` first.
  static Merged over(Shape shape, Layout... layouts) {
    int rank = shape.rank();
    Layout[] all = new Layout[layouts.length];
    for (int l = 0; l < all.length; l++) {
      all[l] = layouts[l].expand(shape);
    }
    int[] extents = new int[rank];
    int[][] steps = new int[all.length][rank];
    int top = -1;
    for (int axis = 0; axis < rank; axis++) {
      int n = shape.dim(axis);
      if (n == 1) {
        continue;
      }
      boolean merge = top >= 0;
      for (int l = 0; merge && l < all.length; l++) {
        merge = steps[l][top] == all[l].stride(axis) * n;
      }
      if (merge) {
        extents[top] *= n;
      } else {
        extents[++top] = n;
      }
      for (int l = 0; l < all.length; l++) {
        steps[l][top] = all[l].stride(axis);
      }
    }
    int depth = top + 1;
    int[][] cut = new int[all.length][];
    for (int l = 0; l < all.length; l++) {
      cut[l] = Arrays.copyOf(steps[l], depth);
    }
    return new Merged(Arrays.copyOf(extents, depth), cut);
  }
}
