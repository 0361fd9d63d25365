package org.cotangent.nn;

import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// `x` where positive, else `w x`; the slope w is learnt and starts at 0.25 (He et al., 2015).
public final class PReLU extends Module {
  private static final double START = 0.25;

  private final Tensor weight;

  /// One slope for all, F32.
  public PReLU() {
    this(1, DType.F32);
  }

  /// One slope a channel, the second axis of the input; or a single one.
  ///
  /// @throws IllegalArgumentException if the dtype is not floating
  public PReLU(int channels, DType dtype) {
    weight = parameter("weight", Tensor.full(Shape.of(channels), START, dtype));
  }

  @Override
  public Tensor forward(Tensor x) {
    return Functional.prelu(x, weight);
  }

  @Override
  protected String details() {
    return "num_parameters=" + weight.size();
  }
}
