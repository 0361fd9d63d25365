package org.cotangent.autograd;

import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// Elementwise functions that are rarer than [Tensor]'s own. Operands broadcast and are converted
/// as there; integers count as `F32`.
public final class Special {
  private Special() {}

  private static Tensor floating(Tensor x) {
    return x.to(Promotion.floating(x.dtype()));
  }

  // ---- Error function

  /// 2/√π ∫₀ˣ e^(-s²) ds
  public static Tensor erf(Tensor x) {
    return Recording.apply(Op.Unary.ERF, floating(x));
  }

  /// 1 - erf(x), accurate where that would cancel.
  public static Tensor erfc(Tensor x) {
    return Recording.apply(Op.Unary.ERFC, floating(x));
  }

  // ---- Exponentials and logarithms

  /// 2ˣ
  public static Tensor exp2(Tensor x) {
    Tensor f = floating(x);
    return Tensor.scalar(2, f.dtype()).pow(f);
  }

  /// The logarithm of base 2.
  public static Tensor log2(Tensor x) {
    return x.log().mul(1 / Math.log(2));
  }

  /// The logarithm of base 10.
  public static Tensor log10(Tensor x) {
    return x.log().mul(1 / Math.log(10));
  }

  /// log(p/(1 - p)), the inverse of the sigmoid; infinite at 0 and 1.
  public static Tensor logit(Tensor p) {
    return p.log().sub(floating(p).neg().log1p());
  }

  /// The same of p held between eps and 1 - eps.
  public static Tensor logit(Tensor p, double eps) {
    return logit(p.clamp(eps, 1 - eps));
  }

  /// log(eᵃ + eᵇ), without overflow.
  public static Tensor logAddExp(Tensor a, Tensor b) {
    Shape s = Shape.broadcast("LOG_ADD_EXP", a.shape(), b.shape());
    // Both in one reduction: its rule is right at ties and at -∞ at every order.
    return Tensor.stack(0, a.expand(s), b.expand(s)).logSumExp(0);
  }

  /// x log y, and 0 where x is 0 and y not positive or infinite.
  public static Tensor xlogy(Tensor x, Tensor y) {
    Tensor pole = x.eq(0).and(y.le(0).or(y.eq(Double.POSITIVE_INFINITY)));
    return x.mul(Tensor.where(pole, one(y), y).log());
  }

  private static Tensor one(Tensor like) {
    return Tensor.scalar(1, like.dtype());
  }

  private static Tensor zero(Tensor like) {
    return Tensor.scalar(0, like.dtype());
  }

  // ---- Circular and hyperbolic

  /// The inverse of the hyperbolic sine.
  public static Tensor asinh(Tensor x) {
    Tensor v = floating(x);
    // Each formula keeps its digits on its side of 1 and is given a harmless number on the other.
    Tensor small = v.abs().le(1);
    Tensor near = Tensor.where(small, v, zero(v));
    Tensor far = Tensor.where(small, one(v), v);
    Tensor size = far.abs();
    Tensor log = size.log().add(size.reciprocal().square().add(1).sqrt().log1p());
    return Tensor.where(small, atanh(near.mul(near.square().add(1).rsqrt())), log.mul(far.sign()));
  }

  /// The inverse of the hyperbolic cosine, on x ≥ 1; its gradient at 1 is infinite.
  public static Tensor acosh(Tensor x) {
    Tensor above = floating(x).sub(1);
    return above.add(above.sqrt().mul(x.add(1).sqrt())).log1p();
  }

  /// The inverse of the hyperbolic tangent, on (-1, 1).
  public static Tensor atanh(Tensor x) {
    // Both logarithms have the sign of x, so nothing cancels.
    return x.log1p().sub(x.neg().log1p()).mul(0.5);
  }

  /// √(a² + b²) without overflow; gradient 0 at the origin.
  public static Tensor hypot(Tensor a, Tensor b) {
    DType d = Promotion.floating(DType.promote(a.dtype(), b.dtype()));
    // The scale cancels, so it is no variable to differentiate by.
    Tensor larger = a.detach().abs().maximum(b.detach().abs()).to(d);
    Tensor usable = larger.isFinite().and(larger.gt(0));
    Tensor scale = Tensor.where(usable, larger, one(larger));
    Tensor square = a.div(scale).square().add(b.div(scale).square());
    return Statistics.root(square).mul(scale);
  }

  /// sin(πx)/(πx), and 1 at 0; smooth there at every order.
  public static Tensor sinc(Tensor x) {
    Tensor z = floating(x).mul(Math.PI);
    Tensor near = z.abs().lt(1);
    Tensor far = Tensor.where(near, one(z), z);
    return Tensor.where(near, sincSeries(Tensor.where(near, z, zero(z))), far.sin().div(far));
  }

  /// Σ (-1)ᵏ z²ᵏ/(2k + 1)! for |z| < 1: a quotient would lose digits in derivatives near 0. The
  /// term after the last is below 1e-23, which leaves room for three derivatives.
  private static Tensor sincSeries(Tensor z) {
    Tensor square = z.square();
    Tensor sum = one(z);
    for (int k = 11; k > 0; k--) {
      sum = sum.mul(square).div(-2.0 * k * (2 * k + 1)).add(1);
    }
    return sum;
  }

  // ---- Parts of numbers

  /// Rounded toward 0; gradient 0.
  public static Tensor trunc(Tensor x) {
    return x.abs().floor().mul(x.sign());
  }

  /// What [#trunc] cuts off, of the sign of x; gradient 1.
  public static Tensor frac(Tensor x) {
    return x.sub(trunc(x));
  }

  /// xᵉ computed and returned in `F64`.
  public static Tensor floatPower(Tensor x, Tensor e) {
    return x.to(DType.F64).pow(e.to(DType.F64));
  }

  // ---- Of several operands

  /// The larger of each pair; of a number and a NaN the number. At ties each gets half the
  /// gradient.
  public static Tensor fmax(Tensor a, Tensor b) {
    return Tensor.where(a.isNaN(), b, a).maximum(Tensor.where(b.isNaN(), a, b));
  }

  /// The smaller of each pair; of a number and a NaN the number. At ties each gets half the
  /// gradient.
  public static Tensor fmin(Tensor a, Tensor b) {
    return Tensor.where(a.isNaN(), b, a).minimum(Tensor.where(b.isNaN(), a, b));
  }

  /// x, where lo is larger lo instead; at ties x gets the gradient.
  public static Tensor clampMin(Tensor x, Tensor lo) {
    return Tensor.where(x.ge(lo).or(x.isNaN()), x, lo);
  }

  /// x, where hi is smaller hi instead; at ties x gets the gradient.
  public static Tensor clampMax(Tensor x, Tensor hi) {
    return Tensor.where(x.le(hi).or(x.isNaN()), x, hi);
  }

  /// x held between lo and hi, and hi where they are out of order; at ties x gets the gradient.
  public static Tensor clamp(Tensor x, Tensor lo, Tensor hi) {
    return clampMax(clampMin(x, lo), hi);
  }

  /// a + w (b - a), which is exactly a for w = 0 and b for w = 1.
  public static Tensor lerp(Tensor a, Tensor b, Tensor w) {
    Tensor d = b.sub(a);
    return Tensor.where(w.lt(0.5), a.add(w.mul(d)), b.sub(w.rsub(1).mul(d)));
  }

  /// The same with one weight.
  public static Tensor lerp(Tensor a, Tensor b, double w) {
    Tensor d = b.sub(a);
    return w < 0.5 ? a.add(d.mul(w)) : b.sub(d.mul(1 - w));
  }

  /// x + c a b
  public static Tensor addcmul(Tensor x, Tensor a, Tensor b, double c) {
    return x.add(a.mul(b).mul(c));
  }

  /// x + c a/b
  public static Tensor addcdiv(Tensor x, Tensor a, Tensor b, double c) {
    return x.add(a.div(b).mul(c));
  }
}
