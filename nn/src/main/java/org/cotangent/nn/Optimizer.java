package org.cotangent.nn;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
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
  }

  private static final class Slot {
    final Tensor parameter;
    @Nullable Rule rule;

    Slot(Tensor parameter) {
      this.parameter = parameter;
    }
  }

  private final List<Slot> slots = new ArrayList<>();
  private double learningRate;

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
        slots.add(new Slot(p));
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
      rule = rule();
      slot.rule = rule;
    }
    Rule chosen = rule;
    Grad.lend(p, g -> chosen.update(p, g));
  }

  /// State for a parameter that starts from 0, such as a running mean.
  static Tensor zerosLike(Tensor p) {
    return Jit.outside(() -> Tensor.parameter(Tensor.zeros(p.shape(), p.dtype())));
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
  }
}
