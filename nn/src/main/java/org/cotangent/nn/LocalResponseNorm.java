package org.cotangent.nn;

import org.cotangent.autograd.Tensor;

/// Each element divided by what its place has in neighbouring channels, see
/// [Functional#localResponseNorm]; α 1e-4, β 0.75 and k 1 unless told otherwise.
public final class LocalResponseNorm extends Module {
  private final int size;
  private final double alpha;
  private final double beta;
  private final double k;

  /// Over so many channels.
  ///
  /// @throws IllegalArgumentException if the size is below 1
  public LocalResponseNorm(int size) {
    this(size, 1e-4, 0.75, 1);
  }

  /// Over so many channels, with numbers as told.
  ///
  /// @throws IllegalArgumentException if the size is below 1
  public LocalResponseNorm(int size, double alpha, double beta, double k) {
    Options.require(size, 1, "LocalResponseNorm: size");
    this.size = size;
    this.alpha = alpha;
    this.beta = beta;
    this.k = k;
  }

  /// @throws IllegalArgumentException if `x` is not `[n, channels, ..]`
  @Override
  public Tensor forward(Tensor x) {
    return Functional.localResponseNorm(x, size, alpha, beta, k);
  }

  @Override
  protected String details() {
    return "%d, alpha=%s, beta=%s, k=%s".formatted(size, alpha, beta, k);
  }
}
