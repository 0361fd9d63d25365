package org.cotangent.nn;

import org.cotangent.autograd.Tensor;

/// `tanh(x)`, element by element.
public final class Tanh extends Module {
  /// The activation.
  public Tanh() {}

  @Override
  public Tensor forward(Tensor x) {
    return x.tanh();
  }
}
