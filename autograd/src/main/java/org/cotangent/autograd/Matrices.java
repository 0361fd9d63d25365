package org.cotangent.autograd;

import java.util.Arrays;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// Parts of square matrices, and of their factors as [org.cotangent.autograd.op.Op.Lu] holds them.
final class Matrices {
  private Matrices() {}

  /// The diagonal of each matrix, as a view.
  static Tensor diagonal(Tensor a) {
    int n = a.dim(-1);
    int[] dims = a.shape().dims();
    int[] flat = Arrays.copyOf(dims, dims.length - 1);
    flat[flat.length - 1] = n * n;
    return a.reshape(Shape.of(flat)).slice(-1, 0, n * n, n + 1);
  }

  /// True where `column - row <= offset`: for 0 the lower triangle, for -1 without the diagonal.
  static Tensor below(int n, int offset) {
    Tensor i = Tensor.arange(n);
    return i.sub(i.unsqueeze(1)).le(offset);
  }

  /// `L` and `U` in one matrix.
  static Tensor packed(Tensor lu) {
    return lu.slice(-2, 0, lu.dim(-1));
  }

  /// Which row of the matrix each row of the factors is.
  static Tensor rows(Tensor lu) {
    return lu.select(-2, lu.dim(-1)).to(DType.I64);
  }

  /// Which column of the matrix each column of the factors is.
  static Tensor columns(Tensor lu) {
    return lu.select(-2, lu.dim(-1) + 1).to(DType.I64);
  }

  /// 1 for an even permutation, -1 for an odd one: the parity of the number of pairs out of order.
  static Tensor sign(Tensor order, DType dtype) {
    Tensor before = below(order.dim(-1), -1);
    Tensor wrong = order.unsqueeze(-1).lt(order.unsqueeze(-2)).and(before);
    Tensor pairs = wrong.sum(-1, -2).to(DType.F64);
    Tensor odd = pairs.sub(pairs.mul(0.5).floor().mul(2));
    return odd.mul(-2).add(1).to(dtype);
  }
}
