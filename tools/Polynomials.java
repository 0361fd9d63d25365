import java.math.BigDecimal;
import java.math.MathContext;
import java.util.function.IntFunction;

/// Prints the coefficients of the polynomials in the kernels' functions: `java
/// tools/Polynomials.java`.
///
/// Each stands for a power series with rational coefficients. Interpolation at the zeros of
/// Chebyshev's polynomial on the interval in use, in 70 digits, comes within a factor of two of the
/// best polynomial of its degree. Beside the name stands the largest error, measured with the
/// rounded coefficients, in units of 2⁻⁵³ (of 2⁻²⁴ for floats) of the function that is computed.
class Polynomials {
  static final MathContext DIGITS = new MathContext(70);
  static final BigDecimal ONE = BigDecimal.ONE;

  public static void main(String[] args) {
    double quarter = Math.PI / 4 * (1 + 0x1p-20); // a nearest multiple may be a little too far away
    double half = Math.log(2) / 2 * (1 + 0x1p-20);
    double eighth = Math.pow(Math.tan(Math.PI / 8), 2);
    double root = Math.pow((Math.sqrt(2) - 1) / (Math.sqrt(2) + 1), 2);
    // Beside the coefficient of zᵏ: with which power of z the polynomial enters relative to 1.
    print("SIN, (sin √z / √z - 1)/z", k -> odd(k + 1), 0, quarter * quarter, 7, 1, false);
    print("COS, (cos √z - 1 + z/2)/z²", k -> even(k + 2), 0, quarter * quarter, 6, 2, false);
    print("ASIN, (asin √z / √z - 1)/z", k -> arcsine(k + 1), 0, 0.25, 13, 1, false);
    print("ATAN, (atan √z / √z - 1)/z", k -> arctangent(k + 1), 0, eighth, 11, 1, false);
    print("SINH, (sinh √z / √z - 1)/z", k -> odd(k + 1).abs(), 0, half * half, 5, 1, false);
    print("COSH, (cosh √z - 1)/z", k -> even(k + 1).abs(), 0, half * half, 6, 1, false);
    print("ARTANH, 3 (artanh √z / √z - 1 - z/3)/z²", k -> over(3, 2 * k + 5), 0, root, 7, 2, false);
  }

  static BigDecimal over(int a, int b) {
    return BigDecimal.valueOf(a).divide(BigDecimal.valueOf(b), DIGITS);
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

  static void print(
      String name,
      IntFunction<BigDecimal> series,
      double from,
      double to,
      int n,
      int weight,
      boolean floats) {
    BigDecimal[] node = new BigDecimal[n];
    BigDecimal[] newton = new BigDecimal[n];
    for (int i = 0; i < n; i++) {
      double cosine = Math.cos(Math.PI * (i + 0.5) / n);
      node[i] = BigDecimal.valueOf((from + to) / 2 + (to - from) / 2 * cosine);
      newton[i] = sum(series, node[i]);
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
        double rounded = floats ? c[k].floatValue() : c[k].doubleValue();
        p = p.multiply(z).add(new BigDecimal(rounded), DIGITS);
      }
      double error = p.subtract(sum(series, z)).doubleValue() * Math.pow(x, weight);
      worst = Math.max(worst, Math.abs(error));
    }
    System.out.printf("%s: %.3f%n", name, worst * (floats ? 0x1p24 : 0x1p53));
    for (int k = 0; k < n; k++) {
      System.out.println("  " + (floats ? c[k].floatValue() + "f" : c[k].doubleValue()));
    }
  }
}
