package org.cotangent.nn;

import org.cotangent.autograd.Tensor;

/// What a loss does with the losses of the single samples.
public enum Reduction {
  /// Their mean, a scalar.
  MEAN,
  /// Their sum, a scalar.
  SUM,
  /// Nothing: they are returned one by one.
  NONE,
  /// Their sum divided by the extent of the first axis, the batch; a scalar.
  BATCH_MEAN;

  Tensor of(Tensor losses) {
    return switch (this) {
      case MEAN -> losses.mean();
      case SUM -> losses.sum();
      case NONE -> losses;
      case BATCH_MEAN -> losses.sum().div(losses.rank() == 0 ? 1 : losses.dim(0));
    };
  }

  /// The same, where a sample counts with a weight: the mean is over the weights. With all weights
  /// 0 it is NaN.
  Tensor of(Tensor weighted, Tensor weights) {
    return this == MEAN ? weighted.sum().div(weights.sum()) : of(weighted);
  }
}
