package org.cotangent.nn;

import java.util.OptionalInt;

/// The windows of average pooling: `AvgPoolOptions.of(2)`.
///
/// @param kernel the size of a window
/// @param stride between neighbouring windows
/// @param padding zeros on each side; at most half a window
/// @param ceilMode whether windows that reach over the end count, if they begin before it
/// @param countIncludePad whether padding counts in the average
/// @param divisor by what the sum of a window is divided, if not by the number of its elements
public record AvgPoolOptions(
    Pair kernel,
    Pair stride,
    Pair padding,
    boolean ceilMode,
    boolean countIncludePad,
    OptionalInt divisor) {
  /// @throws IllegalArgumentException if a size or stride is below 1, a padding is below 0 or above
  ///   half the size of a window, or the divisor is 0
  public AvgPoolOptions {
    Options.require(kernel, 1, "kernel");
    Options.require(stride, 1, "stride");
    Options.atMostHalf(padding, kernel);
    if (divisor.isPresent() && divisor.getAsInt() == 0) {
      throw new IllegalArgumentException("the divisor of an average is 0");
    }
  }

  /// Windows side by side.
  public static AvgPoolOptions of(int kernel) {
    return of(kernel, kernel);
  }

  /// Windows side by side.
  public static AvgPoolOptions of(int height, int width) {
    Pair size = new Pair(height, width);
    return new AvgPoolOptions(size, size, Pair.of(0), false, true, OptionalInt.empty());
  }

  /// The same stride along both axes.
  public AvgPoolOptions stride(int both) {
    return stride(both, both);
  }

  /// A stride for each axis.
  public AvgPoolOptions stride(int height, int width) {
    Pair s = new Pair(height, width);
    return new AvgPoolOptions(kernel, s, padding, ceilMode, countIncludePad, divisor);
  }

  /// The same padding on all four sides.
  public AvgPoolOptions padding(int all) {
    return padding(all, all);
  }

  /// A padding for each axis.
  public AvgPoolOptions padding(int height, int width) {
    Pair p = new Pair(height, width);
    return new AvgPoolOptions(kernel, stride, p, ceilMode, countIncludePad, divisor);
  }

  /// Whether windows may reach over the end.
  public AvgPoolOptions ceilMode(boolean on) {
    return new AvgPoolOptions(kernel, stride, padding, on, countIncludePad, divisor);
  }

  /// Whether padding counts in the average.
  public AvgPoolOptions countIncludePad(boolean on) {
    return new AvgPoolOptions(kernel, stride, padding, ceilMode, on, divisor);
  }

  /// By what sums are divided.
  public AvgPoolOptions divisor(int by) {
    return new AvgPoolOptions(
        kernel, stride, padding, ceilMode, countIncludePad, OptionalInt.of(by));
  }
}
