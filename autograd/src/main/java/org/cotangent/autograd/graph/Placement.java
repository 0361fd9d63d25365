package org.cotangent.autograd.graph;

import org.cotangent.autograd.backend.Layout;

/// Where the numbers of a value are: in the array of another, `base`, or its own, seen through a
/// layout.
record Placement(Vertex base, Layout layout) {
  /// Whether it is all of its base, in order.
  boolean isWhole() {
    return layout.isContiguous()
        && layout.offset() == 0
        && layout.shape().size() == base.shape().size();
  }
}
