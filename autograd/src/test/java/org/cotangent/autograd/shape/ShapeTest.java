package org.cotangent.autograd.shape;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class ShapeTest {

  @Test
  void theScalarHasNoAxesAndOneElement() {
    assertThat(Shape.of()).isSameAs(Shape.SCALAR);
    assertThat(Shape.SCALAR.rank()).isZero();
    assertThat(Shape.SCALAR.size()).isEqualTo(1);
    assertThat(Shape.SCALAR).hasToString("[]");
  }

  @Test
  void sizeIsTheProductOfTheExtents() {
    assertThat(Shape.of(2, 3, 4).size()).isEqualTo(24);
    assertThat(Shape.of(2, 0, 4).size()).isZero();
    assertThat(Shape.of(Integer.MAX_VALUE).size()).isEqualTo(Integer.MAX_VALUE);
    assertThat(Shape.of(1 << 30, 1 << 30, 0).size()).isZero();
  }

  @Test
  void shapesAreComparedByTheirExtents() {
    assertThat(Shape.of(2, 3)).isEqualTo(Shape.of(2, 3)).hasSameHashCodeAs(Shape.of(2, 3));
    assertThat(Shape.of(2, 3)).isNotEqualTo(Shape.of(3, 2)).isNotEqualTo(Shape.of(2, 3, 1));
    assertThat(Shape.of(2, 3)).hasToString("[2, 3]");
  }

  @Test
  void aShapeKeepsAndGivesCopiesOfItsExtents() {
    int[] given = {2, 3};
    Shape x = Shape.of(given);
    given[0] = 9;
    x.dims()[1] = 9;
    assertThat(x).isEqualTo(Shape.of(2, 3));
  }

  @Test
  void negativeAxesCountFromTheEnd() {
    Shape x = Shape.of(2, 3, 4);
    assertThat(x.dim(-1)).isEqualTo(4);
    assertThat(x.axis("sum", -3)).isZero();
    assertThat(x.with(-2, 7)).isEqualTo(Shape.of(2, 7, 4));
    assertThat(x.without(-1)).isEqualTo(Shape.of(2, 3));
  }

  @Test
  void axesCanBeCollapsedRemovedAndInserted() {
    Shape x = Shape.of(2, 3, 4);
    assertThat(x.collapsed(2, 0)).isEqualTo(Shape.of(1, 3, 1));
    assertThat(x.collapsed()).isEqualTo(x);
    assertThat(x.without(0)).isEqualTo(Shape.of(3, 4));
    assertThat(Shape.of(5).without(0)).isEqualTo(Shape.SCALAR);
    assertThat(x.inserted(0, 5)).isEqualTo(Shape.of(5, 2, 3, 4));
    assertThat(x.inserted(3, 5)).isEqualTo(Shape.of(2, 3, 4, 5));
  }

  @Test
  void errorsNameTheShapeAndTheRule() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Shape.of(2, -3))
        .withMessage("shape [2, -3]: the extent -3 is negative; extents are 0 or more");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Shape.of(65536, 32768))
        .withMessage(
            "shape [65536, 32768]: more than 2^31-1 elements; a tensor is one Java array; split it");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Shape.of(2, 3).axis("sum", 2))
        .withMessage("sum: no axis 2 in shape [2, 3]: axes are -2 to 1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Shape.of(2, 3).dim(-3))
        .withMessage("dim: no axis -3 in shape [2, 3]: axes are -2 to 1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Shape.SCALAR.axis("sum", 0))
        .withMessage("sum: no axis 0 in shape []: a scalar has no axes");
  }

  @Test
  void broadcastingFollowsNumPy() {
    assertThat(broadcast(Shape.of(8, 1, 6, 1), Shape.of(7, 1, 5))).isEqualTo(Shape.of(8, 7, 6, 5));
    assertThat(broadcast(Shape.of(3), Shape.of(2, 3))).isEqualTo(Shape.of(2, 3));
    assertThat(broadcast(Shape.of(2, 3), Shape.SCALAR)).isEqualTo(Shape.of(2, 3));
    assertThat(broadcast(Shape.of(0, 3), Shape.of(1, 3))).isEqualTo(Shape.of(0, 3));
    assertThat(broadcast(Shape.of(1), Shape.of(0))).isEqualTo(Shape.of(0));
  }

  @Test
  void shapesThatDoNotBroadcastAreNamed() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Shape.broadcast("ADD", Shape.of(4, 2, 3), Shape.of(5, 3)))
        .withMessage(
            "ADD: cannot broadcast [4, 2, 3] with [5, 3]: axis -2 has extents 2 and 5; each pair must be equal or contain a 1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> broadcast(Shape.of(0), Shape.of(2)))
        .withMessageContaining("axis -1 has extents 0 and 2");
  }

  @Test
  void broadcastsToIsOneSided() {
    assertThat(Shape.of(1, 3).broadcastsTo(Shape.of(2, 3))).isTrue();
    assertThat(Shape.of(2, 3).broadcastsTo(Shape.of(1, 3))).isFalse();
    assertThat(Shape.SCALAR.broadcastsTo(Shape.of(2, 0))).isTrue();
    assertThat(Shape.of(1, 3).broadcastsTo(Shape.of(3))).isFalse();
    assertThat(Shape.of(1).broadcastsTo(Shape.of(0))).isTrue();
    assertThat(Shape.of(0).broadcastsTo(Shape.of(1))).isFalse();
  }

  @Provide
  Arbitrary<Shape> shapes() {
    return Arbitraries.integers().between(0, 2).array(int[].class).ofMaxSize(3).map(Shape::of);
  }

  @Property
  void aBroadcastIsTheSameBothWaysAndReachedByBothOperands(
      @ForAll("shapes") Shape a, @ForAll("shapes") Shape b) {
    try {
      Shape both = broadcast(a, b);
      assertThat(broadcast(b, a)).isEqualTo(both);
      assertThat(a.broadcastsTo(both) && b.broadcastsTo(both)).isTrue();
      assertThat(broadcast(both, a)).isEqualTo(both);
    } catch (IllegalArgumentException e) {
      assertThat(e)
          .hasMessageStartingWith("ADD: cannot broadcast " + a + " with " + b + ": axis -");
      assertThat(a.broadcastsTo(b) || b.broadcastsTo(a)).isFalse();
    }
  }

  @Property
  void oneOperandStretchesToTheOtherExactlyIfTheirBroadcastIsTheOther(
      @ForAll("shapes") Shape a, @ForAll("shapes") Shape b) {
    boolean stretches;
    try {
      stretches = broadcast(a, b).equals(b);
    } catch (IllegalArgumentException _) {
      stretches = false;
    }
    assertThat(a.broadcastsTo(b)).isEqualTo(stretches);
  }

  @Property
  void removingAnInsertedAxisGivesTheShapeBack(@ForAll("shapes") Shape x) {
    for (int axis = 0; axis <= x.rank(); axis++) {
      assertThat(x.inserted(axis, 7).without(axis)).isEqualTo(x);
      assertThat(x.inserted(axis, 7).dim(axis)).isEqualTo(7);
    }
  }

  private static Shape broadcast(Shape a, Shape b) {
    return Shape.broadcast("ADD", a, b);
  }
}
