package org.cotangent.nn;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import org.cotangent.autograd.Grad;
import org.cotangent.autograd.Jit;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.jspecify.annotations.Nullable;

/// Moves parameters against their gradients.
///
/// ```java
/// Optimizer sgd = new SGD(net, 0.1);
/// for (int epoch = 0; epoch < 1000; epoch++) {
///   sgd.zeroGrad();
///   loss.of(net.forward(x), t).backward();
///   sgd.step();
/// }
/// ```
public abstract class Optimizer {
  /// The update of one parameter, with the state that it carries from step to step.
  @FunctionalInterface
  protected interface Rule {
    /// Assigns the parameter its new numbers; runs without recording.
    ///
    /// @param p the parameter
    /// @param g its gradient, of its shape and dtype, lent for this call ([Grad#lend]): keep
    ///   `g.detach()`, if anything
    void update(Tensor p, Tensor g);

    /// The state after the steps so far, by name; before the first one, what it starts from. A rule
    /// that carries none leaves it empty; one that does must implement this and [#load], or its
    /// runs cannot be resumed.
    ///
    /// @param p the parameter
    default SequencedMap<String, Tensor> state(Tensor p) {
      return new LinkedHashMap<>();
    }

    /// Goes on from a state with the names, shapes and dtypes of [#state].
    default void load(Map<String, Tensor> state) {}
  }

  private static final class Slot {
    final Optimizer group;
    final Tensor parameter;
    @Nullable Rule rule;

    Slot(Optimizer group, Tensor parameter) {
      this.group = group;
      this.parameter = parameter;
    }

    /// Goes on from a state, or from the beginning if it is empty. A rule that is there stays: it
    /// is the one that compiled steps know.
    void load(Map<String, Tensor> state, Map<String, Tensor> beginning) {
      if (rule == null && !state.isEmpty()) {
        rule = group.rule();
      }
      if (rule != null && !beginning.isEmpty()) {
        rule.load(state.isEmpty() ? beginning : state);
      }
    }
  }

  /// Another optimiser whose parameters are moved too.
  ///
  /// @param ratio of its learning rate to the one here
  private record Group(Optimizer of, double ratio) {}

  private final List<Slot> slots = new ArrayList<>();
  private final List<Group> groups = new ArrayList<>();
  private double learningRate;
  private boolean maximized;

  /// For subclasses. A parameter that is listed twice is updated once a step.
  ///
  /// @throws IllegalArgumentException if there is no parameter, or a tensor is not one, or the
  ///   learning rate is not a number of 0 or more
  protected Optimizer(Collection<Tensor> parameters, double learningRate) {
    if (parameters.isEmpty()) {
      throw new IllegalArgumentException("an optimiser needs one parameter or more, but got none");
    }
    Set<Tensor> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    for (Tensor p : parameters) {
      if (!p.isLeaf()) {
        throw new IllegalArgumentException(
            "an optimiser can only move parameters, but got a tensor (%s, %s) that is none; make it with Tensor.parameter(...)"
                .formatted(p.shape(), p.dtype()));
      }
      if (seen.add(p)) {
        slots.add(new Slot(this, p));
      }
    }
    this.learningRate = number("learning rate", learningRate);
  }

  static double number(String what, double v) {
    if (!(v >= 0 && v < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "the %s %s must be finite and 0 or more".formatted(what, v));
    }
    return v;
  }

  static double fraction(String what, double v) {
    if (!(v >= 0 && v < 1)) {
      throw new IllegalArgumentException("%s %s must be 0 or more and below 1".formatted(what, v));
    }
    return v;
  }

  /// Moves parameters along their gradients instead of against them, so that what was
  /// differentiated grows; weight decay goes towards 0 still. Call it last when settings are
  /// chained.
  public final Optimizer maximize() {
    maximized = true;
    return this;
  }

  /// Takes over the parameters of another optimiser, which go on by its kind and settings:
  /// PyTorch's groups of parameters. The other one is not to be used any more.
  ///
  /// ```java
  /// // Weights decay, biases do not, and the head learns ten times as fast.
  /// Optimizer o = new AdamW(weights, 1e-4).and(new Adam(biases, 1e-4)).and(new AdamW(head, 1e-3));
  /// ```
  ///
  /// The learning rates stay in the ratio that they have now: [#learningRate(double)], and so a
  /// [Schedule], sets the one of this optimiser, and the others follow.
  ///
  /// @throws IllegalArgumentException if a parameter is in both, or the learning rate here is 0
  public final Optimizer and(Optimizer other) {
    if (!(learningRate > 0)) {
      throw new IllegalArgumentException(
          "and: the learning rate is 0, so that of the other group has no ratio to it");
    }
    for (Slot s : other.slots) {
      if (slots.stream().anyMatch(own -> own.parameter == s.parameter)) {
        throw new IllegalArgumentException(
            "and: a parameter (%s, %s) is in both groups"
                .formatted(s.parameter.shape(), s.parameter.dtype()));
      }
    }
    slots.addAll(other.slots);
    groups.add(new Group(other, other.learningRate / learningRate));
    learningRate(learningRate);
    return this;
  }

  /// A new rule, for a parameter that has a gradient for the first time.
  protected abstract Rule rule();

  /// Moves every parameter that has a gradient by one step; the others stay, with their state.
  public final void step() {
    Grad.runWithout(() -> slots.forEach(this::step));
  }

  private void step(Slot slot) {
    Tensor p = slot.parameter;
    if (!p.hasGrad()) {
      return;
    }
    Rule rule = slot.rule;
    if (rule == null) {
      rule = slot.group.rule();
      slot.rule = rule;
    }
    Rule chosen = rule;
    Grad.lend(p, g -> chosen.update(p, slot.group.maximized ? g.neg() : g));
  }

  // ---- Saving and loading

  private static final String RATE = "learning_rate";

  /// The learning rate, and what the rules carry from step to step: tensors named after the number
  /// of the parameter, such as `0.mean`, for those that have moved. With the parameters and the
  /// same settings this is all that a run needs to go on to the bit. Later steps do not change it.
  public final SequencedMap<String, Tensor> state() {
    SequencedMap<String, Tensor> state = new LinkedHashMap<>();
    state.put(RATE, Tensor.scalar(learningRate, DType.F64));
    for (int i = 0; i < slots.size(); i++) {
      Slot slot = slots.get(i);
      if (slot.rule != null) {
        String prefix = i + ".";
        slot.rule.state(slot.parameter).forEach((name, t) -> state.put(prefix + name, t.detach()));
      }
    }
    return Collections.unmodifiableSequencedMap(state);
  }

  /// Goes on from a state that an optimiser of the same kind, with the same settings and
  /// parameters, gave.
  ///
  /// @throws IllegalArgumentException if a name is missing or unexpected, or a shape or dtype
  ///   differs; nothing has changed then
  public final void load(Map<String, Tensor> state) {
    SequencedMap<String, Tensor> expected = new LinkedHashMap<>();
    expected.put(RATE, Tensor.scalar(0, DType.F64));
    List<SequencedMap<String, Tensor>> beginnings = new ArrayList<>();
    for (int i = 0; i < slots.size(); i++) {
      Slot slot = slots.get(i);
      SequencedMap<String, Tensor> beginning = slot.group.rule().state(slot.parameter);
      beginnings.add(beginning);
      String prefix = i + ".";
      if (state.keySet().stream().anyMatch(name -> name.startsWith(prefix))) {
        beginning.forEach((name, t) -> expected.put(prefix + name, t));
      }
    }
    State.requireFits("load", expected, state);
    for (int i = 0; i < slots.size(); i++) {
      String prefix = i + ".";
      Map<String, Tensor> own = new LinkedHashMap<>();
      state.forEach((name, t) -> {
        if (name.startsWith(prefix)) {
          own.put(name.substring(prefix.length()), t);
        }
      });
      slots.get(i).load(own, beginnings.get(i));
    }
    learningRate(state.getOrDefault(RATE, Tensor.scalar(learningRate, DType.F64)).item());
  }

  /// State for a parameter that starts from 0, such as a running mean.
  static Tensor zerosLike(Tensor p) {
    return Jit.outside(() -> Tensor.parameter(Tensor.zeros(p.shape(), p.dtype())));
  }

  /// A piece of state with loaded numbers: the tensor there is, as compiled steps know it.
  static Tensor loaded(@Nullable Tensor now, Tensor numbers) {
    if (now == null) {
      return Tensor.parameter(numbers);
    }
    now.assign(numbers);
    return now;
  }

  /// The learning rate of the step that is being made, as a tensor of the given dtype: in a
  /// compiled step, of each call.
  final Tensor learningRate(DType dtype) {
    return Jit.number(this::learningRate, dtype);
  }

  /// Forgets the gradients of all parameters.
  public final void zeroGrad() {
    slots.forEach(s -> s.parameter.zeroGrad());
  }

  /// The learning rate of the next step.
  public final double learningRate() {
    return learningRate;
  }

  /// Sets the learning rate from the next step on.
  ///
  /// @throws IllegalArgumentException if it is not a number of 0 or more
  public final void learningRate(double lr) {
    learningRate = number("learning rate", lr);
    groups.forEach(g -> g.of.learningRate(lr * g.ratio));
  }
}
