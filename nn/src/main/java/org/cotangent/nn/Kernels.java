package org.cotangent.nn;

import java.util.Optional;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.Shape;

/// What the weights of convolutional layers have in common.
final class Kernels {
  private Kernels() {}

  /// `[first, second/groups, ..]`.
  static Shape shape(String layer, int second, int first, int groups, int... sizes) {
    boolean positive = second >= 1 && first >= 1;
    for (int s : sizes) {
      positive &= s >= 1;
    }
    if (!positive || second % groups != 0 || first % groups != 0) {
      throw new IllegalArgumentException(
          "%s: %d and %d channels in %d groups, kernel %s: all must be 1 or more, and the groups must divide both"
              .formatted(layer, second, first, groups, Shape.of(sizes)));
    }
    int[] d = new int[sizes.length + 2];
    d[0] = first;
    d[1] = second / groups;
    System.arraycopy(sizes, 0, d, 2, sizes.length);
    return Shape.of(d);
  }

  /// PyTorch's choice for weight and bias: uniform in `±1/√fan`, where the fan is the size of one
  /// kernel.
  static Init likePyTorch(Shape weight) {
    double bound = 1 / Math.sqrt((double) weight.size() / weight.dim(0));
    return Init.uniform(-bound, bound);
  }

  /// Checks a weight of `axes + 2` axes and its bias, one number for each of `out` channels.
  static void require(String layer, int axes, Tensor weight, int out, Optional<Tensor> bias) {
    if (weight.rank() != axes + 2 || !weight.dtype().isFloating()) {
      throw new IllegalArgumentException(
          "%s: the weight is %s, %s, but must have %d axes and be floating"
              .formatted(layer, weight.shape(), weight.dtype(), axes + 2));
    }
    if (bias.isPresent()) {
      Tensor b = bias.get();
      if (!b.shape().equals(Shape.of(out)) || b.dtype() != weight.dtype()) {
        throw new IllegalArgumentException(
            "%s: the bias is %s, %s, but for the weight %s, %s it must be [%d], %s"
                .formatted(
                    layer,
                    b.shape(),
                    b.dtype(),
                    weight.shape(),
                    weight.dtype(),
                    out,
                    weight.dtype()));
      }
    }
  }
}
