package org.cotangent.nn;

import org.cotangent.autograd.Tensor;

/// Channels as pixels, `[.., c r², h, w]` to `[.., c, h r, w r]`: see [Functional#pixelShuffle].
public final class PixelShuffle extends Module {
  private final int factor;

  /// By a factor.
  ///
  /// @throws IllegalArgumentException if it is below 1
  public PixelShuffle(int factor) {
    Options.require(factor, 1, "PixelShuffle: factor");
    this.factor = factor;
  }

  /// @throws IllegalArgumentException if the channels cannot be divided so
  @Override
  public Tensor forward(Tensor x) {
    return Functional.pixelShuffle(x, factor);
  }

  @Override
  protected String details() {
    return "upscale_factor=" + factor;
  }
}
