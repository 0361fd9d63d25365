package org.cotangent.nn;

import java.util.List;
import org.cotangent.autograd.Rng;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;

/// The gated recurrent unit (Cho et al., 2014) as PyTorch and cuDNN have it. With the parts r, z, n
/// of `x W + b` and of `h V + c`:
///
/// ```
/// r = σ(rₓ + rₕ)    z = σ(zₓ + zₕ)    n = tanh(nₓ + r nₕ)
/// h ← (1 - z) n + z h
/// ```
public final class GRUCell extends RecurrentCell {
  /// A cell of F32.
  ///
  /// @throws IllegalArgumentException if a size is below 1
  public GRUCell(int in, int hidden, Rng rng) {
    this(in, hidden, rng, DType.F32);
  }

  /// A cell.
  ///
  /// @throws IllegalArgumentException if a size is below 1 or the dtype is not floating
  public GRUCell(int in, int hidden, Rng rng, DType dtype) {
    this(in, hidden, true, rng, dtype);
  }

  GRUCell(int in, int hidden, boolean bias, Rng rng, DType dtype) {
    super(in, hidden, 3, bias, rng, dtype);
  }

  /// A cell without biases.
  ///
  /// @throws IllegalArgumentException if a size is below 1 or the dtype is not floating
  public static GRUCell withoutBias(int in, int hidden, Rng rng, DType dtype) {
    return new GRUCell(in, hidden, false, rng, dtype);
  }

  @Override
  int states() {
    return 1;
  }

  @Override
  List<Tensor> next(Tensor x, List<Tensor> state) {
    Tensor last = state.getFirst();
    Tensor h = recur(last);
    Tensor r = gate(x, 0).add(gate(h, 0)).sigmoid();
    Tensor z = gate(x, 1).add(gate(h, 1)).sigmoid();
    Tensor n = gate(x, 2).add(r.mul(gate(h, 2))).tanh();
    return List.of(n.add(z.mul(last.sub(n))));
  }
}
