package org.cotangent.autograd.cpu;

import static org.cotangent.autograd.cpu.NumberMathF32.*;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector; // F32 only
// F64: import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/// Exponentials and logarithms of a vector at once: the formulas of [NumberMathF32], step by step,
/// so that a number gives the same bits wherever in an array it stands.
///
/// Only for machines with [LanesF32#FUSED]. The code calls few methods of its own: the compiler
/// inlines Java's vector operations always, but others only while the whole is small, and a vector
/// passed to a method that is not inlined becomes an object (30 times slower, measured).
///
/// Java's own vector functions are not used: compiled they call another library than interpreted,
/// so their results change while a program warms up.
final class VectorMathF32 {
  private VectorMathF32() {}

  static FloatVector exp(FloatVector x) {
    FloatVector m = x.mul(LOG2_E).add(MAGIC);
    FloatVector k = m.sub(MAGIC);
    FloatVector half = k.mul(0.5f).add(MAGIC);
    FloatVector rest = k.sub(half.sub(MAGIC)).add(MAGIC);
    FloatVector first = power(half);
    FloatVector second = power(rest);
    FloatVector y = expm1Rest(reduced(x, k)).add(1f).mul(first).mul(second);
    return y.blend(0f, x.compare(VectorOperators.LT, EXP_LOW))
        .blend(Float.POSITIVE_INFINITY, x.compare(VectorOperators.GT, EXP_HIGH));
  }

  static FloatVector expm1(FloatVector x) {
    FloatVector y = expm1NonZero(x);
    y = y.blend(-1f, x.compare(VectorOperators.LT, EXPM1_LOW));
    y = y.blend(Float.POSITIVE_INFINITY, x.compare(VectorOperators.GT, EXP_HIGH));
    return y.blend(x, x.compare(VectorOperators.EQ, 0f));
  }

  private static FloatVector expm1NonZero(FloatVector v) {
    FloatVector m = v.mul(LOG2_E).add(MAGIC);
    FloatVector half = power(m.sub(1f));
    FloatVector p = expm1Rest(reduced(v, m.sub(MAGIC)));
    return half.fma(p, half.sub(0.5f)).mul(2f);
  }

  private static FloatVector reduced(FloatVector v, FloatVector k) {
    return k.fma(v.broadcast(-LN2_LOW), k.fma(v.broadcast(-LN2_HIGH), v));
  }

  private static FloatVector expm1Rest(FloatVector r) {
    FloatVector q = r.broadcast(1f / 5040); // F32 only
    // F64: DoubleVector q = r.broadcast(1d / 6227020800L).fma(r, r.broadcast(1d / 479001600));
    // F64: q = q.fma(r, r.broadcast(1d / 39916800));
    // F64: q = q.fma(r, r.broadcast(1d / 3628800));
    // F64: q = q.fma(r, r.broadcast(1d / 362880));
    // F64: q = q.fma(r, r.broadcast(1d / 40320));
    // F64: q = q.fma(r, r.broadcast(1d / 5040));
    q = q.fma(r, r.broadcast(1f / 720));
    q = q.fma(r, r.broadcast(1f / 120));
    q = q.fma(r, r.broadcast(1f / 24));
    q = q.fma(r, r.broadcast(1f / 6));
    q = q.fma(r, r.broadcast(0.5f));
    return q.fma(r.mul(r), r);
  }

  private static FloatVector power(FloatVector m) {
    IntVector bits = m.reinterpretAsInts().lanewise(VectorOperators.LSHL, MANTISSA); // F32 only
    return bits.add(ONE_BITS).reinterpretAsFloats(); // F32 only
    // F64: LongVector bits = m.reinterpretAsLongs().lanewise(VectorOperators.LSHL, MANTISSA);
    // F64: return bits.add(ONE_BITS).reinterpretAsDoubles();
  }

  static FloatVector log(FloatVector x) {
    VectorMask<Float> tiny = x.compare(VectorOperators.LT, LEAST_NORMAL);
    FloatVector v = x.blend(x.mul(TINY_SCALE), tiny);
    IntVector bits = v.reinterpretAsInts().add(ONE_BITS - ROOT_HALF_BITS); // F32 only
    IntVector exponent = bits.lanewise(VectorOperators.LSHR, MANTISSA).add(MAGIC_BITS); // F32 only
    FloatVector k = exponent.reinterpretAsFloats(); // F32 only
    FloatVector f = bits.and(MANTISSA_BITS).add(ROOT_HALF_BITS).reinterpretAsFloats(); // F32 only
    // F64: LongVector bits = v.reinterpretAsLongs().add(ONE_BITS - ROOT_HALF_BITS);
    // F64: LongVector exponent = bits.lanewise(VectorOperators.LSHR, MANTISSA).add(MAGIC_BITS);
    // F64: DoubleVector k = exponent.reinterpretAsDoubles();
    // F64: DoubleVector f = bits.and(MANTISSA_BITS).add(ROOT_HALF_BITS).reinterpretAsDoubles();
    k = k.sub(x.broadcast(MAGIC + BIAS).blend(MAGIC + BIAS + TINY_POWER, tiny));
    FloatVector y = logOf(k, f.sub(1f));
    y = y.blend(x, x.compare(VectorOperators.EQ, Float.POSITIVE_INFINITY));
    y = y.blend(Float.NaN, x.compare(VectorOperators.GE, 0f).not());
    return y.blend(Float.NEGATIVE_INFINITY, x.compare(VectorOperators.EQ, 0f));
  }

  private static FloatVector logOf(FloatVector k, FloatVector f) {
    FloatVector s = f.div(f.add(2f));
    FloatVector z = s.mul(s);
    FloatVector q = z.broadcast(2f / 11); // F32 only
    // F64: DoubleVector q = z.broadcast(2d / 23).fma(z, z.broadcast(2d / 21));
    // F64: q = q.fma(z, z.broadcast(2d / 19));
    // F64: q = q.fma(z, z.broadcast(2d / 17));
    // F64: q = q.fma(z, z.broadcast(2d / 15));
    // F64: q = q.fma(z, z.broadcast(2d / 13));
    // F64: q = q.fma(z, z.broadcast(2d / 11));
    q = q.fma(z, z.broadcast(2f / 9));
    q = q.fma(z, z.broadcast(2f / 7));
    q = q.fma(z, z.broadcast(2f / 5));
    q = q.fma(z, z.broadcast(2f / 3));
    FloatVector square = f.mul(f).mul(0.5f);
    FloatVector low = s.fma(q.fma(z, square), k.mul(LN2_LOW));
    return k.mul(LN2_HIGH).sub(square.sub(low).sub(f));
  }

  static FloatVector log1p(FloatVector x) {
    FloatVector u = x.add(1f);
    VectorMask<Float> large = x.compare(VectorOperators.GT, 1f);
    FloatVector lost = x.sub(u.sub(1f)).blend(x.broadcast(1f).sub(u.sub(x)), large);
    FloatVector correction = lost.div(u);
    VectorMask<Float> noNumber = correction.compare(VectorOperators.EQ, correction).not();
    FloatVector y = log(u).add(correction.blend(0f, noNumber));
    return y.blend(x, x.compare(VectorOperators.EQ, 0f));
  }

  static FloatVector tanh(FloatVector x) {
    FloatVector v = x.abs().mul(-2f);
    FloatVector t = expm1NonZero(v).blend(-1f, v.compare(VectorOperators.LT, EXPM1_LOW));
    FloatVector y = t.neg().div(t.add(2f));
    return y.blend(y.neg(), x.compare(VectorOperators.LT, 0f))
        .blend(x, x.compare(VectorOperators.EQ, 0f));
  }

  static FloatVector sigmoid(FloatVector x) {
    FloatVector e = exp(x.abs().neg());
    return x.broadcast(1f).blend(e, x.compare(VectorOperators.LT, 0f)).div(e.add(1f));
  }
}
