package org.cotangent.nn;

import java.util.List;
import java.util.Optional;
import org.cotangent.autograd.Rng;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// One step of a recurrent network: from an input `[n, in]` and a state to the next state.
///
/// All have an affine map of the input, `weight_ih` `[in, gates · hidden]` and `bias_ih`, and one
/// of the last state, `weight_hh` `[hidden, gates · hidden]` and `bias_hh`: PyTorch's names and
/// order of gates, and its matrices transposed. All start uniform in `±1/√hidden`, as there. A cell
/// made by `withoutBias` has only the matrices.
public abstract sealed class RecurrentCell extends Module permits RNNCell, LSTMCell, GRUCell {
  private final int hidden;
  final Tensor weightIh;
  final Tensor weightHh;
  private final Optional<Tensor> biasIh;
  private final Optional<Tensor> biasHh;

  RecurrentCell(int in, int hidden, int gates, boolean bias, Rng rng, DType dtype) {
    if (in < 1 || hidden < 1) {
      throw new IllegalArgumentException(
          "%s: %d inputs, %d hidden units; both must be 1 or more"
              .formatted(getClass().getSimpleName(), in, hidden));
    }
    this.hidden = hidden;
    double bound = 1 / Math.sqrt(hidden);
    Init init = Init.uniform(-bound, bound);
    weightIh = parameter("weight_ih", init.make(Shape.of(in, gates * hidden), dtype, rng));
    weightHh = parameter("weight_hh", init.make(Shape.of(hidden, gates * hidden), dtype, rng));
    biasIh = bias ? Optional.of(bias("bias_ih", init, gates, rng)) : Optional.empty();
    biasHh = bias ? Optional.of(bias("bias_hh", init, gates, rng)) : Optional.empty();
  }

  private Tensor bias(String name, Init init, int gates, Rng rng) {
    return parameter(name, init.make(Shape.of(gates * hidden), weightIh.dtype(), rng));
  }

  /// How many tensors the state has; the first is the output.
  abstract int states();

  /// The next state, given what [#project] makes of the input.
  abstract List<Tensor> next(Tensor projected, List<Tensor> state);

  /// `x W + b` of the input: for one step, or for all of a sequence at once.
  final Tensor project(Tensor x) {
    return mapped(x, weightIh, biasIh);
  }

  /// `h W + b` of the last output.
  final Tensor recur(Tensor h) {
    return mapped(h, weightHh, biasHh);
  }

  private static Tensor mapped(Tensor x, Tensor weight, Optional<Tensor> bias) {
    return bias.isPresent()
        ? Functional.linear(x, weight, bias.get())
        : Functional.linear(x, weight);
  }

  final Tensor gate(Tensor gates, int k) {
    return gates.slice(-1, k * hidden, (k + 1) * hidden);
  }

  /// The number of hidden units.
  public final int hidden() {
    return hidden;
  }

  /// The state before the first step: zeros, `[n, hidden]` each.
  public final List<Tensor> start(int n) {
    Tensor zeros = Tensor.zeros(Shape.of(n, hidden), weightHh.dtype());
    return java.util.Collections.nCopies(states(), zeros);
  }

  /// The state after an input `[n, in]`, of which the first tensor is the output.
  ///
  /// @throws IllegalArgumentException if the shapes do not fit
  public final List<Tensor> step(Tensor x, List<Tensor> state) {
    if (state.size() != states()) {
      throw new IllegalArgumentException(
          "%s: the state has %d tensors, but must have %d"
              .formatted(getClass().getSimpleName(), state.size(), states()));
    }
    return next(project(x), state);
  }

  /// The output after one step from the state of zeros.
  @Override
  public final Tensor forward(Tensor x) {
    return step(x, start(x.dim(0))).getFirst();
  }

  @Override
  protected final String details() {
    return "%d, %d%s%s"
        .formatted(weightIh.dim(0), hidden, biasIh.isPresent() ? "" : ", bias=false", more());
  }

  /// What a kind of cell prints besides.
  String more() {
    return "";
  }
}
