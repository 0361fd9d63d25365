package org.cotangent.nn;

import org.cotangent.autograd.Tensor;

/// The squared error `(y - t)²`, element by element; its mean is over all elements, as in PyTorch.
///
/// @param reduction over all elements
public record MeanSquaredError(Reduction reduction) implements Loss {
  /// The mean over all elements.
  public MeanSquaredError() {
    this(Reduction.MEAN);
  }

  /// @throws IllegalArgumentException if the shapes differ: nothing is broadcast, because `[n, 1]`
  ///   against `[n]` would silently compare every pair
  @Override
  public Tensor of(Tensor output, Tensor target) {
    if (!output.shape().equals(target.shape())) {
      throw new IllegalArgumentException(
          "MeanSquaredError: the output %s and the target %s must have one shape; reshape one of them"
              .formatted(output.shape(), target.shape()));
    }
    return reduction.of(output.sub(target).square());
  }
}
