package org.cotangent.nn;

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

/// Adagrad (Duchi, Hazan, Singer, 2011), with PyTorch's defaults and arithmetic. In step k, for a
/// gradient g:
///
/// ```
/// g ← g + λ p                                weight decay λ
/// s ← s + g²                                 from a number that can be set, 0
/// p ← p - lr/(1 + (k - 1) η) · g/(√s + ε)    decay of the learning rate η
/// ```
///
/// The settings return the optimiser: `new Adagrad(net, 0.01).weightDecay(1e-4)`.
public final class Adagrad extends Optimizer {
  private double rateDecay;
  private double weightDecay;
  private double start;
  private double epsilon = 1e-10;

  /// Adagrad on all parameters of a module: no decays, from 0, ε 1e-10.
  ///
  /// @throws IllegalArgumentException if there are none or the learning rate is negative or NaN
  public Adagrad(Module module, double learningRate) {
    this(module.parameters().values(), learningRate);
  }

  /// Adagrad on the given parameters: no decays, from 0, ε 1e-10.
  ///
  /// @throws IllegalArgumentException if there are none or the learning rate is negative or NaN
  public Adagrad(Collection<Tensor> parameters, double learningRate) {
    super(parameters, learningRate);
  }

  /// Sets the decay of the learning rate.
  public Adagrad rateDecay(double eta) {
    this.rateDecay = number("rate decay", eta);
    return this;
  }

  /// Sets the weight decay: the factor of an L2 penalty `λ/2 |p|²`.
  public Adagrad weightDecay(double lambda) {
    this.weightDecay = number("weight decay", lambda);
    return this;
  }

  /// Sets what the sums of squares start from.
  public Adagrad start(double s) {
    this.start = number("start", s);
    return this;
  }

  /// Sets ε, which keeps the division from 0 and is added outside the root.
  public Adagrad epsilon(double epsilon) {
    this.epsilon = number("epsilon", epsilon);
    return this;
  }

  @Override
  protected Rule rule() {
    return new Rule() {
      private @Nullable Tensor sum;
      private int k;

      private Tensor sum(Tensor p) {
        return sum == null
            ? Jit.outside(() -> Tensor.parameter(Tensor.full(p.shape(), start, p.dtype())))
            : sum;
      }

      @Override
      public void update(Tensor p, Tensor g) {
        Tensor s = sum(p);
        sum = s;
        Tensor rate = Jit.number(() -> learningRate() / (1 + k * rateDecay), p.dtype());
        Fused.assign(
            List.of(s, p),
            in -> {
              Tensor from = in.get(1);
              Tensor d = weightDecay == 0 ? in.get(2) : in.get(2).add(from.mul(weightDecay));
              Tensor squares = in.get(0).add(d.square());
              return List.of(squares, from.sub(d.div(squares.sqrt().add(epsilon)).mul(in.get(3))));
            },
            s,
            p,
            g,
            rate);
        Jit.effect(() -> k++);
      }

      @Override
      public SequencedMap<String, Tensor> state(Tensor p) {
        SequencedMap<String, Tensor> state = new LinkedHashMap<>();
        state.put("sum", sum(p));
        state.put("step", Tensor.scalar(k, DType.I64));
        return state;
      }

      @Override
      public void load(Map<String, Tensor> state) {
        sum = loaded(sum, State.get(state, "sum"));
        k = (int) State.get(state, "step").item();
      }
    };
  }
}
