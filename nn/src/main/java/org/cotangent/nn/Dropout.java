package org.cotangent.nn;

import org.cotangent.autograd.Rng;
import org.cotangent.autograd.Tensor;

/// In training mode each element 0 with probability p, else `x/(1 - p)`; in evaluation mode `x`.
public final class Dropout extends Module {
  private final double p;
  private final Rng rng;

  /// Dropout with probability p and a stream of random numbers of its own, split from `rng`.
  ///
  /// @throws IllegalArgumentException if p is no probability
  public Dropout(double p, Rng rng) {
    this.p = FunctionalActivation.probability("Dropout", p);
    this.rng = generator("rng", rng.split());
  }

  @Override
  public Tensor forward(Tensor x) {
    return isTraining() ? Functional.dropout(x, p, rng) : x;
  }

  @Override
  protected String details() {
    return "p=" + p;
  }
}
