package org.cotangent.autograd.graph;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.cotangent.autograd.backend.Viewing;
import org.cotangent.autograd.graph.Vertex.Origin;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.shape.Shape;

/// Which sums follow a chain of elementwise operations at once: those that take all of one of its
/// values in row-major order, floating numbers. If there are several, all of one kernel add up the
/// same pieces, so they have one shape and one shape of operand.
final class Sums {
  private final IdentityHashMap<Vertex, Placement> placements;
  private final IdentityHashMap<Vertex, List<Vertex>> over = new IdentityHashMap<>();
  private final Set<Integer> taken = new HashSet<>();

  Sums(IdentityHashMap<Vertex, Placement> placements) {
    this.placements = placements;
  }

  /// Takes note of a value that is placed, if it is such a sum.
  void look(Vertex v) {
    if (!(v.origin() instanceof Origin.Applied(Op.Sum sum)) || !v.dtype().isFloating()) {
      return;
    }
    Vertex x = v.in().getFirst();
    Placement p = placements.get(x);
    if (p != null
        && p.isWhole()
        && p.base().isElementwise()
        && x.shape().size() > 0
        && !Viewing.isReshape(sum, x.shape(), v.shape())) {
      over.computeIfAbsent(p.base(), _ -> new ArrayList<>()).add(v);
    }
  }

  /// The sums that are to follow some operations, and nothing else from now on.
  List<Vertex> after(List<Vertex> part) {
    Map<List<Shape>, List<Vertex>> alike = new LinkedHashMap<>();
    for (Vertex x : part) {
      for (Vertex v : over.getOrDefault(x, List.of())) {
        List<Shape> shapes = List.of(v.in().getFirst().shape(), v.shape());
        alike.computeIfAbsent(shapes, _ -> new ArrayList<>()).add(v);
      }
    }
    List<Vertex> most = List.of();
    for (List<Vertex> some : alike.values()) {
      most = some.size() > most.size() ? some : most;
    }
    most.forEach(v -> taken.add(v.id()));
    return most;
  }

  /// Whether a value is computed behind a chain.
  boolean isTaken(Vertex v) {
    return taken.contains(v.id());
  }
}
