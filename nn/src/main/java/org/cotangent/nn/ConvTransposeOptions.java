package org.cotangent.nn;

/// How a transposed convolution spreads its input: the numbers are those of the convolution whose
/// gradient it is.
///
/// @param stride between the places of neighbouring elements of the input
/// @param padding rows and columns cut off on each side of the result
/// @param outputPadding rows and columns added at the end of each axis; less than stride or
///   dilation
/// @param dilation between neighbouring taps
/// @param groups into which channels are divided, each with its own kernels
public record ConvTransposeOptions(
    Pair stride, Pair padding, Pair outputPadding, Pair dilation, int groups) {
  private static final ConvTransposeOptions DEFAULTS =
      new ConvTransposeOptions(Pair.of(1), Pair.of(0), Pair.of(0), Pair.of(1), 1);

  /// @throws IllegalArgumentException if a stride, dilation or the groups are below 1, a padding
  ///   below 0, or an output padding reaches both stride and dilation
  public ConvTransposeOptions {
    Options.require(stride, 1, "stride");
    Options.require(padding, 0, "padding");
    Options.require(outputPadding, 0, "output padding");
    Options.require(dilation, 1, "dilation");
    Options.require(Pair.of(groups), 1, "groups");
  }

  /// Stride 1, no padding, dilation 1, one group.
  public static ConvTransposeOptions defaults() {
    return DEFAULTS;
  }

  /// The same stride along both axes.
  public ConvTransposeOptions stride(int both) {
    return stride(both, both);
  }

  /// A stride for each axis.
  public ConvTransposeOptions stride(int height, int width) {
    return new ConvTransposeOptions(
        new Pair(height, width), padding, outputPadding, dilation, groups);
  }

  /// The same padding on all four sides.
  public ConvTransposeOptions padding(int all) {
    return padding(all, all);
  }

  /// A padding for each axis.
  public ConvTransposeOptions padding(int height, int width) {
    return new ConvTransposeOptions(
        stride, new Pair(height, width), outputPadding, dilation, groups);
  }

  /// The same output padding along both axes.
  public ConvTransposeOptions outputPadding(int both) {
    return outputPadding(both, both);
  }

  /// An output padding for each axis.
  public ConvTransposeOptions outputPadding(int height, int width) {
    return new ConvTransposeOptions(stride, padding, new Pair(height, width), dilation, groups);
  }

  /// The same dilation along both axes.
  public ConvTransposeOptions dilation(int both) {
    return dilation(both, both);
  }

  /// A dilation for each axis.
  public ConvTransposeOptions dilation(int height, int width) {
    return new ConvTransposeOptions(
        stride, padding, outputPadding, new Pair(height, width), groups);
  }

  /// So many groups.
  public ConvTransposeOptions groups(int n) {
    return new ConvTransposeOptions(stride, padding, outputPadding, dilation, n);
  }

  /// As a layer prints them, for so many axes.
  String details(int axes) {
    return "stride=%s, padding=%s, output_padding=%s, dilation=%s, groups=%d"
        .formatted(
            stride.text(axes),
            padding.text(axes),
            outputPadding.text(axes),
            dilation.text(axes),
            groups);
  }
}
