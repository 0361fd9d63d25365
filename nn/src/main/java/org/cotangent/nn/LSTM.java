package org.cotangent.nn;

import org.cotangent.autograd.Rng;

/// A recurrent network of [LSTMCell]s.
public final class LSTM extends Recurrent {
  /// One layer, one direction, F32.
  ///
  /// @throws IllegalArgumentException if a size is below 1
  public LSTM(int in, int hidden, Rng rng) {
    this(in, hidden, rng, RecurrentOptions.DEFAULT);
  }

  /// Layers as told.
  ///
  /// @throws IllegalArgumentException if a size is below 1
  public LSTM(int in, int hidden, Rng rng, RecurrentOptions options) {
    super(in, hidden, rng, options, LSTMCell::new);
  }
}
