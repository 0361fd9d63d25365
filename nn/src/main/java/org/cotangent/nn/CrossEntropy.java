package org.cotangent.nn;

import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.Shape;

/// The cross-entropy of probabilities, as the textbook writes it: `-Σ_c t_c log p_c` a sample.
///
/// Probabilities have shape `[.., classes]`. A target is a class index a sample (I32 or I64, shape
/// `[..]`) or a weight a class (`[.., classes]`: one-hot or probabilities).
///
/// Nothing is clamped: where a probability is 0, which happens after softmax as soon as two logits
/// are some 100 (F32) or 750 (F64) apart, the loss is ∞ with index targets and with one-hot ones ∞
/// or NaN (`0 · -∞`), and the gradients are NaN. That is why networks are trained with
/// [SoftmaxCrossEntropy] on logits; this one is here to be looked at, and for probabilities that
/// are bounded away from 0.
///
/// @param reduction over the samples
public record CrossEntropy(Reduction reduction) implements Loss {
  /// The mean over the samples.
  public CrossEntropy() {
    this(Reduction.MEAN);
  }

  /// @throws IllegalArgumentException if the shapes do not fit
  /// @throws IndexOutOfBoundsException if an index is not a class
  @Override
  public Tensor of(Tensor probabilities, Tensor target) {
    boolean indices = target.dtype().isInteger();
    Shape p = probabilities.shape();
    if (p.rank() == 0 || !target.shape().equals(indices ? p.without(-1) : p)) {
      throw new IllegalArgumentException(
          "CrossEntropy: the target %s, %s does not fit the probabilities %s: pass class indices (I32, I64) without the last axis, or one number a class of the same shape"
              .formatted(target.shape(), target.dtype(), p));
    }
    if (indices) {
      Tensor chosen = probabilities.gather(-1, target.unsqueeze(-1)).squeeze(-1);
      return reduction.of(chosen.log().neg());
    }
    Tensor t = target.to(probabilities.dtype());
    return reduction.of(t.mul(probabilities.log()).sum(-1).neg());
  }
}
