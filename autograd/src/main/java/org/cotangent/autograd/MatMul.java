package org.cotangent.autograd;

import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.shape.Shape;

/// The matrix product of vectors, matrices and batches, brought to the engine's one operation.
final class MatMul {
  private MatMul() {}

  static Tensor of(Tensor a, Tensor b) {
    if (a.rank() == 0 || b.rank() == 0) {
      throw new IllegalArgumentException(
          "MATMUL: %s x %s: a scalar has no rows or columns; use mul"
              .formatted(a.shape(), b.shape()));
    }
    if (a.rank() == 1 && b.rank() == 1) {
      return matrices(a.unsqueeze(0), b.unsqueeze(1)).reshape(Shape.SCALAR);
    }
    if (a.rank() == 1) {
      return matrices(a.unsqueeze(0), b).squeeze(-2);
    }
    if (b.rank() == 1) {
      return matrices(a, b.unsqueeze(1)).squeeze(-1);
    }
    return matrices(a, b);
  }

  private static Tensor matrices(Tensor a, Tensor b) {
    if (a.rank() > 2 && b.rank() == 2 && a.size() > 0 && a.dim(-1) == b.dim(0)) {
      // One matrix for all batches: one product of all rows, and no sum over batches in its rule.
      Shape rows = a.shape().without(-1);
      return product(a.reshape(rows.size(), a.dim(-1)), b)
          .reshape(rows.inserted(rows.rank(), b.dim(1)));
    }
    return product(a, b);
  }

  private static Tensor product(Tensor a, Tensor b) {
    return Recording.apply(new Op.MatMul(false, false), a, b);
  }
}
