package org.cotangent.nn;

import java.util.List;
import org.cotangent.autograd.Rng;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;

/// Elman's cell: `h ← tanh(x W + b + h V + c)`.
public final class RNNCell extends RecurrentCell {
  /// A cell of F32.
  ///
  /// @throws IllegalArgumentException if a size is below 1
  public RNNCell(int in, int hidden, Rng rng) {
    this(in, hidden, rng, DType.F32);
  }

  /// A cell.
  ///
  /// @throws IllegalArgumentException if a size is below 1 or the dtype is not floating
  public RNNCell(int in, int hidden, Rng rng, DType dtype) {
    super(in, hidden, 1, rng, dtype);
  }

  @Override
  int states() {
    return 1;
  }

  @Override
  List<Tensor> next(Tensor projected, List<Tensor> state) {
    return List.of(projected.add(recur(state.getFirst())).tanh());
  }
}
