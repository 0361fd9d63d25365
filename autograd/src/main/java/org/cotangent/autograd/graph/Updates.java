package org.cotangent.autograd.graph;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.cotangent.autograd.graph.Vertex.Origin;

/// What states hold after a run, and how it gets there.
///
/// Elementwise operations that serve nothing but assignments run at the very end, in the memory of
/// the states, so that whatever fails before leaves them as they were. All else is computed before,
/// and copied.
final class Updates {
  private final IdentityHashMap<Vertex, Placement> placements;
  private final Map<Integer, Integer> target = new HashMap<>(); // value -> the one state it becomes
  private final Set<Integer> members = new HashSet<>();
  private final List<Schedule.Update> kernels = new ArrayList<>();
  private final List<Graph.Assignment> copies = new ArrayList<>();

  Updates(
      Graph graph,
      List<Vertex> vertices,
      IdentityHashMap<Vertex, List<Vertex>> users,
      IdentityHashMap<Vertex, Placement> placements) {
    this.placements = placements;
    Set<Integer> elsewhere = new HashSet<>();
    graph.outputs().forEach(v -> elsewhere.add(v.id()));
    for (Graph.Assignment a : graph.assignments()) {
      if (target.putIfAbsent(a.value().id(), a.state()) != null) {
        elsewhere.add(a.value().id());
      }
    }
    for (int k = vertices.size() - 1; k >= 0; k--) {
      Vertex v = vertices.get(k);
      boolean ends = v.isElementwise() && !elsewhere.contains(v.id());
      List<Vertex> uses = users.getOrDefault(v, List.of());
      for (Vertex u : uses) {
        ends &= members.contains(u.id()) && u.shape().equals(v.shape());
      }
      if (ends && (!uses.isEmpty() || target.containsKey(v.id()))) {
        members.add(v.id());
      }
    }
    List<List<Vertex>> groups = inOrder(groups(vertices));
    for (List<Vertex> group : groups) {
      List<Vertex> results = group.stream().filter(v -> target.containsKey(v.id())).toList();
      kernels.add(
          new Schedule.Update(
              Chain.of(group, results, placements),
              results.stream().map(v -> target.getOrDefault(v.id(), -1)).toList()));
    }
    for (Graph.Assignment a : graph.assignments()) {
      if (!members.contains(a.value().id())) {
        copies.add(a);
      }
    }
  }

  /// Whether a value is computed in place of a state, or on the way there.
  boolean contains(Vertex v) {
    return members.contains(v.id());
  }

  List<Schedule.Update> kernels() {
    return List.copyOf(kernels);
  }

  List<Graph.Assignment> copies() {
    return List.copyOf(copies);
  }

  private List<List<Vertex>> groups(List<Vertex> vertices) {
    Map<Integer, List<Vertex>> of = new HashMap<>();
    List<List<Vertex>> groups = new ArrayList<>();
    for (Vertex v : vertices) {
      if (!members.contains(v.id())) {
        continue;
      }
      List<Vertex> own = new ArrayList<>(List.of(v));
      of.put(v.id(), own);
      groups.add(own);
      for (Vertex x : v.in()) {
        List<Vertex> other = of.get(x.id());
        if (other != null && !other.contains(v)) {
          List<Vertex> mine = of.getOrDefault(v.id(), own);
          other.addAll(mine);
          mine.forEach(m -> of.put(m.id(), other));
          groups.removeIf(g -> isSame(g, mine));
        }
      }
    }
    groups.forEach(g -> g.sort((a, b) -> Integer.compare(a.id(), b.id())));
    return groups;
  }

  @SuppressWarnings("ReferenceEquality") // that list, not one with equal elements
  private static boolean isSame(List<Vertex> a, List<Vertex> b) {
    return a == b;
  }

  /// Groups so that none writes a state which a later one reads. Where that cannot be, or a group
  /// reads a state that it writes in another order of elements, its results are computed like all
  /// else and copied.
  private List<List<Vertex>> inOrder(List<List<Vertex>> groups) {
    List<List<Vertex>> rest = new ArrayList<>(groups);
    rest.removeIf(g -> {
      boolean self = readsItself(g);
      if (self) {
        g.forEach(v -> members.remove(v.id()));
      }
      return self;
    });
    List<List<Vertex>> order = new ArrayList<>();
    while (!rest.isEmpty()) {
      List<Vertex> next = rest.getFirst();
      boolean free = false;
      for (List<Vertex> g : rest) {
        if (nobodyElseReads(g, rest)) {
          next = g;
          free = true;
          break;
        }
      }
      if (free) {
        order.add(next);
      } else {
        next.forEach(v -> members.remove(v.id()));
      }
      List<Vertex> done = next;
      rest.removeIf(g -> isSame(g, done));
    }
    return order;
  }

  private boolean nobodyElseReads(List<Vertex> group, List<List<Vertex>> others) {
    Set<Integer> written = written(group);
    for (List<Vertex> other : others) {
      if (!isSame(other, group)) {
        for (Vertex v : other) {
          for (Vertex x : v.in()) {
            if (written.contains(state(x))) {
              return false;
            }
          }
        }
      }
    }
    return true;
  }

  private boolean readsItself(List<Vertex> group) {
    Set<Integer> written = written(group);
    for (Vertex v : group) {
      for (Vertex x : v.in()) {
        Placement p = placements.get(x);
        if (p != null
            && written.contains(state(x))
            && !(p.isWhole() && p.layout().shape().equals(v.shape()))) {
          return true;
        }
      }
    }
    return false;
  }

  private Set<Integer> written(List<Vertex> group) {
    Set<Integer> states = new HashSet<>();
    group.forEach(v -> states.add(target.getOrDefault(v.id(), -1)));
    states.remove(-1);
    return states;
  }

  /// The state in whose memory a value is, or -2.
  private int state(Vertex x) {
    Placement p = placements.get(x);
    Vertex base = p == null ? x : p.base();
    return base.origin() instanceof Origin.State(int place) ? place : -2;
  }
}
