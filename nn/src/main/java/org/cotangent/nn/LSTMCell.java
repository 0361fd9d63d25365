package org.cotangent.nn;

import java.util.List;
import org.cotangent.autograd.Rng;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;

/// Long short-term memory (Hochreiter, Schmidhuber, 1997, with the forget gate of Gers et al.,
/// 2000). The gates i, f, g, o are the four parts of `x W + b + h V + d`; the state is h and c:
///
/// ```
/// c ← σ(f) c + σ(i) tanh(g)
/// h ← σ(o) tanh(c)
/// ```
public final class LSTMCell extends RecurrentCell {
  /// A cell of F32.
  ///
  /// @throws IllegalArgumentException if a size is below 1
  public LSTMCell(int in, int hidden, Rng rng) {
    this(in, hidden, rng, DType.F32);
  }

  /// A cell.
  ///
  /// @throws IllegalArgumentException if a size is below 1 or the dtype is not floating
  public LSTMCell(int in, int hidden, Rng rng, DType dtype) {
    this(in, hidden, true, rng, dtype);
  }

  LSTMCell(int in, int hidden, boolean bias, Rng rng, DType dtype) {
    super(in, hidden, 4, bias, rng, dtype);
  }

  /// A cell without biases.
  ///
  /// @throws IllegalArgumentException if a size is below 1 or the dtype is not floating
  public static LSTMCell withoutBias(int in, int hidden, Rng rng, DType dtype) {
    return new LSTMCell(in, hidden, false, rng, dtype);
  }

  @Override
  int states() {
    return 2;
  }

  @Override
  List<Tensor> next(Tensor projected, List<Tensor> state) {
    Tensor gates = projected.add(recur(state.getFirst()));
    Tensor kept = gate(gates, 1).sigmoid().mul(state.get(1));
    Tensor c = kept.add(gate(gates, 0).sigmoid().mul(gate(gates, 2).tanh()));
    return List.of(gate(gates, 3).sigmoid().mul(c.tanh()), c);
  }
}
