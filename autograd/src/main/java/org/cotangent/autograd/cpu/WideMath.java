package org.cotangent.autograd.cpu;

import org.cotangent.autograd.op.Op;

/// Sines, arcs, hyperbolic functions and powers of one number, computed in double for both dtypes:
/// the result of a float is the double one, rounded.
///
/// The steps are sums, products, quotients and roots, each rounded once as IEEE 754 says, and none
/// fused, so [WideVectors], which takes the same steps, gives the same bits with vectors of any
/// length, and so does every machine. Where a product has to be exact, its factors are cut to 26
/// bits ([#high]) first. Numbers outside a function's range here (very large, infinite, NaN) go to
/// [ScalarMath].
///
/// Coefficients and how exact they are: `tools/Polynomials.java` prints both. WideMathTest says how
/// exact the functions are.
final class WideMath {
  private WideMath() {}

  /// Added to a number below 2⁵¹ in size it leaves the nearest integer in the low bits.
  static final double MAGIC = 0x1.8p52;

  static final long MAGIC_BITS = Double.doubleToRawLongBits(MAGIC);
  static final int MANTISSA = 52;
  static final long MANTISSA_BITS = (1L << MANTISSA) - 1;
  static final long SIGN_BIT = Long.MIN_VALUE;
  static final long HIGH_BITS = -1L << 27;
  static final long ONE_BITS = Double.doubleToRawLongBits(1);
  static final long HALF_BITS = Double.doubleToRawLongBits(0.5);
  static final long ROOT_HALF_BITS = Double.doubleToRawLongBits(Math.sqrt(0.5));
  static final long INFINITY_BITS = Double.doubleToRawLongBits(Double.POSITIVE_INFINITY);

  /// Largest exponent of a double, by which exponents in its bits are too large.
  static final double BIAS = Double.MAX_EXPONENT;

  /// Up to here an angle has fewer than 2¹⁸ quarter turns, and their product with each part of π/2
  /// is exact. Larger angles are for [ScalarMath].
  static final double ANGLES = 0x1p18;

  static final double TWO_OVER_PI = 2 / Math.PI;

  // π/2 = 1.921FB544 42D18469 898CC517 01B839A2 52049C1... in hexadecimal digits.
  static final double QUARTER_1 = 0x1.921fb544p0;
  static final double QUARTER_2 = 0x0.42d18469p-32;
  static final double QUARTER_3 = 0x0.898cc517p-64;
  static final double QUARTER_4 = 0x0.01b839a252049c1p-96;

  /// What the double nearest to π/4, whose product with 3 is exact, lacks: the digits above go on
  /// with 469898CC... after the 13th.
  static final double PI_4_LOW = 0x0.469898cc51701b839a2p-53;

  static final double PI_4 = Math.PI / 4;
  static final double PI_2 = Math.PI / 2;
  static final double PI_2_LOW = 2 * PI_4_LOW;

  static final double TAN_PI_8 = Math.sqrt(2) - 1;

  /// Between these the larger of two coordinates can be divided by without loss, above the third
  /// the smaller can be divided.
  static final double ARC_LOW = 0x1p-500;

  static final double ARC_HIGH = 0x1p500;
  static final double ARC_LEAST = 0x1p-900;

  /// Added to a divisor that may be 0 where the quotient is then 0; no other divisor feels it.
  static final double TINY = Double.MIN_NORMAL;

  static final double LN2 = Math.log(2);
  static final double LOG2_E = 1 / LN2;

  /// log 2 = 0.B17217F7 D1CF79ABC9E3B398... in hexadecimal digits; the first part has 24 bits.
  static final double LN2_HIGH = 0x0.b17217p0;

  static final double LN2_LOW = 0x0.f7d1cf79abc9e3b398p-24;

  /// Below it 2⁻ᵏ⁻¹, for k the nearest integer to x / log 2, is a normal number.
  static final double HYPERBOLIC_HIGH = 707;

  /// 2 / (3 log 2) = 0.F6384EE1 D01FEBA4FE0AA915... in hexadecimal digits; the first part has 24
  /// bits.
  static final double PER_LOG = 2 / (3 * LN2);

  static final double PER_LOG_HIGH = 0x0.f6384ep0;
  static final double PER_LOG_LOW = 0x0.e1d01feba4fe0aa915p-24;

  /// Above it exponents are even, and nearly all powers 0 or infinite.
  static final double POW_WHOLE = 0x1p51;

  /// Below it in size, 2ʷ is normal.
  static final double POW_HIGH = 1020;

  static final long LEAST_NORMAL_BITS = 1L << MANTISSA;

  /// How many bit patterns from there to infinity are those of normal numbers.
  static final long NORMAL_BITS = INFINITY_BITS - LEAST_NORMAL_BITS;

  // (sin √z / √z - 1)/z from 0 to (π/4)².
  static final double SIN_0 = -0.16666666666666666;
  static final double SIN_1 = 0.008333333333333331;
  static final double SIN_2 = -1.9841269841265065E-4;
  static final double SIN_3 = 2.755731921933913E-6;
  static final double SIN_4 = -2.505210623243528E-8;
  static final double SIN_5 = 1.6058531617037152E-10;
  static final double SIN_6 = -7.586697002817504E-13;

  // (cos √z - 1 + z/2)/z² on the same.
  static final double COS_0 = 0.041666666666666664;
  static final double COS_1 = -0.0013888888888887398;
  static final double COS_2 = 2.4801587298765665E-5;
  static final double COS_3 = -2.7557317271718644E-7;
  static final double COS_4 = 2.087614626607931E-9;
  static final double COS_5 = -1.1382632258093615E-11;

  // (asin √z / √z - 1)/z from 0 to 1/4.
  static final double ASIN_0 = 0.16666666666666669;
  static final double ASIN_1 = 0.07499999999998433;
  static final double ASIN_2 = 0.04464285714635543;
  static final double ASIN_3 = 0.030381944138531247;
  static final double ASIN_4 = 0.02237217294214989;
  static final double ASIN_5 = 0.017352392720869973;
  static final double ASIN_6 = 0.013971212973552933;
  static final double ASIN_7 = 0.011479177415184906;
  static final double ASIN_8 = 0.01032281435018578;
  static final double ASIN_9 = 0.005457506718640357;
  static final double ASIN_10 = 0.017400879442694025;
  static final double ASIN_11 = -0.014851887071247207;
  static final double ASIN_12 = 0.028757851367421566;

  // (atan √z / √z - 1)/z from 0 to tan² π/8.
  static final double ATAN_0 = -0.3333333333333333;
  static final double ATAN_1 = 0.1999999999999552;
  static final double ATAN_2 = -0.14285714284666542;
  static final double ATAN_3 = 0.11111111015256361;
  static final double ATAN_4 = -0.09090904578123903;
  static final double ATAN_5 = 0.07692183190826087;
  static final double ATAN_6 = -0.06664511447381948;
  static final double ATAN_7 = 0.0585814891280221;
  static final double ATAN_8 = -0.0508544973794026;
  static final double ATAN_9 = 0.03923165829558719;
  static final double ATAN_10 = -0.019176887119062257;

  // (sinh √z / √z - 1)/z from 0 to (log 2)²/4.
  static final double SINH_0 = 0.16666666666666669;
  static final double SINH_1 = 0.008333333333330065;
  static final double SINH_2 = 1.984126986304067E-4;
  static final double SINH_3 = 2.7557268480116333E-6;
  static final double SINH_4 = 2.5100375924709717E-8;

  // (cosh √z - 1)/z on the same.
  static final double COSH_0 = 0.5;
  static final double COSH_1 = 0.04166666666666668;
  static final double COSH_2 = 0.0013888888888879082;
  static final double COSH_3 = 2.480158733642152E-5;
  static final double COSH_4 = 2.7557263301261295E-7;
  static final double COSH_5 = 2.091812953395289E-9;

  // 3 (artanh √z / √z - 1 - z/3)/z² from 0 to ((√2 - 1)/(√2 + 1))².
  static final double ARTANH_0 = 0.6000000000000004;
  static final double ARTANH_1 = 0.4285714285700784;
  static final double ARTANH_2 = 0.3333333340661617;
  static final double ARTANH_3 = 0.272727123774111;
  static final double ARTANH_4 = 0.23078361750688242;
  static final double ARTANH_5 = 0.19928950910835924;
  static final double ARTANH_6 = 0.19370244100204728;

  static double unary(Op.Unary op, double x) {
    return switch (op) {
      case SIN -> sinOrCos(0, x);
      case COS -> sinOrCos(1, x);
      case TAN -> tan(x);
      case ASIN -> asin(x);
      case ACOS -> acos(x);
      case ATAN -> atan2(x, 1);
      case SINH -> hyperbolic(-1, x);
      case COSH -> hyperbolic(1, x);
      case ERF -> Erf.erf(x);
      case ERFC -> Erf.erfc(x);
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
          ScalarMath.unary(op, x);
    };
  }

  /// The result for a float: that of the double, rounded, or of a shorter way to it.
  static float unary(Op.Unary op, float x) {
    return (float)
        switch (op) {
          case ERF -> Erf.erf(x);
          case ERFC -> Erf.erfc(x);
          default -> unary(op, (double) x);
        };
  }

  static double binary(Op.Binary op, double a, double b) {
    return switch (op) {
      case POW -> pow(a, b);
      case ATAN2 -> atan2(a, b);
      case ADD, SUB, MUL, DIV, MAXIMUM, MINIMUM -> ScalarMath.binary(op, a, b);
    };
  }

  /// The leading 26 bits: the product of two such numbers is exact.
  static double high(double x) {
    return Double.longBitsToDouble(Double.doubleToRawLongBits(x) & HIGH_BITS);
  }

  /// `x` with its sign turned where the highest bit is set.
  private static double turned(double x, long sign) {
    return Double.longBitsToDouble(Double.doubleToRawLongBits(x) ^ (sign & SIGN_BIT));
  }

  /// The sine of x + `first` quarter turns, for 0 and 1.
  ///
  /// |x| is k quarter turns and y + e, with y at most π/4 in size and e what y lacks. The products
  /// of k with the first three parts of π/2 are exact, and so is what is left after each; so y + e
  /// is right even where |x| is next to a multiple.
  static double sinOrCos(int first, double x) {
    double u = Math.abs(x);
    if (!(u < ANGLES)) {
      return first == 0 ? StrictMath.sin(x) : StrictMath.cos(x);
    }
    double m = u * TWO_OVER_PI + MAGIC;
    double k = m - MAGIC;
    double a = u - k * QUARTER_1;
    double b = a - k * QUARTER_2;
    double c = k * QUARTER_3 - (a - b - k * QUARTER_2);
    double y = b - c;
    double e = b - y - c - k * QUARTER_4;
    double z = y * y;
    double h = z * 0.5;
    double w = 1 - h;
    long turns = Double.doubleToRawLongBits(m) + first;
    long sign = first == 0 ? Double.doubleToRawLongBits(x) : 0;
    double r = (turns & 1) == 0 ? y + sinRest(y, z, h, e) : w + cosRest(y, z, h, w, e);
    return turned(r, sign ^ (turns << 62));
  }

  /// sin(y + e) - y, with h = z/2 = y²/2.
  private static double sinRest(double y, double z, double h, double e) {
    double p = z * SIN_6 + SIN_5;
    p = z * (z * p + SIN_4) + SIN_3;
    p = z * (z * p + SIN_2) + SIN_1;
    p = z * p + SIN_0;
    return y * z * p + (e - h * e);
  }

  /// cos(y + e) - w, with w = 1 - h rounded.
  private static double cosRest(double y, double z, double h, double w, double e) {
    double p = z * COS_5 + COS_4;
    p = z * (z * p + COS_3) + COS_2;
    p = z * (z * p + COS_1) + COS_0;
    return 1 - w - h + (z * z * p - y * e);
  }

  /// The quotient of sine and cosine, each with what it lacks.
  static double tan(double x) {
    double u = Math.abs(x);
    if (!(u < ANGLES)) {
      return StrictMath.tan(x);
    }
    double m = u * TWO_OVER_PI + MAGIC;
    double k = m - MAGIC;
    double a = u - k * QUARTER_1;
    double b = a - k * QUARTER_2;
    double c = k * QUARTER_3 - (a - b - k * QUARTER_2);
    double y = b - c;
    double e = b - y - c - k * QUARTER_4;
    double z = y * y;
    double h = z * 0.5;
    double w = 1 - h;
    double rest = sinRest(y, z, h, e);
    double sin = y + rest;
    double sinLow = rest - (sin - y);
    rest = cosRest(y, z, h, w, e);
    double cos = w + rest;
    double cosLow = rest - (cos - w);
    long turns = Double.doubleToRawLongBits(m);
    boolean odd = (turns & 1) != 0;
    double n = odd ? cos : sin;
    double nLow = odd ? cosLow : sinLow;
    double d = odd ? sin : cos;
    double dLow = odd ? sinLow : cosLow;
    // Here and below: n/d = q + (n - q d)/d, where q d is exact but for a rest.
    double inverse = 1 / d;
    double q = high(n * inverse);
    double dHigh = high(d);
    double r = n - q * dHigh - q * (d - dHigh + dLow) + nLow;
    return turned(q + r * inverse, Double.doubleToRawLongBits(x) ^ (turns << 63));
  }

  /// Up to 1/2 the series, above it asin x = π/2 - 2 asin √((1 - x)/2). The root, too, is f + c
  /// with an exact square of f.
  static double asin(double x) {
    double u = Math.abs(x);
    boolean large = u > 0.5;
    double z = large ? (1 - u) * 0.5 : u * u;
    double w = arcRest(z);
    if (!large) {
      return x + x * w;
    }
    double s = Math.sqrt(z);
    double f = high(s);
    double c = (z - f * f) / (s + f + TINY);
    double y = PI_4 - (2 * s * w - (PI_2_LOW - 2 * c) - (PI_4 - 2 * f));
    return Math.copySign(y, x);
  }

  /// π/2 - asin x without cancellation.
  static double acos(double x) {
    double u = Math.abs(x);
    boolean large = u > 0.5;
    double z = large ? (1 - u) * 0.5 : u * u;
    double w = arcRest(z);
    if (!large) {
      return PI_2 - (x - (PI_2_LOW - x * w));
    }
    double s = Math.sqrt(z);
    if (x < 0) {
      return Math.PI - 2 * (s + (s * w - PI_2_LOW));
    }
    double f = high(s);
    double c = (z - f * f) / (s + f + TINY);
    return 2 * (f + (s * w + c));
  }

  /// asin √z / √z - 1.
  private static double arcRest(double z) {
    double p = z * ASIN_12 + ASIN_11;
    p = z * (z * p + ASIN_10) + ASIN_9;
    p = z * (z * p + ASIN_8) + ASIN_7;
    p = z * (z * p + ASIN_6) + ASIN_5;
    p = z * (z * p + ASIN_4) + ASIN_3;
    p = z * (z * p + ASIN_2) + ASIN_1;
    p = z * p + ASIN_0;
    return z * p;
  }

  /// The angle of (b, a): that of b/a in the first eighth of a turn, or π/4 less that of (a - b)/(a
  /// + b) where b/a is more than tan π/8; moved to its eighth.
  static double atan2(double b, double a) {
    double v = Math.abs(b);
    double u = Math.abs(a);
    double most = Math.max(u, v);
    double least = Math.min(u, v);
    boolean plain =
        ((most >= ARC_LOW && most <= ARC_HIGH) || most == 0) && (least >= ARC_LEAST || least == 0);
    if (!plain) {
      return StrictMath.atan2(b, a);
    }
    boolean mid = least > most * TAN_PI_8;
    double sum = most + least;
    double difference = least - most;
    double n = mid ? difference : least;
    double nLow = mid ? least - (difference + most) : 0;
    double d = mid ? sum : most == 0 ? 1 : most;
    double dLow = mid ? most - sum + least : 0;
    double inverse = 1 / d;
    double q = high(n * inverse);
    double dHigh = high(d);
    double r = n - q * dHigh - q * (d - dHigh + dLow) + nLow;
    double f = r * inverse;
    double t = q + f;
    double z = t * t;
    double p = z * ATAN_10 + ATAN_9;
    p = z * (z * p + ATAN_8) + ATAN_7;
    p = z * (z * p + ATAN_6) + ATAN_5;
    p = z * (z * p + ATAN_4) + ATAN_3;
    p = z * (z * p + ATAN_2) + ATAN_1;
    p = z * p + ATAN_0;
    double rest = t * z * p + (f - (t - q));
    double eighths = mid ? 1 : 0;
    eighths = v > u ? 2 - eighths : eighths;
    long signs = Double.doubleToRawLongBits(a);
    eighths = signs < 0 ? 4 - eighths : eighths;
    signs ^= Double.doubleToRawLongBits(u - v);
    double y = turned(t, signs) + (turned(rest, signs) + eighths * PI_4_LOW);
    return Math.copySign(eighths * PI_4 + y, b);
  }

  /// (eˣ + `sign` e⁻ˣ)/2: sinh for -1, cosh for 1.
  ///
  /// With |x| = k log 2 + r, by the theorem of addition: sinh |x| = a cosh r + b sinh r, where a, b
  /// = 2ᵏ⁻¹ ∓ 2⁻ᵏ⁻¹ are sinh and cosh of k log 2; cosh |x| likewise with a and b exchanged.
  static double hyperbolic(int sign, double x) {
    double u = Math.abs(x);
    if (!(u < HYPERBOLIC_HIGH)) {
      return sign < 0 ? StrictMath.sinh(x) : StrictMath.cosh(x);
    }
    double m = u * LOG2_E + MAGIC;
    double k = m - MAGIC;
    double high = u - k * LN2_HIGH;
    double low = k * LN2_LOW;
    double r = high - low;
    double first = high(r);
    double second = high - first - low;
    double z = r * r;
    double odd = z * SINH_4 + SINH_3;
    odd = z * (z * odd + SINH_2) + SINH_1;
    odd = z * odd + SINH_0;
    double even = z * COSH_5 + COSH_4;
    even = z * (z * even + COSH_3) + COSH_2;
    even = z * (z * even + COSH_1) + COSH_0;
    long shifted = Double.doubleToRawLongBits(m) << MANTISSA;
    double up = Double.longBitsToDouble(HALF_BITS + shifted);
    double down = Double.longBitsToDouble(HALF_BITS - shifted) * sign;
    double a = up + down;
    double b = up - down;
    double t = b * first;
    double h = a + t;
    double y = h + (a - h + t + (b * (second + r * z * odd) + a * (z * even)));
    return sign < 0 ? Math.copySign(y, x) : y;
  }

  /// aᵇ = 2ʷ with w = b log₂ |a|, which needs eleven bits more than a double has.
  ///
  /// |a| = 2ᵉ m with m from √½ to √2; log₂ m = 2 artanh(s) / log 2 for s = (m - 1)/(m + 1), and
  /// artanh s = s/3 (3 + s² + s⁴ (3/5 + 3s²/7 + ...)).
  static double pow(double a, double b) {
    long bits = Double.doubleToRawLongBits(Math.abs(a));
    boolean plain = Math.abs(b) < POW_WHOLE && bits >= LEAST_NORMAL_BITS && bits < INFINITY_BITS;
    if (!plain) {
      return ScalarMath.binary(Op.Binary.POW, a, b);
    }
    bits += ONE_BITS - ROOT_HALF_BITS;
    double e = Double.longBitsToDouble((bits >>> MANTISSA) + MAGIC_BITS) - (MAGIC + BIAS);
    double m = Double.longBitsToDouble((bits & MANTISSA_BITS) + ROOT_HALF_BITS);
    double n = m - 1;
    double d = m + 1;
    double inverse = 1 / d;
    double sHigh = high(n * inverse);
    double dHigh = high(d);
    double r = n - sHigh * dHigh - sHigh * (d - dHigh + (1 - d + m));
    double sLow = r * inverse;
    double s = sHigh + sLow;
    double zHigh = sHigh * sHigh;
    double zLow = sLow * (sHigh + s);
    double z = zHigh + zLow;
    double p = z * ARTANH_6 + ARTANH_5;
    p = z * (z * p + ARTANH_4) + ARTANH_3;
    p = z * (z * p + ARTANH_2) + ARTANH_1;
    p = z * p + ARTANH_0;
    double rest = z * z * p + zLow;
    double factor = high(3 + zHigh + rest);
    double factorLow = rest - (factor - 3 - zHigh);
    double product = sHigh * factor;
    double productLow = sLow * factor + factorLow * s;
    double l = high(product + productLow);
    double lLow = productLow - (l - product);
    double log = l * PER_LOG_HIGH;
    double logLow = l * PER_LOG_LOW + lLow * PER_LOG;
    double whole = high(log + logLow + e);
    double wholeLow = logLow - (whole - e - log);
    double bHigh = high(b);
    double w = bHigh * whole;
    double wLow = (b - bHigh) * whole + b * wholeLow;
    double all = w + wLow;
    if (!(Math.abs(all) < POW_HIGH)) {
      return ScalarMath.binary(Op.Binary.POW, a, b);
    }
    double k = all + MAGIC;
    double f = w - (k - MAGIC);
    double fHigh = high(f + wLow);
    double fLow = wLow - (fHigh - f);
    double t = fHigh * LN2_HIGH;
    double tLow = fHigh * LN2_LOW + fLow * LN2;
    double x = t + tLow;
    double xLow = tLow - (x - t);
    double y = x * x;
    double odd = y * SINH_4 + SINH_3;
    odd = y * (y * odd + SINH_2) + SINH_1;
    odd = y * odd + SINH_0;
    double even = y * COSH_5 + COSH_4;
    even = y * (y * even + COSH_3) + COSH_2;
    even = y * (y * even + COSH_1) + COSH_0;
    double one = 1 + x;
    double power = one + (x - (one - 1) + (xLow + (y * even + x * y * odd)));
    long scaled = Double.doubleToRawLongBits(power) + (Double.doubleToRawLongBits(k) << MANTISSA);
    double result = Double.longBitsToDouble(scaled);
    if (a > 0) {
      return result;
    }
    double nearest = b + MAGIC;
    return nearest - MAGIC == b
        ? turned(result, Double.doubleToRawLongBits(nearest) << 63)
        : Double.NaN;
  }
}
