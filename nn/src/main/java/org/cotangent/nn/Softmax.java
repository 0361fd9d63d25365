package org.cotangent.nn;

import org.cotangent.autograd.Tensor;

/// `exp(x_i) / Σ_j exp(x_j)` along an axis: positive numbers that sum to 1.
///
/// To train a classifier, leave this layer out and use [SoftmaxCrossEntropy] on the logits: a
/// probability that rounds to 0 has lost what its logarithm needs.
public final class Softmax extends Module {
  private final int axis;

  /// Along the last axis.
  public Softmax() {
    this(-1);
  }

  /// Along the given axis; negative axes count from the end.
  public Softmax(int axis) {
    this.axis = axis;
  }

  @Override
  public Tensor forward(Tensor x) {
    return x.softmax(axis);
  }

  @Override
  protected String details() {
    return "axis=" + axis;
  }
}
