package org.cotangent.autograd;

import java.util.ArrayList;
import java.util.List;

/// Along which axes the examples of a batch lie, as users of [Grad#vmap] say it.
///
/// @param size how many examples there are
/// @param fronted the tensors, with the examples along axis 0 of those that are mapped
/// @param isMapped which are mapped
record VmapAxes(int size, List<Tensor> fronted, List<Boolean> isMapped) {

  boolean[] mapped() {
    boolean[] m = new boolean[isMapped.size()];
    for (int i = 0; i < m.length; i++) {
      m[i] = isMapped.get(i);
    }
    return m;
  }

  static VmapAxes of(Tree<?> tree, List<Integer> axes) {
    List<Tensor> leaves = tree.leaves();
    checkCount("inAxes", axes, leaves.size());
    List<Tensor> fronted = new ArrayList<>();
    List<Boolean> isMapped = new ArrayList<>();
    int first = -1;
    for (int i = 0; i < leaves.size(); i++) {
      Tensor t = leaves.get(i);
      int axis = axes.isEmpty() ? 0 : axes.get(i);
      isMapped.add(axis != Grad.SHARED);
      fronted.add(axis == Grad.SHARED ? t : moved(t, t.shape().axis("VMAP", axis), 0));
      if (axis == Grad.SHARED) {
        continue;
      }
      if (first < 0) {
        first = i;
      } else if (fronted.get(i).dim(0) != fronted.get(first).dim(0)) {
        throw new IllegalArgumentException(
            "VMAP: input%s %s has %d examples, but input%s %s has %d; all mapped inputs need as many"
                .formatted(
                    tree.path(first),
                    leaves.get(first).shape(),
                    fronted.get(first).dim(0),
                    tree.path(i),
                    t.shape(),
                    fronted.get(i).dim(0)));
      }
    }
    if (first < 0) {
      throw new IllegalArgumentException(
          "VMAP: none of %d inputs is mapped; give one an axis, or call the function without vmap"
              .formatted(leaves.size()));
    }
    return new VmapAxes(fronted.get(first).dim(0), fronted, isMapped);
  }

  /// The results, each with the examples moved from axis 0 to where they shall lie.
  static List<Tensor> placed(List<Tensor> out, List<Integer> axes) {
    checkCount("outAxes", axes, out.size());
    List<Tensor> placed = new ArrayList<>();
    for (int i = 0; i < out.size(); i++) {
      Tensor t = out.get(i);
      placed.add(axes.isEmpty() ? t : moved(t, 0, t.shape().axis("VMAP", axes.get(i))));
    }
    return placed;
  }

  private static void checkCount(String what, List<Integer> axes, int tensors) {
    if (!axes.isEmpty() && axes.size() != tensors) {
      throw new IllegalArgumentException(
          "VMAP: %d %s for %d tensors; give one each, or none for axis 0 everywhere"
              .formatted(axes.size(), what, tensors));
    }
  }

  private static Tensor moved(Tensor t, int from, int to) {
    if (from == to) {
      return t;
    }
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < t.rank(); i++) {
      if (i != from) {
        order.add(i);
      }
    }
    order.add(to, from);
    return t.permute(order.stream().mapToInt(Integer::intValue).toArray());
  }
}
