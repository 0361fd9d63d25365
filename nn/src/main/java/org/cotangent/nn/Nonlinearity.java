package org.cotangent.nn;

import org.cotangent.autograd.Tensor;

/// What an [RNN] does to the sum of input and state.
public enum Nonlinearity {
  /// `tanh`
  TANH,
  /// `max(x, 0)`
  RELU;

  Tensor of(Tensor x) {
    return switch (this) {
      case TANH -> x.tanh();
      case RELU -> x.relu();
    };
  }
}
