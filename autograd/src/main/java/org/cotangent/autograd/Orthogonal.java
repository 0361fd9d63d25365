package org.cotangent.autograd;

import java.util.ArrayList;
import java.util.List;
import org.cotangent.autograd.shape.DType;

/// Matrices as products of one with orthonormal columns and a triangular one.
///
/// `R₀` of Householder's reflections is a constant here, whose numbers alone are used; then
///
/// `Z = A R₀⁻¹`, `Zᵀ Z = L Lᵀ`, `Q = Z L⁻ᵀ`, `R = Lᵀ R₀`
///
/// is the factorisation exactly, with that of `Z`, which is orthonormal but for roundings: so it is
/// as accurate as the reflections, and its derivatives of every order are those of a Cholesky
/// factor near 1 and of triangular systems.
final class Orthogonal {
  private Orthogonal() {}

  static Linalg.Qr factors(Tensor a) {
    DType d = Promotion.floating(a.dtype());
    if (a.rank() < 2 || a.size() == 0) {
      throw new IllegalArgumentException(
          "QR: %s has no matrices with numbers in them: it needs two axes or more, none of them empty"
              .formatted(a.shape()));
    }
    Tensor x = a.to(DType.F64); // rounded once, as other factorisations are
    int rows = x.dim(-2);
    int columns = x.dim(-1);
    if (rows >= columns) {
      Linalg.Qr f = tall(x);
      return new Linalg.Qr(f.q().to(d), f.r().to(d));
    }
    Linalg.Qr f = tall(x.slice(-1, 0, rows));
    Tensor rest = f.q().t().matmul(x.slice(-1, rows, columns));
    return new Linalg.Qr(f.q().to(d), Tensor.concat(-1, f.r(), rest).to(d));
  }

  /// At least as many rows as columns.
  private static Linalg.Qr tall(Tensor a) {
    Tensor r0 = Recording.without(() -> reflected(a.detach()));
    Tensor z = Linalg.solveTriangular(r0, a, true, false, false);
    Tensor l = Linalg.cholesky(z.t().matmul(z));
    Tensor q = Linalg.solveTriangular(l.t(), z, true, false, false);
    return new Linalg.Qr(q, l.t().matmul(r0));
  }

  /// The triangle to which reflections bring a matrix: one for each column, each a column shorter.
  /// A column with zeros below its first number stays as it is; else that number becomes `-sign(α)
  /// |x|`, so that nothing cancels.
  private static Tensor reflected(Tensor a) {
    int n = a.dim(-1);
    Tensor left = a;
    List<Tensor> rows = new ArrayList<>();
    for (int k = 0; k < n; k++) {
      Tensor x = left.slice(-1, 0, 1);
      if (left.dim(-2) > 1) {
        Tensor head = x.slice(-2, 0, 1);
        Tensor tail = x.slice(-2, 1, x.dim(-2));
        Tensor done = Linalg.vectorNorm(tail, 2, -2, true).eq(0);
        Tensor length = Linalg.vectorNorm(x, 2, -2, true);
        Tensor to = Tensor.where(done, head, Tensor.where(head.lt(0), length, length.neg()));
        Tensor v = Tensor.concat(-2, head.sub(to), tail);
        Tensor size = Linalg.vectorNorm(v, 2, -2, true);
        Tensor u = v.div(Tensor.where(done, size.add(1), size));
        left = left.sub(u.matmul(u.t().matmul(left)).mul(2));
      }
      rows.add(left.slice(-2, 0, 1).pad(-1, k, 0));
      left = left.slice(-2, 1, left.dim(-2)).slice(-1, 1, left.dim(-1));
    }
    return Tensor.concat(-2, rows.toArray(Tensor[]::new));
  }
}
