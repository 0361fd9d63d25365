package org.cotangent.nn;

import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.Shape;

/// One axis as several: with axis 1 and sizes `[2, 3]`, `[n, 6, ..]` becomes `[n, 2, 3, ..]`.
public final class Unflatten extends Module {
  private final int axis;
  private final Shape sizes;

  /// An axis and what it becomes.
  ///
  /// @param axis negative axes count from the end
  /// @param sizes what it becomes
  /// @throws IllegalArgumentException if a size is negative
  public Unflatten(int axis, int... sizes) {
    this.axis = axis;
    this.sizes = Shape.of(sizes);
  }

  /// @throws IllegalArgumentException if the axis has not as many elements as the sizes say
  @Override
  public Tensor forward(Tensor x) {
    int a = x.shape().axis("Unflatten", axis);
    Shape shape = x.shape().without(a);
    for (int i = 0; i < sizes.rank(); i++) {
      shape = shape.inserted(a + i, sizes.dim(i));
    }
    if (sizes.size() != x.dim(a)) {
      throw new IllegalArgumentException(
          "Unflatten: axis %d of %s has %d elements and cannot become %s, which are %d"
              .formatted(a, x.shape(), x.dim(a), sizes, sizes.size()));
    }
    return x.reshape(shape);
  }

  @Override
  protected String details() {
    return "axis=%d, sizes=%s".formatted(axis, sizes);
  }
}
