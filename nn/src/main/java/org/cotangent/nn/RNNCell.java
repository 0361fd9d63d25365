package org.cotangent.nn;

import java.util.List;
import org.cotangent.autograd.Rng;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;

/// Elman's cell: `h ← tanh(x W + b + h V + c)`, or with ReLU for tanh.
public final class RNNCell extends RecurrentCell {
  private final Nonlinearity nonlinearity;

  /// A cell of F32 with tanh.
  ///
  /// @throws IllegalArgumentException if a size is below 1
  public RNNCell(int in, int hidden, Rng rng) {
    this(in, hidden, rng, DType.F32);
  }

  /// A cell with tanh.
  ///
  /// @throws IllegalArgumentException if a size is below 1 or the dtype is not floating
  public RNNCell(int in, int hidden, Rng rng, DType dtype) {
    this(in, hidden, Nonlinearity.TANH, rng, dtype);
  }

  /// A cell.
  ///
  /// @throws IllegalArgumentException if a size is below 1 or the dtype is not floating
  public RNNCell(int in, int hidden, Nonlinearity nonlinearity, Rng rng, DType dtype) {
    this(in, hidden, nonlinearity, true, rng, dtype);
  }

  RNNCell(int in, int hidden, Nonlinearity nonlinearity, boolean bias, Rng rng, DType dtype) {
    super(in, hidden, 1, bias, rng, dtype);
    this.nonlinearity = nonlinearity;
  }

  /// A cell without biases.
  ///
  /// @throws IllegalArgumentException if a size is below 1 or the dtype is not floating
  public static RNNCell withoutBias(
      int in, int hidden, Nonlinearity nonlinearity, Rng rng, DType dtype) {
    return new RNNCell(in, hidden, nonlinearity, false, rng, dtype);
  }

  @Override
  int states() {
    return 1;
  }

  @Override
  List<Tensor> next(Tensor projected, List<Tensor> state) {
    return List.of(nonlinearity.of(projected.add(recur(state.getFirst()))));
  }

  @Override
  String more() {
    return nonlinearity == Nonlinearity.TANH ? "" : ", nonlinearity=relu";
  }
}
