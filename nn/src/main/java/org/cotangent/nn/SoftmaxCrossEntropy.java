package org.cotangent.nn;

import org.cotangent.autograd.Tensor;

/// The cross-entropy of logits: `-Σ_c t_c log softmax(x)_c` a sample, in one stable step.
///
/// Logits have shape `[.., classes]`. A target is a class index a sample (I32 or I64, shape `[..]`)
/// or a weight a class (`[.., classes]`: one-hot or probabilities).
///
/// Softmax and logarithm together are `x_c - log Σ exp(x)`, where no probability is formed that
/// could round to 0, so the loss and its gradient, `softmax(x) Σt - t`, stay finite at any finite
/// logits; [CrossEntropy] after [Softmax] does not.
///
/// @param reduction over the samples
public record SoftmaxCrossEntropy(Reduction reduction) implements Loss {
  /// The mean over the samples.
  public SoftmaxCrossEntropy() {
    this(Reduction.MEAN);
  }

  /// @throws IllegalArgumentException if the shapes do not fit
  /// @throws IndexOutOfBoundsException if an index is not a class
  @Override
  public Tensor of(Tensor logits, Tensor target) {
    return reduction.of(logits.softmaxCrossEntropy(target));
  }
}
