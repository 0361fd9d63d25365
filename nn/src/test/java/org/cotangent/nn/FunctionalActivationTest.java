package org.cotangent.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.cotangent.autograd.Grad;
import org.cotangent.autograd.GradCheck;
import org.cotangent.autograd.Rng;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class FunctionalActivationTest {
  /// A function of one number, and the textbook's formula for it in Java's own arithmetic.
  record Activation(String name, UnaryOperator<Tensor> ours, DoubleUnaryOperator formula) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  private static double softplus(double x) {
    return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
  }

  private static double elu(double x, double alpha) {
    return x > 0 ? x : alpha * Math.expm1(x);
  }

  static Stream<Activation> activations() {
    return Stream.of(
        new Activation("relu", Functional::relu, x -> Math.max(x, 0)),
        new Activation("relu6", Functional::relu6, x -> Math.clamp(x, 0.0, 6.0)),
        new Activation("leakyRelu", Functional::leakyRelu, x -> x > 0 ? x : 0.01 * x),
        new Activation(
            "prelu",
            x -> Functional.prelu(x, Tensor.scalar(0.3, x.dtype())),
            x -> x > 0 ? x : 0.3 * x),
        new Activation("elu", Functional::elu, x -> elu(x, 1)),
        new Activation("elu 2.5", x -> Functional.elu(x, 2.5), x -> elu(x, 2.5)),
        new Activation(
            "celu 2", x -> Functional.celu(x, 2), x -> x > 0 ? x : 2 * Math.expm1(x / 2)),
        new Activation(
            "selu", Functional::selu, x -> 1.0507009873554805 * elu(x, 1.6732632423543772)),
        new Activation(
            "geluTanh",
            Functional::geluTanh,
            x -> x / 2 * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)))),
        new Activation("silu", Functional::silu, x -> x * sigmoid(x)),
        new Activation("mish", Functional::mish, x -> x * Math.tanh(softplus(x))),
        new Activation(
            "hardsigmoid", Functional::hardsigmoid, x -> Math.clamp(x / 6 + 0.5, 0.0, 1.0)),
        new Activation(
            "hardswish", Functional::hardswish, x -> x * Math.clamp(x / 6 + 0.5, 0.0, 1.0)),
        new Activation("hardtanh", Functional::hardtanh, x -> Math.clamp(x, -1.0, 1.0)),
        new Activation(
            "hardshrink", x -> Functional.hardshrink(x, 0.6), x -> Math.abs(x) > 0.6 ? x : 0),
        new Activation(
            "softshrink",
            x -> Functional.softshrink(x, 0.6),
            x -> Math.abs(x) > 0.6 ? x - Math.copySign(0.6, x) : 0),
        new Activation("logsigmoid", Functional::logsigmoid, x -> -softplus(-x)),
        new Activation("softplus 3", x -> Functional.softplus(x, 3), x -> softplus(3 * x) / 3),
        new Activation(
            "softplus 3, 1",
            x -> Functional.softplus(x, 3, 1),
            x -> 3 * x > 1 ? x : softplus(3 * x) / 3),
        new Activation("softsign", Functional::softsign, x -> x / (1 + Math.abs(x))),
        new Activation("tanhshrink", Functional::tanhshrink, x -> x - Math.tanh(x)),
        new Activation("threshold", x -> Functional.threshold(x, 0.1, 20), x -> x > 0.1 ? x : 20));
  }

  /// On both sides of every kink, and away from them, because of the differences below.
  private static final double[] SMOOTH = {
    -7.3, -3.2, -2.9, -1.2, -0.9, -0.7, -0.5, -0.2, 0.05, 0.2, 0.5, 0.7, 0.9, 1.2, 2.9, 3.2, 5.8,
    6.3
  };

  @ParameterizedTest
  @MethodSource("activations")
  void isItsFormula(Activation f) {
    double[] y = f.ours.apply(Tensor.of(SMOOTH)).toDoubleArray();
    for (int i = 0; i < y.length; i++) {
      double expected = f.formula.applyAsDouble(SMOOTH[i]);
      assertThat(y[i])
          .as("at %s", SMOOTH[i])
          .isCloseTo(expected, within(2e-15 * Math.max(1, Math.abs(expected))));
    }
  }

  @ParameterizedTest
  @MethodSource("activations")
  void gradientsAgreeWithDifferencesAtOrdersOneToThree(Activation f) {
    GradCheck.standard()
        .projected(1)
        .order(3)
        .check(f.name, in -> f.ours.apply(in.getFirst()), List.of(Tensor.of(SMOOTH)))
        .requirePassed();
  }

  @ParameterizedTest
  @MethodSource("activations")
  void worksInSinglePrecision(Activation f) {
    Tensor x = Tensor.parameter(Tensor.of(SMOOTH).to(DType.F32));
    Tensor y = f.ours.apply(x);
    y.sum().backward();
    Tensor x64 = Tensor.parameter(x.detach().to(DType.F64));
    Tensor y64 = f.ours.apply(x64);
    y64.sum().backward();

    assertThat(y.dtype()).isEqualTo(DType.F32);
    assertThat(y.detach().sub(y64).abs().max().item()).isLessThan(2e-6);
    assertThat(x.grad().sub(x64.grad()).abs().max().item()).isLessThan(2e-6);
  }

  @ParameterizedTest
  @MethodSource("activations")
  void nothingOverflowsAtAThousand(Activation f) {
    for (DType dtype : List.of(DType.F32, DType.F64)) {
      Tensor x = Tensor.of(-1000.0, 1000.0).to(dtype);
      double[] y = f.ours.apply(x).toDoubleArray();
      for (int i = 0; i < 2; i++) {
        double expected = f.formula.applyAsDouble(i == 0 ? -1000 : 1000);
        assertThat(y[i]).isCloseTo(expected, within(1e-6 * Math.max(1, Math.abs(expected))));
      }
      Tensor first = Grad.grad((Tensor t) -> f.ours.apply(t).sum()).apply(x);
      Tensor second =
          Grad.grad((Tensor t) -> Grad.grad((Tensor s) -> f.ours.apply(s).sum()).apply(t).sum())
              .apply(x);
      assertThat(first.abs().max().item()).as("slope of %s", dtype).isLessThan(1.5);
      assertThat(second.abs().max().item()).as("curvature of %s", dtype).isLessThan(1e-8);
    }
  }

  @ParameterizedTest
  @MethodSource("activations")
  void nanStaysNan(Activation f) {
    assertThat(f.ours.apply(Tensor.of(Double.NaN)).item()).isNaN();
  }

  // ---- At the kinks

  private static double[] slopes(UnaryOperator<Tensor> f, double... x) {
    return Grad.grad((Tensor t) -> f.apply(t).sum()).apply(Tensor.of(x)).toDoubleArray();
  }

  @Test
  void slopesAtTheKinksAreThoseOfTheConventions() {
    assertThat(slopes(Functional::relu, 0)).containsExactly(0);
    assertThat(slopes(Functional::relu6, 0, 3, 6)).containsExactly(0, 1, 0);
    assertThat(slopes(Functional::hardtanh, -1, 0, 1)).containsExactly(0, 1, 0);
    assertThat(slopes(Functional::hardsigmoid, -3, 3)).containsExactly(0, 0);
    assertThat(slopes(Functional::hardswish, -3, 3)).containsExactly(-0.5, 1.5);
    assertThat(slopes(Functional::leakyRelu, 0)).containsExactly(0.01);
    assertThat(slopes(x -> Functional.elu(x, 2), 0)).containsExactly(2);
    assertThat(slopes(x -> Functional.celu(x, 2), 0)).containsExactly(1);
    assertThat(slopes(Functional::softsign, 0)).containsExactly(1);
    assertThat(slopes(x -> Functional.threshold(x, 1, 5), 1)).containsExactly(0);
    assertThat(slopes(x -> Functional.hardshrink(x, 1), -1, 1)).containsExactly(0, 0);
    assertThat(slopes(x -> Functional.softshrink(x, 1), -1, 1)).containsExactly(0, 0);
    Tensor w = Tensor.parameter(Tensor.of(0.25));
    Tensor x = Tensor.parameter(Tensor.of(-2.0, 0, 3));
    Functional.prelu(x, w).sum().backward();
    assertThat(x.grad().toDoubleArray()).containsExactly(0.25, 0.25, 1);
    assertThat(w.grad().toDoubleArray()).containsExactly(-2);
  }

  @Test
  void hardtanhWithBoundsOutOfOrderIsTheUpperOne() {
    assertThat(Functional.hardtanh(Tensor.of(-9.0, 0, 9), 0.5, -0.5).toDoubleArray())
        .containsOnly(-0.5);
    assertThat(slopes(x -> Functional.hardtanh(x, 0.5, -0.5), -9, 0, 9)).containsOnly(0);
  }

  // ---- What is not elementwise

  @Test
  void gluGatesOneHalfWithTheOther() {
    Tensor x = Rng.of(1).normal(Shape.of(3, 4), DType.F64);
    Tensor y = Functional.glu(x, -1);
    for (int i = 0; i < 3; i++) {
      for (int j = 0; j < 2; j++) {
        assertThat(y.get(i, j)).isCloseTo(x.get(i, j) * sigmoid(x.get(i, j + 2)), within(1e-15));
      }
    }
    assertThat(Functional.glu(x.t(), 0).toDoubleArray()).isEqualTo(y.t().toDoubleArray());
    assertThatThrownBy(() -> Functional.glu(x, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("[3, 4]", "extent 3");
  }

  /// Φ by Simpson's rule over the density from 0 to x, and its tail by the continued fraction,
  /// which is another way than the engine's.
  @Test
  void geluIsXTimesTheNormalDistributionFunction() {
    double[] x = {-30, -10, -6, -3, -1, -0.1, 0, 0.1, 1, 3, 6, 10};
    double[] y = Functional.gelu(Tensor.of(x)).toDoubleArray();
    for (int i = 0; i < x.length; i++) {
      double expected = x[i] * normal(x[i]);
      assertThat(y[i]).as("at %s", x[i]).isCloseTo(expected, within(1e-12 * Math.abs(expected)));
    }
    assertThat(Functional.gelu(Tensor.of(-1000.0, 1000)).abs().toDoubleArray())
        .containsExactly(0, 1000);
    GradCheck.standard()
        .order(3)
        .projected(1)
        .check(in -> Functional.gelu(in.getFirst()), List.of(Tensor.of(SMOOTH)))
        .requirePassed();
    // The approximation stays within 5e-4 of it.
    Tensor near = Tensor.linspace(-6, 6, 500, DType.F64);
    assertThat(Functional.gelu(near).sub(Functional.geluTanh(near)).abs().max().item())
        .isBetween(1e-5, 5e-4);
  }

  private static double normal(double x) {
    if (x > 0) {
      return 1 - normal(-x);
    }
    double density = Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
    if (x < -2) { // Laplace's continued fraction for the tail: density/(a + 1/(a + 2/(a + ..)))
      double fraction = -x;
      for (int k = 400; k > 0; k--) {
        fraction = -x + k / fraction;
      }
      return density / fraction;
    }
    int n = 2000;
    double sum = 1 + Math.exp(-x * x / 2);
    for (int k = 1; k < n; k++) {
      double at = x * k / n;
      sum += (k % 2 == 1 ? 4 : 2) * Math.exp(-at * at / 2);
    }
    return 0.5 + sum * x / n / 3 / Math.sqrt(2 * Math.PI);
  }

  @Test
  void preluHasASlopeAChannel() {
    Tensor x = Tensor.full(Shape.of(2, 3, 4), -1, DType.F64);
    Tensor y = Functional.prelu(x, Tensor.of(0.1, 0.2, 0.3));
    assertThat(y.select(0, 1).select(1, 2).toDoubleArray()).containsExactly(-0.1, -0.2, -0.3);
    assertThatThrownBy(() -> Functional.prelu(x, Tensor.of(0.1, 0.2)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("[2]", "[2, 3, 4]", "channel");
    GradCheck.standard()
        .order(2)
        .check(
            in -> Functional.prelu(in.get(0), in.get(1)),
            List.of(Rng.of(1).normal(Shape.of(2, 3), DType.F64), Tensor.of(0.1, 0.2, 0.3)))
        .requirePassed();
  }

  @Test
  void softminPrefersTheSmallest() {
    Tensor x = Tensor.of(1.0, 2.0, 3.0);
    assertThat(Functional.softmin(x, 0).toDoubleArray())
        .isEqualTo(Functional.softmax(x.neg(), 0).toDoubleArray());
    assertThat(Functional.logSoftmax(x, 0).toDoubleArray())
        .isEqualTo(x.logSoftmax(0).toDoubleArray());
  }

  /// The defining property (Klambauer et al., 2017): with these constants, standard normal numbers
  /// keep mean 0 and variance 1. Simpson's rule over ±12 on both sides of the kink.
  @Test
  void seluKeepsMeanZeroAndVarianceOne() {
    int n = 4001; // odd
    double mean = 0;
    double square = 0;
    for (int side = -1; side <= 1; side += 2) {
      Tensor x = Tensor.linspace(0, 12, n, DType.F64).mul(side);
      double[] y = Functional.selu(x).toDoubleArray();
      double[] at = x.toDoubleArray();
      for (int i = 0; i < n; i++) {
        double simpson = (i == 0 || i == n - 1 ? 1 : i % 2 == 1 ? 4 : 2) * (12.0 / (n - 1)) / 3;
        double p = simpson * Math.exp(-at[i] * at[i] / 2) / Math.sqrt(2 * Math.PI);
        mean += p * y[i];
        square += p * y[i] * y[i];
      }
    }
    assertThat(mean).isCloseTo(0, within(1e-10));
    assertThat(square).isCloseTo(1, within(1e-10));
  }

  // ---- Dropout

  @Test
  void dropoutKeepsTheMeanAndIsReproducible() {
    Tensor x = Tensor.ones(Shape.of(100_000), DType.F64);
    Tensor y = Functional.dropout(x, 0.3, Rng.of(5));
    assertThat(y.eq(0).or(y.eq(1 / 0.7)).toBooleanArray()).doesNotContain(false);
    // The share of ones has standard deviation √(0.3 · 0.7 / 100,000) = 0.0015.
    assertThat(y.mean().item()).isCloseTo(1, within(0.01));
    assertThat(Functional.dropout(x, 0.3, Rng.of(5)).toDoubleArray()).isEqualTo(y.toDoubleArray());
    assertThat(Functional.dropout(x, 0.3, Rng.of(6)).toDoubleArray())
        .isNotEqualTo(y.toDoubleArray());
  }

  @Test
  void dropoutCutsGradientsWhereItCutsValues() {
    Tensor x = Tensor.parameter(Tensor.full(Shape.of(50), 2, DType.F64));
    Tensor y = Functional.dropout(x, 0.5, Rng.of(1));
    y.sum().backward();
    assertThat(x.grad().toDoubleArray()).isEqualTo(y.detach().div(2).toDoubleArray());
  }

  @Test
  void dropoutOfNothingAndOfAll() {
    Tensor x = Tensor.of(1.0, Double.POSITIVE_INFINITY);
    assertThat(Functional.dropout(x, 0, Rng.of(1))).isSameAs(x);
    assertThat(Functional.dropout(x, 1, Rng.of(1)).toDoubleArray()).containsExactly(0, 0);
    assertThatThrownBy(() -> Functional.dropout(x, 1.5, Rng.of(1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("1.5");
  }

  @Test
  void celuNeedsAnAlpha() {
    assertThatThrownBy(() -> Functional.celu(Tensor.of(1.0), 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("0.0");
  }
}
