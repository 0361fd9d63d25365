package org.cotangent.nn;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.cotangent.autograd.Fused;
import org.cotangent.autograd.Jit;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.jspecify.annotations.Nullable;

/// Adam (Kingma, Ba: Adam: A Method for Stochastic Optimization; ICLR 2015, algorithm 1), with
/// PyTorch's defaults and arithmetic. In step k, for a gradient g:
///
/// ```
/// g ← g + λ p                            weight decay λ, as an L2 penalty; AdamW differs
/// m ← m + (1 - β₁)(g - m)                mean, from 0
/// v ← β₂ v + (1 - β₂) g²                 uncentred variance, from 0
/// p ← p - lr/(1 - β₁ᵏ) · m / (√v/√(1 - β₂ᵏ) + ε)
/// ```
///
/// With `amsgrad()` the largest v of all steps divides (Reddi, Kale, Kumar, 2018), so that steps do
/// not grow again where gradients were small for long.
///
/// k counts the steps in which the parameter had a gradient. The settings return the optimiser:
/// `new Adam(net, 1e-3).betas(0.9, 0.99)`.
public sealed class Adam extends Optimizer permits AdamW {
  private double beta1 = 0.9;
  private double beta2 = 0.999;
  private double epsilon = 1e-8;
  private double weightDecay;
  private boolean amsgrad;

  /// Adam on all parameters of a module: β₁ 0.9, β₂ 0.999, ε 1e-8, no weight decay.
  ///
  /// @throws IllegalArgumentException if there are none or the learning rate is negative or NaN
  public Adam(Module module, double learningRate) {
    this(module.parameters().values(), learningRate);
  }

  /// Adam on the given parameters: β₁ 0.9, β₂ 0.999, ε 1e-8, no weight decay.
  ///
  /// @throws IllegalArgumentException if there are none or the learning rate is negative or NaN
  public Adam(Collection<Tensor> parameters, double learningRate) {
    this(parameters, learningRate, 0);
  }

  Adam(Collection<Tensor> parameters, double learningRate, double weightDecay) {
    super(parameters, learningRate);
    this.weightDecay = weightDecay;
  }

  /// Sets how much of the running mean and variance stays from step to step.
  ///
  /// @throws IllegalArgumentException unless both are 0 or more and below 1
  public final Adam betas(double beta1, double beta2) {
    this.beta1 = fraction("β₁", beta1);
    this.beta2 = fraction("β₂", beta2);
    return this;
  }

  /// Sets ε, which keeps the division from 0 and is added outside the root.
  public final Adam epsilon(double epsilon) {
    this.epsilon = number("epsilon", epsilon);
    return this;
  }

  /// Sets the weight decay.
  public final Adam weightDecay(double lambda) {
    this.weightDecay = number("weight decay", lambda);
    return this;
  }

  /// Divides by the largest variance so far instead of the running one.
  public final Adam amsgrad() {
    this.amsgrad = true;
    return this;
  }

  boolean decoupled() {
    return false;
  }

  @Override
  protected final Rule rule() {
    return new Rule() {
      private @Nullable Tensor mean;
      private @Nullable Tensor variance;
      private @Nullable Tensor largest; // of the variances, with amsgrad
      private int k;

      @Override
      public void update(Tensor p, Tensor g) {
        Tensor m = mean == null ? zerosLike(p) : mean;
        Tensor v = variance == null ? zerosLike(p) : variance;
        mean = m;
        variance = v;
        // The same step as above with √(1 - β₂ᵏ) multiplied out, which saves a division a number.
        Tensor rate =
            Jit.number(
                () -> learningRate() * root(k + 1) / (1 - Math.pow(beta1, k + 1)), p.dtype());
        Tensor smallest = Jit.number(() -> epsilon * root(k + 1), p.dtype());
        Tensor decay = Jit.number(() -> 1 - learningRate() * weightDecay, p.dtype());
        List<Tensor> moved = new ArrayList<>(List.of(m, v, p));
        List<Tensor> operands = new ArrayList<>(List.of(p, g, m, v, rate, smallest, decay));
        if (amsgrad) {
          Tensor top = largest == null ? zerosLike(p) : largest;
          largest = top;
          moved.add(top);
          operands.add(top);
        }
        Fused.assign(
            moved,
            in -> {
              Tensor from = in.get(0);
              Tensor d = decayed(from, in.get(1));
              Tensor newMean = in.get(2).add(d.sub(in.get(2)).mul(1 - beta1));
              Tensor newVariance = in.get(3).mul(beta2).add(d.square().mul(1 - beta2));
              Tensor start = decoupled() ? from.mul(in.get(6)) : from;
              Tensor divisor = amsgrad ? in.get(7).maximum(newVariance) : newVariance;
              Tensor scale = divisor.sqrt().add(in.get(5));
              Tensor next = start.sub(newMean.div(scale).mul(in.get(4)));
              return amsgrad
                  ? List.of(newMean, newVariance, next, divisor)
                  : List.of(newMean, newVariance, next);
            },
            operands.toArray(Tensor[]::new));
        Jit.effect(() -> k++);
      }

      @Override
      public SequencedMap<String, Tensor> state(Tensor p) {
        SequencedMap<String, Tensor> state = new LinkedHashMap<>();
        state.put("mean", mean == null ? zerosLike(p) : mean);
        state.put("variance", variance == null ? zerosLike(p) : variance);
        if (amsgrad) {
          state.put("largest_variance", largest == null ? zerosLike(p) : largest);
        }
        state.put("step", Tensor.scalar(k, DType.I64));
        return state;
      }

      @Override
      public void load(Map<String, Tensor> state) {
        mean = loaded(mean, State.get(state, "mean"));
        variance = loaded(variance, State.get(state, "variance"));
        if (amsgrad) {
          largest = loaded(largest, State.get(state, "largest_variance"));
        }
        k = (int) State.get(state, "step").item();
      }
    };
  }

  private double root(int k) {
    return Math.sqrt(1 - Math.pow(beta2, k));
  }

  private Tensor decayed(Tensor p, Tensor g) {
    return decoupled() || weightDecay == 0 ? g : g.add(p.mul(weightDecay));
  }
}
