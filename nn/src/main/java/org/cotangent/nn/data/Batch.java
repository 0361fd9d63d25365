package org.cotangent.nn.data;

import org.cotangent.autograd.Tensor;

/// Some samples and their targets.
///
/// @param x samples along the first axis
/// @param y as many targets along the first axis
public record Batch(Tensor x, Tensor y) {
  /// @throws IllegalArgumentException if the first axes differ
  public Batch {
    if (x.rank() == 0 || y.rank() == 0 || x.dim(0) != y.dim(0)) {
      throw new IllegalArgumentException(
          "Batch: samples %s and targets %s must have first axes of one length"
              .formatted(x.shape(), y.shape()));
    }
  }

  /// The number of samples.
  public int size() {
    return x.dim(0);
  }
}
