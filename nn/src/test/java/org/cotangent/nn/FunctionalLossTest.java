package org.cotangent.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.function.BiFunction;
import java.util.function.DoubleBinaryOperator;
import java.util.function.Function;
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

/// The losses of regression, distributions and distances; for those of classes see
/// [FunctionalClassLossTest].
class FunctionalLossTest {
  private static final double EUCLID_STEP = 1e-6;

  private static Tensor normal(long seed, int... dims) {
    return Rng.of(seed).normal(Shape.of(dims), DType.F64);
  }

  /// A loss of pairs of numbers with the textbook's formula, and targets that it accepts.
  record Pairwise(
      String name,
      BiFunction<Tensor, Tensor, Function<Reduction, Tensor>> ours,
      DoubleBinaryOperator formula,
      Tensor target) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static final Tensor OUTPUT = Tensor.of(-3.1, -0.9, -0.3, 0.2, 0.7, 1.4, 2.3, 4.2);
  private static final Tensor TARGET = Tensor.of(-1.0, -1.3, 0.4, 0.3, -2.5, 1.0, 2.0, 1.1);
  private static final Tensor SIGNS = Tensor.of(1.0, -1, 1, -1, 1, -1, 1, -1);
  private static final Tensor COUNTS = Tensor.of(0.0, 1, 2, 3, 0.5, 1.5, 7, 4);

  static Stream<Pairwise> pairwise() {
    return Stream.of(
        new Pairwise(
            "mseLoss",
            (y, t) -> r -> Functional.mseLoss(y, t, r),
            (y, t) -> (y - t) * (y - t),
            TARGET),
        new Pairwise(
            "l1Loss", (y, t) -> r -> Functional.l1Loss(y, t, r), (y, t) -> Math.abs(y - t), TARGET),
        new Pairwise(
            "smoothL1Loss",
            (y, t) -> r -> Functional.smoothL1Loss(y, t, 0.5, r),
            (y, t) -> Math.abs(y - t) < 0.5 ? (y - t) * (y - t) : Math.abs(y - t) - 0.25,
            TARGET),
        new Pairwise(
            "huberLoss",
            (y, t) -> r -> Functional.huberLoss(y, t, 0.5, r),
            (y, t) ->
                Math.abs(y - t) < 0.5 ? (y - t) * (y - t) / 2 : 0.5 * (Math.abs(y - t) - 0.25),
            TARGET),
        new Pairwise(
            "klDiv",
            (y, t) -> r -> Functional.klDiv(y, t, false, r),
            (y, t) -> t * (Math.log(t) - y),
            TARGET.square().add(0.7)),
        new Pairwise(
            "klDiv of logarithms",
            (y, t) -> r -> Functional.klDiv(y, t, true, r),
            (y, t) -> Math.exp(t) * (t - y),
            TARGET),
        new Pairwise(
            "poissonNllLoss of logarithms",
            (y, t) -> r -> Functional.poissonNllLoss(y, t, true, false, 1e-8, r),
            (y, t) -> Math.exp(y) - t * y,
            COUNTS),
        new Pairwise(
            "poissonNllLoss",
            (y, t) -> r -> Functional.poissonNllLoss(y.square(), t, false, true, 0.1, r),
            (y, t) ->
                y * y
                    - t * Math.log(y * y + 0.1)
                    + (t > 1 ? t * Math.log(t) - t + Math.log(2 * Math.PI * t) / 2 : 0),
            TARGET.square().add(0.1)),
        new Pairwise(
            "gaussianNllLoss",
            (y, t) -> r -> Functional.gaussianNllLoss(y, t, Tensor.of(0.7), true, 1e-6, r),
            (y, t) -> (Math.log(0.7) + (y - t) * (y - t) / 0.7 + Math.log(2 * Math.PI)) / 2,
            TARGET),
        new Pairwise(
            "hingeEmbeddingLoss",
            (y, t) -> r -> Functional.hingeEmbeddingLoss(y, t.detach(), 1, r),
            (y, t) -> t == 1 ? y : Math.max(1 - y, 0),
            SIGNS),
        new Pairwise(
            "marginRankingLoss",
            (y, t) -> r -> Functional.marginRankingLoss(y, y.mul(0.25), t, 0.5, r),
            (y, t) -> Math.max(0.5 - t * 0.75 * y, 0),
            SIGNS),
        new Pairwise(
            "softMarginLoss",
            (y, t) -> r -> Functional.softMarginLoss(y, t, r),
            (y, t) -> Math.log1p(Math.exp(-t * y)),
            SIGNS));
  }

  @ParameterizedTest
  @MethodSource("pairwise")
  void isItsFormulaWithEveryReduction(Pairwise loss) {
    double[] y = OUTPUT.toDoubleArray();
    double[] t = loss.target.toDoubleArray();
    Function<Reduction, Tensor> of = loss.ours.apply(OUTPUT, loss.target);
    double[] single = of.apply(Reduction.NONE).toDoubleArray();
    double sum = 0;
    for (int i = 0; i < y.length; i++) {
      double expected = loss.formula.applyAsDouble(y[i], t[i]);
      sum += expected;
      assertThat(single[i])
          .as("of %s, %s", y[i], t[i])
          .isCloseTo(expected, within(1e-13 * Math.max(1, Math.abs(expected))));
    }
    assertThat(of.apply(Reduction.SUM).item()).isCloseTo(sum, within(1e-12));
    assertThat(of.apply(Reduction.MEAN).item()).isCloseTo(sum / 8, within(1e-12));
    assertThat(of.apply(Reduction.BATCH_MEAN).item()).isCloseTo(sum / 8, within(1e-12));
  }

  @ParameterizedTest
  @MethodSource("pairwise")
  void gradientsAgreeWithDifferencesAtOrdersOneToThree(Pairwise loss) {
    GradCheck.standard()
        .projected(1)
        .order(3)
        .check(
            loss.name,
            in -> loss.ours.apply(in.get(0), in.get(1)).apply(Reduction.NONE),
            loss.name.startsWith("hingeE")
                ? List.of(OUTPUT, loss.target.to(DType.I32))
                : List.of(OUTPUT, loss.target))
        .requirePassed();
  }

  @ParameterizedTest
  @MethodSource("pairwise")
  void worksInSinglePrecision(Pairwise loss) {
    Tensor y = Tensor.parameter(OUTPUT.to(DType.F32));
    Tensor single =
        loss.ours.apply(y, loss.target.to(DType.F32)).apply(Reduction.MEAN).to(DType.F64);
    single.backward();
    Tensor exact = loss.ours.apply(OUTPUT, loss.target).apply(Reduction.MEAN);
    assertThat(single.item()).isCloseTo(exact.item(), within(1e-5));
    assertThat(y.grad().dtype()).isEqualTo(DType.F32);
    assertThat(y.grad().isFinite().toBooleanArray()).doesNotContain(false);
  }

  @Test
  void everyLossOfTwoTensorsIsALoss() {
    List<Loss> losses =
        List.of(
            Functional::mseLoss,
            Functional::l1Loss,
            Functional::smoothL1Loss,
            Functional::huberLoss,
            Functional::klDiv,
            Functional::poissonNllLoss,
            Functional::hingeEmbeddingLoss,
            Functional::softMarginLoss,
            Functional::binaryCrossEntropyWithLogits);
    for (Loss loss : losses) {
      assertThat(loss.of(OUTPUT, COUNTS).shape()).isEqualTo(Shape.SCALAR);
    }
  }

  // ---- At the kinks and far out

  private static double slope(Function<Tensor, Tensor> f, double x) {
    return Grad.grad((Tensor t) -> f.apply(t).sum()).apply(Tensor.of(x)).item();
  }

  @Test
  void slopesAtTheKinksAreThoseOfTheConventions() {
    Tensor zero = Tensor.of(0.0);
    Tensor one = Tensor.of(1.0);
    assertThat(slope(x -> Functional.l1Loss(x, zero), 0)).isEqualTo(0);
    assertThat(slope(x -> Functional.smoothL1Loss(x, zero), 1)).isEqualTo(1);
    assertThat(slope(x -> Functional.huberLoss(x, zero), -1)).isEqualTo(-1);
    assertThat(slope(x -> Functional.hingeEmbeddingLoss(x, one.neg()), 1)).isEqualTo(-1);
    assertThat(slope(x -> Functional.marginRankingLoss(x, zero, one), 0)).isEqualTo(-1);
    // The second derivative of d²/2 at d = 0, which |d|² would lose.
    assertThat(slope(x -> Grad.grad((Tensor t) -> Functional.huberLoss(t, zero).sum()).apply(x), 0))
        .isEqualTo(1);
    assertThat(Functional.smoothL1Loss(Tensor.of(-0.3), zero, 0, Reduction.SUM).item())
        .isEqualTo(0.3);
  }

  @Test
  void nothingOverflowsAtAThousand() {
    for (DType dtype : List.of(DType.F32, DType.F64)) {
      Tensor x = Tensor.parameter(Tensor.of(-1000.0, 1000).to(dtype));
      Tensor loss = Functional.softMarginLoss(x, Tensor.of(1.0, 1).to(dtype), Reduction.NONE);
      loss.sum().backward();
      assertThat(loss.toDoubleArray()).containsExactly(1000, 0);
      assertThat(x.grad().abs().toDoubleArray()).containsExactly(1, 0);
    }
  }

  @Test
  void theDivergenceOfAZeroProbabilityIsZero() {
    Tensor y = Tensor.parameter(Tensor.of(-1.0, -2));
    Tensor loss = Functional.klDiv(y, Tensor.of(0.0, 1), false, Reduction.NONE);
    loss.sum().backward();
    assertThat(loss.toDoubleArray()).containsExactly(0, 2);
    assertThat(y.grad().add(0).toDoubleArray()).containsExactly(0, -1); // + 0: no -0
  }

  @Test
  void theVarianceOfTheGaussianLossIsHeldAboveEpsilonWithItsSlope() {
    Tensor v = Tensor.parameter(Tensor.of(0.0));
    Tensor loss =
        Functional.gaussianNllLoss(Tensor.of(1.0), Tensor.of(1.0), v, false, 0.01, Reduction.SUM);
    loss.backward();
    assertThat(loss.item()).isCloseTo(Math.log(0.01) / 2, within(1e-14));
    assertThat(v.grad().item()).isCloseTo(50, within(1e-12)); // 1/(2ε), as if v were ε
  }

  @Test
  void theVarianceOfTheGaussianLossMayBeOneARow() {
    Tensor y = normal(1, 2, 3);
    Tensor t = normal(2, 2, 3);
    Tensor v = Tensor.of(0.5, 2);
    Tensor full = v.unsqueeze(1).expand(2, 3);
    double expected = Functional.gaussianNllLoss(y, t, full).item();
    assertThat(Functional.gaussianNllLoss(y, t, v).item()).isCloseTo(expected, within(1e-15));
    assertThat(Functional.gaussianNllLoss(y, t, v.unsqueeze(1)).item())
        .isCloseTo(expected, within(1e-15));
    assertThatThrownBy(() -> Functional.gaussianNllLoss(y, t, Tensor.ones(3)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("[3]", "[2, 3]", "last axis");
  }

  // ---- Vectors

  private static double distance(Tensor a, Tensor b, double p) {
    double[] x = a.toDoubleArray();
    double[] y = b.toDoubleArray();
    double sum = 0;
    double most = 0;
    for (int i = 0; i < x.length; i++) {
      double d = Math.abs(x[i] - y[i] + EUCLID_STEP);
      sum += Math.pow(d, p);
      most = Math.max(most, d);
    }
    return Double.isInfinite(p) ? most : Math.pow(sum, 1 / p);
  }

  @Test
  void theTripletLossIsItsFormula() {
    Tensor a = normal(1, 4, 3);
    Tensor b = normal(2, 4, 3);
    Tensor c = normal(3, 4, 3);
    for (double p : new double[] {1, 2, 3, Double.POSITIVE_INFINITY}) {
      for (boolean swap : new boolean[] {false, true}) {
        double[] loss =
            Functional.tripletMarginLoss(a, b, c, 1.5, p, EUCLID_STEP, swap, Reduction.NONE)
                .toDoubleArray();
        for (int i = 0; i < 4; i++) {
          double far = distance(a.select(0, i), c.select(0, i), p);
          if (swap) {
            far = Math.min(far, distance(b.select(0, i), c.select(0, i), p));
          }
          double near = distance(a.select(0, i), b.select(0, i), p);
          assertThat(loss[i]).isCloseTo(Math.max(0, 1.5 + near - far), within(1e-14));
        }
        GradCheck.standard()
            .order(2)
            .projected(4)
            .check(
                "p = " + p,
                in ->
                    Functional.tripletMarginLoss(
                        in.get(0), in.get(1), in.get(2), 1.5, p, EUCLID_STEP, swap, Reduction.SUM),
                List.of(a, b, c))
            .requirePassed();
      }
    }
    assertThat(Functional.tripletMarginLoss(a, b, c).shape()).isEqualTo(Shape.SCALAR);
    assertThatThrownBy(
            () -> Functional.tripletMarginLoss(a, b, c, 1, 0, 1e-6, false, Reduction.SUM))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("0.0");
  }

  @Test
  void theCosineLossIsItsFormula() {
    Tensor a = normal(1, 2, 3);
    Tensor b = normal(2, 2, 3);
    Tensor t = Tensor.of(1, -1);
    double[] loss = Functional.cosineEmbeddingLoss(a, b, t, -0.9, Reduction.NONE).toDoubleArray();
    for (int i = 0; i < 2; i++) {
      Tensor x = a.select(0, i);
      Tensor y = b.select(0, i);
      double cosine =
          x.mul(y).sum().item() / Math.sqrt(x.square().sum().item() * y.square().sum().item());
      assertThat(loss[i]).isCloseTo(i == 0 ? 1 - cosine : Math.max(0, cosine + 0.9), within(1e-12));
    }
    GradCheck.standard()
        .order(2)
        .check(
            in -> Functional.cosineEmbeddingLoss(in.get(0), in.get(1), t, -0.9, Reduction.SUM),
            List.of(a, b))
        .requirePassed();
    assertThat(Functional.cosineEmbeddingLoss(a, b, t).shape()).isEqualTo(Shape.SCALAR);
  }

  // ---- Errors

  @Test
  void nothingIsBroadcastSilently() {
    Tensor y = Tensor.ones(4, 1);
    Tensor t = Tensor.ones(4);
    for (Loss loss :
        List.<Loss>of(
            Functional::mseLoss,
            Functional::l1Loss,
            Functional::smoothL1Loss,
            Functional::huberLoss,
            Functional::binaryCrossEntropy,
            Functional::binaryCrossEntropyWithLogits)) {
      assertThatThrownBy(() -> loss.of(y, t))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("[4, 1]", "[4]", "reshape");
    }
    assertThatThrownBy(() -> Functional.huberLoss(t, t, 0, Reduction.SUM))
        .hasMessageContaining("0.0");
    assertThatThrownBy(() -> Functional.smoothL1Loss(t, t, -1, Reduction.SUM))
        .hasMessageContaining("-1.0");
  }
}
