package org.cotangent.nn;

import org.cotangent.autograd.Tensor;

/// The average of each window of signals `[.., length]`, see [Functional#avgPool1d].
public final class AvgPool1d extends Module {
  private final AvgPoolOptions options;

  /// Windows of so many elements, side by side.
  ///
  /// @throws IllegalArgumentException if the size is below 1
  public AvgPool1d(int kernel) {
    this(AvgPoolOptions.of(kernel));
  }

  /// Windows as told. The width counts.
  public AvgPool1d(AvgPoolOptions options) {
    this.options = options;
  }

  /// @throws IllegalArgumentException if no window fits
  @Override
  public Tensor forward(Tensor x) {
    return Functional.avgPool1d(x, options);
  }

  @Override
  protected String details() {
    return "kernel_size=%s, stride=%s, padding=%s"
        .formatted(options.kernel().text(1), options.stride().text(1), options.padding().text(1));
  }
}
