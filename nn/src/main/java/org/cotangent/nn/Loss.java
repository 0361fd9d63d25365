package org.cotangent.nn;

import org.cotangent.autograd.Tensor;

/// How far a network's output is from what it should be.
@FunctionalInterface
public interface Loss {
  /// The loss of an output for a target: a scalar, or one number a sample.
  ///
  /// @throws IllegalArgumentException if the shapes do not fit
  Tensor of(Tensor output, Tensor target);
}
