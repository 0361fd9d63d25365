package org.cotangent.nn;

import org.cotangent.autograd.Tensor;

/// The average of each of a given number of windows over signals `[.., length]`, see
/// [Functional#adaptiveAvgPool1d].
public final class AdaptiveAvgPool1d extends Module {
  private final int size;

  /// So many windows.
  ///
  /// @throws IllegalArgumentException if the size is below 1
  public AdaptiveAvgPool1d(int size) {
    Options.require(Pair.of(size), 1, "output size");
    this.size = size;
  }

  /// @throws IllegalArgumentException if the signal is empty
  @Override
  public Tensor forward(Tensor x) {
    return Functional.adaptiveAvgPool1d(x, size);
  }

  @Override
  protected String details() {
    return "output_size=" + size;
  }
}
