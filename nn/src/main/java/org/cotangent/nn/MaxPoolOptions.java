package org.cotangent.nn;

/// The windows of max pooling: `MaxPoolOptions.of(3).stride(2).padding(1)`.
///
/// @param kernel the size of a window
/// @param stride between neighbouring windows
/// @param padding by how much windows may reach over each side; at most half a window
/// @param dilation between neighbouring elements of a window
/// @param ceilMode whether windows that reach over the end count, if they begin before it
public record MaxPoolOptions(
    Pair kernel, Pair stride, Pair padding, Pair dilation, boolean ceilMode) {
  /// @throws IllegalArgumentException if a size, stride or dilation is below 1, or a padding is
  ///   below 0 or above half the size of a window
  public MaxPoolOptions {
    Options.require(kernel, 1, "kernel");
    Options.require(stride, 1, "stride");
    Options.require(dilation, 1, "dilation");
    Options.atMostHalf(padding, kernel);
  }

  /// Windows side by side.
  public static MaxPoolOptions of(int kernel) {
    return of(kernel, kernel);
  }

  /// Windows side by side.
  public static MaxPoolOptions of(int height, int width) {
    Pair size = new Pair(height, width);
    return new MaxPoolOptions(size, size, Pair.of(0), Pair.of(1), false);
  }

  /// The same stride along both axes.
  public MaxPoolOptions stride(int both) {
    return stride(both, both);
  }

  /// A stride for each axis.
  public MaxPoolOptions stride(int height, int width) {
    return new MaxPoolOptions(kernel, new Pair(height, width), padding, dilation, ceilMode);
  }

  /// The same padding on all four sides.
  public MaxPoolOptions padding(int all) {
    return padding(all, all);
  }

  /// A padding for each axis.
  public MaxPoolOptions padding(int height, int width) {
    return new MaxPoolOptions(kernel, stride, new Pair(height, width), dilation, ceilMode);
  }

  /// The same dilation along both axes.
  public MaxPoolOptions dilation(int both) {
    return dilation(both, both);
  }

  /// A dilation for each axis.
  public MaxPoolOptions dilation(int height, int width) {
    return new MaxPoolOptions(kernel, stride, padding, new Pair(height, width), ceilMode);
  }

  /// Whether windows may reach over the end.
  public MaxPoolOptions ceilMode(boolean on) {
    return new MaxPoolOptions(kernel, stride, padding, dilation, on);
  }
}
