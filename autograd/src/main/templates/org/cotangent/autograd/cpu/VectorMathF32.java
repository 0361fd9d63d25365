package org.cotangent.autograd.cpu;

import static org.cotangent.autograd.cpu.LanesF32.L;
import static org.cotangent.autograd.cpu.LanesF32.S;
import static org.cotangent.autograd.cpu.NumberMathF32.*;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector; // F32 only
// F64: import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/// Exponentials and logarithms over runs of whole vectors (`n` is a multiple of the lanes): the
/// formulas of [NumberMathF32], step by step, so that a number gives the same bits wherever in an
/// array it stands.
///
/// Only for machines with [LanesF32#FUSED]. Each method is a loop that calls nothing but vector
/// operations: the compiler inlines those always, but other methods only while the whole is small,
/// and a vector passed to one that is not inlined becomes an object (30 times slower, measured).
/// Hence the functions made of others take several passes, over tiles that stay in the cache.
///
/// Java's own vector functions are not used: compiled they call another library than interpreted,
/// so their results change while a program warms up.
final class VectorMathF32 {
  private VectorMathF32() {}

  /// eˣ; `y` may be `x`.
  static void exp(int n, float[] x, int xo, float[] y, int yo) {
    for (int i = 0; i < n; i += L) {
      FloatVector v = FloatVector.fromArray(S, x, xo + i);
      FloatVector k = v.mul(LOG2_E).add(MAGIC).sub(MAGIC);
      FloatVector half = k.mul(0.5f).add(MAGIC);
      FloatVector rest = k.sub(half.sub(MAGIC)).add(MAGIC);
      FloatVector r = k.fma(v.broadcast(-LN2_HIGH), v);
      r = k.fma(v.broadcast(-LN2_LOW), r);
      FloatVector q = r.broadcast(1f / 5040); // F32 only
      // F64: DoubleVector q = r.broadcast(1d / 6227020800L);
      // F64: q = q.fma(r, r.broadcast(1d / 479001600));
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
      FloatVector p = q.fma(r.mul(r), r).add(1f);
      IntVector a = half.reinterpretAsInts().lanewise(VectorOperators.LSHL, MANTISSA); // F32 only
      IntVector b = rest.reinterpretAsInts().lanewise(VectorOperators.LSHL, MANTISSA); // F32 only
      p = p.mul(a.add(ONE_BITS).reinterpretAsFloats()); // F32 only
      p = p.mul(b.add(ONE_BITS).reinterpretAsFloats()); // F32 only
      // F64: LongVector a = half.reinterpretAsLongs().lanewise(VectorOperators.LSHL, MANTISSA);
      // F64: LongVector b = rest.reinterpretAsLongs().lanewise(VectorOperators.LSHL, MANTISSA);
      // F64: p = p.mul(a.add(ONE_BITS).reinterpretAsDoubles());
      // F64: p = p.mul(b.add(ONE_BITS).reinterpretAsDoubles());
      p = p.blend(0f, v.compare(VectorOperators.LT, EXP_LOW));
      p = p.blend(Float.POSITIVE_INFINITY, v.compare(VectorOperators.GT, EXP_HIGH));
      p.intoArray(y, yo + i);
    }
  }

  /// eˣ - 1; `y` may be `x`.
  static void expm1(int n, float[] x, int xo, float[] y, int yo) {
    for (int i = 0; i < n; i += L) {
      FloatVector v = FloatVector.fromArray(S, x, xo + i);
      FloatVector m = v.mul(LOG2_E).add(MAGIC);
      FloatVector k = m.sub(MAGIC);
      FloatVector r = k.fma(v.broadcast(-LN2_HIGH), v);
      r = k.fma(v.broadcast(-LN2_LOW), r);
      FloatVector q = r.broadcast(1f / 5040); // F32 only
      // F64: DoubleVector q = r.broadcast(1d / 6227020800L);
      // F64: q = q.fma(r, r.broadcast(1d / 479001600));
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
      FloatVector p = q.fma(r.mul(r), r);
      IntVector a = m.sub(1f).reinterpretAsInts(); // F32 only
      a = a.lanewise(VectorOperators.LSHL, MANTISSA); // F32 only
      FloatVector half = a.add(ONE_BITS).reinterpretAsFloats(); // F32 only
      // F64: LongVector a = m.sub(1d).reinterpretAsLongs();
      // F64: a = a.lanewise(VectorOperators.LSHL, MANTISSA);
      // F64: DoubleVector half = a.add(ONE_BITS).reinterpretAsDoubles();
      p = half.fma(p, half.sub(0.5f)).mul(2f);
      p = p.blend(-1f, v.compare(VectorOperators.LT, EXPM1_LOW));
      p = p.blend(Float.POSITIVE_INFINITY, v.compare(VectorOperators.GT, EXP_HIGH));
      p.blend(v, v.compare(VectorOperators.EQ, 0f)).intoArray(y, yo + i);
    }
  }

  /// log x; `y` may be `x`.
  static void log(int n, float[] x, int xo, float[] y, int yo) {
    for (int i = 0; i < n; i += L) {
      FloatVector v = FloatVector.fromArray(S, x, xo + i);
      VectorMask<Float> tiny = v.compare(VectorOperators.LT, LEAST_NORMAL);
      FloatVector u = v.blend(v.mul(TINY_SCALE), tiny);
      IntVector bits = u.reinterpretAsInts().add(ONE_BITS - ROOT_HALF_BITS); // F32 only
      IntVector exponent = bits.lanewise(VectorOperators.LSHR, MANTISSA); // F32 only
      FloatVector k = exponent.add(MAGIC_BITS).reinterpretAsFloats(); // F32 only
      FloatVector f = bits.and(MANTISSA_BITS).add(ROOT_HALF_BITS).reinterpretAsFloats(); // F32 only
      // F64: LongVector bits = u.reinterpretAsLongs().add(ONE_BITS - ROOT_HALF_BITS);
      // F64: LongVector exponent = bits.lanewise(VectorOperators.LSHR, MANTISSA);
      // F64: DoubleVector k = exponent.add(MAGIC_BITS).reinterpretAsDoubles();
      // F64: DoubleVector f = bits.and(MANTISSA_BITS).add(ROOT_HALF_BITS).reinterpretAsDoubles();
      k = k.sub(v.broadcast(MAGIC + BIAS).blend(MAGIC + BIAS + TINY_POWER, tiny));
      f = f.sub(1f);
      FloatVector s = f.div(f.add(2f));
      FloatVector z = s.mul(s);
      FloatVector q = z.broadcast(2f / 11); // F32 only
      // F64: DoubleVector q = z.broadcast(2d / 23);
      // F64: q = q.fma(z, z.broadcast(2d / 21));
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
      FloatVector l = k.mul(LN2_HIGH).sub(square.sub(low).sub(f));
      l = l.blend(v, v.compare(VectorOperators.EQ, Float.POSITIVE_INFINITY));
      l = l.blend(Float.NaN, v.compare(VectorOperators.GE, 0f).not());
      l.blend(Float.NEGATIVE_INFINITY, v.compare(VectorOperators.EQ, 0f)).intoArray(y, yo + i);
    }
  }

  /// log(1 + x).
  static void log1p(int n, float[] x, int xo, float[] y, int yo) {
    for (int i = 0; i < n; i += L) {
      FloatVector.fromArray(S, x, xo + i).add(1f).intoArray(y, yo + i);
    }
    log(n, y, yo, y, yo);
    for (int i = 0; i < n; i += L) {
      FloatVector v = FloatVector.fromArray(S, x, xo + i);
      FloatVector u = v.add(1f);
      VectorMask<Float> large = v.compare(VectorOperators.GT, 1f);
      FloatVector lost = v.sub(u.sub(1f)).blend(v.broadcast(1f).sub(u.sub(v)), large);
      FloatVector correction = lost.div(u);
      correction = correction.blend(0f, correction.compare(VectorOperators.EQ, correction).not());
      FloatVector l = FloatVector.fromArray(S, y, yo + i).add(correction);
      l.blend(v, v.compare(VectorOperators.EQ, 0f)).intoArray(y, yo + i);
    }
  }

  static void tanh(int n, float[] x, int xo, float[] y, int yo) {
    for (int i = 0; i < n; i += L) {
      FloatVector.fromArray(S, x, xo + i).abs().mul(-2f).intoArray(y, yo + i);
    }
    expm1(n, y, yo, y, yo);
    for (int i = 0; i < n; i += L) {
      FloatVector v = FloatVector.fromArray(S, x, xo + i);
      FloatVector t = FloatVector.fromArray(S, y, yo + i);
      t = t.neg().div(t.add(2f));
      t = t.blend(t.neg(), v.compare(VectorOperators.LT, 0f));
      t.blend(v, v.compare(VectorOperators.EQ, 0f)).intoArray(y, yo + i);
    }
  }

  static void sigmoid(int n, float[] x, int xo, float[] y, int yo) {
    expOfMinusAbs(n, x, xo, y, yo);
    for (int i = 0; i < n; i += L) {
      FloatVector v = FloatVector.fromArray(S, x, xo + i);
      FloatVector e = FloatVector.fromArray(S, y, yo + i);
      FloatVector top = v.broadcast(1f).blend(e, v.compare(VectorOperators.LT, 0f));
      top.div(e.add(1f)).intoArray(y, yo + i);
    }
  }

  /// log(1 + e^-|x|) + max(x, 0); `spare` has room for a run.
  static void softplus(int n, float[] x, int xo, float[] y, int yo, float[] spare) {
    expOfMinusAbs(n, x, xo, spare, 0);
    log1p(n, spare, 0, y, yo);
    for (int i = 0; i < n; i += L) {
      FloatVector positive = FloatVector.fromArray(S, x, xo + i).max(0f);
      FloatVector.fromArray(S, y, yo + i).add(positive).intoArray(y, yo + i);
    }
  }

  private static void expOfMinusAbs(int n, float[] x, int xo, float[] y, int yo) {
    for (int i = 0; i < n; i += L) {
      FloatVector.fromArray(S, x, xo + i).abs().neg().intoArray(y, yo + i);
    }
    exp(n, y, yo, y, yo);
  }
}
