package org.cotangent.autograd;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.WeakHashMap;
import java.util.function.Function;
import org.cotangent.autograd.backend.Eager;
import org.cotangent.autograd.op.Interpreter;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.op.Value;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.jspecify.annotations.Nullable;

/// A stretch of the graph whose steps save nothing: a walk that comes to it runs the function again
/// (Chen et al., Training Deep Nets with Sublinear Memory Cost, 2016).
///
/// The steps are those of an ordinary graph, with the same operands and depths; only their numbers
/// come from the second run, of which step `k` stands for step `k` of the first ([Replays]). So a
/// walk visits the same nodes and adds in the same order as without, and every order of
/// differentiation follows.
///
/// During the first run the steps hold what they saved, as the function may itself take gradients;
/// they let go of it when it ends. A checkpoint inside another then keeps nothing at all, not even
/// its inputs: they come from the second run of the one around it.
final class Checkpoint {
  /// The run under way, for generators of random numbers and for nested checkpoints.
  private static final ScopedValue<Run> RUN = ScopedValue.newInstance();

  /// What is to be run again: the function, its inputs, and where the generators stood at their
  /// first number.
  private record Source(
      Function<List<Tensor>, Tensor> f, List<Tensor> in, Map<Rng, Rng.State> draws) {}

  /// How a step of the second run is told from another.
  private record Mark(String op, Shape shape, DType dtype) {
    static Mark of(Node.Step s) {
      Tensor out = s.out();
      return new Mark(Node.name(s.op), out.shape(), out.dtype());
    }
  }

  private final @Nullable Checkpoint around;
  private final int place;
  private @Nullable Source source;
  private final List<Mark> marks = new ArrayList<>();
  private final List<Checkpoint> nested = new ArrayList<>();
  private final Map<Node, WeakReference<Value>> parameters = new WeakHashMap<>();
  private int parts; // steps, and checkpoints inside that have some
  private int released;

  private Checkpoint(@Nullable Checkpoint around, int place) {
    this.around = around;
    this.place = place;
  }

  /// `f(in)`, recorded without its intermediate results.
  static Tensor run(Function<List<Tensor>, Tensor> f, List<Tensor> in) {
    if (!Recording.isOn() || Tracing.isOn()) { // a program plans its memory itself
      return f.apply(in);
    }
    @Nullable Run outer = RUN.isBound() ? RUN.get() : null;
    Checkpoint c =
        switch (outer) {
          case null -> new Checkpoint(null, 0);
          case First o -> o.checkpoint.nest();
          case Again o -> o.nest();
        };
    List<Tensor> copy = List.copyOf(in);
    // A parameter may be assigned before the second run, which must see the value of now.
    List<Tensor> now = copy.stream().map(x -> new Tensor(x.value(), x.node())).toList();
    var first = new First(c, outer);
    Tensor y = first.scope().call(() -> f.apply(copy));
    first.end();
    c.source = new Source(f, now, first.draws);
    return y;
  }

  private Checkpoint nest() {
    var c = new Checkpoint(this, nested.size());
    nested.add(c);
    return c;
  }

  /// Called by a generator that is about to give numbers, so that it can give them again.
  static void drawing(Rng rng) {
    if (RUN.isBound()) {
      for (Run r = RUN.get(); r instanceof First f; r = f.outer) {
        f.draws.putIfAbsent(rng, rng.state());
      }
    }
  }

  /// Whether a function is being run for the second time in this scope.
  static boolean isRunningAgain() {
    Run r = RUN.isBound() ? RUN.get() : null;
    while (r instanceof First f) {
      r = f.outer;
    }
    return r != null;
  }

  /// Whether its inputs come from the second run of another.
  boolean isInside() {
    return source == null && around != null;
  }

  Checkpoint around() {
    return Objects.requireNonNull(around);
  }

  /// Called when a walk has released one of the steps, or all of a checkpoint inside.
  void released() {
    released++;
    if (released == parts) {
      source = null;
      giveBack();
      if (around != null) {
        around.released();
      }
    }
  }

  /// Lets optimisers write over the parameters again.
  private void giveBack() {
    for (WeakReference<Value> r : parameters.values()) {
      Value v = r.get();
      if (v != null) {
        Eager.giveBack(v);
      }
    }
  }

  /// A run of the function: an interpreter that sees what is recorded.
  abstract static sealed class Run implements Witness {
    private final Interpreter beneath = Recording.interpreter();

    ScopedValue.Carrier scope() {
      return ScopedValue.where(Interpreter.CURRENT, this).where(RUN, this);
    }

    @Override
    public final Interpreter beneath() {
      return beneath;
    }

    @Override
    public final Value apply(Op op, Value... in) {
      return beneath.apply(op, in);
    }

    @Override
    public final Value constant(double v, DType dtype) {
      return beneath.constant(v, dtype);
    }

    @Override
    public final void recorded(Tensor[] in, Tensor y) {
      if (y.node() instanceof Node.Step s) {
        recorded(in, s);
      }
      passOn(in, y);
    }

    abstract void recorded(Tensor[] in, Node.Step s);

    /// Whether what is recorded now belongs to this run, not to one inside it.
    @SuppressWarnings("ReferenceEquality") // a run is itself
    final boolean isInnermost() {
      return RUN.get() == this;
    }
  }

  /// The run that gives the result.
  private static final class First extends Run {
    final Checkpoint checkpoint;
    final @Nullable Run outer;
    final Map<Rng, Rng.State> draws = new HashMap<>();
    private final List<Node.Step> steps = new ArrayList<>();

    First(Checkpoint checkpoint, @Nullable Run outer) {
      this.checkpoint = checkpoint;
      this.outer = outer;
    }

    @Override
    void recorded(Tensor[] in, Node.Step s) {
      for (Tensor x : in) {
        if (x.node() instanceof Node.Leaf leaf && !checkpoint.parameters.containsKey(leaf)) {
          checkpoint.parameters.put(leaf, new WeakReference<>(x.peek()));
          Eager.lend(x.peek()); // an optimiser must not write over it
        }
      }
      if (isInnermost()) {
        checkpoint.marks.add(Mark.of(s));
        steps.add(s);
      }
    }

    /// Takes their numbers away from the steps, and their inputs from the checkpoints inside.
    void end() {
      for (int k = 0; k < steps.size(); k++) {
        steps.get(k).leaveTo(checkpoint, k);
      }
      checkpoint.parts = steps.size();
      for (Checkpoint c : checkpoint.nested) {
        checkpoint.parts += c.parts > 0 ? 1 : 0;
        c.source = null;
      }
      checkpoint.nested.clear();
    }
  }

  /// A second run, which keeps what the steps save.
  static final class Again extends Run {
    private final Checkpoint checkpoint;
    private final List<Node.@Nullable Step> steps = new ArrayList<>();
    private final List<Mark> marks = new ArrayList<>();
    private final List<@Nullable Checkpoint> nested = new ArrayList<>();
    private int forgotten;

    private Again(Checkpoint checkpoint) {
      this.checkpoint = checkpoint;
    }

    @Override
    void recorded(Tensor[] in, Node.Step s) {
      for (Tensor x : in) {
        checkpoint.requireUnchanged(x);
      }
      if (isInnermost()) {
        marks.add(Mark.of(s));
        steps.add(s);
      }
    }

    Checkpoint nest() {
      var c = new Checkpoint(null, nested.size());
      nested.add(c);
      return c;
    }

    /// The step that stands for one of the first run.
    Node.Step step(Node.Step first) {
      return Objects.requireNonNull(steps.get(Objects.requireNonNull(first.notes).place));
    }

    /// The checkpoint that stands for one inside the first run.
    Checkpoint nested(Checkpoint first) {
      if (first.place >= nested.size()) {
        throw otherPath("it met %d checkpoints then and more before".formatted(nested.size()));
      }
      return Objects.requireNonNull(nested.get(first.place));
    }

    void forget(Node.Step first) {
      step(first).release();
      steps.set(Objects.requireNonNull(first.notes).place, null);
      forgotten++;
    }

    void forget(Checkpoint first) {
      nested(first).giveBack();
      nested.set(first.place, null);
      forgotten++;
    }

    /// Whether a walk has passed everything in it.
    boolean isDone() {
      return forgotten == steps.size() + nested.size();
    }

    void requireLike(Checkpoint first) {
      int n = Math.min(marks.size(), first.marks.size());
      for (int k = 0; k < n; k++) {
        Mark a = first.marks.get(k);
        Mark b = marks.get(k);
        if (!a.equals(b)) {
          throw otherPath(
              "operation %d was %s of %s, %s and then %s of %s, %s"
                  .formatted(k, a.op, a.shape, a.dtype, b.op, b.shape, b.dtype));
        }
      }
      if (marks.size() != first.marks.size()) {
        throw otherPath(
            "%d operations were recorded, and then %d".formatted(first.marks.size(), marks.size()));
      }
    }
  }

  /// Runs the function again, with the random numbers of the first time.
  Again again() {
    Source s = source;
    if (s == null) {
      throw new IllegalStateException(
          "checkpoint: the graph behind it was released by an earlier backward(); pass RETAIN_GRAPH to that call to walk it again");
    }
    Map<Rng, Rng.State> now = new HashMap<>();
    s.draws.forEach((rng, then) -> {
      now.put(rng, rng.state());
      rng.restore(then);
    });
    var again = new Again(this);
    try {
      again.scope().call(() -> Grad.recording(() -> s.f.apply(s.in)));
    } finally {
      now.forEach(Rng::restore);
    }
    return again;
  }

  @SuppressWarnings("ReferenceEquality") // the same numbers in memory, not equal ones
  private void requireUnchanged(Tensor x) {
    WeakReference<Value> then = x.node() instanceof Node.Leaf n ? parameters.get(n) : null;
    if (then != null && then.get() != x.peek()) {
      throw new IllegalStateException(
          "checkpoint: a parameter (%s, %s) was assigned between the forward and the backward pass, which must see the same numbers; step the optimiser after backward()"
              .formatted(x.shape(), x.dtype()));
    }
  }

  private static IllegalStateException otherPath(String what) {
    return new IllegalStateException(
        "checkpoint: the function did something else when it was run again: %s; it must depend on its inputs, parameters and Rng only"
            .formatted(what));
  }
}
