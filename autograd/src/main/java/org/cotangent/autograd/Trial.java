package org.cotangent.autograd;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.shape.DType;
import org.jspecify.annotations.Nullable;

/// One evaluation of a function at variables of its own, recorded.
///
/// @param y the results
/// @param x the variables
/// @param nested whether anything outside may want to differentiate through the results
/// @param onTop whether no vmap lies around, outside which history must go on
record Trial(List<Tensor> y, List<Tensor> x, boolean nested, boolean onTop) {

  static Trial of(Function<List<Tensor>, List<Tensor>> f, List<Tensor> at) {
    boolean outer = Recording.isOn();
    boolean onTop = !(Recording.interpreter() instanceof Frame frame && frame.isBatched());
    return Recording.with(() -> {
      List<Tensor> x = at.stream().map(Trial::variable).toList();
      List<Tensor> y = f.apply(x).stream().map(Recording::here).toList();
      return new Trial(y, x, outer && dependsOnOthers(y, x), onTop);
    });
  }

  private static Tensor variable(Tensor at) {
    Tensor x = Recording.here(at);
    if (!x.dtype().isFloating()) {
      return x;
    }
    return x.isTracked()
        ? Recording.apply(new Op.Reshape(x.shape()), x)
        : new Tensor(x.value(), new Node.Leaf());
  }

  private static boolean dependsOnOthers(List<Tensor> y, List<Tensor> x) {
    Set<Node> own = Collections.newSetFromMap(new IdentityHashMap<>());
    own.addAll(nodes(x));
    for (Node n : Backward.consumersFirst(nodes(y))) {
      if (n instanceof Node.Leaf && !own.contains(n)) {
        return true;
      }
    }
    return false;
  }

  private static List<Node> nodes(List<Tensor> tensors) {
    List<Node> nodes = new ArrayList<>();
    for (Tensor t : tensors) {
      @Nullable Node n = t.node();
      if (n != null) {
        nodes.add(n);
      }
    }
    return nodes;
  }

  /// The results for the user: without this graph, if nobody outside needs it.
  List<Tensor> results() {
    return nested ? y : y.stream().map(Recording::forget).toList();
  }

  /// The gradients of the variables, given those of the results; zeros where nothing flows.
  List<Tensor> pull(List<Tensor> g) {
    boolean create = Recording.isOn() && (nested || g.stream().anyMatch(Trial::hasHistory));
    return walk(
        create,
        () -> {
          List<Tensor> start = new ArrayList<>();
          for (int i = 0; i < y.size(); i++) {
            if (y.get(i).isTracked()) {
              start.add(g.get(i));
            }
          }
          var found = Backward.gradients(nodes(y), start, nodes(x), false);
          return x.stream().map(t -> at(found, t)).toList();
        });
  }

  /// The tangents of the results, given those of the variables; zeros where nothing flows.
  List<Tensor> push(List<Tensor> t) {
    IdentityHashMap<Node, Tensor> seeds = new IdentityHashMap<>();
    for (int i = 0; i < x.size(); i++) {
      @Nullable Node n = x.get(i).node();
      if (n != null) {
        seeds.put(n, t.get(i));
      }
    }
    boolean create = nested || (Recording.isOn() && t.stream().anyMatch(Trial::hasHistory));
    return walk(
        create,
        () -> {
          var found = Forward.tangents(nodes(y), seeds);
          return y.stream().map(r -> at(found, r)).toList();
        });
  }

  private <T> T walk(boolean create, Supplier<T> walk) {
    if (create) {
      return Recording.with(walk);
    }
    // Also what vmap does outside with this graph needs no history: its leaves are our own.
    return onTop ? Recording.everywhere(true, walk) : Recording.without(walk);
  }

  /// Whether a tensor has a history at any level.
  private static boolean hasHistory(Tensor t) {
    return t.isTracked() || (t.peek() instanceof Example e && hasHistory(e.all()));
  }

  private static Tensor at(IdentityHashMap<Node, Tensor> found, Tensor t) {
    @Nullable Node n = t.node();
    @Nullable Tensor g = n == null ? null : found.get(n);
    DType d = t.dtype().isFloating() ? t.dtype() : DType.F32;
    return g == null ? Tensor.zeros(t.shape(), d) : g;
  }
}
