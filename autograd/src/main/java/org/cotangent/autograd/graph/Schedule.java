package org.cotangent.autograd.graph;

import java.util.IdentityHashMap;
import java.util.List;

/// Kernels in the order in which they run.
///
/// @param graph what they compute
/// @param compute all that changes nothing outside
/// @param updates kernels whose results are what states hold after the run, computed in the states'
///   own memory: they run last, and cannot fail
/// @param copies states that are given a value which was computed before
/// @param placements where the numbers of every value are
record Schedule(
    Graph graph,
    List<Kernel> compute,
    List<Update> updates,
    List<Graph.Assignment> copies,
    IdentityHashMap<Vertex, Placement> placements) {
  /// A kernel whose results belong to states.
  ///
  /// @param states the place of the state of each result
  record Update(Kernel.Elementwise kernel, List<Integer> states) {}

  Placement placement(Vertex v) {
    Placement p = placements.get(v);
    if (p == null) {
      throw new AssertionError("no place: " + Graph.name(v));
    }
    return p;
  }

  /// One line a kernel.
  @Override
  public String toString() {
    StringBuilder s = new StringBuilder();
    for (Kernel k : compute) {
      line(s, k, Graph.names(k.writes()));
    }
    for (Update u : updates) {
      line(s, u.kernel, "states " + u.states);
    }
    for (Graph.Assignment a : copies) {
      s.append("state %d = copy of %s%n".formatted(a.state(), Graph.name(a.value())));
    }
    return s.toString();
  }

  private static void line(StringBuilder s, Kernel k, String results) {
    s.append("%s = %s of %s%n".formatted(results, Kernel.describe(k), Graph.names(k.reads())));
  }
}
