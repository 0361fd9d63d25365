package org.cotangent.nn;

import org.cotangent.autograd.Tensor;

/// `1/(1 + exp(-x))`, element by element.
public final class Sigmoid extends Module {
  /// The activation.
  public Sigmoid() {}

  @Override
  public Tensor forward(Tensor x) {
    return x.sigmoid();
  }
}
