package org.cotangent.autograd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvFileSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Special functions against exact values, their own identities and finite differences.
class SpecialTest {
  private static final double INF = Double.POSITIVE_INFINITY;
  private static final double NAN = Double.NaN;

  private static UnaryOperator<Tensor> function(String name) {
    return switch (name) {
      case "erf" -> Special::erf;
      case "erfc" -> Special::erfc;
      case "asinh" -> Special::asinh;
      case "acosh" -> Special::acosh;
      case "atanh" -> Special::atanh;
      case "exp2" -> Special::exp2;
      case "log2" -> Special::log2;
      case "log10" -> Special::log10;
      case "logit" -> Special::logit;
      case "sinc" -> Special::sinc;
      default -> throw new AssertionError(name);
    };
  }

  /// In units in the last place of the exact value rounded, so whole numbers. Composed functions
  /// collect a rounding or two in each step; near its zeros at whole x sinc inherits the rounding
  /// of πx, so its error is measured beside 1.
  private static double ulps(String name) {
    return switch (name) {
      case "erf", "erfc" -> 1;
      case "exp2" -> 2;
      default -> 4;
    };
  }

  @ParameterizedTest
  @CsvFileSource(resources = "special.csv")
  void valuesAreExactButForRoundings(String name, double x, double exact) {
    double y = function(name).apply(Tensor.of(x)).item();
    double unit = Math.ulp(name.equals("sinc") ? 1 : exact);
    assertThat(Math.abs(y - exact) / unit)
        .as("%s(%s) = %s", name, x, y)
        .isLessThanOrEqualTo(ulps(name));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "erf", "erfc", "asinh", "acosh", "atanh", "exp2", "log2", "log10", "logit", "sinc"
      })
  void floatsAreAsGoodInTheirOwnUnits(String name) {
    boolean inside = name.equals("atanh") || name.equals("logit");
    Tensor x = new Draw(3).uniform(inside ? 0.01 : 1.01, inside ? 0.4 : 3, 200).to(DType.F32);
    float[] y = function(name).apply(x).toFloatArray();
    double[] exact = function(name).apply(x.to(DType.F64)).toDoubleArray();
    for (int i = 0; i < y.length; i++) {
      double unit = Math.ulp(name.equals("sinc") ? 1f : (float) exact[i]);
      assertThat(Math.abs(y[i] - exact[i]) / unit).as("%s %d", name, i).isLessThan(ulps(name) + 2);
    }
  }

  static Stream<Arguments> smoothOnes() {
    Draw draw = new Draw(7);
    Tensor any = draw.uniform(-2, 2, 3, 2);
    Tensor half = draw.uniform(0.1, 0.9, 3, 2);
    Tensor more = draw.uniform(1.2, 3, 3, 2);
    return Stream.of(
        smooth("erf", Special::erf, any),
        smooth("erfc", Special::erfc, any),
        smooth("asinh", Special::asinh, any),
        smooth("asinh at 0", Special::asinh, Tensor.of(0.0, 1e-3, -1e-3)),
        smooth("acosh", Special::acosh, more),
        smooth("atanh", Special::atanh, half.sub(0.5)),
        smooth("exp2", Special::exp2, any),
        smooth("log2", Special::log2, more),
        smooth("log10", Special::log10, more),
        smooth("logit", Special::logit, half),
        smooth("logit held", p -> Special.logit(p, 0.05), half),
        smooth("sinc", Special::sinc, any),
        smooth("sinc at 0", Special::sinc, Tensor.of(0.0, 1e-3, -0.05, 0.3)),
        smooth("frac", Special::frac, draw.fractions(0.2, 0.7, 5)));
  }

  private static Arguments smooth(String name, UnaryOperator<Tensor> f, Tensor x) {
    return Arguments.of(name, f, x);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("smoothOnes")
  void derivativesOfOneOperandAreRightToTheThirdOrder(
      String name, UnaryOperator<Tensor> f, Tensor x) {
    for (int order = 1; order <= 3; order++) {
      checked(name, in -> f.apply(in.getFirst()), List.of(x), order);
    }
  }

  private static void checked(
      String name, Function<List<Tensor>, Tensor> f, List<Tensor> x, int order) {
    // Third differences of functions with large fifth derivatives: log near its pole.
    GradCheck.standard().tolerance(1e-7).order(order).check(name, f, x).requirePassed();
  }

  static Stream<Arguments> pairs() {
    Draw draw = new Draw(8);
    Tensor a = draw.signed(0.5, 2, 3, 1);
    Tensor b = draw.signed(0.6, 2, 2);
    Tensor positive = draw.uniform(0.5, 2, 2);
    Tensor low = draw.fractions(0.1, 0.3, 3, 1);
    Tensor high = draw.fractions(0.6, 0.9, 2);
    Tensor w = draw.uniform(0, 1, 3, 2);
    return Stream.of(
        pair("hypot", in -> Special.hypot(in.get(0), in.get(1)), a, b),
        pair("xlogy", in -> Special.xlogy(in.get(0), in.get(1)), a, positive),
        pair("xlogy at 0", in -> Special.xlogy(in.get(0), in.get(1)), Tensor.of(0.0), positive),
        pair("logAddExp", in -> Special.logAddExp(in.get(0), in.get(1)), a, b),
        pair("logAddExp of equals", in -> Special.logAddExp(in.get(0), in.get(1)), b, b),
        pair("fmax", in -> Special.fmax(in.get(0), in.get(1)), low, high),
        pair("fmin", in -> Special.fmin(in.get(0), in.get(1)), low, high),
        pair("clampMin", in -> Special.clampMin(in.get(0), in.get(1)), low, high),
        pair("clampMax", in -> Special.clampMax(in.get(0), in.get(1)), low, high),
        pair("floatPower", in -> Special.floatPower(in.get(0), in.get(1)), positive, b),
        pair("lerp", in -> Special.lerp(in.get(0), in.get(1), in.get(2)), a, b, w),
        pair("lerp by 0.3", in -> Special.lerp(in.get(0), in.get(1), 0.3), a, b),
        pair("addcmul", in -> Special.addcmul(in.get(0), in.get(1), in.get(2), -1.5), a, b, w),
        pair("addcdiv", in -> Special.addcdiv(in.get(0), in.get(1), in.get(2), 2), w, a, b),
        pair(
            "clamp",
            in -> Special.clamp(in.get(0), in.get(1), in.get(2)),
            Tensor.of(-2.0, 0.5, 3, 1),
            Tensor.of(-1.0, 0, 1, 2.5),
            Tensor.of(1.0, 1, 2, 2.2)));
  }

  private static Arguments pair(String name, Function<List<Tensor>, Tensor> f, Tensor... x) {
    return Arguments.of(name, f, List.of(x));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("pairs")
  void derivativesOfSeveralOperandsAreRightToTheSecondOrder(
      String name, Function<List<Tensor>, Tensor> f, List<Tensor> x) {
    checked(name, f, x, 1);
    checked(name, f, x, 2);
  }

  private static double[] of(UnaryOperator<Tensor> f, double... x) {
    return f.apply(Tensor.of(x)).toDoubleArray();
  }

  @Test
  void theEndsOfTheRealLine() {
    assertThat(of(Special::asinh, -INF, INF, NAN, -0.0)).containsExactly(-INF, INF, NAN, -0.0);
    assertThat(of(Special::acosh, INF, 0.5, NAN)).containsExactly(INF, NAN, NAN);
    assertThat(of(Special::atanh, 1, -1, 2, NAN)).containsExactly(INF, -INF, NAN, NAN);
    assertThat(of(Special::exp2, INF, -INF, 1024)).containsExactly(INF, 0, INF);
    assertThat(of(Special::log2, 0, -1)).containsExactly(-INF, NAN);
    assertThat(of(Special::sinc, 0, NAN)).containsExactly(1, NAN);
    assertThat(of(Special::trunc, -1.5, 1.5, -0.5, INF)).containsExactly(-1, 1, -0.0, INF);
    assertThat(of(Special::frac, -1.5, 1.75)).containsExactly(-0.5, 0.75);
  }

  @Test
  void hypotDoesNotOverflow() {
    assertThat(Special.hypot(Tensor.of(3e300, 3e-300), Tensor.of(4e300, 4e-300)).toDoubleArray())
        .containsExactly(5e300, 5e-300);
    assertThat(Special.hypot(Tensor.of(INF), Tensor.of(1.0)).item()).isEqualTo(INF);
    assertThat(Special.hypot(Tensor.of(3), Tensor.of(4)).dtype()).isEqualTo(DType.F32);
  }

  @Test
  void lerpIsExactAtBothEnds() {
    Tensor a = Tensor.of(0.1, 1e17);
    Tensor b = Tensor.of(0.7, 1.0);
    Numbers.assertSame("0", Special.lerp(a, b, 0), a);
    Numbers.assertSame("1", Special.lerp(a, b, 1), b);
    Numbers.assertSame("0", Special.lerp(a, b, Tensor.of(0.0)), a);
    Numbers.assertSame("1", Special.lerp(a, b, Tensor.of(1.0)), b);
  }

  @Test
  void operandsBroadcastAndIntegersBecomeFloats() {
    Tensor column = Tensor.of(1, 2).unsqueeze(1);
    assertThat(Special.logAddExp(column, Tensor.of(1, 2, 3)).shape()).isEqualTo(Shape.of(2, 3));
    assertThat(Special.erf(Tensor.of(1)).dtype()).isEqualTo(DType.F32);
    assertThat(Special.exp2(Tensor.of(3)).item()).isEqualTo(8);
    assertThat(Special.sinc(Tensor.of(2)).dtype()).isEqualTo(DType.F32);
    assertThat(Special.floatPower(Tensor.of(2), Tensor.of(10)).dtype()).isEqualTo(DType.F64);
    assertThat(Special.hypot(column, Tensor.of(0.0)).shape()).isEqualTo(Shape.of(2, 1));
  }

  @Test
  void fmaxAndFminPreferNumbersToNan() {
    Tensor a = Tensor.of(1, NAN, NAN);
    Tensor b = Tensor.of(NAN, 2, NAN);
    assertThat(Special.fmax(a, b).toDoubleArray()).containsExactly(1, 2, NAN);
    assertThat(Special.fmin(a, b).toDoubleArray()).containsExactly(1, 2, NAN);
  }

  @Test
  void boundsOutOfOrderGiveTheUpperOne() {
    assertThat(Special.clamp(Tensor.of(0.0), Tensor.of(3.0), Tensor.of(2.0)).item()).isEqualTo(2);
    assertThat(Special.clampMin(Tensor.of(1, NAN), Tensor.of(NAN, 1)).toDoubleArray())
        .containsExactly(NAN, NAN);
  }
}
