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
/// array it stands. `y` may be `x`.
///
/// Only for machines with [LanesF32#FUSED]. Each method is one loop that calls nothing but vector
/// operations: the compiler inlines those always, but other methods only while the whole is small,
/// and a vector passed to one that is not inlined becomes an object (30 times slower, measured).
/// Hence the series stand here once for each function. A pass more over the numbers, even in the
/// first-level cache, would cost a function of this length a third of its speed (measured).
///
/// Masks cost about twice as much as other operations; for numbers that are rare (infinite, NaN,
/// too small or too large for the short way) there is a branch instead, which took log from 4.4 to
/// 7.2 numbers a nanosecond and exp from 6 to 8.5. Series are added two terms at a time: the
/// processor sees only some 150 operations ahead, so the length of the chain counts as well as
/// their number.
///
/// Java's own vector functions are not used: compiled they call another library than interpreted,
/// so their results change while a program warms up.
final class VectorMathF32 {
  private VectorMathF32() {}

  /// eˣ.
  static void exp(int n, float[] x, int xo, float[] y, int yo) {
    for (int i = 0; i < n; i += L) {
      FloatVector v = FloatVector.fromArray(S, x, xo + i);
      FloatVector m = v.fma(v.broadcast(LOG2_E), v.broadcast(MAGIC));
      FloatVector k = m.sub(MAGIC);
      FloatVector r = k.fma(v.broadcast(-LN2_HIGH), v);
      r = k.fma(v.broadcast(-LN2_LOW), r);
      FloatVector rr = r.mul(r);
      FloatVector q = r.fma(r.broadcast(1f / 5040), r.broadcast(EXP_4)); // F32 only
      // F64: DoubleVector q = r.fma(r.broadcast(1d / 6227020800L), r.broadcast(1d / 479001600));
      // F64: q = q.fma(rr, r.fma(r.broadcast(1d / 39916800), r.broadcast(1d / 3628800)));
      // F64: q = q.fma(rr, r.fma(r.broadcast(1d / 362880), r.broadcast(1d / 40320)));
      // F64: q = q.fma(rr, r.fma(r.broadcast(1d / 5040), r.broadcast(1d / 720)));
      q = q.fma(rr, r.fma(r.broadcast(1f / 120), r.broadcast(EXP_2)));
      q = q.fma(rr, r.fma(r.broadcast(1f / 6), r.broadcast(1f / 2)));
      FloatVector p = q.fma(rr, r).add(1f);
      IntVector a = m.reinterpretAsInts().lanewise(VectorOperators.LSHL, MANTISSA); // F32 only
      FloatVector power = a.add(ONE_BITS).reinterpretAsFloats(); // F32 only
      // F64: LongVector a = m.reinterpretAsLongs().lanewise(VectorOperators.LSHL, MANTISSA);
      // F64: DoubleVector power = a.add(ONE_BITS).reinterpretAsDoubles();
      if (v.abs().compare(VectorOperators.LT, EXP_PLAIN).allTrue()) {
        p.mul(power).intoArray(y, yo + i);
        continue;
      }
      VectorMask<Float> less = v.compare(VectorOperators.LT, 0f);
      FloatVector base = v.broadcast(0.5f).blend(HUGE, less);
      p = p.mul(a.add(base.reinterpretAsInts()).reinterpretAsFloats()); // F32 only
      // F64: p = p.mul(a.add(base.reinterpretAsLongs()).reinterpretAsDoubles());
      p = p.mul(v.broadcast(2f).blend(1f / HUGE, less));
      p = p.blend(0f, v.compare(VectorOperators.LT, EXP_LOW));
      p.blend(Float.POSITIVE_INFINITY, v.compare(VectorOperators.GT, EXP_HIGH))
          .intoArray(y, yo + i);
    }
  }

  /// eˣ - 1.
  static void expm1(int n, float[] x, int xo, float[] y, int yo) {
    for (int i = 0; i < n; i += L) {
      FloatVector v = FloatVector.fromArray(S, x, xo + i);
      FloatVector m = v.fma(v.broadcast(LOG2_E), v.broadcast(MAGIC));
      FloatVector k = m.sub(MAGIC);
      FloatVector r = k.fma(v.broadcast(-LN2_HIGH), v);
      r = k.fma(v.broadcast(-LN2_LOW), r);
      FloatVector rr = r.mul(r);
      FloatVector q = r.fma(r.broadcast(1f / 5040), r.broadcast(EXP_4)); // F32 only
      // F64: DoubleVector q = r.fma(r.broadcast(1d / 6227020800L), r.broadcast(1d / 479001600));
      // F64: q = q.fma(rr, r.fma(r.broadcast(1d / 39916800), r.broadcast(1d / 3628800)));
      // F64: q = q.fma(rr, r.fma(r.broadcast(1d / 362880), r.broadcast(1d / 40320)));
      // F64: q = q.fma(rr, r.fma(r.broadcast(1d / 5040), r.broadcast(1d / 720)));
      q = q.fma(rr, r.fma(r.broadcast(1f / 120), r.broadcast(EXP_2)));
      q = q.fma(rr, r.fma(r.broadcast(1f / 6), r.broadcast(1f / 2)));
      FloatVector p = q.fma(rr, r);
      IntVector a = m.reinterpretAsInts().lanewise(VectorOperators.LSHL, MANTISSA); // F32 only
      FloatVector half = a.add(HALF_BITS).reinterpretAsFloats(); // F32 only
      // F64: LongVector a = m.reinterpretAsLongs().lanewise(VectorOperators.LSHL, MANTISSA);
      // F64: DoubleVector half = a.add(HALF_BITS).reinterpretAsDoubles();
      p = half.fma(p, half.sub(0.5f)).mul(2f);
      p = p.blend(-1f, v.compare(VectorOperators.LT, EXPM1_LOW));
      p = p.blend(Float.POSITIVE_INFINITY, v.compare(VectorOperators.GT, EXP_HIGH));
      p.blend(v, v.compare(VectorOperators.EQ, 0f)).intoArray(y, yo + i);
    }
  }

  /// tanh x.
  static void tanh(int n, float[] x, int xo, float[] y, int yo) {
    for (int i = 0; i < n; i += L) {
      FloatVector v = FloatVector.fromArray(S, x, xo + i);
      FloatVector u = v.abs();
      FloatVector w = u.add(u);
      FloatVector m = u.fma(u.broadcast(-2f * LOG2_E), u.broadcast(MAGIC));
      FloatVector k = m.sub(MAGIC);
      FloatVector r = k.fma(w.broadcast(LN2_HIGH), w);
      r = k.fma(w.broadcast(LN2_LOW), r);
      FloatVector rr = r.mul(r);
      FloatVector q = r.fma(r.broadcast(1f / 5040), r.broadcast(-EXP_4)); // F32 only
      // F64: DoubleVector q = r.fma(r.broadcast(1d / 6227020800L), r.broadcast(-1d / 479001600));
      // F64: q = q.fma(rr, r.fma(r.broadcast(1d / 39916800), r.broadcast(-1d / 3628800)));
      // F64: q = q.fma(rr, r.fma(r.broadcast(1d / 362880), r.broadcast(-1d / 40320)));
      // F64: q = q.fma(rr, r.fma(r.broadcast(1d / 5040), r.broadcast(-1d / 720)));
      q = q.fma(rr, r.fma(r.broadcast(1f / 120), r.broadcast(-EXP_2)));
      q = q.fma(rr, r.fma(r.broadcast(1f / 6), r.broadcast(-1f / 2)));
      FloatVector p = q.fma(rr, r);
      IntVector a = m.reinterpretAsInts().lanewise(VectorOperators.LSHL, MANTISSA); // F32 only
      FloatVector power = a.add(ONE_BITS).reinterpretAsFloats(); // F32 only
      // F64: LongVector a = m.reinterpretAsLongs().lanewise(VectorOperators.LSHL, MANTISSA);
      // F64: DoubleVector power = a.add(ONE_BITS).reinterpretAsDoubles();
      FloatVector t = power.fma(p, p.broadcast(1f).sub(power));
      FloatVector d = t.broadcast(2f).sub(t);
      FloatVector excess = t.sub(d.broadcast(2f).sub(d));
      t = t.div(d);
      t = t.fma(excess, t);
      VectorMask<Float> large = w.compare(VectorOperators.GT, -EXPM1_LOW);
      IntVector sign = v.reinterpretAsInts().and(Integer.MIN_VALUE); // F32 only
      // F64: LongVector sign = v.reinterpretAsLongs().and(Long.MIN_VALUE);
      if (large.anyTrue()) {
        t = t.blend(1f, large);
        t.reinterpretAsInts().or(sign).reinterpretAsFloats().intoArray(y, yo + i); // F32 only
        // F64: t.reinterpretAsLongs().or(sign).reinterpretAsDoubles().intoArray(y, yo + i);
      } else {
        t.reinterpretAsInts().or(sign).reinterpretAsFloats().intoArray(y, yo + i); // F32 only
        // F64: t.reinterpretAsLongs().or(sign).reinterpretAsDoubles().intoArray(y, yo + i);
      }
    }
  }

  /// 1/(1 + e⁻ˣ).
  static void sigmoid(int n, float[] x, int xo, float[] y, int yo) {
    for (int i = 0; i < n; i += L) {
      FloatVector v = FloatVector.fromArray(S, x, xo + i);
      FloatVector w = v.abs();
      FloatVector m = w.fma(w.broadcast(-LOG2_E), w.broadcast(MAGIC));
      FloatVector k = m.sub(MAGIC);
      FloatVector r = k.fma(w.broadcast(LN2_HIGH), w);
      r = k.fma(w.broadcast(LN2_LOW), r);
      FloatVector rr = r.mul(r);
      FloatVector q = r.fma(r.broadcast(1f / 5040), r.broadcast(-EXP_4)); // F32 only
      // F64: DoubleVector q = r.fma(r.broadcast(1d / 6227020800L), r.broadcast(-1d / 479001600));
      // F64: q = q.fma(rr, r.fma(r.broadcast(1d / 39916800), r.broadcast(-1d / 3628800)));
      // F64: q = q.fma(rr, r.fma(r.broadcast(1d / 362880), r.broadcast(-1d / 40320)));
      // F64: q = q.fma(rr, r.fma(r.broadcast(1d / 5040), r.broadcast(-1d / 720)));
      q = q.fma(rr, r.fma(r.broadcast(1f / 120), r.broadcast(-EXP_2)));
      q = q.fma(rr, r.fma(r.broadcast(1f / 6), r.broadcast(-1f / 2)));
      IntVector a = m.reinterpretAsInts().lanewise(VectorOperators.LSHL, MANTISSA); // F32 only
      FloatVector power = a.add(ONE_BITS).reinterpretAsFloats(); // F32 only
      // F64: LongVector a = m.reinterpretAsLongs().lanewise(VectorOperators.LSHL, MANTISSA);
      // F64: DoubleVector power = a.add(ONE_BITS).reinterpretAsDoubles();
      FloatVector p = r.broadcast(1f).sub(q.fma(rr, r));
      IntVector below = v.reinterpretAsInts().lanewise(VectorOperators.ASHR, 31); // F32 only
      IntVector one = below.broadcast(ONE_BITS); // F32 only
      // F64: LongVector below = v.reinterpretAsLongs().lanewise(VectorOperators.ASHR, 63);
      // F64: LongVector one = below.broadcast(ONE_BITS);
      if (w.compare(VectorOperators.LT, EXP_PLAIN).allTrue()) {
        FloatVector e = p.mul(power);
        one = one.lanewise(VectorOperators.BITWISE_BLEND, e.reinterpretAsInts(), below); // F32 only
        // F64: one = one.lanewise(VectorOperators.BITWISE_BLEND, e.reinterpretAsLongs(), below);
        FloatVector d = e.add(1f);
        FloatVector excess = d.sub(1f).sub(e);
        FloatVector s = one.reinterpretAsFloats().div(d); // F32 only
        // F64: DoubleVector s = one.reinterpretAsDoubles().div(d);
        s.fma(excess, s).intoArray(y, yo + i);
      } else {
        FloatVector e = p.mul(a.add(HUGE_BITS).reinterpretAsFloats()).mul(1f / HUGE); // F32 only
        // F64: DoubleVector e = p.mul(a.add(HUGE_BITS).reinterpretAsDoubles()).mul(1d / HUGE);
        e = e.blend(0f, w.compare(VectorOperators.GT, -EXP_LOW));
        one = one.lanewise(VectorOperators.BITWISE_BLEND, e.reinterpretAsInts(), below); // F32 only
        // F64: one = one.lanewise(VectorOperators.BITWISE_BLEND, e.reinterpretAsLongs(), below);
        FloatVector d = e.add(1f);
        FloatVector excess = d.sub(1f).sub(e);
        FloatVector s = one.reinterpretAsFloats().div(d); // F32 only
        // F64: DoubleVector s = one.reinterpretAsDoubles().div(d);
        s.fma(excess, s).intoArray(y, yo + i);
      }
    }
  }

  /// log x.
  static void log(int n, float[] x, int xo, float[] y, int yo) {
    for (int i = 0; i < n; i += L) {
      FloatVector v = FloatVector.fromArray(S, x, xo + i);
      IntVector u = v.reinterpretAsInts(); // F32 only
      // F64: LongVector u = v.reinterpretAsLongs();
      IntVector bits = u.add(ONE_BITS - ROOT_HALF_BITS); // F32 only
      IntVector exponent = bits.lanewise(VectorOperators.LSHR, MANTISSA); // F32 only
      FloatVector k = exponent.add(MAGIC_BITS).reinterpretAsFloats(); // F32 only
      // F64: LongVector bits = u.add(ONE_BITS - ROOT_HALF_BITS);
      // F64: LongVector exponent = bits.lanewise(VectorOperators.LSHR, MANTISSA);
      // F64: DoubleVector k = exponent.add(MAGIC_BITS).reinterpretAsDoubles();
      k = k.sub(MAGIC + BIAS);
      FloatVector f = bits.and(MANTISSA_BITS).add(ROOT_HALF_BITS).reinterpretAsFloats(); // F32 only
      // F64: DoubleVector f = bits.and(MANTISSA_BITS).add(ROOT_HALF_BITS).reinterpretAsDoubles();
      f = f.sub(1f);
      FloatVector ff = f.mul(f); // F32 only
      FloatVector q = f.fma(f.broadcast(LOG_8), f.broadcast(LOG_7)); // F32 only
      q = ff.fma(ff.broadcast(LOG_9), q); // F32 only
      q = q.fma(ff, f.fma(f.broadcast(LOG_6), f.broadcast(LOG_5))); // F32 only
      q = q.fma(ff, f.fma(f.broadcast(LOG_4), f.broadcast(LOG_3))); // F32 only
      q = q.fma(ff, f.fma(f.broadcast(LOG_2), f.broadcast(LOG_1))); // F32 only
      FloatVector low = ff.mul(f).fma(q, k.mul(LN2_LOW)); // F32 only
      low = f.mul(-0.5f).fma(f, low); // F32 only
      FloatVector l = k.fma(k.broadcast(LN2_HIGH), f.add(low)); // F32 only
      // F64: DoubleVector s = f.div(f.add(2d));
      // F64: DoubleVector z = s.mul(s);
      // F64: DoubleVector zz = z.mul(z);
      // F64: DoubleVector q = z.broadcast(2d / 23);
      // F64: q = q.fma(zz, z.fma(z.broadcast(2d / 21), z.broadcast(2d / 19)));
      // F64: q = q.fma(zz, z.fma(z.broadcast(2d / 17), z.broadcast(2d / 15)));
      // F64: q = q.fma(zz, z.fma(z.broadcast(2d / 13), z.broadcast(2d / 11)));
      // F64: q = q.fma(zz, z.fma(z.broadcast(2d / 9), z.broadcast(2d / 7)));
      // F64: q = q.fma(zz, z.fma(z.broadcast(2d / 5), z.broadcast(2d / 3)));
      // F64: DoubleVector square = f.mul(f).mul(0.5d);
      // F64: DoubleVector low = s.fma(q.fma(z, square), k.mul(LN2_LOW));
      // F64: DoubleVector l = k.mul(LN2_HIGH).sub(square.sub(low).sub(f));
      VectorMask<Integer> special = // F32 only
          u.sub(LEAST_NORMAL_BITS).compare(VectorOperators.UGE, NORMAL_BITS); // F32 only
      // F64: VectorMask<Long> special =
      // F64:     u.sub(LEAST_NORMAL_BITS).compare(VectorOperators.UGE, NORMAL_BITS);
      if (!special.anyTrue()) {
        l.intoArray(y, yo + i);
      } else if (u.sub(1).compare(VectorOperators.ULT, LEAST_NORMAL_BITS - 1).anyTrue()) {
        for (int j = i; j < i + L; j++) {
          y[yo + j] = NumberMathF32.log(x[xo + j]);
        }
      } else {
        FloatVector limit = v.broadcast(Float.NaN);
        limit = limit.blend(Float.NEGATIVE_INFINITY, v.compare(VectorOperators.EQ, 0f));
        limit = limit.blend(v, v.compare(VectorOperators.EQ, Float.POSITIVE_INFINITY));
        l.blend(limit, special.cast(S)).intoArray(y, yo + i);
      }
    }
  }

  /// log(1 + x).
  static void log1p(int n, float[] x, int xo, float[] y, int yo) {
    for (int i = 0; i < n; i += L) {
      FloatVector v = FloatVector.fromArray(S, x, xo + i);
      IntVector u = v.add(1f).reinterpretAsInts(); // F32 only
      // F64: LongVector u = v.add(1d).reinterpretAsLongs();
      if (u.sub(1).compare(VectorOperators.UGE, QUARTER_MAX_BITS).anyTrue()) {
        for (int j = i; j < i + L; j++) {
          y[yo + j] = NumberMathF32.log1p(x[xo + j]);
        }
        continue;
      }
      IntVector bits = u.add(ONE_BITS - ROOT_HALF_BITS); // F32 only
      IntVector exponent = bits.lanewise(VectorOperators.LSHR, MANTISSA); // F32 only
      FloatVector k = exponent.add(MAGIC_BITS).reinterpretAsFloats(); // F32 only
      // F64: LongVector bits = u.add(ONE_BITS - ROOT_HALF_BITS);
      // F64: LongVector exponent = bits.lanewise(VectorOperators.LSHR, MANTISSA);
      // F64: DoubleVector k = exponent.add(MAGIC_BITS).reinterpretAsDoubles();
      k = k.sub(MAGIC + BIAS);
      bits = bits.broadcast(POWERS_BITS).sub(bits.and(~MANTISSA_BITS));
      FloatVector power = bits.reinterpretAsFloats(); // F32 only
      // F64: DoubleVector power = bits.reinterpretAsDoubles();
      FloatVector f = v.fma(power, power.sub(1f));
      FloatVector ff = f.mul(f); // F32 only
      FloatVector q = f.fma(f.broadcast(LOG_8), f.broadcast(LOG_7)); // F32 only
      q = ff.fma(ff.broadcast(LOG_9), q); // F32 only
      q = q.fma(ff, f.fma(f.broadcast(LOG_6), f.broadcast(LOG_5))); // F32 only
      q = q.fma(ff, f.fma(f.broadcast(LOG_4), f.broadcast(LOG_3))); // F32 only
      q = q.fma(ff, f.fma(f.broadcast(LOG_2), f.broadcast(LOG_1))); // F32 only
      FloatVector low = ff.mul(f).fma(q, k.mul(LN2_LOW)); // F32 only
      low = f.mul(-0.5f).fma(f, low); // F32 only
      FloatVector l = k.fma(k.broadcast(LN2_HIGH), f.add(low)); // F32 only
      // F64: DoubleVector s = f.div(f.add(2d));
      // F64: DoubleVector z = s.mul(s);
      // F64: DoubleVector zz = z.mul(z);
      // F64: DoubleVector q = z.broadcast(2d / 23);
      // F64: q = q.fma(zz, z.fma(z.broadcast(2d / 21), z.broadcast(2d / 19)));
      // F64: q = q.fma(zz, z.fma(z.broadcast(2d / 17), z.broadcast(2d / 15)));
      // F64: q = q.fma(zz, z.fma(z.broadcast(2d / 13), z.broadcast(2d / 11)));
      // F64: q = q.fma(zz, z.fma(z.broadcast(2d / 9), z.broadcast(2d / 7)));
      // F64: q = q.fma(zz, z.fma(z.broadcast(2d / 5), z.broadcast(2d / 3)));
      // F64: DoubleVector square = f.mul(f).mul(0.5d);
      // F64: DoubleVector low = s.fma(q.fma(z, square), k.mul(LN2_LOW));
      // F64: DoubleVector l = k.mul(LN2_HIGH).sub(square.sub(low).sub(f));
      IntVector sign = v.reinterpretAsInts().and(Integer.MIN_VALUE); // F32 only
      l = l.reinterpretAsInts().or(sign).reinterpretAsFloats(); // F32 only
      // F64: LongVector sign = v.reinterpretAsLongs().and(Long.MIN_VALUE);
      // F64: l = l.reinterpretAsLongs().or(sign).reinterpretAsDoubles();
      l.intoArray(y, yo + i);
    }
  }

  /// log(1 + eˣ).
  static void softplus(int n, float[] x, int xo, float[] y, int yo) {
    for (int i = 0; i < n; i += L) {
      FloatVector v = FloatVector.fromArray(S, x, xo + i);
      FloatVector w = v.abs().neg();
      FloatVector m = w.fma(w.broadcast(LOG2_E), w.broadcast(MAGIC));
      FloatVector j = m.sub(MAGIC);
      FloatVector r = j.fma(w.broadcast(-LN2_HIGH), w);
      r = j.fma(w.broadcast(-LN2_LOW), r);
      FloatVector rr = r.mul(r);
      FloatVector p = r.fma(r.broadcast(1f / 5040), r.broadcast(EXP_4)); // F32 only
      // F64: DoubleVector p = r.fma(r.broadcast(1d / 6227020800L), r.broadcast(1d / 479001600));
      // F64: p = p.fma(rr, r.fma(r.broadcast(1d / 39916800), r.broadcast(1d / 3628800)));
      // F64: p = p.fma(rr, r.fma(r.broadcast(1d / 362880), r.broadcast(1d / 40320)));
      // F64: p = p.fma(rr, r.fma(r.broadcast(1d / 5040), r.broadcast(1d / 720)));
      p = p.fma(rr, r.fma(r.broadcast(1f / 120), r.broadcast(EXP_2)));
      p = p.fma(rr, r.fma(r.broadcast(1f / 6), r.broadcast(1f / 2)));
      IntVector a = m.reinterpretAsInts().lanewise(VectorOperators.LSHL, MANTISSA); // F32 only
      FloatVector scale = a.add(HUGE_BITS).reinterpretAsFloats(); // F32 only
      // F64: LongVector a = m.reinterpretAsLongs().lanewise(VectorOperators.LSHL, MANTISSA);
      // F64: DoubleVector scale = a.add(HUGE_BITS).reinterpretAsDoubles();
      FloatVector e = p.fma(rr, r).add(1f);
      e = e.mul(scale).mul(1f / HUGE);
      e = e.blend(0f, w.compare(VectorOperators.LT, EXP_LOW));
      VectorMask<Float> large = e.compare(VectorOperators.GT, ROOT_MINUS_1);
      FloatVector k = e.broadcast(0f).blend(1f, large);
      FloatVector f = e.blend(e.sub(1f).mul(0.5f), large);
      FloatVector ff = f.mul(f); // F32 only
      FloatVector q = f.fma(f.broadcast(LOG_8), f.broadcast(LOG_7)); // F32 only
      q = ff.fma(ff.broadcast(LOG_9), q); // F32 only
      q = q.fma(ff, f.fma(f.broadcast(LOG_6), f.broadcast(LOG_5))); // F32 only
      q = q.fma(ff, f.fma(f.broadcast(LOG_4), f.broadcast(LOG_3))); // F32 only
      q = q.fma(ff, f.fma(f.broadcast(LOG_2), f.broadcast(LOG_1))); // F32 only
      FloatVector low = ff.mul(f).fma(q, k.mul(LN2_LOW)); // F32 only
      low = f.mul(-0.5f).fma(f, low); // F32 only
      FloatVector l = k.fma(k.broadcast(LN2_HIGH), f.add(low)); // F32 only
      // F64: DoubleVector s = f.div(f.add(2d));
      // F64: DoubleVector z = s.mul(s);
      // F64: DoubleVector zz = z.mul(z);
      // F64: DoubleVector q = z.broadcast(2d / 23);
      // F64: q = q.fma(zz, z.fma(z.broadcast(2d / 21), z.broadcast(2d / 19)));
      // F64: q = q.fma(zz, z.fma(z.broadcast(2d / 17), z.broadcast(2d / 15)));
      // F64: q = q.fma(zz, z.fma(z.broadcast(2d / 13), z.broadcast(2d / 11)));
      // F64: q = q.fma(zz, z.fma(z.broadcast(2d / 9), z.broadcast(2d / 7)));
      // F64: q = q.fma(zz, z.fma(z.broadcast(2d / 5), z.broadcast(2d / 3)));
      // F64: DoubleVector square = f.mul(f).mul(0.5d);
      // F64: DoubleVector low = s.fma(q.fma(z, square), k.mul(LN2_LOW));
      // F64: DoubleVector l = k.mul(LN2_HIGH).sub(square.sub(low).sub(f));
      IntVector u = v.reinterpretAsInts(); // F32 only
      u = u.and(u.lanewise(VectorOperators.ASHR, 31).not()); // F32 only
      l.add(u.reinterpretAsFloats()).intoArray(y, yo + i); // F32 only
      // F64: LongVector u = v.reinterpretAsLongs();
      // F64: u = u.and(u.lanewise(VectorOperators.ASHR, 63).not());
      // F64: l.add(u.reinterpretAsDoubles()).intoArray(y, yo + i);
    }
  }
}
