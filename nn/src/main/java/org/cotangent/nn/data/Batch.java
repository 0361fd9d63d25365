package org.cotangent.nn.data;

import org.cotangent.autograd.Tensor;

/// Some samples and their targets, along the first axis.
public record Batch(Tensor x, Tensor y) {
  /// The number of samples.
  public int size() {
    return x.dim(0);
  }
}
