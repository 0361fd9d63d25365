package org.cotangent.nn;

import org.cotangent.autograd.Tensor;

/// What a loss does with the losses of the single samples.
public enum Reduction {
  /// Their mean, a scalar.
  MEAN,
  /// Their sum, a scalar.
  SUM,
  /// Nothing: they are returned one by one.
  NONE;

  Tensor of(Tensor losses) {
    return switch (this) {
      case MEAN -> losses.mean();
      case SUM -> losses.sum();
      case NONE -> losses;
    };
  }
}
