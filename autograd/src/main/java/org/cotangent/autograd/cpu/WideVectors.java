package org.cotangent.autograd.cpu;

import static org.cotangent.autograd.cpu.LanesF64.L;
import static org.cotangent.autograd.cpu.LanesF64.S;
import static org.cotangent.autograd.cpu.WideMath.*;

import java.util.Arrays;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import org.cotangent.autograd.op.Op;

/// The functions of [WideMath] over runs, step by step, so that a number gives the same bits
/// wherever in an array it stands. A result may overwrite an operand.
///
/// Floats are widened, piece by piece, and so share the loops, of which each costs the compiler
/// some 200 ms; only erf and erfc have shorter ones for them ([ErfVectors]), since networks spend
/// time there. A loop takes whole vectors (`n` is a multiple of the lanes) and calls nothing but
/// vector operations, for the reason that [VectorMathF32] gives. A vector with a number that a
/// function leaves to others is computed number by number.
final class WideVectors {
  private WideVectors() {}

  /// Numbers that are widened at a time.
  private static final int PIECE = 512;

  private static final double[] ONES = new double[PIECE];

  static {
    Arrays.fill(ONES, 1);
  }

  static void unary(Op.Unary op, int n, float[] x, int xo, float[] y, int yo) {
    boolean own = op == Op.Unary.ERF || op == Op.Unary.ERFC;
    int whole = n < LanesF64.MATH_FROM ? 0 : own ? n - n % L : n;
    double[] t = new double[whole == 0 ? 0 : PIECE];
    for (int o = 0; o < whole; o += PIECE) {
      int count = Math.min(PIECE, whole - o);
      widen(count, x, xo + o, t);
      switch (op) {
        case ERF -> ErfVectors.erfOfFloats(count, t, t);
        case ERFC -> ErfVectors.erfcOfFloats(count, t, t);
        default -> unary(op, count, t, 0, t, 0);
      }
      narrow(count, t, y, yo + o);
    }
    for (int i = whole; i < n; i++) {
      y[yo + i] = WideMath.unary(op, x[xo + i]);
    }
  }

  static void unary(Op.Unary op, int n, double[] x, int xo, double[] y, int yo) {
    int whole = n < LanesF64.MATH_FROM ? 0 : n - n % L;
    switch (op) {
      case SIN -> sinOrCos(0, whole, x, xo, y, yo);
      case COS -> sinOrCos(1, whole, x, xo, y, yo);
      case TAN -> tan(whole, x, xo, y, yo);
      case ASIN -> asin(whole, x, xo, y, yo);
      case ACOS -> acos(whole, x, xo, y, yo);
      case ATAN -> {
        for (int o = 0; o < whole; o += PIECE) {
          atan2(Math.min(PIECE, whole - o), x, xo + o, ONES, 0, y, yo + o);
        }
      }
      case SINH -> hyperbolic(-1, whole, x, xo, y, yo);
      case COSH -> hyperbolic(1, whole, x, xo, y, yo);
      case ERF -> ErfVectors.run(false, whole, x, xo, y, yo);
      case ERFC -> ErfVectors.run(true, whole, x, xo, y, yo);
      case NEG,
          ABS,
          SIGN,
          RECIPROCAL,
          SQUARE,
          SQRT,
          EXP,
          EXPM1,
          LOG,
          LOG1P,
          TANH,
          SIGMOID,
          SOFTPLUS,
          RELU,
          FLOOR,
          CEIL,
          ROUND ->
          whole = 0;
    }
    for (int i = whole; i < n; i++) {
      y[yo + i] = WideMath.unary(op, x[xo + i]);
    }
  }

  static void binary(Op.Binary op, int n, float[] a, int ao, float[] b, int bo, float[] y, int yo) {
    if (n < LanesF64.MATH_FROM) {
      for (int i = 0; i < n; i++) {
        y[yo + i] = (float) WideMath.binary(op, a[ao + i], b[bo + i]);
      }
      return;
    }
    double[] s = new double[PIECE];
    double[] t = new double[PIECE];
    for (int o = 0; o < n; o += PIECE) {
      int count = Math.min(PIECE, n - o);
      widen(count, a, ao + o, s);
      widen(count, b, bo + o, t);
      binary(op, count, s, 0, t, 0, t, 0);
      narrow(count, t, y, yo + o);
    }
  }

  static void binary(
      Op.Binary op, int n, double[] a, int ao, double[] b, int bo, double[] y, int yo) {
    int whole = n < LanesF64.MATH_FROM ? 0 : n - n % L;
    switch (op) {
      case POW -> pow(whole, a, ao, b, bo, y, yo);
      case ATAN2 -> atan2(whole, a, ao, b, bo, y, yo);
      case ADD, SUB, MUL, DIV, MAXIMUM, MINIMUM -> whole = 0;
    }
    for (int i = whole; i < n; i++) {
      y[yo + i] = WideMath.binary(op, a[ao + i], b[bo + i]);
    }
  }

  private static void widen(int n, float[] x, int xo, double[] y) {
    for (int i = 0; i < n; i++) {
      y[i] = x[xo + i];
    }
  }

  private static void narrow(int n, double[] x, float[] y, int yo) {
    for (int i = 0; i < n; i++) {
      y[yo + i] = (float) x[i];
    }
  }

  /// The sine of x + `first` quarter turns, for 0 and 1.
  private static void sinOrCos(int first, int n, double[] x, int xo, double[] y, int yo) {
    long signed = first == 0 ? SIGN_BIT : 0;
    for (int i = 0; i < n; i += L) {
      DoubleVector v = DoubleVector.fromArray(S, x, xo + i);
      DoubleVector u = v.abs();
      if (!u.compare(VectorOperators.LT, ANGLES).allTrue()) {
        for (int j = i; j < i + L; j++) {
          y[yo + j] = WideMath.sinOrCos(first, x[xo + j]);
        }
        continue;
      }
      DoubleVector m = u.mul(TWO_OVER_PI).add(MAGIC);
      DoubleVector k = m.sub(MAGIC);
      DoubleVector a = u.sub(k.mul(QUARTER_1));
      DoubleVector k2 = k.mul(QUARTER_2);
      DoubleVector b = a.sub(k2);
      DoubleVector c = k.mul(QUARTER_3).sub(a.sub(b).sub(k2));
      DoubleVector r = b.sub(c);
      DoubleVector e = b.sub(r).sub(c).sub(k.mul(QUARTER_4));
      DoubleVector z = r.mul(r);
      DoubleVector h = z.mul(0.5);
      DoubleVector w = h.neg().add(1);
      LongVector turns = m.reinterpretAsLongs().add(first);
      DoubleVector p = z.mul(SIN_6).add(SIN_5);
      p = p.mul(z).add(SIN_4).mul(z).add(SIN_3);
      p = p.mul(z).add(SIN_2).mul(z).add(SIN_1);
      p = p.mul(z).add(SIN_0);
      DoubleVector sin = r.add(r.mul(z).mul(p).add(e.sub(h.mul(e))));
      DoubleVector q = z.mul(COS_5).add(COS_4);
      q = q.mul(z).add(COS_3).mul(z).add(COS_2);
      q = q.mul(z).add(COS_1).mul(z).add(COS_0);
      DoubleVector cos = w.broadcast(1).sub(w).sub(h).add(z.mul(z).mul(q).sub(r.mul(e)));
      cos = w.add(cos);
      VectorMask<Double> odd = turns.and(1).compare(VectorOperators.EQ, 1).cast(S);
      LongVector sign = turns.lanewise(VectorOperators.LSHL, 62).and(SIGN_BIT);
      sign = sign.lanewise(VectorOperators.XOR, v.reinterpretAsLongs().and(signed));
      LongVector bits = sin.blend(cos, odd).reinterpretAsLongs();
      bits.lanewise(VectorOperators.XOR, sign).reinterpretAsDoubles().intoArray(y, yo + i);
    }
  }

  /// tan x.
  private static void tan(int n, double[] x, int xo, double[] y, int yo) {
    for (int i = 0; i < n; i += L) {
      DoubleVector v = DoubleVector.fromArray(S, x, xo + i);
      DoubleVector u = v.abs();
      if (!u.compare(VectorOperators.LT, ANGLES).allTrue()) {
        for (int j = i; j < i + L; j++) {
          y[yo + j] = WideMath.tan(x[xo + j]);
        }
        continue;
      }
      DoubleVector m = u.mul(TWO_OVER_PI).add(MAGIC);
      DoubleVector k = m.sub(MAGIC);
      DoubleVector a = u.sub(k.mul(QUARTER_1));
      DoubleVector k2 = k.mul(QUARTER_2);
      DoubleVector b = a.sub(k2);
      DoubleVector c = k.mul(QUARTER_3).sub(a.sub(b).sub(k2));
      DoubleVector s = b.sub(c);
      DoubleVector e = b.sub(s).sub(c).sub(k.mul(QUARTER_4));
      DoubleVector z = s.mul(s);
      DoubleVector h = z.mul(0.5);
      DoubleVector w = h.neg().add(1);
      LongVector turns = m.reinterpretAsLongs();
      DoubleVector p = z.mul(SIN_6).add(SIN_5);
      p = p.mul(z).add(SIN_4).mul(z).add(SIN_3);
      p = p.mul(z).add(SIN_2).mul(z).add(SIN_1);
      p = p.mul(z).add(SIN_0);
      p = s.mul(z).mul(p).add(e.sub(h.mul(e)));
      DoubleVector sin = s.add(p);
      DoubleVector sinLow = p.sub(sin.sub(s));
      DoubleVector q = z.mul(COS_5).add(COS_4);
      q = q.mul(z).add(COS_3).mul(z).add(COS_2);
      q = q.mul(z).add(COS_1).mul(z).add(COS_0);
      q = w.broadcast(1).sub(w).sub(h).add(z.mul(z).mul(q).sub(s.mul(e)));
      DoubleVector cos = w.add(q);
      DoubleVector cosLow = q.sub(cos.sub(w));
      VectorMask<Double> odd = turns.and(1).compare(VectorOperators.EQ, 1).cast(S);
      DoubleVector d = cos.blend(sin, odd);
      DoubleVector dLow = cosLow.blend(sinLow, odd);
      DoubleVector t = sin.blend(cos, odd);
      DoubleVector tLow = sinLow.blend(cosLow, odd);
      DoubleVector inverse = d.broadcast(1).div(d);
      DoubleVector f = t.mul(inverse).reinterpretAsLongs().and(HIGH_BITS).reinterpretAsDoubles();
      DoubleVector dHigh = d.reinterpretAsLongs().and(HIGH_BITS).reinterpretAsDoubles();
      DoubleVector r = t.sub(f.mul(dHigh)).sub(f.mul(d.sub(dHigh).add(dLow))).add(tLow);
      LongVector bits = f.add(r.mul(inverse)).reinterpretAsLongs();
      LongVector sign = turns.lanewise(VectorOperators.LSHL, 63);
      sign = sign.lanewise(VectorOperators.XOR, v.reinterpretAsLongs()).and(SIGN_BIT);
      bits.lanewise(VectorOperators.XOR, sign).reinterpretAsDoubles().intoArray(y, yo + i);
    }
  }

  /// asin x.
  private static void asin(int n, double[] x, int xo, double[] y, int yo) {
    for (int i = 0; i < n; i += L) {
      DoubleVector v = DoubleVector.fromArray(S, x, xo + i);
      DoubleVector u = v.abs();
      VectorMask<Double> large = u.compare(VectorOperators.GT, 0.5);
      DoubleVector z = u.mul(u).blend(u.neg().add(1).mul(0.5), large);
      DoubleVector p = z.mul(ASIN_12).add(ASIN_11);
      p = p.mul(z).add(ASIN_10).mul(z).add(ASIN_9);
      p = p.mul(z).add(ASIN_8).mul(z).add(ASIN_7);
      p = p.mul(z).add(ASIN_6).mul(z).add(ASIN_5);
      p = p.mul(z).add(ASIN_4).mul(z).add(ASIN_3);
      p = p.mul(z).add(ASIN_2).mul(z).add(ASIN_1);
      p = p.mul(z).add(ASIN_0);
      p = z.mul(p);
      DoubleVector s = z.sqrt();
      DoubleVector f = s.reinterpretAsLongs().and(HIGH_BITS).reinterpretAsDoubles();
      DoubleVector c = z.sub(f.mul(f)).div(s.add(f).add(TINY));
      DoubleVector t = s.mul(2).mul(p).sub(c.mul(-2).add(PI_2_LOW));
      t = t.sub(f.mul(-2).add(PI_4)).neg().add(PI_4);
      LongVector bits = u.add(u.mul(p)).blend(t, large).reinterpretAsLongs();
      LongVector sign = v.reinterpretAsLongs().and(SIGN_BIT);
      bits.or(sign).reinterpretAsDoubles().intoArray(y, yo + i);
    }
  }

  /// acos x.
  private static void acos(int n, double[] x, int xo, double[] y, int yo) {
    for (int i = 0; i < n; i += L) {
      DoubleVector v = DoubleVector.fromArray(S, x, xo + i);
      DoubleVector u = v.abs();
      VectorMask<Double> large = u.compare(VectorOperators.GT, 0.5);
      DoubleVector z = u.mul(u).blend(u.neg().add(1).mul(0.5), large);
      DoubleVector p = z.mul(ASIN_12).add(ASIN_11);
      p = p.mul(z).add(ASIN_10).mul(z).add(ASIN_9);
      p = p.mul(z).add(ASIN_8).mul(z).add(ASIN_7);
      p = p.mul(z).add(ASIN_6).mul(z).add(ASIN_5);
      p = p.mul(z).add(ASIN_4).mul(z).add(ASIN_3);
      p = p.mul(z).add(ASIN_2).mul(z).add(ASIN_1);
      p = p.mul(z).add(ASIN_0);
      p = z.mul(p);
      DoubleVector s = z.sqrt();
      DoubleVector f = s.reinterpretAsLongs().and(HIGH_BITS).reinterpretAsDoubles();
      DoubleVector c = z.sub(f.mul(f)).div(s.add(f).add(TINY));
      DoubleVector right = f.add(s.mul(p).add(c)).mul(2);
      DoubleVector left = s.add(s.mul(p).sub(PI_2_LOW)).mul(-2).add(Math.PI);
      DoubleVector mid = v.sub(v.mul(p).neg().add(PI_2_LOW)).neg().add(PI_2);
      right = right.blend(left, v.compare(VectorOperators.LT, 0));
      mid.blend(right, large).intoArray(y, yo + i);
    }
  }

  /// The angle of (b, a).
  private static void atan2(int n, double[] b, int bo, double[] a, int ao, double[] y, int yo) {
    for (int i = 0; i < n; i += L) {
      DoubleVector v = DoubleVector.fromArray(S, b, bo + i);
      DoubleVector w = DoubleVector.fromArray(S, a, ao + i);
      DoubleVector v1 = v.abs();
      DoubleVector w1 = w.abs();
      DoubleVector most = w1.max(v1);
      DoubleVector least = w1.min(v1);
      VectorMask<Double> zero = most.compare(VectorOperators.EQ, 0);
      VectorMask<Double> plain = most.compare(VectorOperators.GE, ARC_LOW);
      plain = plain.and(most.compare(VectorOperators.LE, ARC_HIGH)).or(zero);
      VectorMask<Double> axis = least.compare(VectorOperators.EQ, 0);
      plain = plain.and(least.compare(VectorOperators.GE, ARC_LEAST).or(axis));
      if (!plain.allTrue()) {
        for (int j = i; j < i + L; j++) {
          y[yo + j] = WideMath.atan2(b[bo + j], a[ao + j]);
        }
        continue;
      }
      VectorMask<Double> mid = least.compare(VectorOperators.GT, most.mul(TAN_PI_8));
      DoubleVector sum = most.add(least);
      DoubleVector difference = least.sub(most);
      DoubleVector t = least.blend(difference, mid);
      DoubleVector tLow = least.broadcast(0).blend(least.sub(difference.add(most)), mid);
      DoubleVector d = most.blend(1, zero).blend(sum, mid);
      DoubleVector dLow = most.broadcast(0).blend(most.sub(sum).add(least), mid);
      DoubleVector inverse = d.broadcast(1).div(d);
      DoubleVector q = t.mul(inverse).reinterpretAsLongs().and(HIGH_BITS).reinterpretAsDoubles();
      DoubleVector dHigh = d.reinterpretAsLongs().and(HIGH_BITS).reinterpretAsDoubles();
      DoubleVector r = t.sub(q.mul(dHigh)).sub(q.mul(d.sub(dHigh).add(dLow))).add(tLow);
      DoubleVector f = r.mul(inverse);
      t = q.add(f);
      DoubleVector z = t.mul(t);
      DoubleVector p = z.mul(ATAN_10).add(ATAN_9);
      p = p.mul(z).add(ATAN_8).mul(z).add(ATAN_7);
      p = p.mul(z).add(ATAN_6).mul(z).add(ATAN_5);
      p = p.mul(z).add(ATAN_4).mul(z).add(ATAN_3);
      p = p.mul(z).add(ATAN_2).mul(z).add(ATAN_1);
      p = p.mul(z).add(ATAN_0);
      p = t.mul(z).mul(p).add(f.sub(t.sub(q)));
      DoubleVector eighths = t.broadcast(0).blend(1, mid);
      LongVector signs = w1.sub(v1).reinterpretAsLongs();
      VectorMask<Double> steep = signs.compare(VectorOperators.LT, 0).cast(S);
      eighths = eighths.blend(eighths.neg().add(2), steep);
      LongVector left = w.reinterpretAsLongs();
      VectorMask<Double> behind = left.compare(VectorOperators.LT, 0).cast(S);
      eighths = eighths.blend(eighths.neg().add(4), behind);
      signs = signs.lanewise(VectorOperators.XOR, left).and(SIGN_BIT);
      t = t.reinterpretAsLongs().lanewise(VectorOperators.XOR, signs).reinterpretAsDoubles();
      p = p.reinterpretAsLongs().lanewise(VectorOperators.XOR, signs).reinterpretAsDoubles();
      t = eighths.mul(PI_4).add(t.add(p.add(eighths.mul(PI_4_LOW))));
      LongVector sign = v.reinterpretAsLongs().and(SIGN_BIT);
      t.reinterpretAsLongs().or(sign).reinterpretAsDoubles().intoArray(y, yo + i);
    }
  }

  /// (eˣ + `sign` e⁻ˣ)/2: sinh for -1, cosh for 1.
  private static void hyperbolic(int sign, int n, double[] x, int xo, double[] y, int yo) {
    long signed = sign < 0 ? SIGN_BIT : 0;
    for (int i = 0; i < n; i += L) {
      DoubleVector v = DoubleVector.fromArray(S, x, xo + i);
      DoubleVector u = v.abs();
      if (!u.compare(VectorOperators.LT, HYPERBOLIC_HIGH).allTrue()) {
        for (int j = i; j < i + L; j++) {
          y[yo + j] = WideMath.hyperbolic(sign, x[xo + j]);
        }
        continue;
      }
      DoubleVector m = u.mul(LOG2_E).add(MAGIC);
      DoubleVector k = m.sub(MAGIC);
      DoubleVector high = u.sub(k.mul(LN2_HIGH));
      DoubleVector low = k.mul(LN2_LOW);
      DoubleVector r = high.sub(low);
      DoubleVector first = r.reinterpretAsLongs().and(HIGH_BITS).reinterpretAsDoubles();
      DoubleVector second = high.sub(first).sub(low);
      DoubleVector z = r.mul(r);
      DoubleVector odd = z.mul(SINH_4).add(SINH_3);
      odd = odd.mul(z).add(SINH_2).mul(z).add(SINH_1);
      odd = odd.mul(z).add(SINH_0);
      DoubleVector even = z.mul(COSH_5).add(COSH_4);
      even = even.mul(z).add(COSH_3).mul(z).add(COSH_2);
      even = even.mul(z).add(COSH_1).mul(z).add(COSH_0);
      LongVector shifted = m.reinterpretAsLongs().lanewise(VectorOperators.LSHL, MANTISSA);
      DoubleVector up = shifted.add(HALF_BITS).reinterpretAsDoubles();
      DoubleVector down = shifted.neg().add(HALF_BITS).reinterpretAsDoubles().mul(sign);
      DoubleVector a = up.add(down);
      DoubleVector b = up.sub(down);
      DoubleVector t = b.mul(first);
      DoubleVector h = a.add(t);
      second = b.mul(second.add(r.mul(z).mul(odd))).add(a.mul(z.mul(even)));
      LongVector bits = h.add(a.sub(h).add(t).add(second)).reinterpretAsLongs();
      bits.or(v.reinterpretAsLongs().and(signed)).reinterpretAsDoubles().intoArray(y, yo + i);
    }
  }

  /// `x` to the power of `b`.
  private static void pow(int n, double[] x, int xo, double[] b, int bo, double[] y, int yo) {
    for (int i = 0; i < n; i += L) {
      DoubleVector v = DoubleVector.fromArray(S, x, xo + i);
      DoubleVector c = DoubleVector.fromArray(S, b, bo + i);
      LongVector u = v.abs().reinterpretAsLongs();
      LongVector bits = u.add(ONE_BITS - ROOT_HALF_BITS);
      LongVector exponent = bits.lanewise(VectorOperators.LSHR, MANTISSA);
      DoubleVector e = exponent.add(MAGIC_BITS).reinterpretAsDoubles().sub(MAGIC + BIAS);
      DoubleVector m = bits.and(MANTISSA_BITS).add(ROOT_HALF_BITS).reinterpretAsDoubles();
      DoubleVector t = m.sub(1);
      DoubleVector d = m.add(1);
      DoubleVector inverse = d.broadcast(1).div(d);
      DoubleVector sHigh =
          t.mul(inverse).reinterpretAsLongs().and(HIGH_BITS).reinterpretAsDoubles();
      DoubleVector dHigh = d.reinterpretAsLongs().and(HIGH_BITS).reinterpretAsDoubles();
      DoubleVector dLow = d.sub(dHigh).add(d.neg().add(1).add(m));
      DoubleVector sLow = t.sub(sHigh.mul(dHigh)).sub(sHigh.mul(dLow)).mul(inverse);
      DoubleVector s = sHigh.add(sLow);
      DoubleVector zHigh = sHigh.mul(sHigh);
      DoubleVector zLow = sLow.mul(sHigh.add(s));
      DoubleVector z = zHigh.add(zLow);
      DoubleVector p = z.mul(ARTANH_6).add(ARTANH_5);
      p = p.mul(z).add(ARTANH_4).mul(z).add(ARTANH_3);
      p = p.mul(z).add(ARTANH_2).mul(z).add(ARTANH_1);
      p = p.mul(z).add(ARTANH_0);
      p = z.mul(z).mul(p).add(zLow);
      DoubleVector factor = zHigh.add(3).add(p);
      factor = factor.reinterpretAsLongs().and(HIGH_BITS).reinterpretAsDoubles();
      DoubleVector product = sHigh.mul(factor);
      DoubleVector productLow = p.sub(factor.sub(3).sub(zHigh)).mul(s);
      productLow = sLow.mul(factor).add(productLow);
      DoubleVector l = product.add(productLow);
      l = l.reinterpretAsLongs().and(HIGH_BITS).reinterpretAsDoubles();
      DoubleVector log = l.mul(PER_LOG_HIGH);
      DoubleVector logLow = productLow.sub(l.sub(product)).mul(PER_LOG);
      logLow = l.mul(PER_LOG_LOW).add(logLow);
      DoubleVector whole = log.add(logLow).add(e);
      whole = whole.reinterpretAsLongs().and(HIGH_BITS).reinterpretAsDoubles();
      DoubleVector wholeLow = logLow.sub(whole.sub(e).sub(log));
      DoubleVector cHigh = c.reinterpretAsLongs().and(HIGH_BITS).reinterpretAsDoubles();
      DoubleVector w = cHigh.mul(whole);
      DoubleVector wLow = c.sub(cHigh).mul(whole).add(c.mul(wholeLow));
      DoubleVector all = w.add(wLow);
      DoubleVector k = all.add(MAGIC);
      DoubleVector f = w.sub(k.sub(MAGIC));
      DoubleVector fHigh = f.add(wLow).reinterpretAsLongs().and(HIGH_BITS).reinterpretAsDoubles();
      DoubleVector fLow = wLow.sub(fHigh.sub(f));
      t = fHigh.mul(LN2_HIGH);
      DoubleVector tLow = fHigh.mul(LN2_LOW).add(fLow.mul(LN2));
      DoubleVector r = t.add(tLow);
      DoubleVector rLow = tLow.sub(r.sub(t));
      z = r.mul(r);
      DoubleVector odd = z.mul(SINH_4).add(SINH_3);
      odd = odd.mul(z).add(SINH_2).mul(z).add(SINH_1);
      odd = odd.mul(z).add(SINH_0);
      DoubleVector even = z.mul(COSH_5).add(COSH_4);
      even = even.mul(z).add(COSH_3).mul(z).add(COSH_2);
      even = even.mul(z).add(COSH_1).mul(z).add(COSH_0);
      DoubleVector one = r.add(1);
      even = rLow.add(z.mul(even).add(r.mul(z).mul(odd)));
      DoubleVector power = one.add(r.sub(one.sub(1)).add(even));
      LongVector shift = k.reinterpretAsLongs().lanewise(VectorOperators.LSHL, MANTISSA);
      power = power.reinterpretAsLongs().add(shift).reinterpretAsDoubles();

      VectorMask<Double> usual = c.abs().compare(VectorOperators.LT, POW_WHOLE);
      VectorMask<Double> plain = usual.and(all.abs().compare(VectorOperators.LT, POW_HIGH));
      LongVector above = v.reinterpretAsLongs().sub(LEAST_NORMAL_BITS);
      if (plain.allTrue() && above.compare(VectorOperators.ULT, NORMAL_BITS).allTrue()) {
        power.intoArray(y, yo + i);
        continue;
      }
      VectorMask<Double> zero = usual.and(v.compare(VectorOperators.EQ, 0));
      above = u.sub(LEAST_NORMAL_BITS);
      plain = plain.and(above.compare(VectorOperators.ULT, NORMAL_BITS).cast(S));
      if (!plain.or(zero).allTrue()) {
        for (int j = i; j < i + L; j++) {
          y[yo + j] = WideMath.pow(x[xo + j], b[bo + j]);
        }
        continue;
      }
      DoubleVector nearest = c.add(MAGIC);
      VectorMask<Double> broken = nearest.sub(MAGIC).compare(VectorOperators.NE, c);
      VectorMask<Double> falling = c.compare(VectorOperators.LT, 0);
      DoubleVector limit = c.broadcast(0).blend(Double.POSITIVE_INFINITY, falling);
      limit = limit.blend(1, c.compare(VectorOperators.EQ, 0));
      LongVector sign = nearest.reinterpretAsLongs().lanewise(VectorOperators.LSHL, 63);
      sign = sign.blend(0, broken.cast(LanesF64.WHOLE)).and(v.reinterpretAsLongs());
      VectorMask<Double> none = broken.and(v.compare(VectorOperators.LT, 0));
      bits = power.blend(limit, zero).reinterpretAsLongs().or(sign);
      bits.reinterpretAsDoubles().blend(Double.NaN, none).intoArray(y, yo + i);
    }
  }
}
