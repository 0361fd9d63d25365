package org.cotangent.autograd.cpu;

import org.cotangent.autograd.shape.Sliding;

/// The sizes of a convolution.
///
/// @param images in the batch
/// @param groups of channels
/// @param in channels of the input in each group
/// @param out channels of the output in each group
/// @param turned whether the kernels hold their taps in reverse order
record ConvSizes(
    int images, int groups, int in, int out, Sliding rows, Sliding columns, boolean turned) {
  /// Taps of one kernel on one channel.
  int tapsEach() {
    return rows.kernel() * columns.kernel();
  }

  /// Taps of one kernel on all its channels.
  int taps() {
    return in * tapsEach();
  }

  /// Positions of one image of the output.
  int positions() {
    return rows.output() * columns.output();
  }
}
