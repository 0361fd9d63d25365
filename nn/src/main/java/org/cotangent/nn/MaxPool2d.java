package org.cotangent.nn;

import org.cotangent.autograd.Tensor;

/// The largest element of each window of images `[.., h, w]`, see [Functional#maxPool2d].
public final class MaxPool2d extends Module {
  private final MaxPoolOptions options;

  /// Windows of so many elements a side, side by side.
  ///
  /// @throws IllegalArgumentException if the size is below 1
  public MaxPool2d(int kernel) {
    this(MaxPoolOptions.of(kernel));
  }

  /// Windows as told.
  public MaxPool2d(MaxPoolOptions options) {
    this.options = options;
  }

  /// @throws IllegalArgumentException if no window fits
  @Override
  public Tensor forward(Tensor x) {
    return Functional.maxPool2d(x, options);
  }

  @Override
  protected String details() {
    return "kernel_size=%s, stride=%s, padding=%s, dilation=%s, ceil_mode=%b"
        .formatted(
            options.kernel().text(2),
            options.stride().text(2),
            options.padding().text(2),
            options.dilation().text(2),
            options.ceilMode());
  }
}
