import java.math.BigDecimal;
import java.math.MathContext;
import java.util.function.IntFunction;
import java.util.function.UnaryOperator;

/// Prints the coefficients of the polynomials in the kernels' functions: `java
/// tools/Polynomials.java`.
///
/// Each stands for a power series with rational coefficients, or for an error function.
/// Interpolation at the zeros of Chebyshev's polynomial on the interval in use, in 70 digits, comes
/// within a factor of two of the best polynomial of its degree. Beside the name stands the largest
/// error, measured with the rounded coefficients, in units of 2⁻⁵³ of the function that is
/// computed.
class Polynomials {
  static final MathContext DIGITS = new MathContext(70);

  /// For differences of numbers near e^(28²), which has 341 digits.
  static final MathContext MANY = new MathContext(420);

  static final BigDecimal ONE = BigDecimal.ONE;
  static final BigDecimal ROOT_PI = pi().sqrt(MANY);

  public static void main(String[] args) {
    double quarter = Math.PI / 4 * (1 + 0x1p-20); // a nearest multiple may be a little too far away
    double half = Math.log(2) / 2 * (1 + 0x1p-20);
    double eighth = Math.pow(Math.tan(Math.PI / 8), 2);
    double root = Math.pow((Math.sqrt(2) - 1) / (Math.sqrt(2) + 1), 2);
    series("SIN, (sin √z / √z - 1)/z", k -> odd(k + 1), quarter * quarter, 7, 1);
    series("COS, (cos √z - 1 + z/2)/z²", k -> even(k + 2), quarter * quarter, 6, 2);
    series("ASIN, (asin √z / √z - 1)/z", k -> arcsine(k + 1), 0.25, 13, 1);
    series("ATAN, (atan √z / √z - 1)/z", k -> arctangent(k + 1), eighth, 11, 1);
    series("SINH, (sinh √z / √z - 1)/z", k -> odd(k + 1).abs(), half * half, 5, 1);
    series("COSH, (cosh √z - 1)/z", k -> even(k + 1).abs(), half * half, 6, 1);
    series("ARTANH, 3 (artanh √z / √z - 1 - z/3)/z²", k -> over(3, 2 * k + 5), root, 7, 2);
    // Erf says where these come from.
    print("NEAR, erf √z / √z - 1", z -> erfOverRoot(z).subtract(ONE), 0, NEAR * NEAR, 11, 0);
    print("TAIL", Polynomials::tail, -1, (END - K) / (END + K), 23, 0);
    print("FLOAT", t -> erfOverRoot(t.add(BigDecimal.valueOf(8))), -8, 8, 19, 0);
    print("FLOAT_TAIL", Polynomials::floatTail, 1 / (FLOAT_END + FLOAT_K), 1 / FLOAT_K, 12, 0);
  }

  static final double NEAR = 0.75;
  static final double K = 4;
  static final double END = 27.3;
  static final double FLOAT_K = 2.5;
  static final double FLOAT_END = 10.125;

  /// (1 + 5x/4) e^(x²) erfc x of t = (x - K)/(x + K)
  static BigDecimal tail(BigDecimal t) {
    BigDecimal x = ONE.add(t).multiply(BigDecimal.valueOf(K)).divide(ONE.subtract(t), MANY);
    return x.multiply(BigDecimal.valueOf(1.25)).add(ONE).multiply(scaledErfc(x), DIGITS);
  }

  /// e^(x²) erfc(x) / w of w = 1/(x + FLOAT_K)
  static BigDecimal floatTail(BigDecimal w) {
    BigDecimal x = ONE.divide(w, MANY).subtract(BigDecimal.valueOf(FLOAT_K));
    return scaledErfc(x).divide(w, DIGITS);
  }

  /// π = 16 arctan 1/5 - 4 arctan 1/239 (Machin).
  static BigDecimal pi() {
    return arctangent(5, 16).subtract(arctangent(239, 4));
  }

  /// `times` arctan 1/n
  static BigDecimal arctangent(int n, int times) {
    BigDecimal sum = BigDecimal.ZERO;
    BigDecimal power = over(times, n, MANY);
    for (int k = 1; power.precision() - power.scale() > -MANY.getPrecision(); k += 2) {
      BigDecimal term = power.divide(BigDecimal.valueOf(k), MANY);
      sum = k % 4 == 1 ? sum.add(term) : sum.subtract(term);
      power = power.divide(BigDecimal.valueOf((long) n * n), MANY);
    }
    return sum;
  }

  static BigDecimal exp(BigDecimal z) {
    BigDecimal term = ONE;
    BigDecimal sum = ONE;
    for (int k = 1; isFelt(term, sum); k++) {
      term = term.multiply(z).divide(BigDecimal.valueOf(k), MANY);
      sum = sum.add(term, MANY);
    }
    return sum;
  }

  static boolean isFelt(BigDecimal term, BigDecimal sum) {
    return term.signum() != 0
        && term.precision() - term.scale() > sum.precision() - sum.scale() - MANY.getPrecision();
  }

  /// Of e^z erf(√z)/√z: 2/√π Σ (2z)ᵏ/(1·3···(2k + 1)), where nothing cancels.
  static BigDecimal scaledErfOverRoot(BigDecimal z) {
    BigDecimal term = BigDecimal.TWO.divide(ROOT_PI, MANY);
    BigDecimal sum = term;
    for (int k = 1; isFelt(term, sum); k++) {
      term = term.multiply(z).multiply(over(2, 2 * k + 1, MANY), MANY);
      sum = sum.add(term, MANY);
    }
    return sum;
  }

  static BigDecimal erfOverRoot(BigDecimal z) {
    return scaledErfOverRoot(z).divide(exp(z), MANY);
  }

  /// e^(x²) erfc x
  static BigDecimal scaledErfc(BigDecimal x) {
    BigDecimal z = x.multiply(x, MANY);
    return exp(z).subtract(scaledErfOverRoot(z).multiply(x, MANY));
  }

  static BigDecimal over(int a, int b) {
    return over(a, b, DIGITS);
  }

  static BigDecimal over(int a, int b, MathContext digits) {
    return BigDecimal.valueOf(a).divide(BigDecimal.valueOf(b), digits);
  }

  static BigDecimal factorial(int n) {
    BigDecimal f = ONE;
    for (int i = 2; i <= n; i++) {
      f = f.multiply(BigDecimal.valueOf(i));
    }
    return f;
  }

  static BigDecimal odd(int k) {
    BigDecimal c = ONE.divide(factorial(2 * k + 1), DIGITS);
    return k % 2 == 0 ? c : c.negate();
  }

  static BigDecimal even(int k) {
    BigDecimal c = ONE.divide(factorial(2 * k), DIGITS);
    return k % 2 == 0 ? c : c.negate();
  }

  static BigDecimal arcsine(int k) {
    BigDecimal below = BigDecimal.valueOf(4).pow(k).multiply(factorial(k).pow(2));
    return factorial(2 * k).divide(below.multiply(BigDecimal.valueOf(2 * k + 1)), DIGITS);
  }

  static BigDecimal arctangent(int k) {
    return over(k % 2 == 0 ? 1 : -1, 2 * k + 1);
  }

  static BigDecimal sum(IntFunction<BigDecimal> series, BigDecimal z) {
    BigDecimal sum = BigDecimal.ZERO;
    BigDecimal power = ONE;
    for (int k = 0; k < 120 && power.abs().compareTo(new BigDecimal("1e-60")) > 0; k++) {
      sum = sum.add(series.apply(k).multiply(power), DIGITS);
      power = power.multiply(z, DIGITS);
    }
    return sum;
  }

  /// @param weight with which power of z the polynomial enters relative to 1
  static void series(String name, IntFunction<BigDecimal> series, double to, int n, int weight) {
    print(name, z -> sum(series, z), 0, to, n, weight);
  }

  static void print(
      String name, UnaryOperator<BigDecimal> f, double from, double to, int n, int weight) {
    BigDecimal[] node = new BigDecimal[n];
    BigDecimal[] newton = new BigDecimal[n];
    for (int i = 0; i < n; i++) {
      double cosine = Math.cos(Math.PI * (i + 0.5) / n);
      node[i] = BigDecimal.valueOf((from + to) / 2 + (to - from) / 2 * cosine);
      newton[i] = f.apply(node[i]);
    }
    for (int order = 1; order < n; order++) {
      for (int i = n - 1; i >= order; i--) {
        BigDecimal apart = node[i].subtract(node[i - order]);
        newton[i] = newton[i].subtract(newton[i - 1]).divide(apart, DIGITS);
      }
    }
    BigDecimal[] c = new BigDecimal[n]; // c = newton[i] + (z - node[i]) c, from the last one on
    java.util.Arrays.fill(c, BigDecimal.ZERO);
    for (int i = n - 1; i >= 0; i--) {
      for (int k = n - 1; k > 0; k--) {
        c[k] = c[k - 1].subtract(node[i].multiply(c[k], DIGITS), DIGITS);
      }
      c[0] = newton[i].subtract(node[i].multiply(c[0], DIGITS), DIGITS);
    }
    double worst = 0;
    for (int i = 0; i <= 200; i++) {
      double x = from + (to - from) * i / 200;
      BigDecimal z = BigDecimal.valueOf(x);
      BigDecimal p = BigDecimal.ZERO;
      for (int k = n - 1; k >= 0; k--) {
        p = p.multiply(z).add(new BigDecimal(c[k].doubleValue()), DIGITS);
      }
      double error = p.subtract(f.apply(z)).doubleValue() * Math.pow(x, weight);
      worst = Math.max(worst, Math.abs(error));
    }
    System.out.printf("%s: %.3f%n", name, worst * 0x1p53);
    for (int k = 0; k < n; k++) {
      System.out.println("  " + c[k].doubleValue());
    }
    double first = c[0].doubleValue();
    System.out.println("  the first lacks " + c[0].subtract(new BigDecimal(first)).doubleValue());
  }
}
