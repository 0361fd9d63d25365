package org.cotangent.autograd;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.function.Predicate;
import org.cotangent.autograd.backend.Eager;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.op.Recorded;
import org.cotangent.autograd.op.Value;
import org.cotangent.autograd.shape.Shape;
import org.jspecify.annotations.Nullable;

/// Reverse accumulation: from results to operands, deepest node first, so that a node is visited
/// once, when the gradients from all its consumers have come in. No recursion: graphs may be deep.
final class Backward {
  private final IdentityHashMap<Node, Pending> pending = new IdentityHashMap<>();
  private final PriorityQueue<Pending> queue = new PriorityQueue<>();
  private final Predicate<Node> wanted;
  private final boolean release;
  private final Replays replays = new Replays();
  private final @Nullable Anomaly anomaly = Anomaly.current();
  private final boolean reuses =
      anomaly == null && !Recording.isOn() && Recording.interpreter() instanceof Eager;
  private int arrivals;

  /// A node and the gradient gathered for it so far.
  private static final class Pending implements Comparable<Pending> {
    final Node node;
    final int arrival;
    Tensor g;
    boolean isNew; // made in this walk for this node

    Pending(Node node, Tensor g, boolean isNew, int arrival) {
      this.node = node;
      this.g = g;
      this.isNew = isNew;
      this.arrival = arrival;
    }

    @Override
    public int compareTo(Pending o) {
      // Equal depths in order of arrival, so that sums are always formed in the same order.
      int byDepth = Integer.compare(o.node.depth, node.depth);
      return byDepth != 0 ? byDepth : Integer.compare(arrival, o.arrival);
    }
  }

  private Backward(Predicate<Node> wanted, boolean release) {
    this.wanted = wanted;
    this.release = release;
  }

  /// Adds the gradient of every leaf behind `y`, and of every kept node, to what it has gathered.
  static void accumulate(Node y, Tensor cotangent, boolean release) {
    var walk = new Backward(_ -> true, release);
    walk.add(y, cotangent, false);
    List<Pending> done = new ArrayList<>();
    walk.run(p -> {
      boolean kept = p.node instanceof Node.Leaf || (p.node instanceof Node.Step s && s.keepsGrad);
      if (kept) {
        done.add(p);
      }
      return kept;
    });
    // Only now: a rule that fails half-way leaves every gradient as it was.
    for (Pending p : done) {
      p.node.accumulate(p.g);
    }
    for (Pending p : done) {
      compute(p.node.grad);
    }
    if (!Recording.isOn()) {
      own(done);
    }
  }

  /// Notes which gradients are in memory that nothing else refers to: those computed in this walk
  /// that came to one place only. Rules of the engine keep nothing, users' rules see shared memory.
  private static void own(List<Pending> done) {
    IdentityHashMap<Value, Integer> places = new IdentityHashMap<>();
    for (Pending p : done) {
      places.merge(p.g.peek(), 1, Integer::sum);
    }
    for (Pending p : done) {
      Tensor g = p.node.grad;
      p.node.ownsGrad =
          p.node instanceof Node.Leaf
              && g != null
              && places.getOrDefault(g.peek(), 0) == 1
              && Eager.isOwned(g.peek());
    }
  }

  /// The gradients of the targets, where a gradient reaches them.
  static IdentityHashMap<Node, Tensor> gradients(
      List<Node> roots, List<Tensor> cotangents, List<Node> targets, boolean release) {
    IdentityHashMap<Node, Boolean> leading = leadingTo(roots, targets);
    var walk = new Backward(n -> leading.getOrDefault(n, false), release);
    for (int i = 0; i < roots.size(); i++) {
      walk.add(roots.get(i), cotangents.get(i), false);
    }
    Set<Node> asked = Collections.newSetFromMap(new IdentityHashMap<>());
    asked.addAll(targets);
    IdentityHashMap<Node, Tensor> found = new IdentityHashMap<>();
    walk.run(p -> {
      boolean kept = asked.contains(p.node);
      if (kept) {
        found.put(p.node, p.g);
      }
      return kept;
    });
    found.values().forEach(Backward::compute);
    return found;
  }

  /// A gradient that leaves the walk does not wait.
  private static void compute(@Nullable Tensor g) {
    if (g != null && Eager.hasNumbers(g.peek())) {
      Eager.numbers(g.peek());
    }
  }

  private interface Visitor {
    /// Whether the gradient is somebody's from now on.
    boolean visit(Pending p);
  }

  private void run(Visitor visitor) {
    if (anomaly == null) {
      walk(visitor);
    } else {
      anomaly.quietly(() -> walk(visitor));
    }
  }

  private void walk(Visitor visitor) {
    for (Pending p = queue.poll(); p != null; p = queue.poll()) {
      pending.remove(p.node);
      Value g = p.g.peek();
      if (p.node.notes != null) {
        p.g = p.node.hooked(p.g);
        if (anomaly != null) {
          anomaly.checkHooked(p.node, p.g);
        }
      }
      boolean kept = visitor.visit(p);
      if (p.node instanceof Node.Step step) {
        pull(step, p.g);
      }
      if (reuses && (!kept || isOwn(p))) {
        Eager.release(g);
      }
    }
  }

  private void pull(Node.Step step, Tensor g) {
    Tensor[] in = replays.in(step);
    Tensor out = replays.out(step);
    List<Tensor> custom = List.of();
    if (step.op instanceof CustomOp c) {
      // A user's rule gives all gradients in one call, and may keep what it sees.
      Eager.share(g.peek());
      custom = c.gradients(in, out, g);
      custom.forEach(gi -> Eager.share(gi.peek()));
    }
    for (int i = 0; i < in.length; i++) {
      Node n = in[i].node();
      if (n != null && wanted.test(n)) {
        Tensor gi = custom.isEmpty() ? Derivatives.pullback(step.op, i, in, out, g) : custom.get(i);
        boolean isNew = reuses && custom.isEmpty() && !isAmong(gi.peek(), g, in, out);
        if (isNew) {
          Eager.donateBehind(gi.peek(), v -> isAmong(v, g, in, out));
        }
        Tensor fitted = fit(gi, in[i], step.op);
        boolean isFitted = !isSame(fitted.peek(), gi.peek());
        if (isNew && isFitted) {
          Eager.donate(gi.peek());
        }
        if (anomaly != null) {
          anomaly.checkGradient(step, i, in, out, g, fitted);
        }
        add(n, fitted, isNew || (reuses && isFitted));
      }
    }
    replays.done(step);
    if (release) {
      step.release();
    }
  }

  private static boolean isAmong(Value v, Tensor g, Tensor[] in, Tensor out) {
    boolean found = isSame(v, g.peek()) || isSame(v, out.peek());
    for (Tensor x : in) {
      found |= isSame(v, x.peek());
    }
    return found;
  }

  @SuppressWarnings("ReferenceEquality") // that value, not one with equal numbers
  private static boolean isSame(Value v, Value w) {
    return v == w;
  }

  /// @param isNew whether the gradient was made for this node and nobody else has seen it
  private void add(Node n, Tensor g, boolean isNew) {
    if (!wanted.test(n)) {
      return;
    }
    if (n instanceof Node.Leaf && Eager.awaitsProduct(g.peek())) {
      compute(g); // while its operands are in the cache, and need not be kept longer
    }
    Pending p = pending.get(n);
    if (p == null) {
      p = new Pending(n, g, isNew, arrivals++);
      pending.put(n, p);
      queue.add(p);
    } else {
      Tensor before = p.g;
      p.g = before.add(g);
      if (anomaly != null) {
        anomaly.checkSum(n, p.g);
      }
      if (reuses) { // the sum holds its operands as long as it waits
        Eager.release(before.peek());
        if (isOwn(p)) {
          Eager.donate(before.peek());
        }
        if (isNew) {
          Eager.donate(g.peek());
        }
        p.isNew = true;
      }
    }
    if (reuses) {
      Eager.hold(p.g.peek());
      if (p.isNew && !isOwn(p)) {
        Eager.donate(p.g.peek());
      }
    }
  }

  /// Whether the gradient is the leaf's alone. It is not donated, so that its memory can serve the
  /// leaf's next gradient.
  private static boolean isOwn(Pending p) {
    return p.isNew && p.node instanceof Node.Leaf;
  }

  /// Undoes broadcasting and conversion: the gradient in the operand's shape and dtype.
  static Tensor fit(Tensor g, Tensor x, Recorded op) {
    Tensor converted = g.to(x.dtype());
    Shape shape = x.shape();
    if (converted.shape().equals(shape)) {
      return converted;
    }
    if (converted.shape().broadcastsTo(shape)) {
      return converted.expand(shape);
    }
    if (!shape.broadcastsTo(converted.shape())) {
      throw new IllegalStateException(
          "%s: its rule returned a gradient of shape %s for an operand of shape %s"
              .formatted(Node.name(op), g.shape(), shape));
    }
    return Recording.apply(new Op.Sum(shape), converted);
  }

  /// Every node from which a target can be reached, mapped to true; all others visited to false.
  static IdentityHashMap<Node, Boolean> leadingTo(List<Node> roots, List<Node> targets) {
    IdentityHashMap<Node, Boolean> leads = new IdentityHashMap<>();
    for (Node t : targets) {
      leads.put(t, true);
    }
    List<Node> order = consumersFirst(roots);
    for (int k = order.size() - 1; k >= 0; k--) {
      Node n = order.get(k);
      boolean any = leads.getOrDefault(n, false);
      if (n instanceof Node.Step s) {
        for (Tensor x : s.in()) {
          @Nullable Node m = x.node();
          any |= m != null && leads.getOrDefault(m, false);
        }
      }
      leads.put(n, any);
    }
    return leads;
  }

  /// All nodes behind the roots, deepest first.
  static List<Node> consumersFirst(List<Node> roots) {
    IdentityHashMap<Node, Boolean> seen = new IdentityHashMap<>();
    List<Node> all = new ArrayList<>();
    for (Node r : roots) {
      if (seen.put(r, true) == null) {
        all.add(r);
      }
    }
    for (int k = 0; k < all.size(); k++) {
      if (all.get(k) instanceof Node.Step s) {
        for (Tensor x : s.in()) {
          Node n = x.node();
          if (n != null && seen.put(n, true) == null) {
            all.add(n);
          }
        }
      }
    }
    all.sort((a, b) -> Integer.compare(b.depth, a.depth)); // stable: the order is reproducible
    return all;
  }
}
