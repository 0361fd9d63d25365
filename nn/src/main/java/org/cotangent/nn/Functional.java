package org.cotangent.nn;

import org.cotangent.autograd.Tensor;

/// Layers and losses as plain functions, where [Tensor] has no method of its own: activations,
/// losses, convolutions, pooling, normalisation, tables, attention, linear maps.
///
/// A loss of two tensors is a [Loss]: `Loss loss = Functional::huberLoss`; an activation is a
/// module in [Activation].
public final class Functional extends FunctionalAttention {
  private Functional() {}

  /// `x W`: `[.., in]` by `[in, out]` gives `[.., out]`.
  ///
  /// @throws IllegalArgumentException if the weight is no matrix or the last axis of `x` has not
  ///   `in` elements
  public static Tensor linear(Tensor x, Tensor weight) {
    if (weight.rank() != 2 || x.rank() == 0 || x.dim(-1) != weight.dim(0)) {
      throw new IllegalArgumentException(
          "linear: the input %s does not fit the weight %s: the last axis of the input must be as long as the first of the weight, [in, out]"
              .formatted(x.shape(), weight.shape()));
    }
    return x.matmul(weight);
  }

  /// `x W + b`: `[.., in]` by `[in, out]` plus `[out]` gives `[.., out]`.
  ///
  /// @throws IllegalArgumentException if the shapes do not fit
  public static Tensor linear(Tensor x, Tensor weight, Tensor bias) {
    Tensor y = linear(x, weight);
    if (bias.rank() != 1 || bias.dim(0) != weight.dim(1)) {
      throw new IllegalArgumentException(
          "linear: the bias %s does not fit the weight %s: it must be as long as the weight's last axis, [out]"
              .formatted(bias.shape(), weight.shape()));
    }
    Tensor z = y.add(bias);
    y.donate();
    return z;
  }
}
