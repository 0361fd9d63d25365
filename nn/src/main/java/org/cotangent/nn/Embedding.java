package org.cotangent.nn;

import org.cotangent.autograd.Rng;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// A table of vectors to be learnt, looked up by index: integers `[..]` give `[.., width]`. It
/// starts from standard normal numbers, as in PyTorch.
public final class Embedding extends Module {
  private final Tensor weight;

  /// A table of F32.
  ///
  /// @throws IllegalArgumentException if a size is below 1
  public Embedding(int rows, int width, Rng rng) {
    this(rows, width, Init.normal(0, 1), rng, DType.F32);
  }

  /// A table that starts as told.
  ///
  /// @throws IllegalArgumentException if a size is below 1 or the dtype is not floating
  public Embedding(int rows, int width, Init init, Rng rng, DType dtype) {
    if (rows < 1 || width < 1) {
      throw new IllegalArgumentException(
          "Embedding: %d rows of width %d; both must be 1 or more".formatted(rows, width));
    }
    weight = parameter("weight", init.make(Shape.of(rows, width), dtype, rng));
  }

  /// The table, `[rows, width]`.
  public Tensor weight() {
    return weight;
  }

  /// @throws IllegalArgumentException if `index` is no integer tensor
  /// @throws IndexOutOfBoundsException if an index is not a row
  @Override
  public Tensor forward(Tensor index) {
    return Functional.embedding(index, weight);
  }

  @Override
  protected String details() {
    return "%d, %d".formatted(weight.dim(0), weight.dim(1));
  }
}
