package org.cotangent.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Spread, norms and medians against their formulas in plain loops.
class StatisticsTest {
  private static final Tensor X = new Draw(3).signed(0.3, 2, 4, 5);
  private static final int[] ROWS = {1};

  private static void smooth(UnaryOperator<Tensor> f, Tensor x) {
    for (int order = 1; order <= 2; order++) {
      GradCheck.standard()
          .tolerance(1e-7)
          .order(order)
          .check(in -> f.apply(in.getFirst()), List.of(x))
          .requirePassed();
    }
  }

  private static double[] row(int i) {
    return X.select(0, i).toDoubleArray();
  }

  @Test
  void momentsAreTheMeanAndTheBiasedVariance() {
    Statistics.Moments m = Statistics.moments(X, ROWS);
    assertThat(m.mean().shape()).isEqualTo(Shape.of(4, 1));
    assertThat(m.mean().toDoubleArray())
        .containsExactly(X.mean(ROWS, true).toDoubleArray(), within(1e-15));
    assertThat(m.variance().toDoubleArray())
        .containsExactly(Statistics.var(X, ROWS, 0, true).toDoubleArray(), within(1e-15));
    Tensor nothing = Tensor.zeros(Shape.of(3, 0), DType.F32);
    Statistics.Moments none = Statistics.moments(nothing, 1);
    assertThat(none.mean().toDoubleArray()).containsOnly(Double.NaN).hasSize(3);
    assertThat(none.variance().toDoubleArray()).containsOnly(Double.NaN).hasSize(3);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 1, 2.5})
  void varianceIsTheMeanSquareDistanceFromTheMean(double correction) {
    double[] expected = new double[4];
    for (int i = 0; i < 4; i++) {
      double mean = Arrays.stream(row(i)).average().orElseThrow();
      double squares = Arrays.stream(row(i)).map(v -> (v - mean) * (v - mean)).sum();
      expected[i] = squares / (5 - correction);
    }
    Tensor var = Statistics.var(X, ROWS, correction, false);
    Numbers.assertClose("var", var.toDoubleArray(), expected, 1e-15);
    Tensor std = Statistics.std(X, ROWS, correction, true);
    assertThat(std.shape()).isEqualTo(Shape.of(4, 1));
    Numbers.assertClose("std", std.square().flatten(), var, 1e-15);
    smooth(x -> Statistics.var(x, ROWS, correction, true), X);
    smooth(x -> Statistics.std(x, ROWS, correction, false), X);
  }

  @Test
  void theMeanComesWithTheVariance() {
    Statistics.VarMean whole = Statistics.varMean(X, Statistics.all(X), 1, false);
    assertThat(whole.var().item()).isEqualTo(Statistics.var(X).item());
    assertThat(whole.mean().item()).isEqualTo(X.mean().item());
    assertThat(Statistics.varMean(X, ROWS, 1, true).mean().shape()).isEqualTo(Shape.of(4, 1));
    assertThat(Statistics.var(Tensor.of(1, 2, 4)).dtype()).isEqualTo(DType.F32);
  }

  @Test
  void largeNumbersWithASmallSpreadKeepTheirDigits() {
    Tensor far = Tensor.of(1e8 + 1, 1e8 + 2, 1e8 + 3);
    assertThat(Statistics.var(far).item()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(doubles = {1, 2, 3, 0.5, 1.5, -1, -0.5, -2})
  void normsAreRootsOfSumsOfPowers(double p) {
    double[] expected = new double[4];
    for (int i = 0; i < 4; i++) {
      double sum = Arrays.stream(row(i)).map(v -> Math.pow(Math.abs(v), p)).sum();
      expected[i] = Math.pow(sum, 1 / p);
    }
    Tensor y = Statistics.norm(X, p, ROWS, false);
    Numbers.assertClose("norm", y.toDoubleArray(), expected, 1e-14);
    smooth(x -> Statistics.norm(x, p, ROWS, true), X);
    smooth(x -> Statistics.norm(x, p), X);
  }

  @Test
  void limitsOfNorms() {
    Tensor x = Tensor.of(3.0, -7, 0, 2);
    assertThat(Statistics.norm(x, Double.POSITIVE_INFINITY).item()).isEqualTo(7);
    assertThat(Statistics.norm(x, Double.NEGATIVE_INFINITY).item()).isEqualTo(0);
    assertThat(Statistics.norm(x, 0).item()).isEqualTo(3);
    assertThat(Statistics.norm(x, -1).item()).isEqualTo(0);
    assertThat(Statistics.norm(Tensor.zeros(2, 0), 3, ROWS, false).toDoubleArray())
        .containsExactly(0, 0);
    assertThat(Statistics.norm(Tensor.of(3, 4), 2).item()).isEqualTo(5);
    assertThatThrownBy(() -> Statistics.norm(x, Double.NaN))
        .hasMessage("NORM: the order p is NaN; it must be a number");
  }

  @Test
  void theMedianIsTheLowerOfTwoInTheMiddle() {
    assertThat(Statistics.median(Tensor.of(4.0, 1, 3, 2)).item()).isEqualTo(2);
    assertThat(Statistics.median(Tensor.of(4.0, 1, 3)).item()).isEqualTo(3);
    Tensor x = Tensor.of(new double[][] {{5, 1, 4}, {Double.NaN, 0, 1}});
    Sorting.Entries rows = Statistics.median(x, 1, false);
    assertThat(rows.values().toDoubleArray()).containsExactly(4, Double.NaN);
    assertThat(rows.indices().toLongArray()).containsExactly(2, 0);
    assertThat(Statistics.median(x, 0, true).indices().shape()).isEqualTo(Shape.of(1, 3));
    assertThat(Statistics.median(Tensor.of(7, 5, 9)).dtype()).isEqualTo(DType.I32);
    smooth(v -> Statistics.median(v), Tensor.of(0.1, 2.0, 1.5, -1.0));
    smooth(v -> Statistics.median(v, -1, false).values(), X);
    assertThatThrownBy(() -> Statistics.median(Tensor.zeros(2, 0), 1, false))
        .hasMessage("MEDIAN: axis 1 of [2, 0] is empty: there is no middle");
  }

  @Test
  void nanCountsAsNothing() {
    Tensor x = Tensor.of(new double[][] {{1, Double.NaN}, {Double.NaN, Double.NaN}});
    assertThat(Statistics.nanSum(x, ROWS, false).toDoubleArray()).containsExactly(1, 0);
    assertThat(Statistics.nanSum(x).item()).isEqualTo(1);
  }
}
