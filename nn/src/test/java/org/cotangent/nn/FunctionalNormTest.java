package org.cotangent.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.cotangent.autograd.GradCheck;
import org.cotangent.autograd.Rng;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class FunctionalNormTest {
  private static final double EPS = 1e-5;

  private static Tensor normal(long seed, int... dims) {
    return Rng.of(seed).normal(Shape.of(dims), DType.F64);
  }

  /// `(x - mean)/√(variance + ε)` of plain numbers.
  private static double[] normalised(double[] x) {
    double mean = java.util.Arrays.stream(x).average().orElseThrow();
    double variance =
        java.util.Arrays.stream(x).map(v -> (v - mean) * (v - mean)).average().orElseThrow();
    return java.util.Arrays.stream(x).map(v -> (v - mean) / Math.sqrt(variance + EPS)).toArray();
  }

  private static void assertNormalised(Tensor x, Tensor y) {
    double[] expected = normalised(x.toDoubleArray());
    double[] actual = y.toDoubleArray();
    for (int i = 0; i < expected.length; i++) {
      assertThat(actual[i]).isCloseTo(expected[i], within(1e-13));
    }
  }

  // ---- Over which numbers

  @Test
  void layerNormTakesTheLastAxesOfEachSample() {
    Tensor x = normal(1, 3, 4, 5).mul(3).add(7);
    Tensor one = Functional.layerNorm(x, Shape.of(5), EPS);
    Tensor two = Functional.layerNorm(x, Shape.of(4, 5), EPS);
    for (int i = 0; i < 3; i++) {
      assertNormalised(x.select(0, i), two.select(0, i));
      assertNormalised(x.select(0, i).select(0, 2), one.select(0, i).select(0, 2));
    }
  }

  @Test
  void batchNormTakesEachChannelOfAllSamples() {
    for (int[] dims : List.of(new int[] {6, 2}, new int[] {3, 2, 4}, new int[] {3, 2, 4, 5})) {
      Tensor x = normal(1, dims).mul(3).add(7);
      Tensor y = Functional.batchNorm(x, EPS);
      assertNormalised(x.select(1, 1), y.select(1, 1));
    }
  }

  @Test
  void instanceNormTakesEachChannelOfEachSample() {
    Tensor x = normal(1, 3, 2, 4, 5).mul(3).add(7);
    Tensor y = Functional.instanceNorm(x, EPS);
    assertNormalised(x.select(0, 2).select(0, 1), y.select(0, 2).select(0, 1));
  }

  @Test
  void groupNormTakesGroupsOfChannelsOfEachSample() {
    Tensor x = normal(1, 3, 6, 5).mul(3).add(7);
    Tensor y = Functional.groupNorm(x, 2, EPS);
    assertNormalised(x.select(0, 1).slice(0, 3, 6), y.select(0, 1).slice(0, 3, 6));
    // One group a channel is instance norm, one group is layer norm of the whole sample.
    assertThat(
            Functional.groupNorm(x, 6, EPS).sub(Functional.instanceNorm(x, EPS)).abs().max().item())
        .isLessThan(1e-14);
    assertThat(
            Functional.groupNorm(x, 1, EPS)
                .sub(Functional.layerNorm(x, Shape.of(6, 5), EPS))
                .abs()
                .max()
                .item())
        .isLessThan(1e-14);
  }

  @Test
  void evaluationUsesTheStatisticsThatAreGiven() {
    Tensor x = normal(1, 4, 2, 3);
    Tensor mean = Tensor.of(1.0, -2);
    Tensor variance = Tensor.of(4.0, 0.25);
    Tensor y =
        Functional.batchNormEval(x, mean, variance, Tensor.of(2.0, 3), Tensor.of(0.5, 0), EPS);
    assertThat(y.get(3, 0, 2))
        .isCloseTo((x.get(3, 0, 2) - 1) / Math.sqrt(4 + EPS) * 2 + 0.5, within(1e-14));
    assertThat(y.get(1, 1, 0))
        .isCloseTo((x.get(1, 1, 0) + 2) / Math.sqrt(0.25 + EPS) * 3, within(1e-13));
  }

  @Test
  void scaleAndShiftGoToTheirChannels() {
    Tensor x = normal(1, 4, 2, 3);
    Tensor w = Tensor.of(2.0, 3);
    Tensor b = Tensor.of(0.5, -1);
    for (Function<Boolean, Tensor> f :
        List.<Function<Boolean, Tensor>>of(
            affine -> affine ? Functional.batchNorm(x, w, b, EPS) : Functional.batchNorm(x, EPS),
            affine ->
                affine ? Functional.instanceNorm(x, w, b, EPS) : Functional.instanceNorm(x, EPS),
            affine ->
                affine ? Functional.groupNorm(x, 2, w, b, EPS) : Functional.groupNorm(x, 2, EPS))) {
      Tensor plain = f.apply(false);
      assertThat(f.apply(true).select(1, 1).toDoubleArray())
          .containsExactly(plain.select(1, 1).mul(3).sub(1).toDoubleArray(), within(1e-14));
    }
  }

  // ---- Derivatives

  record Norm(String name, Function<List<Tensor>, Tensor> f, List<Tensor> at) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Norm> norms() {
    Tensor w = Tensor.of(1.5, -0.5, 0.7, 2);
    Tensor b = Tensor.of(0.1, 0.2, 0.3, 0.4);
    return Stream.of(
        new Norm(
            "batchNorm",
            in -> Functional.batchNorm(in.get(0), in.get(1), in.get(2), EPS),
            List.of(normal(2, 3, 4, 2), w, b)),
        new Norm(
            "batchNormEval",
            in ->
                Functional.batchNormEval(
                    in.get(0), in.get(1), in.get(2), in.get(3), in.get(4), EPS),
            List.of(normal(2, 3, 4), b, w.square(), w, b)),
        new Norm(
            "instanceNorm",
            in -> Functional.instanceNorm(in.get(0), in.get(1), in.get(2), EPS),
            List.of(normal(2, 2, 4, 3), w, b)),
        new Norm(
            "groupNorm",
            in -> Functional.groupNorm(in.get(0), 2, in.get(1), in.get(2), EPS),
            List.of(normal(2, 2, 4, 3), w, b)),
        new Norm(
            "layerNorm",
            in -> Functional.layerNorm(in.get(0), in.get(1), in.get(2), EPS),
            List.of(normal(2, 3, 4), w, b)));
  }

  /// Third order too: where the large frameworks fuse these functions, they have got it wrong.
  @ParameterizedTest
  @MethodSource("norms")
  void derivativesAgreeWithDifferencesAtOrdersOneToThree(Norm n) {
    GradCheck.standard().order(2).check(n.name, n.f, n.at).requirePassed();
    GradCheck.standard()
        .projected(3)
        .order(3)
        .tolerance(1e-6)
        .check(n.name, n.f, n.at)
        .requirePassed();
  }

  @ParameterizedTest
  @MethodSource("norms")
  void worksInSinglePrecision(Norm n) {
    Tensor y = n.f.apply(n.at.stream().map(t -> t.to(DType.F32)).toList());
    assertThat(y.dtype()).isEqualTo(DType.F32);
    assertThat(y.sub(n.f.apply(n.at)).abs().max().item()).isLessThan(1e-5);
  }

  @Test
  void aShiftOfTheInputChangesNothingAndALargeOneLosesNoMoreThanItsOwnDigits() {
    Tensor x = normal(3, 64, 8);
    Tensor y = Functional.layerNorm(x, Shape.of(8), EPS);
    assertThat(Functional.layerNorm(x.add(1e6), Shape.of(8), EPS).sub(y).abs().max().item())
        .isLessThan(1e-8);
  }

  @Test
  void aConstantInputGivesZeroWithFiniteGradients() {
    Tensor x = Tensor.parameter(Tensor.full(Shape.of(2, 3), 5, DType.F64));
    Tensor y = Functional.layerNorm(x, Shape.of(3), EPS);
    assertThat(y.toDoubleArray()).containsOnly(0);
    y.mul(Tensor.of(1.0, 2, 3)).sum().backward();
    assertThat(x.grad().get(0, 0)).isCloseTo(-1 / Math.sqrt(EPS), within(1e-10));
  }

  @Test
  void anEmptyBatchStaysEmpty() {
    assertThat(Functional.layerNorm(Tensor.zeros(0, 3), Shape.of(3), EPS).shape())
        .isEqualTo(Shape.of(0, 3));
    assertThat(Functional.groupNorm(Tensor.zeros(0, 4, 3), 2, EPS).shape())
        .isEqualTo(Shape.of(0, 4, 3));
  }

  // ---- Errors

  @Test
  void whatDoesNotFitIsRefused() {
    Tensor x = normal(1, 2, 4, 3);
    assertThatThrownBy(() -> Functional.layerNorm(x, Shape.of(4), EPS))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("layerNorm", "[2, 4, 3]", "[4]");
    assertThatThrownBy(() -> Functional.layerNorm(x, Tensor.ones(3), Tensor.ones(4), EPS))
        .hasMessageContainingAll("[3]", "[4]");
    assertThatThrownBy(() -> Functional.groupNorm(x, 3, EPS))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("groupNorm", "3 groups");
    assertThatThrownBy(() -> Functional.batchNorm(Tensor.ones(1, 4), EPS))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("batchNorm", "[1, 4]", "more than one");
    assertThatThrownBy(() -> Functional.batchNorm(x, Tensor.ones(3), Tensor.ones(3), EPS))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("[3]", "[2, 4, 3]", "channel");
    assertThatThrownBy(() -> Functional.instanceNorm(Tensor.ones(2, 4), EPS))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("instanceNorm", "[2, 4]");
    assertThatThrownBy(() -> Functional.instanceNorm(Tensor.ones(2, 4, 1), EPS))
        .hasMessageContaining("more than one position");
  }
}
