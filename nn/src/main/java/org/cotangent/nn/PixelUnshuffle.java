package org.cotangent.nn;

import org.cotangent.autograd.Tensor;

/// Pixels as channels, `[.., c, h r, w r]` to `[.., c r², h, w]`: see [Functional#pixelUnshuffle].
public final class PixelUnshuffle extends Module {
  private final int factor;

  /// By a factor.
  ///
  /// @throws IllegalArgumentException if it is below 1
  public PixelUnshuffle(int factor) {
    Options.require(factor, 1, "PixelUnshuffle: factor");
    this.factor = factor;
  }

  /// @throws IllegalArgumentException if the image cannot be divided so
  @Override
  public Tensor forward(Tensor x) {
    return Functional.pixelUnshuffle(x, factor);
  }

  @Override
  protected String details() {
    return "downscale_factor=" + factor;
  }
}
