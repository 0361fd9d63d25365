package org.cotangent.autograd.cpu;

import static org.cotangent.autograd.cpu.WideMath.*;

/// The error function and its complement, of one number.
///
/// Both come from $\mathrm{erfc}\,x = e^{-x^2} f(x)/(1 + 5x/4)$ for x ≥ 0, where f lies between 0.7
/// and 1.02 and is a short polynomial in t = (x - k)/(x + k): the form of Shepherd and Laframboise,
/// Math. Comp. 36 (1981), 249-253, who have 2 for 5/4. The smaller number leaves f flat at 0, where
/// t changes fast. Below 3/4, erf is x + x S(x²).
///
/// Floats have shorter polynomials, of the same kind for erfc and in x² alone for erf; what they
/// leave is less than a hundredth of a float's last place before the one rounding to it.
///
/// As in [WideMath] each step is one sum, product or quotient, none is fused, and [ErfVectors]
/// takes the same ones. `tools/Polynomials.java` prints the coefficients; ErfTest says how exact
/// the functions are.
final class Erf {
  private Erf() {}

  static final double NEAR = 0.75;
  static final double TAIL_K = 4;

  /// From here on erfc is less than half the smallest number, 2⁻¹⁰⁷⁴.
  static final double TAIL_END = 27.3;

  /// 2⁶⁴, times which that number is a normal one.
  static final double HUGE = 0x1p64;

  static final long HUGE_BITS = Double.doubleToRawLongBits(HUGE);

  /// From here on erf is 1 as a float.
  static final double FLOAT_ONE = 4;

  static final long FLOAT_ONE_BITS = Double.doubleToRawLongBits(FLOAT_ONE);

  /// From here on erfc is 0 as a float.
  static final double FLOAT_END = 10.125;

  static final double FLOAT_K = 2.5;

  // erf √z / √z - 1 from 0 to NEAR².
  static final double NEAR_0 = 0.1283791670955126;
  static final double NEAR_1 = -0.37612638903183715;
  static final double NEAR_2 = 0.11283791670952596;
  static final double NEAR_3 = -0.026866170644428485;
  static final double NEAR_4 = 0.005223977615420539;
  static final double NEAR_5 = -8.548326188759752E-4;
  static final double NEAR_6 = 1.2055289567541706E-4;
  static final double NEAR_7 = -1.4924196305569617E-5;
  static final double NEAR_8 = 1.643068417974155E-6;
  static final double NEAR_9 = -1.5940066854661717E-7;
  static final double NEAR_10 = 1.1472499701094691E-8;

  // f of t, for x from 0 to TAIL_END; TAIL_LOW is what TAIL_0 lacks.
  static final double TAIL_0 = 0.8219967457503683;
  static final double TAIL_1 = -0.18441371631041614;
  static final double TAIL_2 = 0.0916321621584875;
  static final double TAIL_3 = -0.019036022352283053;
  static final double TAIL_4 = -0.022288224748144177;
  static final double TAIL_5 = 0.03491759100818696;
  static final double TAIL_6 = -0.029719332437356902;
  static final double TAIL_7 = 0.018413217463534613;
  static final double TAIL_8 = -0.008600984932377884;
  static final double TAIL_9 = 0.0028453085514323698;
  static final double TAIL_10 = -4.8176895126182846E-4;
  static final double TAIL_11 = -9.491603565307047E-5;
  static final double TAIL_12 = 8.568024173011644E-5;
  static final double TAIL_13 = -1.596560708661789E-5;
  static final double TAIL_14 = -5.910871005216562E-6;
  static final double TAIL_15 = 3.4203518495696483E-6;
  static final double TAIL_16 = 8.107691460796735E-8;
  static final double TAIL_17 = -4.860198072094698E-7;
  static final double TAIL_18 = 4.9450101045181146E-8;
  static final double TAIL_19 = 6.665582035696661E-8;
  static final double TAIL_20 = -6.086822414462838E-9;
  static final double TAIL_21 = -8.050459345890422E-9;
  static final double TAIL_22 = -9.955147542548205E-10;
  static final double TAIL_LOW = 4.120246584702771E-17;

  // erf √z / √z of t = z - 8, for z from 0 to FLOAT_ONE².
  static final double FLOAT_0 = 0.35353099564340495;
  static final double FLOAT_1 = -0.02207202947504882;
  static final double FLOAT_2 = 0.0020574237152469993;
  static final double FLOAT_3 = -2.1037166579396016E-4;
  static final double FLOAT_4 = 2.2023667320173403E-5;
  static final double FLOAT_5 = -2.2805934691033378E-6;
  static final double FLOAT_6 = 2.2845393972658643E-7;
  static final double FLOAT_7 = -2.181258806486114E-8;
  static final double FLOAT_8 = 1.970129712758517E-9;
  static final double FLOAT_9 = -1.6810415874882836E-10;
  static final double FLOAT_10 = 1.3393385897962224E-11;
  static final double FLOAT_11 = -9.760312219577252E-13;
  static final double FLOAT_12 = 6.94846165303549E-14;
  static final double FLOAT_13 = -5.292736862589615E-15;
  static final double FLOAT_14 = 3.206315791726881E-16;
  static final double FLOAT_15 = -9.251825918267256E-18;
  static final double FLOAT_16 = 6.154354405938462E-19;
  static final double FLOAT_17 = -1.0943335118522193E-19;
  static final double FLOAT_18 = 5.220164524238098E-21;

  // e^(x²) erfc(x)/w of w = 1/(x + FLOAT_K), for x from 0 to FLOAT_END.
  static final double FLOAT_TAIL_0 = 0.564177399158431;
  static final double FLOAT_TAIL_1 = 1.411323343969067;
  static final double FLOAT_TAIL_2 = 3.2177146282914397;
  static final double FLOAT_TAIL_3 = 7.181912697143457;
  static final double FLOAT_TAIL_4 = 6.111179433636615;
  static final double FLOAT_TAIL_5 = 63.84787222069534;
  static final double FLOAT_TAIL_6 = -263.5428040869664;
  static final double FLOAT_TAIL_7 = 1086.0817333889831;
  static final double FLOAT_TAIL_8 = -3104.934261611647;
  static final double FLOAT_TAIL_9 = 4917.923249041001;
  static final double FLOAT_TAIL_10 = -4066.9172805643907;
  static final double FLOAT_TAIL_11 = 1399.4204908232316;

  /// 2/√π ∫₀ˣ e^(-s²) ds
  static double erf(double x) {
    double a = Math.abs(x);
    return Math.copySign(a < NEAR ? near(a) : 1 - tail(a), x);
  }

  /// 1 - erf(x), accurate where that would cancel.
  static double erfc(double x) {
    double y = tail(Math.abs(x));
    return x < 0 ? 2 - y : y;
  }

  private static double near(double x) {
    double z = x * x;
    double zz = z * z;
    double p = zz * NEAR_10 + NEAR_8;
    p = zz * (zz * p + NEAR_6) + NEAR_4;
    p = zz * (zz * p + NEAR_2) + NEAR_0;
    double q = zz * NEAR_9 + NEAR_7;
    q = zz * (zz * q + NEAR_5) + NEAR_3;
    q = zz * q + NEAR_1;
    return x + x * (p + z * q);
  }

  /// erfc of a positive number: e^-x² = 2ᵏ (e + eLow) times a quotient g + gLow, where e and g have
  /// 26 bits, so that e g is exact.
  ///
  /// x² is an exact square and a rest. With f/d = g + (f - g d)/d, also g d is exact but for a
  /// rest.
  private static double tail(double x) {
    double a = x > TAIL_END ? TAIL_END : x;
    double first = high(a);
    double square = first * first;
    double m = square * -LOG2_E + MAGIC;
    double k = m - MAGIC;
    double v = square + k * LN2_HIGH;
    double vLow = (a - first) * (a + first) + k * LN2_LOW;
    double w = v + vLow;
    double z = w * w;
    double odd = z * SINH_4 + SINH_3;
    odd = z * (z * odd + SINH_2) + SINH_1;
    odd = z * odd + SINH_0;
    double even = z * COSH_5 + COSH_4;
    even = z * (z * even + COSH_3) + COSH_2;
    even = z * (z * even + COSH_1) + COSH_0;
    double one = 1 - w;
    double rest = 1 - one - w - (vLow - (w - v)) + (z * even - w * z * odd);
    double e = high(one + rest);
    double eLow = one - e + rest;

    double u = a / (a + TAIL_K);
    double t = u + u - 1;
    double tt = t * t;
    double t4 = tt * tt;
    double p = t4 * TAIL_21 + TAIL_17;
    p = t4 * (t4 * p + TAIL_13) + TAIL_9;
    p = t4 * (t4 * p + TAIL_5) + TAIL_1;
    double q = t4 * TAIL_22 + TAIL_18;
    q = t4 * (t4 * q + TAIL_14) + TAIL_10;
    q = t4 * (t4 * q + TAIL_6) + TAIL_2;
    double r = t4 * TAIL_19 + TAIL_15;
    r = t4 * (t4 * r + TAIL_11) + TAIL_7;
    r = t4 * r + TAIL_3;
    double s = t4 * TAIL_20 + TAIL_16;
    s = t4 * (t4 * s + TAIL_12) + TAIL_8;
    s = t4 * s + TAIL_4;
    double rise = t * (p + t * q + tt * (r + t * s));
    double f = TAIL_0 + rise;
    double fLow = TAIL_0 - f + rise + TAIL_LOW;
    double d = 1 + 1.25 * a;
    double dHigh = high(d);
    double dLow = a - (dHigh - 1) + 0.25 * a;
    double inverse = 1 / d;
    double g = high(f * inverse);
    double gLow = (f - g * dHigh - g * dLow + fLow) * inverse;

    double y = e * g + (e * gLow + eLow * (g + gLow));
    long power = Double.doubleToRawLongBits(m) << MANTISSA; // of 2⁶⁴⁺ᵏ: 2ᵏ need not be normal
    return y * Double.longBitsToDouble(power + HUGE_BITS) * (1 / HUGE);
  }

  /// erf of a float, to be rounded to one.
  static double erf(float x) {
    double v = Math.abs(x) > FLOAT_ONE ? Math.copySign(FLOAT_ONE, x) : x;
    double t = v * v - 8;
    double tt = t * t;
    double t4 = tt * tt;
    double p = t4 * FLOAT_16 + FLOAT_12;
    p = t4 * (t4 * p + FLOAT_8) + FLOAT_4;
    p = t4 * p + FLOAT_0;
    double q = t4 * FLOAT_17 + FLOAT_13;
    q = t4 * (t4 * q + FLOAT_9) + FLOAT_5;
    q = t4 * q + FLOAT_1;
    double r = t4 * FLOAT_18 + FLOAT_14;
    r = t4 * (t4 * r + FLOAT_10) + FLOAT_6;
    r = t4 * r + FLOAT_2;
    double s = t4 * FLOAT_15 + FLOAT_11;
    s = t4 * (t4 * s + FLOAT_7) + FLOAT_3;
    return v * (p + t * q + tt * (r + t * s));
  }

  /// erfc of a float, to be rounded to one. Its square is exact.
  static double erfc(float x) {
    double a = Math.abs((double) x);
    a = a > FLOAT_END ? FLOAT_END : a;
    double square = a * a;
    double m = square * -LOG2_E + MAGIC;
    double v = (m - MAGIC) * LN2 + square;
    double z = v * v;
    double odd = z * (z * (1d / 5040) + 1d / 120) + 1d / 6;
    double even = z * (z * (z * (1d / 40320) + 1d / 720) + 1d / 24) + 0.5;
    double e = z * even + 1 - (z * odd + 1) * v;
    long power = Double.doubleToRawLongBits(m) << MANTISSA;
    e = Double.longBitsToDouble(Double.doubleToRawLongBits(e) + power);
    double t = 1 / (a + FLOAT_K);
    double tt = t * t;
    double t4 = tt * tt;
    double p = t4 * FLOAT_TAIL_8 + FLOAT_TAIL_4;
    p = t4 * p + FLOAT_TAIL_0;
    double q = t4 * FLOAT_TAIL_9 + FLOAT_TAIL_5;
    q = t4 * q + FLOAT_TAIL_1;
    double r = t4 * FLOAT_TAIL_10 + FLOAT_TAIL_6;
    r = t4 * r + FLOAT_TAIL_2;
    double s = t4 * FLOAT_TAIL_11 + FLOAT_TAIL_7;
    s = t4 * s + FLOAT_TAIL_3;
    double y = e * t * (p + t * q + tt * (r + t * s));
    return x < 0 ? 2 - y : y;
  }
}
