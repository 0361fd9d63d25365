package org.cotangent.autograd.shape;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class AxesTest {
  private static final Shape CUBE = Shape.of(2, 3, 4);

  @Test
  void axisIOfTheResultIsAxisGetIOfTheOperand() {
    Axes order = Axes.permutation(CUBE, 2, 0, 1);
    assertThat(order.apply(CUBE)).isEqualTo(Shape.of(4, 2, 3));
    assertThat(order.get(0)).isEqualTo(2);
    assertThat(order.rank()).isEqualTo(3);
    assertThat(order).hasToString("[2, 0, 1]");
  }

  @Test
  void negativeAxesAreResolved() {
    Axes order = Axes.permutation(CUBE, -1, 0, -2);
    assertThat(order).isEqualTo(Axes.permutation(CUBE, 2, 0, 1));
    assertThat(order).hasSameHashCodeAs(Axes.permutation(CUBE, 2, 0, 1));
    assertThat(order).isNotEqualTo(order.inverse());
  }

  @Test
  void aScalarHasOneOrder() {
    assertThat(Axes.permutation(Shape.SCALAR).apply(Shape.SCALAR)).isEqualTo(Shape.SCALAR);
  }

  @Test
  void twoOrdersOneAfterTheOtherAreOneOrder() {
    Axes first = Axes.permutation(CUBE, 2, 0, 1);
    Axes then = Axes.permutation(first.apply(CUBE), 1, 0, 2);
    assertThat(then.after(first)).isEqualTo(Axes.permutation(CUBE, 0, 2, 1));
    assertThat(then.after(first).apply(CUBE)).isEqualTo(then.apply(first.apply(CUBE)));
    assertThat(first.inverse().after(first).isIdentity()).isTrue();
  }

  @Test
  void onlyTheOrderThatMovesNothingIsTheIdentity() {
    assertThat(Axes.permutation(CUBE, 0, 1, 2).isIdentity()).isTrue();
    assertThat(Axes.permutation(Shape.SCALAR).isIdentity()).isTrue();
    assertThat(Axes.permutation(CUBE, 0, 2, 1).isIdentity()).isFalse();
    assertThat(Axes.permutation(CUBE, 1, 0, 2).isIdentity()).isFalse();
  }

  @Test
  void errorsNameTheOrderAndTheShape() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Axes.permutation(CUBE, 0, 1, -3))
        .withMessage(
            "PERMUTE: the order [0, 1, -3] of shape [2, 3, 4] must name each of its 3 axes once");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Axes.permutation(CUBE, 0, 1))
        .withMessage(
            "PERMUTE: the order [0, 1] of shape [2, 3, 4] must name each of its 3 axes once");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Axes.permutation(CUBE, 0, 1, 3))
        .withMessage("PERMUTE: no axis 3 in shape [2, 3, 4]: axes are -3 to 2");
  }

  @Provide
  Arbitrary<List<Integer>> orders() {
    return Arbitraries.integers().between(0, 5).flatMap(AxesTest::ordersOfRank);
  }

  private static Arbitrary<List<Integer>> ordersOfRank(int rank) {
    return Arbitraries.shuffle(IntStream.range(0, rank).boxed().toList());
  }

  @Property
  void theInverseUndoesAnOrder(@ForAll("orders") List<Integer> chosen) {
    int[] dims = new int[chosen.size()];
    Arrays.setAll(dims, i -> i + 2);
    Shape x = Shape.of(dims);
    Axes order = Axes.permutation(x, chosen.stream().mapToInt(i -> i).toArray());
    assertThat(order.inverse().apply(order.apply(x))).isEqualTo(x);
    assertThat(order.inverse().inverse()).isEqualTo(order);
    for (int i = 0; i < x.rank(); i++) {
      assertThat(order.apply(x).dim(i)).isEqualTo(x.dim(chosen.get(i)));
      assertThat(order.inverse().get(order.get(i))).isEqualTo(i);
    }
  }
}
