package org.cotangent.autograd.cpu;

/// The error function and its complement in double precision.
///
/// Below 1 erf is x + x S(x²). Else everything comes from $f(x) = (1 + 2x)\,e^{x^2}
/// \mathrm{erfc}\,x$, which lies between 1 and 1.25 on all of x ≥ ½ and is a short polynomial in t
/// = (x - k)/(x + k): the form of Shepherd and Laframboise, Math. Comp. 36 (1981), 249-253. They
/// have k = 3.75; the interval here begins later, and 3.5 needs fewer terms. The coefficients are
/// Chebyshev interpolants of degree 12 on x² in (0, 1) and 22 on x in (½, 28), computed with 60
/// digits and cut off where the next one is below 1e-18.
///
/// Of 60,000 arguments the largest errors are 0.9 units in the last place for erf and 1.6 for erfc
/// (`SpecialTest` holds some to that).
final class Erf {
  private Erf() {}

  private static final double K = 3.5;

  /// From here on erfc is less than half the smallest number, 2^-1074.
  private static final double NOTHING_LEFT = 27.3;

  private static final double[] SMALL = {
    0.1283791670955126,
    -0.3761263890318375,
    0.11283791670954882,
    -0.026866170645077334,
    0.005223977624823223,
    -0.0008548326981129666,
    0.00012055331122299266,
    -1.4925595519506043e-05,
    1.6461004480962034e-06,
    -1.6350354461959655e-07,
    1.4660051998394848e-08,
    -1.1373902296430911e-09,
    5.958930743134941e-11
  };

  private static final double[] TAIL = {
    1.2423492448711544,
    -0.14000918013761943,
    -0.010555596332218347,
    0.09751909515325831,
    -0.11508959816018778,
    0.08798315382487767,
    -0.04882332582801339,
    0.01909933094221437,
    -0.004215019906333473,
    -0.00030226787618156507,
    0.0005643844069991527,
    -0.00012151242367371272,
    -4.2782182142114066e-05,
    2.426092305506583e-05,
    2.3281559476306537e-06,
    -3.814332018249988e-06,
    -4.390199495004716e-08,
    6.000555471183939e-07,
    -8.42047966771052e-09,
    -9.29295823252325e-08,
    9.902072946705436e-10,
    1.0368076179987536e-08,
    -1.5361901159113567e-10
  };

  /// 2/√π ∫₀ˣ e^(-s²) ds
  static double erf(double x) {
    double a = Math.abs(x);
    if (a < 1) {
      return Math.fma(x, polynomial(SMALL, 0, x * x), x);
    }
    return Double.isNaN(x) ? x : Math.copySign(1 - tail(a), x);
  }

  /// 1 - erf(x), accurate where that would cancel.
  static double erfc(double x) {
    return x < 0.5 || Double.isNaN(x) ? 1 - erf(x) : tail(x);
  }

  /// e^(-x²) f(x)/(1 + 2x) for x ≥ ½, with the roundings of x², f and 1 + 2x put right.
  private static double tail(double x) {
    if (x > NOTHING_LEFT) {
      return 0;
    }
    double square = x * x;
    double squareRest = Math.fma(x, x, -square);
    double t = (x - K) / (x + K);
    double rise = t * polynomial(TAIL, 1, t);
    double f = TAIL[0] + rise;
    double fRest = TAIL[0] - f + rise;
    double d = 1 + 2 * x;
    double dRest = 2 * x - (d - 1);
    double q = f / d;
    double qRest = (Math.fma(-q, d, f) + fRest - q * dRest) / d;
    double e = StrictMath.exp(-square);
    return Math.fma(e, q, e * (qRest - q * squareRest)); // e^-(s + r) = e^-s (1 - r)
  }

  /// Σ_(i ≥ from) c_i x^(i - from)
  private static double polynomial(double[] c, int from, double x) {
    double y = c[c.length - 1];
    for (int i = c.length - 2; i >= from; i--) {
      y = Math.fma(y, x, c[i]);
    }
    return y;
  }
}
