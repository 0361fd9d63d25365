package org.cotangent.nn;

import org.cotangent.autograd.Rng;
import org.cotangent.autograd.Tensor;

/// In training mode the dropout that keeps mean 0 and variance 1 in networks of `selu`, see
/// [Functional#alphaDropout]; in evaluation mode `x`.
public final class AlphaDropout extends Module {
  private final double p;
  private final Rng rng;

  /// Dropout with probability p and a stream of random numbers of its own, split from `rng`.
  ///
  /// @throws IllegalArgumentException if p is no probability
  public AlphaDropout(double p, Rng rng) {
    this.p = FunctionalActivation.probability("AlphaDropout", p);
    this.rng = generator("rng", rng.split());
  }

  @Override
  public Tensor forward(Tensor x) {
    return isTraining() ? Functional.alphaDropout(x, p, rng) : x;
  }

  @Override
  protected String details() {
    return "p=" + p;
  }
}
