package org.cotangent.autograd;

import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// The rows of the table of derivatives for matrices in factors. Derived in docs/derivations.md,
/// after Giles (2008), Collected Matrix Derivative Results, and Murray (2016), Differentiation of
/// the Cholesky Decomposition.
///
/// `x` are the operands, `y` the result, `g` the incoming gradient, `t` a tangent.
final class Factorizations {
  private Factorizations() {}

  static Tensor pullback(Op.Factorization op, int i, Tensor[] x, Tensor y, Tensor g) {
    return switch (op) {
      case Op.Cholesky() -> {
        // A' = sym(L⁻ᵀ Φ(Lᵀ g) L⁻¹)
        Tensor p = halved(product(y, true, g, false));
        Tensor left = triangular(y, true, p);
        yield symmetric(triangular(y, true, left.t()));
      }
      case Op.TriangularSolve(boolean upper, boolean transposed, boolean unit) -> {
        Tensor gb = Recording.apply(new Op.TriangularSolve(upper, !transposed, unit), x[0], g);
        yield i == 1 ? gb : triangle(minusOuter(gb, y, transposed), upper, unit);
      }
      case Op.Solve(boolean transposed) -> {
        if (i == 1) {
          yield zerosLike(x[1]); // only where the search begins
        }
        Tensor gb = Recording.apply(new Op.Solve(!transposed), x[0], x[1], g);
        yield i == 2 ? gb : minusOuter(gb, y, transposed);
      }
      case Op.Lu(int left) -> new Lu(y, left).pullback(g);
    };
  }

  static Tensor pushforward(Op.Factorization op, int i, Tensor[] x, Tensor y, Tensor t) {
    return switch (op) {
      case Op.Cholesky() -> {
        // L' = L Φ(L⁻¹ sym(A') L⁻ᵀ)
        Tensor left = triangular(y, false, symmetric(t));
        yield product(y, false, halved(triangular(y, false, left.t())), false);
      }
      case Op.TriangularSolve f -> {
        Tensor b = i == 1 ? t : product(triangle(t, f.upper(), f.unit()), f.transposed(), y, false);
        Tensor dy = Recording.apply(f, x[0], b);
        yield i == 1 ? dy : dy.neg();
      }
      case Op.Solve f -> {
        if (i == 1) {
          yield zerosLike(y);
        }
        Tensor b = i == 2 ? t : product(t, f.transposed(), y, false);
        Tensor dy = Recording.apply(f, x[0], x[1], b);
        yield i == 2 ? dy : dy.neg();
      }
      case Op.Lu(int left) -> new Lu(y, left).pushforward(t);
    };
  }

  /// The gradient of the matrix of a system, given that of its right side: -b' yᵀ, or its
  /// transpose.
  private static Tensor minusOuter(Tensor gb, Tensor y, boolean transposed) {
    return (transposed ? product(y, false, gb, true) : product(gb, false, y, true)).neg();
  }

  /// The derivative of elimination in a fixed order of rows and columns, `A = L R`, where `R` is
  /// `U` and, where nothing was eliminated, what is left. With `N = L⁻¹ A'`
  ///
  /// ```
  /// K = N U⁻¹ where L is    L' = L K    R' = N - K R elsewhere
  /// ```
  ///
  /// No pivot that was not divided by is divided by here: a last pivot of 0 does no harm.
  private static final class Lu {
    private final int n;
    private final Tensor rows;
    private final Tensor columns;
    private final Tensor isL;
    private final Tensor l; // below the diagonal, 0 elsewhere
    private final Tensor r;
    private final Tensor u; // in its upper triangle, with 1 for pivots that are not divided by

    Lu(Tensor y, int left) {
      n = y.dim(-1);
      Tensor packed = Matrices.packed(y);
      rows = Matrices.rows(y);
      columns = Matrices.columns(y);
      Tensor zero = Tensor.zeros(y.dtype());
      int steps = Math.max(0, n - left);
      Tensor pivots = Matrices.diagonal(packed).unsqueeze(-2);
      Tensor divides = pivots.ne(0).and(Tensor.arange(n).lt(steps));
      isL = divides.and(Matrices.below(n, -1));
      l = Tensor.where(isL, packed, zero);
      r = Tensor.where(isL, zero, packed);
      Tensor spared = Tensor.eye(n, DType.BOOL).and(divides.not());
      u = Tensor.where(spared, zero.add(1), packed);
    }

    Tensor pushforward(Tensor t) {
      Tensor b = Recording.apply(new Op.TriangularSolve(false, false, true), l, permuted(t));
      Tensor zero = Tensor.zeros(t.dtype());
      Tensor ratio = Recording.apply(new Op.TriangularSolve(true, true, false), u, b.t()).t();
      Tensor k = Tensor.where(isL, ratio, zero);
      Tensor dl = k.add(product(l, false, k, false));
      Tensor dr = b.sub(product(k, false, r, false));
      return Tensor.where(isL, dl, dr).pad(-2, 0, 2); // the order does not move
    }

    Tensor pullback(Tensor g) {
      Tensor packed = Matrices.packed(g);
      Tensor zero = Tensor.zeros(g.dtype());
      Tensor gl = Tensor.where(isL, packed, zero);
      Tensor gr = Tensor.where(isL, zero, packed);
      Tensor gk = gl.add(product(l, true, gl, false)).sub(product(gr, false, r, true));
      Tensor k = Tensor.where(isL, gk, zero);
      // K U⁻ᵀ = (U⁻¹ Kᵀ)ᵀ
      Tensor ratio = Recording.apply(new Op.TriangularSolve(true, false, false), u, k.t()).t();
      Tensor b = gr.add(ratio);
      return unpermuted(Recording.apply(new Op.TriangularSolve(false, true, true), l, b));
    }

    private Tensor permuted(Tensor t) {
      Tensor byRow = Recording.apply(new Op.Gather(t.rank() - 2), t, index(rows, -1, t.shape()));
      return Recording.apply(new Op.Gather(t.rank() - 1), byRow, index(columns, -2, t.shape()));
    }

    private Tensor unpermuted(Tensor t) {
      int row = t.rank() - 2;
      Tensor byColumn =
          Recording.apply(new Op.ScatterAdd(row + 1, n), t, index(columns, -2, t.shape()));
      return Recording.apply(new Op.ScatterAdd(row, n), byColumn, index(rows, -1, t.shape()));
    }

    private static Tensor index(Tensor order, int across, Shape shape) {
      return order.unsqueeze(across).expand(shape);
    }
  }

  private static Tensor product(Tensor a, boolean ta, Tensor b, boolean tb) {
    return Recording.apply(new Op.MatMul(ta, tb), a, b);
  }

  /// L⁻¹ b, or L⁻ᵀ b.
  private static Tensor triangular(Tensor l, boolean transposed, Tensor b) {
    return Recording.apply(new Op.TriangularSolve(false, transposed, false), l, b);
  }

  /// Φ: the lower triangle with half the diagonal.
  private static Tensor halved(Tensor m) {
    int n = m.dim(-1);
    DType d = m.dtype();
    return m.mul(Matrices.below(n, 0).to(d).add(Matrices.below(n, -1).to(d)).mul(0.5));
  }

  private static Tensor symmetric(Tensor m) {
    return m.add(m.t()).mul(0.5);
  }

  private static Tensor triangle(Tensor m, boolean upper, boolean unit) {
    int n = m.dim(-1);
    Tensor kept = upper ? Matrices.below(n, unit ? 0 : -1).not() : Matrices.below(n, unit ? -1 : 0);
    return Tensor.where(kept, m, Tensor.zeros(m.dtype()));
  }

  private static Tensor zerosLike(Tensor x) {
    return Tensor.zeros(x.shape(), x.dtype());
  }
}
