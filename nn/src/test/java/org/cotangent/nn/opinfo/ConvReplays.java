package org.cotangent.nn.opinfo;

import java.util.Map;
import java.util.Set;

/// Convolution, pooling, padding, resampling.
final class ConvReplays {
  private ConvReplays() {}

  /// Operators of this topic that are not there yet.
  static final Set<String> PENDING =
      Set.of(
          "constant_pad_nd",
          "nn.functional.adaptive_avg_pool1d",
          "nn.functional.adaptive_avg_pool2d",
          "nn.functional.adaptive_max_pool2d",
          "nn.functional.avg_pool1d",
          "nn.functional.avg_pool2d",
          "nn.functional.conv1d",
          "nn.functional.conv2d",
          "nn.functional.conv_transpose1d",
          "nn.functional.conv_transpose2d",
          "nn.functional.interpolate.bilinear",
          "nn.functional.interpolate.nearest",
          "nn.functional.max_pool1d",
          "nn.functional.max_pool2d",
          "nn.functional.pad.circular",
          "nn.functional.pad.constant",
          "nn.functional.pad.reflect",
          "nn.functional.pad.replicate",
          "nn.functional.pixel_shuffle",
          "nn.functional.unfold");

  static void addTo(Map<String, Replay> table) {}
}
