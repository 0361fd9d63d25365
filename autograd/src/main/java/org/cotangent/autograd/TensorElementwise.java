package org.cotangent.autograd;

import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// What tensors do element by element. Part of [Tensor]; apart only so that each file is one topic.
abstract sealed class TensorElementwise permits TensorReductions {
  abstract Tensor self();

  /// The extents.
  public abstract Shape shape();

  /// The element type.
  public abstract DType dtype();

  static Tensor apply(Op op, Tensor... in) {
    return Recording.apply(op, in);
  }

  // ---- Arithmetic

  private Tensor with(double c) {
    return Tensor.scalar(c, Promotion.ofNumber(c, dtype()));
  }

  private static Tensor binary(Op.Binary op, Tensor a, Tensor b) {
    DType d = DType.promote(a.dtype(), b.dtype());
    return apply(op, a.to(d), b.to(d));
  }

  private static Tensor compare(Op.Compare op, Tensor a, Tensor b) {
    DType d = DType.promote(a.dtype(), b.dtype());
    return apply(op, a.to(d), b.to(d));
  }

  /// this + o
  public Tensor add(Tensor o) {
    return binary(Op.Binary.ADD, self(), o);
  }

  /// this + c
  public Tensor add(double c) {
    return add(with(c));
  }

  /// this - o
  public Tensor sub(Tensor o) {
    return binary(Op.Binary.SUB, self(), o);
  }

  /// this - c
  public Tensor sub(double c) {
    return sub(with(c));
  }

  /// c - this
  public Tensor rsub(double c) {
    return with(c).sub(self());
  }

  /// this · o, element by element
  public Tensor mul(Tensor o) {
    return binary(Op.Binary.MUL, self(), o);
  }

  /// this · c
  public Tensor mul(double c) {
    return mul(with(c));
  }

  /// this / o; integers divide as `F32`
  public Tensor div(Tensor o) {
    DType d = Promotion.floating(DType.promote(dtype(), o.dtype()));
    return apply(Op.Binary.DIV, to(d), o.to(d));
  }

  /// this / c
  public Tensor div(double c) {
    return div(with(c));
  }

  /// c / this
  public Tensor rdiv(double c) {
    return with(c).div(self());
  }

  /// thisᵒ; integers as `F32`. The gradient at 0⁰ is 0 for both operands.
  public Tensor pow(Tensor o) {
    DType d = Promotion.floating(DType.promote(dtype(), o.dtype()));
    return apply(Op.Binary.POW, to(d), o.to(d));
  }

  /// thisᶜ
  public Tensor pow(double c) {
    return pow(with(c));
  }

  /// The larger of each pair; at ties each gets half the gradient.
  public Tensor maximum(Tensor o) {
    return binary(Op.Binary.MAXIMUM, self(), o);
  }

  /// The larger of each element and c.
  public Tensor maximum(double c) {
    return maximum(with(c));
  }

  /// The smaller of each pair; at ties each gets half the gradient.
  public Tensor minimum(Tensor o) {
    return binary(Op.Binary.MINIMUM, self(), o);
  }

  /// The smaller of each element and c.
  public Tensor minimum(double c) {
    return minimum(with(c));
  }

  /// The angle of the point (x, this), in radians; gradient 0 at the origin.
  public Tensor atan2(Tensor x) {
    DType d = Promotion.floating(DType.promote(dtype(), x.dtype()));
    return apply(Op.Binary.ATAN2, to(d), x.to(d));
  }

  // ---- Comparison and logic: BOOL results

  /// this = o
  public Tensor eq(Tensor o) {
    return compare(Op.Compare.EQ, self(), o);
  }

  /// this = c
  public Tensor eq(double c) {
    return eq(with(c));
  }

  /// this ≠ o
  public Tensor ne(Tensor o) {
    return compare(Op.Compare.NE, self(), o);
  }

  /// this ≠ c
  public Tensor ne(double c) {
    return ne(with(c));
  }

  /// this < o
  public Tensor lt(Tensor o) {
    return compare(Op.Compare.LT, self(), o);
  }

  /// this < c
  public Tensor lt(double c) {
    return lt(with(c));
  }

  /// this ≤ o
  public Tensor le(Tensor o) {
    return compare(Op.Compare.LE, self(), o);
  }

  /// this ≤ c
  public Tensor le(double c) {
    return le(with(c));
  }

  /// this > o
  public Tensor gt(Tensor o) {
    return compare(Op.Compare.GT, self(), o);
  }

  /// this > c
  public Tensor gt(double c) {
    return gt(with(c));
  }

  /// this ≥ o
  public Tensor ge(Tensor o) {
    return compare(Op.Compare.GE, self(), o);
  }

  /// this ≥ c
  public Tensor ge(double c) {
    return ge(with(c));
  }

  /// Both true.
  public Tensor and(Tensor o) {
    return apply(Op.Logical.AND, self(), o);
  }

  /// Either true.
  public Tensor or(Tensor o) {
    return apply(Op.Logical.OR, self(), o);
  }

  /// Exactly one true.
  public Tensor xor(Tensor o) {
    return apply(Op.Logical.XOR, self(), o);
  }

  /// False becomes true.
  public Tensor not() {
    return apply(Op.Logical.NOT, self());
  }

  /// True where this is not a number.
  public Tensor isNaN() {
    return ne(self());
  }

  /// True where this is neither infinite nor NaN.
  public Tensor isFinite() {
    return abs().lt(Double.POSITIVE_INFINITY);
  }

  // ---- Functions of one operand; integers count as F32 where the result is not whole

  private Tensor numeric(Op.Unary op) {
    return apply(op, dtype() == DType.BOOL ? to(DType.I32) : self());
  }

  private Tensor floating(Op.Unary op) {
    return apply(op, to(Promotion.floating(dtype())));
  }

  /// -this
  public Tensor neg() {
    return numeric(Op.Unary.NEG);
  }

  /// The absolute value; gradient 0 at 0.
  public Tensor abs() {
    return numeric(Op.Unary.ABS);
  }

  /// -1, 0 or 1.
  public Tensor sign() {
    return numeric(Op.Unary.SIGN);
  }

  /// this²
  public Tensor square() {
    return numeric(Op.Unary.SQUARE);
  }

  /// 1/this
  public Tensor reciprocal() {
    return floating(Op.Unary.RECIPROCAL);
  }

  /// √this; the gradient at 0 is infinite
  public Tensor sqrt() {
    return floating(Op.Unary.SQRT);
  }

  /// exp(this)
  public Tensor exp() {
    return floating(Op.Unary.EXP);
  }

  /// exp(this) - 1, accurate near 0
  public Tensor expm1() {
    return floating(Op.Unary.EXPM1);
  }

  /// The natural logarithm.
  public Tensor log() {
    return floating(Op.Unary.LOG);
  }

  /// log(1 + this), accurate near 0
  public Tensor log1p() {
    return floating(Op.Unary.LOG1P);
  }

  /// The sine of radians.
  public Tensor sin() {
    return floating(Op.Unary.SIN);
  }

  /// The cosine of radians.
  public Tensor cos() {
    return floating(Op.Unary.COS);
  }

  /// The tangent of radians.
  public Tensor tan() {
    return floating(Op.Unary.TAN);
  }

  /// The arc sine.
  public Tensor asin() {
    return floating(Op.Unary.ASIN);
  }

  /// The arc cosine.
  public Tensor acos() {
    return floating(Op.Unary.ACOS);
  }

  /// The arc tangent.
  public Tensor atan() {
    return floating(Op.Unary.ATAN);
  }

  /// The hyperbolic sine.
  public Tensor sinh() {
    return floating(Op.Unary.SINH);
  }

  /// The hyperbolic cosine.
  public Tensor cosh() {
    return floating(Op.Unary.COSH);
  }

  /// The hyperbolic tangent.
  public Tensor tanh() {
    return floating(Op.Unary.TANH);
  }

  /// 1/(1 + exp(-this)), without overflow
  public Tensor sigmoid() {
    return floating(Op.Unary.SIGMOID);
  }

  /// log(1 + exp(this)), without overflow or threshold
  public Tensor softplus() {
    return floating(Op.Unary.SOFTPLUS);
  }

  /// max(this, 0); gradient 0 at 0
  public Tensor relu() {
    return floating(Op.Unary.RELU);
  }

  /// The largest integer not above; gradient 0.
  public Tensor floor() {
    return floating(Op.Unary.FLOOR);
  }

  /// The smallest integer not below; gradient 0.
  public Tensor ceil() {
    return floating(Op.Unary.CEIL);
  }

  /// The nearest integer, ties to even; gradient 0.
  public Tensor round() {
    return floating(Op.Unary.ROUND);
  }

  /// 1/√this
  public Tensor rsqrt() {
    return sqrt().reciprocal();
  }

  /// this, held between lo and hi; the gradient is 1 inside and at the bounds, 0 outside.
  ///
  /// @throws IllegalArgumentException if lo > hi or one is NaN
  public Tensor clamp(double lo, double hi) {
    if (!(lo <= hi)) {
      throw new IllegalArgumentException(
          "CLAMP: the bounds %s and %s must be in order".formatted(lo, hi));
    }
    return apply(new Op.Clamp(lo, hi), self());
  }

  /// The same numbers in another dtype; between floats the gradient passes, converted back.
  public Tensor to(DType dtype) {
    return dtype() == dtype ? self() : apply(new Op.Cast(dtype), self());
  }
}
