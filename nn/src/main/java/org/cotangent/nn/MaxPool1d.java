package org.cotangent.nn;

import org.cotangent.autograd.Tensor;

/// The largest element of each window of signals `[.., length]`, see [Functional#maxPool1d].
public final class MaxPool1d extends Module {
  private final MaxPoolOptions options;

  /// Windows of so many elements, side by side.
  ///
  /// @throws IllegalArgumentException if the size is below 1
  public MaxPool1d(int kernel) {
    this(MaxPoolOptions.of(kernel));
  }

  /// Windows as told. The width counts.
  public MaxPool1d(MaxPoolOptions options) {
    this.options = options;
  }

  /// @throws IllegalArgumentException if no window fits
  @Override
  public Tensor forward(Tensor x) {
    return Functional.maxPool1d(x, options);
  }

  @Override
  protected String details() {
    return "kernel_size=%s, stride=%s, padding=%s, dilation=%s, ceil_mode=%b"
        .formatted(
            options.kernel().text(1),
            options.stride().text(1),
            options.padding().text(1),
            options.dilation().text(1),
            options.ceilMode());
  }
}
