package org.cotangent.autograd.graph;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import org.cotangent.autograd.backend.Layout;
import org.cotangent.autograd.backend.Viewing;
import org.cotangent.autograd.graph.Vertex.Origin;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.shape.Shape;

/// Joins operations into kernels: elementwise operations of one shape into one pass over memory,
/// with a product of matrices in front if one of them reads it, or sums over what they give behind;
/// and what parameters become into passes that write to them in place.
///
/// Every value has a *stage*: how many kernels, at least, have to be over before it can be
/// computed. Elementwise operations of one shape and stage cannot wait for each other through
/// another kernel, so those that share a value may be one kernel. A comparison with a number of a
/// value that is written down anyway waits for the first who needs it: a mask would take memory and
/// time, reading the value again takes neither.
final class Fuse {
  /// Operations in a kernel at most.
  static final int LONGEST = 64;

  private final Graph graph;
  private final List<Vertex> vertices;
  private final IdentityHashMap<Vertex, Placement> placements = new IdentityHashMap<>();
  private final IdentityHashMap<Vertex, Integer> stage = new IdentityHashMap<>();
  private final IdentityHashMap<Vertex, List<Vertex>> users = new IdentityHashMap<>();
  private final Set<Integer> results = new HashSet<>(); // values read outside the kernels
  private final Sums sums = new Sums(placements);

  private Fuse(Graph graph) {
    this.graph = graph;
    this.vertices = graph.vertices();
  }

  static Schedule of(Graph graph) {
    return new Fuse(graph).schedule();
  }

  private Schedule schedule() {
    for (Vertex v : vertices) {
      placements.put(v, place(v));
      stage.put(v, stageOf(v));
      for (Vertex x : v.in()) {
        users.computeIfAbsent(x, _ -> new ArrayList<>()).add(v);
      }
      sums.look(v);
    }
    graph.outputs().forEach(v -> results.add(base(v).id()));
    var updates = new Updates(graph, vertices, users, placements);
    updates.kernels().forEach(u -> u.kernel().reads().forEach(v -> results.add(base(v).id())));
    updates.copies().forEach(a -> results.add(base(a.value()).id()));
    delayMasks();
    List<Kernel> kernels = inOrder(kernels(updates));
    return new Schedule(graph, kernels, updates.kernels(), updates.copies(), placements);
  }

  private Placement placement(Vertex v) {
    return placements.getOrDefault(v, new Placement(v, Layout.of(v.shape())));
  }

  private Vertex base(Vertex v) {
    return placement(v).base();
  }

  private Placement place(Vertex v) {
    if (v.origin() instanceof Origin.Constant(var numbers)) {
      return new Placement(v, numbers.layout());
    }
    if (v.origin() instanceof Origin.Applied(Op op) && !(op instanceof Op.Elementwise)) {
      Placement x = placement(v.in().getFirst());
      Optional<Layout> view = Viewing.of(op, x.layout(), v.shape());
      if (view.isPresent()) {
        return new Placement(x.base(), view.get());
      }
    }
    return new Placement(v, Layout.of(v.shape()));
  }

  private static boolean isView(Vertex v, Placement p) {
    return v.id() != p.base().id();
  }

  private boolean isViewOf(Vertex y, Vertex x) {
    return y.id() != x.id() && base(y).id() == x.id();
  }

  private int stageOf(Vertex v) {
    if (!v.isComputed()) {
      return -1;
    }
    if (isView(v, placement(v))) {
      return stage.getOrDefault(base(v), -1);
    }
    int s = -1;
    for (Vertex x : v.in()) {
      int before = stage.getOrDefault(base(x), -1);
      s = Math.max(s, v.isElementwise() && joins(x, v.shape()) ? before : before + 1);
    }
    return s;
  }

  /// Whether an operand may be computed in the same kernel as what is made of it.
  private static boolean joins(Vertex x, Shape shape) {
    return x.isElementwise() && x.shape().equals(shape);
  }

  private void delayMasks() {
    for (Vertex v : vertices) {
      if (!(v.origin() instanceof Origin.Applied(Op.Compare _)) || results.contains(v.id())) {
        continue;
      }
      int first = Integer.MAX_VALUE; // stage of who needs it
      for (Vertex u : users.getOrDefault(v, List.of())) {
        int s = u.isElementwise() && joins(v, u.shape()) ? stage.getOrDefault(u, -1) : -1;
        first = Math.min(first, s);
      }
      for (Vertex x : v.in()) {
        if (!(base(x).origin() instanceof Origin.Known) && !isKept(x, v, first)) {
          first = -1;
        }
      }
      if (first < Integer.MAX_VALUE && first > stage.getOrDefault(v, -1)) {
        stage.put(v, first);
      }
    }
  }

  /// Whether an operand of `v` is in memory at a stage, whatever becomes of `v`.
  private boolean isKept(Vertex x, Vertex v, int until) {
    if (!x.shape().equals(v.shape())) {
      return false;
    }
    if (!x.isElementwise()) {
      return !x.isComputed();
    }
    return results.contains(x.id())
        || users.getOrDefault(x, List.of()).stream()
            .filter(u -> u.id() != v.id() && !(u.isElementwise() && joins(x, u.shape())))
            .anyMatch(u -> stage.getOrDefault(u, -1) >= until - 1);
  }

  // ---- Kernels

  private List<Kernel> kernels(Updates updates) {
    Map<Integer, List<Vertex>> groups = groups(updates);
    IdentityHashMap<Vertex, Kernel.Elementwise> after = new IdentityHashMap<>();
    List<Kernel> kernels = new ArrayList<>();
    for (List<Vertex> group : groups.values()) {
      for (int from = 0; from < group.size(); from += LONGEST) {
        List<Vertex> part = group.subList(from, Math.min(from + LONGEST, group.size()));
        Optional<Vertex> product = from == 0 ? productBefore(part, after) : Optional.empty();
        if (product.isPresent()) {
          after.put(product.get(), Chain.of(part, needed(part, List.of()), placements));
        } else {
          kernels.add(elementwise(part));
        }
      }
    }
    for (Vertex v : vertices) {
      if (v.isComputed() && !v.isElementwise() && !isView(v, placement(v)) && !sums.isTaken(v)) {
        boolean isProduct = v.origin() instanceof Origin.Applied(Op.MatMul _);
        kernels.add(
            isProduct
                ? new Kernel.Product(v, Optional.ofNullable(after.get(v)))
                : new Kernel.Single(v));
      }
    }
    return kernels;
  }

  /// Elementwise operations that become one kernel, by the number of one of them.
  private Map<Integer, List<Vertex>> groups(Updates updates) {
    Map<Integer, Integer> parent = new HashMap<>();
    Map<List<Object>, Integer> firstReader = new HashMap<>();
    for (Vertex v : vertices) {
      if (!v.isElementwise() || updates.contains(v)) {
        continue;
      }
      parent.put(v.id(), v.id());
      int s = stage.getOrDefault(v, -1);
      for (Vertex x : v.in()) {
        boolean inside = joins(x, v.shape()) && stage.getOrDefault(x, -1) == s;
        if (inside && parent.containsKey(x.id())) {
          parent.put(root(parent, v.id()), root(parent, x.id()));
        } else if (x.shape().equals(v.shape())) {
          Integer other = firstReader.putIfAbsent(List.of(x.id(), s), v.id());
          if (other != null) {
            parent.put(root(parent, v.id()), root(parent, other));
          }
        }
      }
    }
    Map<Integer, List<Vertex>> groups = new HashMap<>();
    for (Vertex v : vertices) {
      if (parent.containsKey(v.id())) {
        groups.computeIfAbsent(root(parent, v.id()), _ -> new ArrayList<>()).add(v);
      }
    }
    return groups;
  }

  private static int root(Map<Integer, Integer> parent, int id) {
    int r = id;
    for (int p = parent.getOrDefault(r, r); p != r; p = parent.getOrDefault(r, r)) {
      r = p;
    }
    return r;
  }

  /// The product of two matrices that a kernel can follow at once: the latest that it reads, one
  /// stage before it, so that nothing else that it reads can wait for that product; and read in
  /// place only, as not all of it is there yet.
  private Optional<Vertex> productBefore(
      List<Vertex> part, IdentityHashMap<Vertex, Kernel.Elementwise> taken) {
    int s = stage.getOrDefault(part.getFirst(), -1);
    return part.stream()
        .flatMap(v -> v.in().stream())
        .filter(x -> x.origin() instanceof Origin.Applied(Op.MatMul _))
        .filter(x -> x.shape().equals(part.getFirst().shape()) && x.shape().rank() == 2)
        .filter(x -> stage.getOrDefault(x, -1) == s - 1 && !taken.containsKey(x))
        .filter(x -> part.stream().flatMap(v -> v.in().stream()).noneMatch(y -> isViewOf(y, x)))
        .max(Comparator.comparingInt(Vertex::id));
  }

  /// A kernel of its own, with the sums that can follow.
  private Kernel elementwise(List<Vertex> part) {
    List<Vertex> then = sums.after(part);
    List<Vertex> needed = needed(part, then);
    if (then.isEmpty()) {
      return Chain.of(part, needed, placements);
    }
    Set<Vertex> all = new LinkedHashSet<>(needed);
    then.forEach(s -> all.add(base(s.in().getFirst())));
    Kernel.Elementwise chain = Chain.of(part, List.copyOf(all), placements);
    return new Kernel.Summed(chain, needed.size(), then);
  }

  /// What others read than the operations of a kernel and the sums that follow.
  private List<Vertex> needed(List<Vertex> part, List<Vertex> then) {
    Set<Integer> summing = new HashSet<>();
    then.forEach(v -> summing.add(v.id()));
    Set<Integer> inside = new HashSet<>(summing);
    part.forEach(v -> inside.add(v.id()));
    return part.stream()
        .filter(v -> results.contains(v.id()) || isReadBeside(v, inside, summing))
        .toList();
  }

  private boolean isReadBeside(Vertex x, Set<Integer> inside, Set<Integer> summing) {
    return users.getOrDefault(x, List.of()).stream()
        .filter(u -> !inside.contains(u.id()))
        .anyMatch(u -> !isView(u, placement(u)) || isReadBeside(u, summing, summing));
  }

  // ---- Order

  /// Kernels so that each comes after those it reads from, else in the order of the function.
  private List<Kernel> inOrder(List<Kernel> kernels) {
    IdentityHashMap<Vertex, Kernel> writer = new IdentityHashMap<>();
    kernels.forEach(k -> k.writes().forEach(v -> writer.put(v, k)));
    IdentityHashMap<Kernel, Integer> waits = new IdentityHashMap<>();
    IdentityHashMap<Kernel, List<Kernel>> next = new IdentityHashMap<>();
    PriorityQueue<Kernel> ready = new PriorityQueue<>(Comparator.comparingInt(Fuse::last));
    for (Kernel k : kernels) {
      Set<Vertex> sources = new HashSet<>();
      k.reads().forEach(v -> sources.add(base(v)));
      int n = 0;
      for (Vertex v : sources) {
        Kernel w = writer.get(v);
        if (w != null) {
          next.computeIfAbsent(w, _ -> new ArrayList<>()).add(k);
          n++;
        }
      }
      waits.put(k, n);
      if (n == 0) {
        ready.add(k);
      }
    }
    List<Kernel> order = new ArrayList<>();
    for (Kernel k = ready.poll(); k != null; k = ready.poll()) {
      order.add(k);
      for (Kernel after : next.getOrDefault(k, List.of())) {
        if (waits.merge(after, -1, Integer::sum) == 0) {
          ready.add(after);
        }
      }
    }
    if (order.size() != kernels.size()) {
      throw new AssertionError("kernels that wait for each other");
    }
    return order;
  }

  private static int last(Kernel k) {
    return k.writes().stream().mapToInt(Vertex::id).max().orElse(0);
  }
}
