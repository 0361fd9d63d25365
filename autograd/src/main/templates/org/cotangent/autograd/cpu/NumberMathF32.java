package org.cotangent.autograd.cpu;

import static org.cotangent.autograd.cpu.LanesF32.fma;

/// Exponentials and logarithms of one number, in steps that a vector takes the same way.
///
/// The series are those of Taylor (eˣ) and of 2 artanh (log), cut where the rest is below a quarter
/// of the last place; so their coefficients need no table. The reductions are those of fdlibm.
/// Measured on golden/umath: 1 unit in the last place for exp and log, 2 for the others.
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

  static final float EXPM1_LOW = -20f; // F32 only
  static final float EXP_HIGH = 88.73f; // F32 only
  // F64: static final double EXP_LOW = -745.2;
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

  static final float BIAS = Float.MAX_EXPONENT;
  static final float LEAST_NORMAL = Float.MIN_NORMAL;
  static final float TINY_POWER = MANTISSA + 2;
  static final float TINY_SCALE = (float) Math.scalb(1.0, MANTISSA + 2);

  /// eˣ = 2ᵏ eʳ with k the nearest integer to x / log 2. The power is applied in two halves, for
  /// the whole of it need not be a normal number.
  static float exp(float x) {
    if (x < EXP_LOW || x > EXP_HIGH) {
      return x < 0f ? 0f : Float.POSITIVE_INFINITY;
    }
    float m = x * LOG2_E + MAGIC;
    float k = m - MAGIC;
    float p = expm1Rest(reduced(x, k)) + 1f;
    float half = k * 0.5f + MAGIC;
    float rest = k - (half - MAGIC) + MAGIC;
    return p * power(half) * power(rest);
  }

  static float expm1(float x) {
    if (x < EXPM1_LOW || x > EXP_HIGH) {
      return x < 0f ? -1f : Float.POSITIVE_INFINITY;
    }
    return x == 0f ? x : expm1NonZero(x);
  }

  /// eˣ - 1 = 2ᵏ (eʳ - 1) + (2ᵏ - 1), all halved, for 2ᵏ may be beyond the largest number.
  private static float expm1NonZero(float v) {
    float m = v * LOG2_E + MAGIC;
    float p = expm1Rest(reduced(v, m - MAGIC));
    float half = power(m - 1f);
    return fma(half, p, half - 0.5f) * 2f;
  }

  private static float reduced(float v, float k) {
    return fma(k, -LN2_LOW, fma(k, -LN2_HIGH, v));
  }

  /// eʳ - 1 = r + r² (1/2! + r/3! + r²/4! + ...) for |r| <= log(2)/2.
  private static float expm1Rest(float r) {
    float q = 1f / 5040; // F32 only
    // F64: double q = fma(1d / 6227020800L, r, 1d / 479001600);
    // F64: q = fma(q, r, 1d / 39916800);
    // F64: q = fma(q, r, 1d / 3628800);
    // F64: q = fma(q, r, 1d / 362880);
    // F64: q = fma(q, r, 1d / 40320);
    // F64: q = fma(q, r, 1d / 5040);
    q = fma(q, r, 1f / 720);
    q = fma(q, r, 1f / 120);
    q = fma(q, r, 1f / 24);
    q = fma(q, r, 1f / 6);
    q = fma(q, r, 0.5f);
    return fma(q, r * r, r);
  }

  /// 2 to the integer that stands in the low bits of `m`.
  private static float power(float m) {
    return Float.intBitsToFloat((Float.floatToRawIntBits(m) << MANTISSA) + ONE_BITS); // F32 only
    // F64: return Double.longBitsToDouble((Double.doubleToRawLongBits(m) << MANTISSA) + ONE_BITS);
  }

  /// log x = k log 2 + log(1 + f) with 1 + f from √½ to √2.
  static float log(float x) {
    if (!(x >= 0f)) {
      return Float.NaN;
    }
    if (x == 0f) {
      return Float.NEGATIVE_INFINITY;
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

  /// log(1 + f) = f - f²/2 + s (f²/2 + 2z/3 + 2z²/5 + ...) with s = f/(2 + f), z = s².
  private static float logOf(float k, float f) {
    float s = f / (f + 2f);
    float z = s * s;
    float q = 2f / 11; // F32 only
    // F64: double q = fma(2d / 23, z, 2d / 21);
    // F64: q = fma(q, z, 2d / 19);
    // F64: q = fma(q, z, 2d / 17);
    // F64: q = fma(q, z, 2d / 15);
    // F64: q = fma(q, z, 2d / 13);
    // F64: q = fma(q, z, 2d / 11);
    q = fma(q, z, 2f / 9);
    q = fma(q, z, 2f / 7);
    q = fma(q, z, 2f / 5);
    q = fma(q, z, 2f / 3);
    float square = f * f * 0.5f;
    float low = fma(s, fma(q, z, square), k * LN2_LOW);
    return k * LN2_HIGH - (square - low - f);
  }

  /// log(1 + x) = log u + c/u, where u is 1 + x rounded and c what the rounding lost.
  static float log1p(float x) {
    if (x == 0f) {
      return x;
    }
    float u = x + 1f;
    float lost = x > 1f ? 1f - (u - x) : x - (u - 1f);
    float correction = lost / u;
    return log(u) + (Float.isNaN(correction) ? 0f : correction);
  }

  /// tanh |x| = -t/(t + 2) with t = e^(-2|x|) - 1, which neither overflows nor cancels.
  static float tanh(float x) {
    if (x == 0f) {
      return x;
    }
    float v = Math.abs(x) * -2f;
    float t = v < EXPM1_LOW ? -1f : expm1NonZero(v);
    float y = -t / (t + 2f);
    return x < 0f ? -y : y;
  }

  static float sigmoid(float x) {
    float e = exp(-Math.abs(x));
    return (x < 0f ? e : 1f) / (e + 1f);
  }

  static float softplus(float x) {
    return log1p(exp(-Math.abs(x))) + Math.max(x, 0f);
  }
}
