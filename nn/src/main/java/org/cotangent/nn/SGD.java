package org.cotangent.nn;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.cotangent.autograd.Fused;
import org.cotangent.autograd.Jit;
import org.cotangent.autograd.Tensor;
import org.jspecify.annotations.Nullable;

/// Gradient descent, with momentum, Nesterov's momentum and weight decay if asked; PyTorch's update
/// to the letter:
///
/// ```
/// g ← g + λ p                       weight decay λ
/// v ← μ v + (1 - d) g, first v = g  momentum μ, dampening d
/// g ← v, or g + μ v                 or Nesterov's
/// p ← p - lr g
/// ```
///
/// The settings return the optimiser: `new SGD(net, 0.1).momentum(0.9).weightDecay(1e-4)`.
public final class SGD extends Optimizer {
  private double momentum;
  private double dampening;
  private boolean nesterov;
  private double weightDecay;

  /// Plain gradient descent on all parameters of a module.
  ///
  /// @throws IllegalArgumentException if there are none or the learning rate is negative or NaN
  public SGD(Module module, double learningRate) {
    this(module.parameters().values(), learningRate);
  }

  /// Plain gradient descent on the given parameters.
  ///
  /// @throws IllegalArgumentException if there are none or the learning rate is negative or NaN
  public SGD(Collection<Tensor> parameters, double learningRate) {
    super(parameters, learningRate);
  }

  /// Sets classical momentum, without dampening.
  public SGD momentum(double momentum) {
    return momentum(momentum, 0);
  }

  /// Sets classical momentum; from the second step on, gradients enter times `1 - dampening`.
  public SGD momentum(double momentum, double dampening) {
    this.momentum = number("momentum", momentum);
    this.dampening = number("dampening", dampening);
    this.nesterov = false;
    return this;
  }

  /// Sets Nesterov's momentum.
  public SGD nesterov(double momentum) {
    momentum(momentum, 0);
    this.nesterov = true;
    return this;
  }

  /// Sets the weight decay: the factor of an L2 penalty `λ/2 |p|²`.
  public SGD weightDecay(double lambda) {
    this.weightDecay = number("weight decay", lambda);
    return this;
  }

  @Override
  protected Rule rule() {
    return new Rule() {
      private @Nullable Tensor velocity;
      private boolean moved;

      @Override
      public void update(Tensor p, Tensor g) {
        Tensor rate = learningRate(p.dtype());
        if (momentum == 0) {
          Fused.assign(
              p, in -> in.get(0).sub(decayed(in.get(0), in.get(1)).mul(in.get(2))), p, g, rate);
          return;
        }
        Tensor v = velocity == null ? zerosLike(p) : velocity;
        velocity = v;
        // The first gradient enters whole.
        Tensor share = Jit.number(() -> moved ? 1 - dampening : 1, p.dtype());
        Fused.assign(
            List.of(v, p),
            in -> {
              Tensor d = decayed(in.get(0), in.get(1));
              Tensor w = in.get(2).mul(momentum).add(d.mul(in.get(4)));
              Tensor by = nesterov ? d.add(w.mul(momentum)) : w;
              return List.of(w, in.get(0).sub(by.mul(in.get(3))));
            },
            p,
            g,
            v,
            rate,
            share);
        Jit.effect(() -> moved = true);
      }

      @Override
      public SequencedMap<String, Tensor> state(Tensor p) {
        SequencedMap<String, Tensor> state = new LinkedHashMap<>();
        if (momentum != 0) {
          state.put("velocity", velocity == null ? zerosLike(p) : velocity);
          state.put("moved", Tensor.of(moved));
        }
        return state;
      }

      @Override
      public void load(Map<String, Tensor> state) {
        velocity = loaded(velocity, State.get(state, "velocity"));
        moved = State.get(state, "moved").item() != 0;
      }
    };
  }

  private Tensor decayed(Tensor p, Tensor g) {
    return weightDecay == 0 ? g : g.add(p.mul(weightDecay));
  }
}
