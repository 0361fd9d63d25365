package org.cotangent.nn;

import org.cotangent.autograd.Tensor;

/// `max(x, 0)`, element by element; the gradient at 0 is 0.
public final class ReLU extends Module {
  /// The activation.
  public ReLU() {}

  @Override
  public Tensor forward(Tensor x) {
    return x.relu();
  }
}
