package org.cotangent.nn;

import java.util.Optional;
import org.cotangent.autograd.Tensor;

/// The settings of [Functional#crossEntropy] and [Functional#nllLoss]; start from [#DEFAULT].
///
/// ```java
/// ClassOptions.DEFAULT.weight(Tensor.of(1.0, 5.0)).labelSmoothing(0.1)
/// ```
///
/// @param weight how much each class counts, `[classes]`; all 1 if empty
/// @param ignoreIndex samples with this class index do not count
/// @param labelSmoothing the share of each target, 0 to 1, that goes to all classes evenly
/// @param reduction over the samples; the mean is over the weights of their classes
public record ClassOptions(
    Optional<Tensor> weight, int ignoreIndex, double labelSmoothing, Reduction reduction) {
  /// As in PyTorch: no weights, index -100 ignored, no smoothing, the mean.
  public static final ClassOptions DEFAULT =
      new ClassOptions(Optional.empty(), -100, 0, Reduction.MEAN);

  /// @throws IllegalArgumentException if the smoothing is not in [0, 1]
  public ClassOptions {
    if (!(labelSmoothing >= 0 && labelSmoothing <= 1)) {
      throw new IllegalArgumentException(
          "label smoothing %s must be 0 to 1".formatted(labelSmoothing));
    }
  }

  /// These settings with a weight a class.
  public ClassOptions weight(Tensor w) {
    return new ClassOptions(Optional.of(w), ignoreIndex, labelSmoothing, reduction);
  }

  /// These settings with another index to ignore.
  public ClassOptions ignoreIndex(int index) {
    return new ClassOptions(weight, index, labelSmoothing, reduction);
  }

  /// These settings with label smoothing.
  public ClassOptions labelSmoothing(double share) {
    return new ClassOptions(weight, ignoreIndex, share, reduction);
  }

  /// These settings with another reduction.
  public ClassOptions reduction(Reduction r) {
    return new ClassOptions(weight, ignoreIndex, labelSmoothing, r);
  }
}
