package org.cotangent.nn;

import org.cotangent.autograd.Rng;

/// A recurrent network of [RNNCell]s; with tanh unless told otherwise.
public final class RNN extends Recurrent {
  /// One layer, one direction, F32.
  ///
  /// @throws IllegalArgumentException if a size is below 1
  public RNN(int in, int hidden, Rng rng) {
    this(in, hidden, rng, RecurrentOptions.DEFAULT);
  }

  /// Layers as told.
  ///
  /// @throws IllegalArgumentException if a size is below 1
  public RNN(int in, int hidden, Rng rng, RecurrentOptions options) {
    this(in, hidden, Nonlinearity.TANH, rng, options);
  }

  /// Layers as told, with ReLU or tanh.
  ///
  /// @throws IllegalArgumentException if a size is below 1
  public RNN(int in, int hidden, Nonlinearity nonlinearity, Rng rng, RecurrentOptions options) {
    super(
        in,
        hidden,
        rng,
        options,
        (width, units, bias, r, dtype) -> new RNNCell(width, units, nonlinearity, bias, r, dtype));
  }
}
