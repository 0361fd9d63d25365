package org.cotangent.nn;

import org.cotangent.autograd.Tensor;

/// The average of each window of images `[.., h, w]`, see [Functional#avgPool2d].
public final class AvgPool2d extends Module {
  private final AvgPoolOptions options;

  /// Windows of so many elements a side, side by side.
  ///
  /// @throws IllegalArgumentException if the size is below 1
  public AvgPool2d(int kernel) {
    this(AvgPoolOptions.of(kernel));
  }

  /// Windows as told.
  public AvgPool2d(AvgPoolOptions options) {
    this.options = options;
  }

  /// @throws IllegalArgumentException if no window fits
  @Override
  public Tensor forward(Tensor x) {
    return Functional.avgPool2d(x, options);
  }

  @Override
  protected String details() {
    return "kernel_size=%s, stride=%s, padding=%s"
        .formatted(options.kernel().text(2), options.stride().text(2), options.padding().text(2));
  }
}
