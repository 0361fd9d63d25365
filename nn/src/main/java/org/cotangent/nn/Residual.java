package org.cotangent.nn;

import java.util.Optional;
import org.cotangent.autograd.Tensor;

/// `f(x) + x`, or `f(x) + s(x)` with a shortcut s that gives the shape of `f(x)` (He et al., 2016).
public final class Residual extends Module {
  private final Module body;
  private final Optional<Module> shortcut;

  /// With the identity beside the body.
  public Residual(Module body) {
    this.body = child("body", body);
    this.shortcut = Optional.empty();
  }

  /// With a shortcut beside the body.
  public Residual(Module body, Module shortcut) {
    this.body = child("body", body);
    this.shortcut = Optional.of(child("shortcut", shortcut));
  }

  /// @throws IllegalArgumentException if the two have different shapes: nothing is broadcast
  @Override
  public Tensor forward(Tensor x) {
    Tensor y = body.forward(x);
    Tensor beside = shortcut.isPresent() ? shortcut.get().forward(x) : x;
    if (!y.shape().equals(beside.shape())) {
      throw new IllegalArgumentException(
          "Residual: the body gives %s, but beside it is %s; pass a shortcut that gives the same shape"
              .formatted(y.shape(), beside.shape()));
    }
    return y.add(beside);
  }
}
