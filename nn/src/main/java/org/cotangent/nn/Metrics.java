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

  /// The share of samples whose target class is among the k largest outputs, that is, with fewer
  /// than k classes strictly above it; of no samples, NaN. A target whose output is NaN is not
  /// among them.
  ///
  /// @param outputs logits or probabilities, `[.., classes]`
  /// @param targets class indices (I32 or I64, `[..]`)
  /// @throws IllegalArgumentException if the shapes do not fit or k is below 1
  public static double topK(Tensor outputs, Tensor targets, int k) {
    if (k < 1) {
      throw new IllegalArgumentException("topK: k %d must be 1 or more".formatted(k));
    }
    requireIndices("topK", outputs, targets);
    Tensor own = outputs.gather(-1, targets.unsqueeze(-1));
    Tensor above = outputs.gt(own).sum(-1);
    return above.lt(k).and(own.squeeze(-1).isNaN().not()).sum().item() / targets.size();
  }

  /// How many samples of each class were taken for which: `[classes, classes]` of I64, with the
  /// target as row and the largest output as column.
  ///
  /// @param outputs logits or probabilities, `[.., classes]`
  /// @param targets class indices (I32 or I64, `[..]`)
  /// @throws IllegalArgumentException if the shapes do not fit
  /// @throws IndexOutOfBoundsException if an index is not a class
  public static Tensor confusionMatrix(Tensor outputs, Tensor targets) {
    requireIndices("confusionMatrix", outputs, targets);
    int classes = outputs.dim(-1);
    Tensor rows = targets.flatten().oneHot(classes, DType.F64);
    Tensor columns = outputs.argmax(-1).flatten().oneHot(classes, DType.F64);
    if (rows.sum().item() != targets.size()) {
      throw new IndexOutOfBoundsException(
          "confusionMatrix: a target is no class: there are %d, from 0".formatted(classes));
    }
    return rows.t().matmul(columns).to(DType.I64);
  }

  private static void requireIndices(String what, Tensor outputs, Tensor targets) {
    if (outputs.rank() == 0
        || !targets.dtype().isInteger()
        || !targets.shape().equals(outputs.shape().without(-1))) {
      throw new IllegalArgumentException(
          "%s: the targets %s, %s do not fit the outputs %s: pass class indices (I32, I64) without the last axis"
              .formatted(what, targets.shape(), targets.dtype(), outputs.shape()));
    }
  }
}
