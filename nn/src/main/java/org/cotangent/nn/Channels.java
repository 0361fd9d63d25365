package org.cotangent.nn;

import java.util.Arrays;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.Shape;

/// The axes of images and their like: `[n, channels, ..]`.
final class Channels {
  private Channels() {}

  /// One number a channel, with axes of extent 1 so that it broadcasts along axis 1 of `x`.
  static Tensor along(Tensor perChannel, Tensor x) {
    int[] dims = new int[x.rank()];
    Arrays.fill(dims, 1);
    dims[1] = perChannel.dim(0);
    return perChannel.reshape(Shape.of(dims));
  }

  /// The axes that are left when that of the channels is taken away: the batch and the positions.
  static int[] others(Tensor x) {
    int[] axes = new int[x.rank() - 1];
    Arrays.setAll(axes, i -> i == 0 ? 0 : i + 1);
    return axes;
  }

  /// `x` with the channels on the last axis.
  static Tensor last(Tensor x) {
    int[] order = new int[x.rank()];
    Arrays.setAll(order, i -> i == 0 ? 0 : i == order.length - 1 ? 1 : i + 1);
    return x.rank() <= 2 ? x : x.permute(order);
  }
}
