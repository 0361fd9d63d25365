package org.cotangent.autograd;

import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// Systems of equations and determinants, brought to the engine's factorisations.
final class Systems {
  private Systems() {}

  static Tensor cholesky(Tensor a, boolean upper) {
    Tensor l = Recording.apply(new Op.Cholesky(), floating(a));
    return upper ? l.t() : l;
  }

  static Tensor triangular(Tensor a, Tensor b, boolean upper, boolean left, boolean unit) {
    DType d = Promotion.floating(DType.promote(a.dtype(), b.dtype()));
    checkMatrices("SOLVE_TRIANGULAR", a, b);
    if (left) {
      return Recording.apply(new Op.TriangularSolve(upper, false, unit), a.to(d), b.to(d));
    }
    // X A = B is Aᵀ Xᵀ = Bᵀ
    return Recording.apply(new Op.TriangularSolve(upper, true, unit), a.to(d), b.to(d).t()).t();
  }

  static Tensor solve(Tensor a, Tensor b, boolean left) {
    DType d = Promotion.floating(DType.promote(a.dtype(), b.dtype()));
    if (!isVector(a, b)) {
      checkMatrices("SOLVE", a, b);
      return left ? solve(false, a.to(d), b.to(d)) : solve(true, a.to(d), b.to(d).t()).t();
    }
    if (!left) {
      throw new IllegalArgumentException(
          "SOLVE: %s x %s: a vector on the right side has no rows to solve for; give it an axis with unsqueeze(-2)"
              .formatted(b.shape(), a.shape()));
    }
    return solve(false, a.to(d), b.to(d).unsqueeze(-1)).squeeze(-1);
  }

  private static Tensor solve(boolean transposed, Tensor a, Tensor b) {
    return Recording.apply(new Op.Solve(transposed), a, lu(a.detach(), 0), b);
  }

  /// PyTorch's rule: one vector, or one for each matrix of the batch.
  private static boolean isVector(Tensor a, Tensor b) {
    return b.rank() == 1 || (a.rank() >= 2 && b.shape().equals(a.shape().without(-1)));
  }

  static Tensor inverse(Tensor a) {
    Tensor x = floating(a);
    checkSquare("INV", x);
    return solve(false, x, Tensor.eye(x.dim(-1), x.dtype()));
  }

  /// The product of the pivots, but the last two columns are not eliminated: their part is `s₁₁ s₂₂
  /// - s₁₂ s₂₁`, which has the right derivatives of every order where one pivot or both would be 0.
  static Tensor determinant(Tensor a) {
    Tensor x = floating(a);
    checkSquare("DET", x);
    Tensor f = lu(x, 2);
    Tensor m = Matrices.packed(f);
    Tensor pivots = Matrices.diagonal(m);
    int n = x.dim(-1);
    if (n < 2) {
      return pivots.prod(-1);
    }
    Tensor rest = entry(m, n - 2, n - 2).mul(entry(m, n - 1, n - 1));
    rest = rest.sub(entry(m, n - 2, n - 1).mul(entry(m, n - 1, n - 2)));
    return pivots.slice(-1, 0, n - 2).prod(-1).mul(rest).mul(sign(f));
  }

  private static Tensor entry(Tensor m, int row, int column) {
    return m.select(-2, row).select(-1, column);
  }

  static Linalg.SlogDet signAndLogDeterminant(Tensor a) {
    Tensor x = floating(a);
    checkSquare("SLOGDET", x);
    Tensor f = lu(x, 0);
    Tensor pivots = Matrices.diagonal(Matrices.packed(f));
    return new Linalg.SlogDet(
        pivots.sign().prod(-1).mul(sign(f)), pivots.abs().log().sum(-1, false));
  }

  private static Tensor sign(Tensor f) {
    return Matrices.sign(Matrices.rows(f), f.dtype())
        .mul(Matrices.sign(Matrices.columns(f), f.dtype()));
  }

  private static Tensor lu(Tensor a, int left) {
    return Recording.apply(new Op.Lu(left), a);
  }

  private static Tensor floating(Tensor a) {
    return a.to(Promotion.floating(a.dtype()));
  }

  private static void checkSquare(String op, Tensor a) {
    Shape s = a.shape();
    if (s.rank() < 2 || s.dim(-1) != s.dim(-2)) {
      throw new IllegalArgumentException(
          "%s: %s is no square matrix: the last two axes must be equal".formatted(op, s));
    }
  }

  private static void checkMatrices(String op, Tensor a, Tensor b) {
    checkSquare(op, a);
    if (b.rank() < 2) {
      throw new IllegalArgumentException(
          "%s: %s and %s: the right sides need two axes or more; give a vector one with unsqueeze(-1)"
              .formatted(op, a.shape(), b.shape()));
    }
  }
}
