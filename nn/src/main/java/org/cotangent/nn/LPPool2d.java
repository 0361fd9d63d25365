package org.cotangent.nn;

import org.cotangent.autograd.Tensor;

/// The p-norm of each window of images `[.., h, w]`, see [Functional#lpPool2d].
public final class LPPool2d extends Module {
  private final double p;
  private final Pair kernel;
  private final Pair stride;
  private final boolean ceilMode;

  /// Square windows side by side.
  ///
  /// @throws IllegalArgumentException if p is not above 0 or the size is below 1
  public LPPool2d(double p, int kernel) {
    this(p, Pair.of(kernel), Pair.of(kernel), false);
  }

  /// Windows as told.
  ///
  /// @param ceilMode whether windows that reach over the end count, if they begin before it
  /// @throws IllegalArgumentException if p is not above 0, or a size or stride is below 1
  public LPPool2d(double p, Pair kernel, Pair stride, boolean ceilMode) {
    if (!(p > 0)) {
      throw new IllegalArgumentException("LPPool2d: p %s must be above 0".formatted(p));
    }
    Options.require(kernel, 1, "LPPool2d: kernel");
    Options.require(stride, 1, "LPPool2d: stride");
    this.p = p;
    this.kernel = kernel;
    this.stride = stride;
    this.ceilMode = ceilMode;
  }

  /// @throws IllegalArgumentException if no window fits
  @Override
  public Tensor forward(Tensor x) {
    return Functional.lpPool2d(x, p, kernel, stride, ceilMode);
  }

  @Override
  protected String details() {
    return "norm_type=%s, kernel_size=%s, stride=%s, ceil_mode=%b"
        .formatted(p, kernel, stride, ceilMode);
  }
}
