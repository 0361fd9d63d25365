package org.cotangent.nn;

import java.util.Locale;
import java.util.Optional;

/// How a convolution's kernels slide: `ConvOptions.defaults().stride(2).padding(1)`.
///
/// @param stride between neighbouring positions
/// @param padding how many elements are added on each side of an axis; empty for as many as keep
///   its extent, which asks for stride 1
/// @param dilation between neighbouring taps
/// @param groups into which channels are divided, each with its own kernels
/// @param paddingMode what the padding holds: zeros ([PadMode#CONSTANT]), or elements of the input,
///   which is then copied with them before the convolution
public record ConvOptions(
    Pair stride, Optional<Pair> padding, Pair dilation, int groups, PadMode paddingMode) {
  private static final ConvOptions DEFAULTS =
      new ConvOptions(Pair.of(1), Optional.of(Pair.of(0)), Pair.of(1), 1, PadMode.CONSTANT);

  /// @throws IllegalArgumentException if a stride, dilation or the groups are below 1, or a padding
  ///   below 0
  public ConvOptions {
    Options.require(stride, 1, "stride");
    padding.ifPresent(p -> Options.require(p, 0, "padding"));
    Options.require(dilation, 1, "dilation");
    Options.require(Pair.of(groups), 1, "groups");
  }

  /// Stride 1, no padding (PyTorch's `padding='valid'`), dilation 1, one group.
  public static ConvOptions defaults() {
    return DEFAULTS;
  }

  /// The same stride along both axes.
  public ConvOptions stride(int both) {
    return stride(both, both);
  }

  /// A stride for each axis.
  public ConvOptions stride(int height, int width) {
    return new ConvOptions(new Pair(height, width), padding, dilation, groups, paddingMode);
  }

  /// The same padding on all four sides.
  public ConvOptions padding(int all) {
    return padding(all, all);
  }

  /// A padding for each axis.
  public ConvOptions padding(int height, int width) {
    return new ConvOptions(
        stride, Optional.of(new Pair(height, width)), dilation, groups, paddingMode);
  }

  /// As much padding as keeps the extents: PyTorch's `padding='same'`.
  public ConvOptions same() {
    return new ConvOptions(stride, Optional.empty(), dilation, groups, paddingMode);
  }

  /// The same dilation along both axes.
  public ConvOptions dilation(int both) {
    return dilation(both, both);
  }

  /// A dilation for each axis.
  public ConvOptions dilation(int height, int width) {
    return new ConvOptions(stride, padding, new Pair(height, width), groups, paddingMode);
  }

  /// So many groups.
  public ConvOptions groups(int n) {
    return new ConvOptions(stride, padding, dilation, n, paddingMode);
  }

  /// What the padding holds: PyTorch's `padding_mode`.
  public ConvOptions paddingMode(PadMode mode) {
    return new ConvOptions(stride, padding, dilation, groups, mode);
  }

  /// As a layer prints them, for so many axes.
  String details(int axes) {
    return "stride=%s, padding=%s, dilation=%s, groups=%d%s"
        .formatted(
            stride.text(axes),
            padding.map(p -> p.text(axes)).orElse("same"),
            dilation.text(axes),
            groups,
            paddingMode == PadMode.CONSTANT
                ? ""
                : ", padding_mode=" + paddingMode.name().toLowerCase(Locale.ROOT));
  }
}
