package org.cotangent.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.api.Test;

/// Orders and chosen elements against Java's own sorting.
class SortingTest {
  private static void smooth(UnaryOperator<Tensor> f, Tensor x) {
    for (int order = 1; order <= 2; order++) {
      GradCheck.standard()
          .order(order)
          .check(in -> f.apply(in.getFirst()).square(), List.of(x))
          .requirePassed();
    }
  }

  @Test
  void sortedNumbersAreThoseOfJava() {
    var random = new Random(1);
    for (int n : new int[] {0, 1, 2, 15, 16, 17, 31, 32, 33, 100, 257, 5000}) {
      double[] x = random.doubles(n, -5, 5).map(Math::rint).toArray(); // many ties
      double[] sorted = x.clone();
      Arrays.sort(sorted);
      for (DType d : List.of(DType.F32, DType.F64, DType.I32, DType.I64)) {
        Tensor t = Tensor.of(x).add(0).to(d); // one zero only
        Sorting.Entries up = Sorting.sort(t, 0, false);
        Numbers.assertSame("rising " + n, up.values(), Tensor.of(sorted).add(0).to(d));
        Sorting.Entries down = Sorting.sort(t, 0, true);
        Numbers.assertSame("falling " + n, down.values(), up.values().flip(0));
        assertStable(t, up.indices());
        assertStable(t, down.indices());
      }
    }
  }

  private static void assertStable(Tensor x, Tensor order) {
    double[] v = x.toDoubleArray();
    long[] at = order.toLongArray();
    for (int i = 1; i < at.length; i++) {
      assertThat(v[(int) at[i - 1]] == v[(int) at[i]] && at[i - 1] > at[i]).isFalse();
    }
  }

  @Test
  void axesAreSortedEachForItself() {
    Tensor x = new Draw(2).distinct(3, 4, 5);
    for (int axis = 0; axis < 3; axis++) {
      int a = axis;
      Tensor there = Sorting.sort(x.transpose(a, 2), -1, false).values().transpose(a, 2);
      Numbers.assertSame("axis " + a, Sorting.sort(x, a, false).values(), there);
      smooth(t -> Sorting.sort(t, a - 3, true).values(), x);
    }
  }

  @Test
  void topkIsTheBeginningOfTheOrder() {
    Tensor x = Tensor.of(3.0, Double.NaN, 7, 7, 1);
    Sorting.Entries best = Sorting.topk(x, 3, 0, true);
    assertThat(best.values().toDoubleArray()).containsExactly(Double.NaN, 7, 7);
    assertThat(best.indices().toLongArray()).containsExactly(1, 2, 3);
    assertThat(Sorting.topk(x, 2, 0, false).values().toDoubleArray()).containsExactly(1, 3);
    assertThat(Sorting.topk(x, 0, 0, true).values().shape()).isEqualTo(Shape.of(0));
    smooth(t -> Sorting.topk(t, 2, 0, true).values(), new Draw(4).distinct(4, 3));
    assertThatThrownBy(() -> Sorting.topk(x, 6, 0, true))
        .hasMessage("TOP_K: axis 0 of [5] has 5 elements, not 6");
  }

  @Test
  void extremesComeWithTheirFirstPositions() {
    Tensor x = Tensor.of(new double[][] {{1, 9, 9}, {4, 2, 2}});
    assertThat(Sorting.max(x, 1, false).indices().toLongArray()).containsExactly(1, 0);
    assertThat(Sorting.min(x, 1, true).indices().shape()).isEqualTo(Shape.of(2, 1));
    assertThat(Sorting.min(x, 1, false).values().toDoubleArray()).containsExactly(1, 2);
    assertThat(Sorting.min(Tensor.of(1, Double.NaN), 0, false).values().item()).isNaN();
    smooth(t -> Sorting.max(t, 0, false).values(), x.add(Tensor.of(0.0, 0.1, 0.3)));
  }

  @Test
  void anOrderOfWhatIsTrackedIsNot() {
    Tensor p = Tensor.parameter(Tensor.of(2.0, 1));
    assertThat(Sorting.argsort(p, 0, false).isTracked()).isFalse();
  }
}
