package org.cotangent.nn;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.cotangent.autograd.Fused;
import org.cotangent.autograd.Tensor;
import org.jspecify.annotations.Nullable;

/// RMSProp (Hinton: lecture 6e of Neural Networks for Machine Learning, 2012), with PyTorch's
/// defaults and arithmetic. For a gradient g:
///
/// ```
/// g ← g + λ p                            weight decay λ
/// v ← α v + (1 - α) g²                   smoothing α, from 0
/// a ← α a + (1 - α) g                    if centred, from 0
/// d = g/(√v + ε), or g/(√(v - a²) + ε)   if centred
/// b ← μ b + d                            momentum μ, from 0
/// p ← p - lr b
/// ```
///
/// The settings return the optimiser: `new RMSProp(net, 0.01).momentum(0.9)`.
public final class RMSProp extends Optimizer {
  private double alpha = 0.99;
  private double epsilon = 1e-8;
  private double momentum;
  private double weightDecay;
  private boolean centred;

  /// RMSProp on all parameters of a module: α 0.99, ε 1e-8, no momentum, no weight decay.
  ///
  /// @throws IllegalArgumentException if there are none or the learning rate is negative or NaN
  public RMSProp(Module module, double learningRate) {
    this(module.parameters().values(), learningRate);
  }

  /// RMSProp on the given parameters: α 0.99, ε 1e-8, no momentum, no weight decay.
  ///
  /// @throws IllegalArgumentException if there are none or the learning rate is negative or NaN
  public RMSProp(Collection<Tensor> parameters, double learningRate) {
    super(parameters, learningRate);
  }

  /// Sets how much of the running mean of squares stays from step to step.
  public RMSProp alpha(double alpha) {
    this.alpha = fraction("α", alpha);
    return this;
  }

  /// Sets ε, which keeps the division from 0 and is added outside the root.
  public RMSProp epsilon(double epsilon) {
    this.epsilon = number("epsilon", epsilon);
    return this;
  }

  /// Sets the momentum.
  public RMSProp momentum(double momentum) {
    this.momentum = number("momentum", momentum);
    return this;
  }

  /// Sets the weight decay: the factor of an L2 penalty `λ/2 |p|²`.
  public RMSProp weightDecay(double lambda) {
    this.weightDecay = number("weight decay", lambda);
    return this;
  }

  /// Divides by the running standard deviation instead of the root of the mean square.
  public RMSProp centred() {
    this.centred = true;
    return this;
  }

  @Override
  protected Rule rule() {
    return new Rule() {
      private @Nullable SequencedMap<String, Tensor> kept;

      @Override
      public void update(Tensor p, Tensor g) {
        SequencedMap<String, Tensor> s = kept == null ? state(p) : kept;
        kept = s;
        List<Tensor> moved = new ArrayList<>(s.values());
        moved.add(p);
        List<Tensor> operands = new ArrayList<>(moved);
        operands.add(g);
        operands.add(learningRate(p.dtype()));
        Fused.assign(moved, RMSProp.this::step, operands.toArray(Tensor[]::new));
      }

      @Override
      public SequencedMap<String, Tensor> state(Tensor p) {
        if (kept != null) {
          return kept;
        }
        SequencedMap<String, Tensor> state = new LinkedHashMap<>();
        state.put("square", zerosLike(p));
        if (centred) {
          state.put("mean", zerosLike(p));
        }
        if (momentum != 0) {
          state.put("velocity", zerosLike(p));
        }
        return state;
      }

      @Override
      public void load(Map<String, Tensor> state) {
        SequencedMap<String, Tensor> own = new LinkedHashMap<>();
        SequencedMap<String, Tensor> before = kept == null ? own : kept;
        state.forEach((name, t) -> own.put(name, loaded(before.get(name), t)));
        kept = own;
      }
    };
  }

  /// The new state and parameter, of: square, mean if centred, velocity with momentum, p, g, the
  /// learning rate.
  private List<Tensor> step(List<Tensor> in) {
    Tensor p = in.get(in.size() - 3);
    Tensor g = in.get(in.size() - 2);
    Tensor d = weightDecay == 0 ? g : g.add(p.mul(weightDecay));
    List<Tensor> out = new ArrayList<>();
    Tensor square = in.get(0).mul(alpha).add(d.square().mul(1 - alpha));
    out.add(square);
    Tensor variance = square;
    if (centred) {
      Tensor mean = in.get(1).mul(alpha).add(d.mul(1 - alpha));
      out.add(mean);
      variance = square.sub(mean.square());
    }
    Tensor direction = d.div(variance.sqrt().add(epsilon));
    if (momentum != 0) {
      direction = in.get(in.size() - 4).mul(momentum).add(direction);
      out.add(direction);
    }
    out.add(p.sub(direction.mul(in.getLast())));
    return out;
  }
}
