package org.cotangent.nn;

import org.cotangent.autograd.Rng;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// Looking things up: by index, and by likeness. Part of [Functional].
abstract class FunctionalAttention extends FunctionalNorm {
  FunctionalAttention() {}

  /// The rows of a table, `[rows, width]`, at the given indices: `[..]` gives `[.., width]`. A row
  /// that is used twice gathers both gradients.
  ///
  /// @throws IllegalArgumentException if the index is no integer tensor or the table no matrix
  /// @throws IndexOutOfBoundsException if an index is not a row
  public static Tensor embedding(Tensor index, Tensor table) {
    if (!index.dtype().isInteger() || table.rank() != 2) {
      throw new IllegalArgumentException(
          "embedding: the indices are %s, the table %s: pass integers (I32, I64) and a matrix [rows, width]"
              .formatted(index.dtype(), table.shape()));
    }
    Shape shape = index.shape().inserted(index.rank(), table.dim(1));
    return table.indexSelect(0, index.flatten()).reshape(shape);
  }

  /// The same, where one row, the padding, gets no gradient.
  ///
  /// @throws IllegalArgumentException if the index is no integer tensor or the table no matrix
  /// @throws IndexOutOfBoundsException if an index is not a row
  public static Tensor embedding(Tensor index, Tensor table, int padding) {
    Tensor y = embedding(index, table);
    return Tensor.where(index.eq(padding).unsqueeze(-1), y.detach(), y);
  }

  /// `softmax(Q Kᵀ/√d) V`: queries `[.., n, d]`, keys `[.., m, d]` and values `[.., m, w]` give
  /// `[.., n, w]` (Vaswani et al., 2017, equation 1).
  ///
  /// @throws IllegalArgumentException if the shapes do not fit
  public static Tensor scaledDotProductAttention(Tensor query, Tensor key, Tensor value) {
    return attended(scores(query, key), value);
  }

  /// The same with a mask that broadcasts to the scores `[.., n, m]`: `BOOL`, true where a query
  /// may look, such as [#causalMask]; or numbers to be added. A query that may look nowhere gives
  /// NaN.
  ///
  /// @throws IllegalArgumentException if the shapes do not fit
  public static Tensor scaledDotProductAttention(
      Tensor query, Tensor key, Tensor value, Tensor mask) {
    return attended(masked(scores(query, key), mask), value);
  }

  /// True at `[i, j]` where j ≤ i, so that no query sees a later key.
  public static Tensor causalMask(int queries, int keys) {
    return Tensor.arange(queries).unsqueeze(1).ge(Tensor.arange(keys));
  }

  /// A mask for attention in heads of which keys there are, `[n, keys]` and `BOOL`, true where one
  /// is: `[n, 1, 1, keys]`. Sequences of different lengths are filled up so; PyTorch's
  /// `key_padding_mask` is true where none is. Together: `causalMask(q, k).and(keyMask(present))`.
  ///
  /// @throws IllegalArgumentException if it is no `BOOL` matrix
  public static Tensor keyMask(Tensor present) {
    if (present.rank() != 2 || present.dtype() != DType.BOOL) {
      throw new IllegalArgumentException(
          "keyMask: %s, %s must be [n, keys], BOOL, true where a key is"
              .formatted(present.shape(), present.dtype()));
    }
    return present.unsqueeze(1).unsqueeze(1);
  }

  /// How much each query looks at each key, with dropout of the shares: `[.., n, m]`.
  static Tensor shares(Tensor scores, double dropout, Rng rng) {
    return dropout(scores.softmax(-1), dropout, rng);
  }

  static Tensor scores(Tensor query, Tensor key) {
    if (query.rank() < 2 || key.rank() < 2 || query.dim(-1) != key.dim(-1)) {
      throw new IllegalArgumentException(
          "scaledDotProductAttention: the queries %s do not fit the keys %s: both must be [.., count, width] with one width"
              .formatted(query.shape(), key.shape()));
    }
    // Scaled before the product, which has the larger result.
    return query.div(Math.sqrt(query.dim(-1))).matmul(key.t());
  }

  static Tensor masked(Tensor scores, Tensor mask) {
    return mask.dtype() == DType.BOOL
        ? Tensor.where(mask, scores, number(Double.NEGATIVE_INFINITY, scores))
        : scores.add(mask);
  }

  private static Tensor attended(Tensor scores, Tensor value) {
    return scores.softmax(-1).matmul(value);
  }
}
