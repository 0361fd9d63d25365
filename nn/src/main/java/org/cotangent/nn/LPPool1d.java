package org.cotangent.nn;

import org.cotangent.autograd.Tensor;

/// The p-norm of each window of signals `[.., length]`, see [Functional#lpPool1d].
public final class LPPool1d extends Module {
  private final double p;
  private final int kernel;
  private final int stride;
  private final boolean ceilMode;

  /// Windows side by side.
  ///
  /// @throws IllegalArgumentException if p is not above 0 or the size is below 1
  public LPPool1d(double p, int kernel) {
    this(p, kernel, kernel, false);
  }

  /// Windows as told.
  ///
  /// @param ceilMode whether windows that reach over the end count, if they begin before it
  /// @throws IllegalArgumentException if p is not above 0, or a size or stride is below 1
  public LPPool1d(double p, int kernel, int stride, boolean ceilMode) {
    if (!(p > 0)) {
      throw new IllegalArgumentException("LPPool1d: p %s must be above 0".formatted(p));
    }
    Options.require(kernel, 1, "LPPool1d: kernel");
    Options.require(stride, 1, "LPPool1d: stride");
    this.p = p;
    this.kernel = kernel;
    this.stride = stride;
    this.ceilMode = ceilMode;
  }

  /// @throws IllegalArgumentException if no window fits
  @Override
  public Tensor forward(Tensor x) {
    return Functional.lpPool1d(x, p, kernel, stride, ceilMode);
  }

  @Override
  protected String details() {
    return "norm_type=%s, kernel_size=%s, stride=%s, ceil_mode=%b"
        .formatted(p, kernel, stride, ceilMode);
  }
}
