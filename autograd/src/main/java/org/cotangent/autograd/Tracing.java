package org.cotangent.autograd;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.cotangent.autograd.backend.Eager;
import org.cotangent.autograd.graph.State;
import org.cotangent.autograd.graph.Trace;
import org.cotangent.autograd.op.Interpreter;
import org.cotangent.autograd.op.Value;
import org.jspecify.annotations.Nullable;

/// What a function that is being compiled does to things outside it: parameters that it reads and
/// assigns, gradients that it gathers, Java state that it moves on.
final class Tracing {
  private static final ScopedValue<Optional<Tracing>> CURRENT = ScopedValue.newInstance();

  private final Trace trace = new Trace();
  private final Eager eager;
  private final IdentityHashMap<Tensor, Parameter> parameters = new IdentityHashMap<>();
  private final IdentityHashMap<Node, Outside> gradients = new IdentityHashMap<>();
  private final List<Runnable> effects = new ArrayList<>();
  private final Set<Rng> generators = new LinkedHashSet<>(); // by identity: they have no equals

  /// A parameter as a state of the program.
  private record Parameter(Tensor tensor) implements State {
    @Override
    public Value get() {
      return tensor.peek();
    }

    @Override
    public void set(Value numbers) {
      tensor.assignOwned(numbers);
    }
  }

  /// A gradient that was there before.
  private record Outside(@Nullable Tensor grad, boolean owns) {}

  Tracing(Eager eager) {
    this.eager = eager;
  }

  /// Whether a function is being traced; its operations may go through other interpreters first,
  /// such as vmap.
  static boolean isOn() {
    return CURRENT.isBound() && CURRENT.get().isPresent();
  }

  static Tracing now() {
    return CURRENT.get().orElseThrow();
  }

  Trace trace() {
    return trace;
  }

  /// Runs a function on values of the trace. If it fails, gradients are as they were.
  <T> T run(ScopedValue.CallableOp<T, RuntimeException> body) {
    boolean done = false;
    try {
      T result =
          ScopedValue.where(CURRENT, Optional.of(this))
              .where(Interpreter.CURRENT, trace)
              .call(body);
      done = true;
      return result;
    } finally {
      for (Node n : gradients.keySet()) {
        Outside o = gradients.get(n);
        n.grad = done || o == null ? null : o.grad;
        n.ownsGrad = !done && o != null && o.owns;
      }
    }
  }

  <T> T outside(Supplier<T> body) {
    return ScopedValue.where(CURRENT, Optional.empty())
        .where(Interpreter.CURRENT, eager)
        .call(body::get);
  }

  // ---- Parameters

  Value read(Tensor p) {
    return trace.read(state(p));
  }

  void assign(Tensor p, Value v) {
    trace.assign(state(p), v);
  }

  /// What a parameter that is made inside holds.
  Value local(Value v) {
    return trace.constant(v);
  }

  private State state(Tensor p) {
    return parameters.computeIfAbsent(p, Parameter::new);
  }

  // ---- Gradients

  /// Before the gradient at a node is looked at or added to. A traced function starts without
  /// gradients, so one that is there must have been forgotten first.
  static void gradientOf(Node n) {
    if (n instanceof Node.Leaf && isOn()) {
      now().enter(n, false);
    }
  }

  /// Whether there is nothing more to do to forget the gradient at a node.
  static boolean forgets(Node n) {
    if (!(n instanceof Node.Leaf) || !isOn()) {
      return false;
    }
    now().enter(n, true);
    n.grad = null;
    n.ownsGrad = false;
    return true;
  }

  private void enter(Node n, boolean forget) {
    if (gradients.containsKey(n)) {
      return;
    }
    if (n.grad != null && !forget) {
      throw new IllegalStateException(
          "Jit: a parameter has a gradient from outside the compiled function, which would add to it once and"
              + " not in each run; call zeroGrad() first, inside or before");
    }
    gradients.put(n, new Outside(n.grad, n.ownsGrad));
    n.grad = null;
    n.ownsGrad = false;
  }

  /// The nodes whose gradients are gathered inside.
  Set<Node> gathered() {
    return gradients.keySet();
  }

  // ---- Java state

  void effect(Runnable r) {
    effects.add(r);
  }

  List<Runnable> effects() {
    return List.copyOf(effects);
  }

  /// Notes that each call draws from a generator.
  void draws(Rng rng) {
    generators.add(rng);
  }

  /// The generators that each call draws from.
  Set<Rng> generators() {
    return generators;
  }

  /// Fails while tracing: what a method gives would be the same in each run.
  static void refuse(String method, String cure) {
    if (isOn()) {
      throw new IllegalStateException(
          "%s: while Jit traces a function this would give the same numbers in every run; %s"
              .formatted(method, cure));
    }
  }
}
