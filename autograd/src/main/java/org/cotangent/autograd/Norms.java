package org.cotangent.autograd;

import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// Lengths of vectors, and what is divided by them.
final class Norms {
  private Norms() {}

  /// (Σ |x|ᵖ)^(1/p), and its limits for p = 0 and ±∞.
  static Tensor vector(Tensor x0, double p, int[] axes, boolean keepDims) {
    Tensor x = x0.to(Promotion.floating(x0.dtype()));
    if (Double.isNaN(p)) {
      throw new IllegalArgumentException("VECTOR_NORM: the order is NaN; 2 is the usual one");
    }
    if (p == 0) {
      return x.sign().square().sum(axes, keepDims);
    }
    if (p == Double.POSITIVE_INFINITY) {
      return x.abs().max(axes, keepDims);
    }
    if (p == Double.NEGATIVE_INFINITY) {
      return x.abs().min(axes, keepDims);
    }
    boolean none = Reduce.count("VECTOR_NORM", x.shape(), axes) == 0;
    if (p == 1 || (p > 0 && none)) {
      return x.abs().sum(axes, keepDims);
    }
    Tensor scale = scale(x, p, axes);
    Tensor sum = powers(x.div(scale), p).sum(axes, keepDims);
    Tensor zero = sum.eq(0); // of p > 0: of zeros only, where the root has no slope
    Tensor inside = Tensor.where(zero, number(1, x), sum);
    Tensor root = p == 2 ? inside.sqrt() : inside.pow(1 / p);
    Tensor atZero = number(p > 0 ? 0 : Double.POSITIVE_INFINITY, x);
    return Tensor.where(zero, atZero, root).mul(scale.reshape(sum.shape()));
  }

  /// The number that powers are taken relative to, so that none of those that count leaves the
  /// range of the dtype: 1 where there is no danger. The norm does not depend on it, so it needs no
  /// gradient.
  private static Tensor scale(Tensor x, double p, int[] axes) {
    Tensor sizes = x.detach().abs();
    Tensor m = p > 0 ? sizes.max(axes, true) : sizes.min(axes, true);
    int exponents = x.dtype() == DType.F32 ? Float.MAX_EXPONENT : Double.MAX_EXPONENT;
    // Half of the range for the power, half for the sum.
    double safe = Math.pow(2, exponents / (2 * Math.max(1, Math.abs(p))));
    Tensor danger = m.lt(1 / safe).or(m.gt(safe)).and(m.ne(0)).and(m.isFinite());
    return Tensor.where(danger, m, number(1, x));
  }

  /// |z|ᵖ; at 0 its derivatives count as 0 at every order, where they do not exist too.
  private static Tensor powers(Tensor z, double p) {
    if (p == 2) {
      return z.square();
    }
    Tensor zero = z.eq(0);
    Tensor apart = Tensor.where(zero, number(1, z), z.abs()).pow(p);
    return Tensor.where(zero, number(p > 0 ? 0 : Double.POSITIVE_INFINITY, z), apart);
  }

  private static Tensor number(double v, Tensor like) {
    return Tensor.scalar(v, like.dtype());
  }

  /// x / max(‖x‖, eps)
  static Tensor normalize(Tensor x, double p, int axis, double eps) {
    return x.div(atLeast(vector(x, p, new int[] {axis}, true), eps));
  }

  static Tensor cosineSimilarity(Tensor a, Tensor b, int axis, double eps) {
    DType d = Promotion.floating(DType.promote(a.dtype(), b.dtype()));
    Shape shape = Shape.broadcast("COSINE_SIMILARITY", a.shape(), b.shape());
    Tensor x = a.to(d).expand(shape);
    Tensor y = b.to(d).expand(shape);
    return normalize(x, 2, axis, eps).mul(normalize(y, 2, axis, eps)).sum(axis, false);
  }

  private static Tensor atLeast(Tensor x, double eps) {
    return x.clamp(eps, Double.POSITIVE_INFINITY);
  }
}
