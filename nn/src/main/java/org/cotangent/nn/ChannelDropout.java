package org.cotangent.nn;

import org.cotangent.autograd.Rng;
import org.cotangent.autograd.Tensor;

/// In training mode each channel of each sample of `[n, channels, ..]` is 0 with probability p,
/// else `x/(1 - p)`; in evaluation mode `x`. PyTorch's `Dropout1d`, `2d` and `3d` in one.
public final class ChannelDropout extends Module {
  private final double p;
  private final Rng rng;

  /// Dropout with probability p and a stream of random numbers of its own, split from `rng`.
  ///
  /// @throws IllegalArgumentException if p is no probability
  public ChannelDropout(double p, Rng rng) {
    this.p = FunctionalActivation.probability("ChannelDropout", p);
    this.rng = generator("rng", rng.split());
  }

  /// @throws IllegalArgumentException in training mode, if `x` has no channels
  @Override
  public Tensor forward(Tensor x) {
    return isTraining() ? Functional.channelDropout(x, p, rng) : x;
  }

  @Override
  protected String details() {
    return "p=" + p;
  }
}
