package org.cotangent.nn;

import org.cotangent.autograd.shape.DType;

/// What a [BatchNorm] holds; start from [#DEFAULT].
///
/// @param affine whether it learns a scale and a shift for each channel
/// @param trackRunningStats whether it keeps running means of mean and variance, and uses them in
///   evaluation mode; without, each batch is normalised by its own there too
/// @param dtype of all it holds
public record BatchNormOptions(boolean affine, boolean trackRunningStats, DType dtype) {
  /// Scale, shift and running statistics, F32.
  public static final BatchNormOptions DEFAULT = new BatchNormOptions(true, true, DType.F32);

  /// These settings without scale and shift: PyTorch's `affine=False`.
  public BatchNormOptions withoutAffine() {
    return new BatchNormOptions(false, trackRunningStats, dtype);
  }

  /// These settings without running statistics: PyTorch's `track_running_stats=False`.
  public BatchNormOptions withoutRunningStats() {
    return new BatchNormOptions(affine, false, dtype);
  }

  /// These settings with another dtype.
  public BatchNormOptions dtype(DType d) {
    return new BatchNormOptions(affine, trackRunningStats, d);
  }
}
