package org.cotangent.nn;

import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;

/// Numbers that tell how well a network does.
public final class Metrics {
  private Metrics() {}

  /// The share of samples whose largest output is at the target class; of no samples, NaN.
  ///
  /// At ties the first class counts, and a NaN counts as the largest output.
  ///
  /// @param outputs logits or probabilities, `[.., classes]`
  /// @param targets class indices (I32 or I64, `[..]`) or one number a class (`[.., classes]`), of
  ///   which the largest, or the first that is true, is the class
  /// @throws IllegalArgumentException if the shapes do not fit
  public static double accuracy(Tensor outputs, Tensor targets) {
    boolean indices = targets.dtype().isInteger() && targets.rank() < outputs.rank();
    if (outputs.rank() == 0
        || !targets.shape().equals(indices ? outputs.shape().without(-1) : outputs.shape())) {
      throw new IllegalArgumentException(
          "accuracy: the targets %s, %s do not fit the outputs %s: pass class indices (I32, I64) without the last axis, or one number a class of the same shape"
              .formatted(targets.shape(), targets.dtype(), outputs.shape()));
    }
    Tensor numbers = targets.dtype() == DType.BOOL ? targets.to(DType.I32) : targets;
    Tensor expected = indices ? numbers : numbers.argmax(-1);
    return outputs.argmax(-1).eq(expected).sum().item() / expected.size();
  }
}
