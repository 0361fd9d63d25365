package org.cotangent.nn;

import java.util.Objects;
import java.util.OptionalInt;
import org.cotangent.autograd.Rng;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// A table of vectors to be learnt, looked up by index: integers `[..]` give `[.., width]`. It
/// starts from standard normal numbers, as in PyTorch.
///
/// Of PyTorch's options, `max_norm` is not there: it would change the table while it is read, so
/// that the layer were no function of its parameters, with no derivative to speak of. Divide by the
/// norms ([org.cotangent.autograd.Linalg#normalize]) where the vectors are used, or after a step.
/// Gradients are dense.
public final class Embedding extends Module {
  private final Tensor weight;
  private OptionalInt padding = OptionalInt.empty();

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

  /// Makes a row the one that stands for nothing, PyTorch's `padding_idx`: it becomes 0 now, and
  /// its gradient stays 0, so that no optimiser moves it. A negative number counts from the end.
  ///
  /// @throws IndexOutOfBoundsException if there is no such row
  public Embedding padding(int row) {
    int rows = weight.dim(0);
    int at = Objects.checkIndex(row < 0 ? row + rows : row, rows);
    Tensor isPadding = Tensor.arange(rows).eq(at).unsqueeze(1);
    weight.assign(Tensor.where(isPadding, Tensor.scalar(0, weight.dtype()), weight.detach()));
    padding = OptionalInt.of(at);
    return this;
  }

  /// The table, `[rows, width]`.
  public Tensor weight() {
    return weight;
  }

  /// @throws IllegalArgumentException if `index` is no integer tensor
  /// @throws IndexOutOfBoundsException if an index is not a row
  @Override
  public Tensor forward(Tensor index) {
    return padding.isPresent()
        ? Functional.embedding(index, weight, padding.getAsInt())
        : Functional.embedding(index, weight);
  }

  @Override
  protected String details() {
    return "%d, %d%s"
        .formatted(
            weight.dim(0),
            weight.dim(1),
            padding.isPresent() ? ", padding_idx=" + padding.getAsInt() : "");
  }
}
