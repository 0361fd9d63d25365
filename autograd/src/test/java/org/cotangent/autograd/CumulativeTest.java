package org.cotangent.autograd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.function.DoubleBinaryOperator;
import java.util.function.UnaryOperator;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Running sums, products and extremes against loops.
class CumulativeTest {
  private static void check(
      String what, UnaryOperator<Tensor> f, Tensor x, DoubleBinaryOperator step) {
    double[] v = x.toDoubleArray();
    for (int i = 1; i < v.length; i++) {
      v[i] = step.applyAsDouble(v[i - 1], v[i]);
    }
    Numbers.assertClose(what, f.apply(x).toDoubleArray(), v, 1e-13);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 7, 8, 9, 100})
  void eachElementStandsForAllUpToIt(int n) {
    Tensor x = new Draw(n).signed(0.5, 1.5, n);
    check("sum", t -> Cumulative.sum(t, 0), x, Double::sum);
    check("prod", t -> Cumulative.prod(t, -1), x, (a, b) -> a * b);
    check("max", t -> Cumulative.max(t, 0).values(), x, Math::max);
    check("min", t -> Cumulative.min(t, 0).values(), x, Math::min);
    check("lse", t -> Cumulative.logSumExp(t, 0), x, (a, b) -> Math.log(Math.exp(a) + Math.exp(b)));
  }

  private static void smooth(UnaryOperator<Tensor> f, Tensor x) {
    for (int order = 1; order <= 2; order++) {
      GradCheck.standard()
          .order(order)
          .check(in -> f.apply(in.getFirst()), List.of(x))
          .requirePassed();
    }
  }

  @Test
  void derivativesAreRightToTheSecondOrder() {
    Tensor x = new Draw(5).distinct(2, 5, 2);
    for (int axis = 0; axis < 3; axis++) {
      int a = axis;
      smooth(t -> Cumulative.sum(t, a).square(), x);
      smooth(t -> Cumulative.prod(t, a), x);
      smooth(t -> Cumulative.logSumExp(t, a), x);
      smooth(t -> Cumulative.max(t, a).values().square(), x);
      smooth(t -> Cumulative.min(t, a).values().square(), x);
    }
    smooth(t -> Cumulative.prod(t, 0), Tensor.of(2.0, 0, 3, 0, 1.5)); // no division by 0
  }

  @Test
  void floatsAreSummedInDouble() {
    Tensor tenths = Tensor.full(Shape.of(100_000), 0.1f, DType.F32);
    double last = Cumulative.sum(tenths, 0).select(0, -1).item();
    assertThat(last).isEqualTo((double) (float) (100_000 * (double) 0.1f));
  }

  @Test
  void positionsAreTheLast() {
    Sorting.Entries e = Cumulative.max(Tensor.of(1.0, 1, Double.NaN, 2), 0);
    assertThat(e.values().toDoubleArray()).containsExactly(1, 1, Double.NaN, Double.NaN);
    assertThat(e.indices().toLongArray()).containsExactly(0, 1, 2, 2);
    assertThat(Cumulative.min(Tensor.of(3, 1, 2, 1), 0).indices().toLongArray())
        .containsExactly(0, 1, 1, 3);
    assertThat(Cumulative.sum(Tensor.of(true, true), 0).dtype()).isEqualTo(DType.I64);
  }

  @Test
  void largeExponentsDoNotOverflow() {
    Tensor x = Tensor.of(1000.0, 1000, -1000, Double.NEGATIVE_INFINITY);
    double two = 1000 + Math.log(2);
    assertThat(Cumulative.logSumExp(x, 0).toDoubleArray()).containsExactly(1000, two, two, two);
    double none = Double.NEGATIVE_INFINITY;
    assertThat(Cumulative.logSumExp(Tensor.of(none, none, 1), 0).toDoubleArray())
        .containsExactly(none, none, 1);
  }
}
