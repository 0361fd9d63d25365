package org.cotangent.nn;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;

/// Reduces the learning rate of an optimiser when a number, such as the validation loss, falls no
/// more; PyTorch's `ReduceLROnPlateau` with its defaults: times 0.1 after more than 10 epochs
/// without a fall by one part in 10,000.
///
/// For a number that should rise, such as accuracy, pass its negative: the margin is a part of the
/// best number's size, whatever its sign.
///
/// The settings return the object: `new ReduceOnPlateau(sgd).patience(3)`.
public final class ReduceOnPlateau {
  private final Optimizer optimizer;
  private double factor = 0.1;
  private int patience = 10;
  private double threshold = 1e-4;
  private int cooldown;
  private double least;
  private double best = Double.POSITIVE_INFINITY;
  private int bad;
  private int resting;

  /// With PyTorch's defaults.
  public ReduceOnPlateau(Optimizer optimizer) {
    this.optimizer = optimizer;
  }

  /// Sets by what the rate is multiplied.
  ///
  /// @throws IllegalArgumentException unless it is 0 or more and below 1
  public ReduceOnPlateau factor(double f) {
    factor = Optimizer.fraction("factor", f);
    return this;
  }

  /// Sets how many epochs without improvement are borne.
  public ReduceOnPlateau patience(int epochs) {
    patience = epochs;
    return this;
  }

  /// Sets which part of the best number a new one must be better by.
  public ReduceOnPlateau threshold(double part) {
    threshold = Optimizer.number("threshold", part);
    return this;
  }

  /// Sets how many epochs after a reduction do not count.
  public ReduceOnPlateau cooldown(int epochs) {
    cooldown = epochs;
    return this;
  }

  /// Sets the smallest learning rate.
  public ReduceOnPlateau least(double rate) {
    least = Optimizer.number("least learning rate", rate);
    return this;
  }

  /// Notes the number of an epoch, and reduces the learning rate if it is time. A NaN is no
  /// improvement.
  ///
  /// @return whether it was reduced
  public boolean step(double metric) {
    // PyTorch's best · (1 - threshold) would take a worse number for a better one below 0.
    double margin = Double.isInfinite(best) ? 0 : threshold * Math.abs(best);
    if (metric < best - margin) {
      best = metric;
      bad = 0;
    } else {
      bad++;
    }
    if (resting > 0) {
      resting--;
      bad = 0;
    }
    if (bad <= patience) {
      return false;
    }
    resting = cooldown;
    bad = 0;
    double rate = optimizer.learningRate();
    double next = Math.max(rate * factor, least);
    if (rate - next <= 1e-8) { // PyTorch's: smaller changes are none
      return false;
    }
    optimizer.learningRate(next);
    return true;
  }

  /// What [#step] has seen.
  public SequencedMap<String, Tensor> state() {
    SequencedMap<String, Tensor> state = new LinkedHashMap<>();
    state.put("best", Tensor.scalar(best, DType.F64));
    state.put("bad", Tensor.scalar(bad, DType.I64));
    state.put("resting", Tensor.scalar(resting, DType.I64));
    return Collections.unmodifiableSequencedMap(state);
  }

  /// Goes on from a state.
  ///
  /// @throws IllegalArgumentException if it is not one of [#state]
  public void load(Map<String, Tensor> state) {
    State.requireFits("load", state(), state);
    best = State.get(state, "best").item();
    bad = (int) State.get(state, "bad").item();
    resting = (int) State.get(state, "resting").item();
  }
}
