package org.cotangent.autograd.cpu;

import static org.cotangent.autograd.cpu.LanesF32.fma;

/// Exponentials and logarithms of one number, in steps that a vector takes the same way.
///
/// The series are those of Taylor (eˣ) and of 2 artanh (log, double), cut where the rest is below a
/// quarter of the last place; so their coefficients need no table. The logarithm of a float takes
/// the polynomial of Cephes (logf), which needs no division. UnarySweepTest says how exact they
/// are.
final class NumberMathF32 {
  private NumberMathF32() {}

  static final int MANTISSA = 23; // F32 only

  // F64: static final int MANTISSA = 52;

  /// Added to a number below 2²² in size it leaves the nearest integer in the low bits.
  static final float MAGIC = 0x1.8p23f; // F32 only

  // F64: static final double MAGIC = 0x1.8p52;

  static final float LOG2_E = (float) (1 / Math.log(2));

  /// The logarithm of 2 in two parts, the first with low bits 0: a whole number times it is exact.
  static final float LN2_HIGH = 0x1.62e4p-1f; // F32 only

  static final float LN2_LOW = 1.4286068e-6f; // F32 only

  // F64: static final double LN2_HIGH = 0x1.62e42feep-1;
  // F64: static final double LN2_LOW = 1.90821492927058770002e-10;

  /// Where eˣ has become 0, eˣ - 1 has become -1, and eˣ has become infinite.
  static final float EXP_LOW = -104f; // F32 only

  // Below EXP_PLAIN in size neither eˣ nor 2ᵏ leaves the normal numbers.
  static final float EXP_PLAIN = 87f; // F32 only

  static final float EXPM1_LOW = -20f; // F32 only
  static final float EXP_HIGH = 88.73f; // F32 only
  // F64: static final double EXP_LOW = -745.2;
  // F64: static final double EXP_PLAIN = 708;
  // F64: static final double EXPM1_LOW = -40;
  // F64: static final double EXP_HIGH = 709.79;

  static final int ONE_BITS = Float.floatToRawIntBits(1f); // F32 only
  static final int MAGIC_BITS = Float.floatToRawIntBits(MAGIC); // F32 only
  static final int ROOT_HALF_BITS = Float.floatToRawIntBits((float) Math.sqrt(0.5)); // F32 only
  static final int MANTISSA_BITS = (1 << MANTISSA) - 1; // F32 only
  // F64: static final long ONE_BITS = Double.doubleToRawLongBits(1d);
  // F64: static final long MAGIC_BITS = Double.doubleToRawLongBits(MAGIC);
  // F64: static final long ROOT_HALF_BITS = Double.doubleToRawLongBits(Math.sqrt(0.5));
  // F64: static final long MANTISSA_BITS = (1L << MANTISSA) - 1;

  private static final double SQUARE = Math.log(2) * Math.log(2) / 4; // F32 only

  /// Of the series of eʳ; in float, the term r⁸/8! is shared out among the lower ones as
  /// Chebyshev's polynomial T6 of 2r/log 2 says, which leaves a 32nd of it.
  static final float EXP_2 = (float) (1 / 24d - 0.5625 * SQUARE * SQUARE / 40320); // F32 only

  static final float EXP_4 = (float) (1 / 720d + 1.5 * SQUARE / 40320); // F32 only
  // F64: static final double EXP_2 = 1d / 24;

  // (tanh √z / √z - 1)/z up to where tanh is 1/2, and (eʳ - 1 - r)/r² for |r| up to log(2)/2; both
  // from tools/Polynomials.java.
  static final float TANH_SERIES = (float) (Math.log(3) / 2); // F32 only
  static final float TANH_0 = -0.3333333f; // F32 only
  static final float TANH_1 = 0.13333116f; // F32 only
  static final float TANH_2 = -0.053909834f; // F32 only
  static final float TANH_3 = 0.021311874f; // F32 only
  static final float TANH_4 = -0.0066149086f; // F32 only
  static final float POWER_1 = 0.16666578f; // F32 only
  static final float POWER_2 = 0.041666556f; // F32 only
  static final float POWER_3 = 0.008363173f; // F32 only
  static final float POWER_4 = 0.0013926176f; // F32 only

  // F64: static final double POWER_1 = 1d / 6;

  static final int HALF_BITS = ONE_BITS - (1 << MANTISSA); // F32 only
  static final int HUGE_BITS = ONE_BITS + (64 << MANTISSA); // F32 only

  // F64: static final long HALF_BITS = ONE_BITS - (1L << MANTISSA);
  // F64: static final long HUGE_BITS = ONE_BITS + (64L << MANTISSA);

  /// Times this the least power of e is a normal number.
  static final float HUGE = 0x1p64f;

  /// The least power of two above a quarter of the largest number.
  static final float MAX_QUARTER = Math.scalb(1f, Float.MAX_EXPONENT - 1);

  static final float ROOT_MINUS_1 = (float) (Math.sqrt(2) - 1);

  // (log(1 + f) - f + f²/2)/f³ for 1 + f from √½ to √2, by Moshier (Cephes, logf.c).
  static final float LOG_1 = (float) 3.3333331174e-1; // F32 only
  static final float LOG_2 = (float) -2.4999993993e-1; // F32 only
  static final float LOG_3 = (float) 2.0000714765e-1; // F32 only
  static final float LOG_4 = (float) -1.6668057665e-1; // F32 only
  static final float LOG_5 = (float) 1.4249322787e-1; // F32 only
  static final float LOG_6 = (float) -1.2420140846e-1; // F32 only
  static final float LOG_7 = (float) 1.1676998740e-1; // F32 only
  static final float LOG_8 = (float) -1.1514610310e-1; // F32 only
  static final float LOG_9 = (float) 7.0376836292e-2; // F32 only

  static final int LEAST_NORMAL_BITS = 1 << MANTISSA; // F32 only
  static final int NORMAL_BITS = 0x7f800000 - LEAST_NORMAL_BITS; // F32 only
  static final int QUARTER_MAX_BITS = Float.floatToRawIntBits(MAX_QUARTER) - 1; // F32 only
  static final int POWERS_BITS = 2 * ONE_BITS; // F32 only
  // F64: static final long LEAST_NORMAL_BITS = 1L << MANTISSA;
  // F64: static final long NORMAL_BITS = 0x7ff0000000000000L - LEAST_NORMAL_BITS;
  // F64: static final long QUARTER_MAX_BITS = Double.doubleToRawLongBits(MAX_QUARTER) - 1;
  // F64: static final long POWERS_BITS = 2 * ONE_BITS;

  static final float BIAS = Float.MAX_EXPONENT;
  static final float LEAST_NORMAL = Float.MIN_NORMAL;
  static final float TINY_POWER = MANTISSA + 2;
  static final float TINY_SCALE = (float) Math.scalb(1.0, MANTISSA + 2);

  /// eˣ = 2ᵏ eʳ with k the nearest integer to x / log 2. The power is applied in two steps, for the
  /// whole of it need not be a normal number.
  static float exp(float x) {
    if (x < EXP_LOW || x > EXP_HIGH) {
      return x < 0f ? 0f : Float.POSITIVE_INFINITY;
    }
    float m = fma(x, LOG2_E, MAGIC);
    float p = expm1Rest(x, m) + 1f;
    return x < 0f ? p * power(m, HUGE_BITS) * (1f / HUGE) : p * power(m, HALF_BITS) * 2f;
  }

  /// eˣ - 1 = 2ᵏ (eʳ - 1) + (2ᵏ - 1), all halved, for 2ᵏ may be beyond the largest number.
  static float expm1(float x) {
    if (x < EXPM1_LOW || x > EXP_HIGH) {
      return x < 0f ? -1f : Float.POSITIVE_INFINITY;
    }
    if (x == 0f) {
      return x;
    }
    float m = fma(x, LOG2_E, MAGIC);
    float half = power(m, HALF_BITS);
    return fma(half, expm1Rest(x, m), half - 0.5f) * 2f;
  }

  /// eʳ - 1 for the r of `v` and `m`.
  private static float expm1Rest(float v, float m) {
    float k = m - MAGIC;
    float r = fma(k, -LN2_LOW, fma(k, -LN2_HIGH, v));
    return fma(series(r), r * r, r);
  }

  /// (eʳ - 1 - r)/r² = 1/2! + r/3! + r²/4! + ... for |r| <= log(2)/2. Here and below, two terms at
  /// a time: the processor waits for chains of additions, not for their number.
  private static float series(float r) {
    float rr = r * r;
    float q = fma(r, 1f / 5040, EXP_4); // F32 only
    // F64: double q = fma(r, 1d / 6227020800L, 1d / 479001600);
    // F64: q = fma(q, rr, fma(r, 1d / 39916800, 1d / 3628800));
    // F64: q = fma(q, rr, fma(r, 1d / 362880, 1d / 40320));
    // F64: q = fma(q, rr, fma(r, 1d / 5040, 1d / 720));
    q = fma(q, rr, fma(r, 1f / 120, EXP_2));
    return fma(q, rr, fma(r, 1f / 6, 1f / 2));
  }

  /// The number with the bits `base` times 2 to the integer in the low bits of `m`.
  private static float power(float m, int base) { // F32 only
    return Float.intBitsToFloat((Float.floatToRawIntBits(m) << MANTISSA) + base); // F32 only
  } // F32 only

  // F64: private static double power(double m, long base) {
  // F64:   return Double.longBitsToDouble((Double.doubleToRawLongBits(m) << MANTISSA) + base);
  // F64: }

  /// A float: the series up to where tanh is 1/2, above it 1 - 2e/(1 + e) with e = e^(-2|x|), which
  /// hardly feels the rounding of e. A double: t/(2 - t) with t = 1 - e.
  static float tanh(float x) {
    float u = Math.abs(x);
    float w = u * -2f;
    if (w < EXPM1_LOW) {
      return Math.copySign(1f, x);
    }
    float m = fma(w, LOG2_E, MAGIC);
    float power = power(m, ONE_BITS);
    float k = m - MAGIC; // F32 only
    float r = fma(k, -LN2_LOW, fma(k, -LN2_HIGH, w)); // F32 only
    float rr = r * r; // F32 only
    float q = fma(rr, POWER_4, fma(r, POWER_3, POWER_2)); // F32 only
    q = fma(q, rr, fma(r, POWER_1, 1f / 2)); // F32 only
    float e = fma(q, rr, r) * power + power; // F32 only
    float z = u * u; // F32 only
    float s = fma(fma(fma(z, TANH_4, TANH_3), z, TANH_2), z, TANH_1); // F32 only
    s = fma(fma(s, z, TANH_0), z * u, u); // F32 only
    float y = u > TANH_SERIES ? fma(e / (e + 1f), -2f, 1f) : s; // F32 only
    // F64: double t = fma(power, -expm1Rest(w, m), 1 - power);
    // F64: double d = 2 - t;
    // F64: double y = t / d;
    // F64: y = fma(y, t - (2 - d), y); // what rounding took from d, put back
    return Math.copySign(y, x);
  }

  static float sigmoid(float x) {
    float e = exp(-Math.abs(x));
    float d = e + 1f;
    float y = (x < 0f ? e : 1f) / d;
    return fma(y, d - 1f - e, y); // what rounding added to d
  }

  /// log(1 + e^-|x|) + max(x, 0).
  static float softplus(float x) {
    float e = exp(-Math.abs(x));
    boolean large = e > ROOT_MINUS_1;
    return logOf(large ? 1f : 0f, large ? (e - 1f) * 0.5f : e) + (x < 0f ? 0f : x);
  }

  /// log x = k log 2 + log(1 + f) with 1 + f from √½ to √2.
  static float log(float x) {
    if (!(x > 0f)) {
      return x == 0f ? Float.NEGATIVE_INFINITY : Float.NaN;
    }
    if (x == Float.POSITIVE_INFINITY) {
      return x;
    }
    boolean tiny = x < LEAST_NORMAL;
    float v = tiny ? x * TINY_SCALE : x;
    int bits = Float.floatToRawIntBits(v) + (ONE_BITS - ROOT_HALF_BITS); // F32 only
    float k = Float.intBitsToFloat((bits >>> MANTISSA) + MAGIC_BITS); // F32 only
    float f = Float.intBitsToFloat((bits & MANTISSA_BITS) + ROOT_HALF_BITS); // F32 only
    // F64: long bits = Double.doubleToRawLongBits(v) + (ONE_BITS - ROOT_HALF_BITS);
    // F64: double k = Double.longBitsToDouble((bits >>> MANTISSA) + MAGIC_BITS);
    // F64: double f = Double.longBitsToDouble((bits & MANTISSA_BITS) + ROOT_HALF_BITS);
    k = k - (tiny ? MAGIC + BIAS + TINY_POWER : MAGIC + BIAS);
    return logOf(k, f - 1f);
  }

  /// log(1 + x) = k log 2 + log(1 + f) with k that of 1 + x rounded, but f = 2⁻ᵏx + (2⁻ᵏ - 1) of x
  /// itself: one rounding.
  static float log1p(float x) {
    float u = x + 1f;
    if (!(u > 0f && u < MAX_QUARTER)) { // beyond it 2⁻ᵏ may not be a normal number
      return log(u);
    }
    int bits = Float.floatToRawIntBits(u) + (ONE_BITS - ROOT_HALF_BITS); // F32 only
    float k = Float.intBitsToFloat((bits >>> MANTISSA) + MAGIC_BITS); // F32 only
    float power = Float.intBitsToFloat(POWERS_BITS - (bits & ~MANTISSA_BITS)); // F32 only
    // F64: long bits = Double.doubleToRawLongBits(u) + (ONE_BITS - ROOT_HALF_BITS);
    // F64: double k = Double.longBitsToDouble((bits >>> MANTISSA) + MAGIC_BITS);
    // F64: double power = Double.longBitsToDouble(POWERS_BITS - (bits & ~MANTISSA_BITS));
    return Math.copySign(logOf(k - (MAGIC + BIAS), fma(x, power, power - 1f)), x);
  }

  /// k log 2 + log(1 + f). In double, with s = f/(2 + f) and z = s², log(1 + f) = f - f²/2 + s
  /// (f²/2 + 2z/3 + 2z²/5 + ...).
  private static float logOf(float k, float f) {
    float ff = f * f; // F32 only
    float q = fma(ff, LOG_9, fma(f, LOG_8, LOG_7)); // F32 only
    q = fma(q, ff, fma(f, LOG_6, LOG_5)); // F32 only
    q = fma(q, ff, fma(f, LOG_4, LOG_3)); // F32 only
    q = fma(q, ff, fma(f, LOG_2, LOG_1)); // F32 only
    float low = fma(ff * f, q, k * LN2_LOW); // F32 only
    low = fma(f * -0.5f, f, low); // F32 only
    return fma(k, LN2_HIGH, f + low); // F32 only
    // F64: double s = f / (f + 2d);
    // F64: double z = s * s;
    // F64: double zz = z * z;
    // F64: double q = fma(2d / 23, zz, fma(z, 2d / 21, 2d / 19));
    // F64: q = fma(q, zz, fma(z, 2d / 17, 2d / 15));
    // F64: q = fma(q, zz, fma(z, 2d / 13, 2d / 11));
    // F64: q = fma(q, zz, fma(z, 2d / 9, 2d / 7));
    // F64: q = fma(q, zz, fma(z, 2d / 5, 2d / 3));
    // F64: double square = f * f * 0.5d;
    // F64: double low = fma(s, fma(q, z, square), k * LN2_LOW);
    // F64: return k * LN2_HIGH - (square - low - f);
  }
}
