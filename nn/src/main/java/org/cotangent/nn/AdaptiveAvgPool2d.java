package org.cotangent.nn;

import org.cotangent.autograd.Tensor;

/// The average of each window of a grid of given size over images `[.., h, w]`, see
/// [Functional#adaptiveAvgPool2d].
public final class AdaptiveAvgPool2d extends Module {
  private final Pair size;

  /// A square grid.
  public AdaptiveAvgPool2d(int size) {
    this(size, size);
  }

  /// A grid of `height` by `width` windows.
  ///
  /// @throws IllegalArgumentException if a size is below 1
  public AdaptiveAvgPool2d(int height, int width) {
    size = new Pair(height, width);
    Options.require(size, 1, "output size");
  }

  /// @throws IllegalArgumentException if the image is empty
  @Override
  public Tensor forward(Tensor x) {
    return Functional.adaptiveAvgPool2d(x, size.height(), size.width());
  }

  @Override
  protected String details() {
    return "output_size=" + size;
  }
}
