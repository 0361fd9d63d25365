package org.cotangent.nn;

import org.cotangent.autograd.Tensor;

/// All axes but the first, the batch, as a single axis: `[n, 28, 28]` becomes `[n, 784]`.
public final class Flatten extends Module {
  /// The layer.
  public Flatten() {}

  /// @throws IllegalArgumentException if `x` has fewer than two axes
  @Override
  public Tensor forward(Tensor x) {
    if (x.rank() < 2) {
      throw new IllegalArgumentException(
          "Flatten: the input %s has no axis besides the batch; it needs two axes or more"
              .formatted(x.shape()));
    }
    return x.flatten(1);
  }
}
