package org.cotangent.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.api.Test;

/// Rules and errors; the other numbers are those of the recorded calls of PyTorch.
class FunctionalResamplingTest {
  private static final Tensor X = Tensor.of(1.0, 2, 3, 4);

  @Test
  void paddingFollowsItsMode() {
    assertThat(Functional.pad(X, 1, 2).toDoubleArray()).containsExactly(0, 1, 2, 3, 4, 0, 0);
    assertThat(Functional.padConstant(X, 9, 1, 0).toDoubleArray()).containsExactly(9, 1, 2, 3, 4);
    assertThat(Functional.pad(X, -1, -2).toDoubleArray()).containsExactly(2);
    assertThat(Functional.pad(X, PadMode.REFLECT, 2, 3).toDoubleArray())
        .containsExactly(3, 2, 1, 2, 3, 4, 3, 2, 1);
    assertThat(Functional.pad(X, PadMode.REPLICATE, 1, 2).toDoubleArray())
        .containsExactly(1, 1, 2, 3, 4, 4, 4);
    assertThat(Functional.pad(X, PadMode.CIRCULAR, 1, 4).toDoubleArray())
        .containsExactly(4, 1, 2, 3, 4, 1, 2, 3, 4);
    assertThat(Functional.pad(X, PadMode.CIRCULAR, -1, 1).toDoubleArray())
        .containsExactly(2, 3, 4, 2);
    assertThat(Functional.pad(X.reshape(2, 2), 0, 1, 2, 0).shape()).isEqualTo(Shape.of(4, 3));
  }

  @Test
  void paddingThatDoesNotFitIsRefused() {
    assertThatThrownBy(() -> Functional.pad(X, 1)).hasMessageContainingAll("[1]", "two numbers");
    assertThatThrownBy(() -> Functional.pad(X, 1, 1, 1, 1)).hasMessageContaining("[4]");
    assertThatThrownBy(() -> Functional.pad(X, -3, -2)).hasMessageContaining("cut off more");
    assertThatThrownBy(() -> Functional.pad(X, PadMode.REFLECT, 4, 0))
        .hasMessage("pad: 4 before and 0 after axis 0 of [4]: REFLECT allows 3 at most");
    assertThatThrownBy(() -> Functional.pad(X, PadMode.CIRCULAR, 0, 5))
        .hasMessageContaining("CIRCULAR allows 4 at most");
    assertThatThrownBy(() -> Functional.pad(Tensor.ones(0), PadMode.REPLICATE, 0, 1))
        .hasMessageContaining("REPLICATE allows 0 at most");
  }

  @Test
  void unfoldMakesColumnsOfBlocksAndFoldAddsThemUp() {
    Tensor x = Tensor.arange(12).to(DType.F64).reshape(1, 1, 3, 4);
    Pair one = Pair.of(1);
    Tensor columns = Functional.unfold(x, new Pair(2, 3), one, Pair.of(0), one);
    assertThat(columns.shape()).isEqualTo(Shape.of(1, 6, 4));
    assertThat(columns.select(2, 1).toDoubleArray()).containsExactly(1, 2, 3, 5, 6, 7);
    Tensor counts =
        Functional.fold(Tensor.ones(1, 6, 4), new Pair(3, 4), new Pair(2, 3), one, Pair.of(0), one);
    assertThat(counts.toDoubleArray()).containsExactly(1, 2, 2, 1, 2, 4, 4, 2, 1, 2, 2, 1);
    Pair two = Pair.of(2);
    Tensor apart = Functional.unfold(x, two, two, one, one);
    assertThat(Functional.fold(apart, new Pair(3, 4), two, two, one, one).toDoubleArray())
        .isEqualTo(x.toDoubleArray());
    assertThatThrownBy(() -> Functional.unfold(x, Pair.of(4), one, Pair.of(0), one))
        .hasMessage(
            "unfold: no block (4, 4) with dilation (1, 1) fits an image 3 by 4 with padding (0, 0)");
    assertThatThrownBy(() -> Functional.unfold(X, two, one, one, one)).hasMessageContaining("[4]");
    assertThatThrownBy(
            () -> Functional.fold(Tensor.ones(1, 6, 5), new Pair(3, 4), two, one, one, one))
        .hasMessageContainingAll("[1, 6, 5]", "channels * 4, 20");
  }

  @Test
  void pixelsAndChannelsChangePlaces() {
    Tensor x = Tensor.arange(24).to(DType.F64).reshape(1, 4, 2, 3);
    Tensor y = Functional.pixelShuffle(x, 2);
    assertThat(y.shape()).isEqualTo(Shape.of(1, 1, 4, 6));
    assertThat(y.slice(2, 0, 2).slice(3, 0, 2).toDoubleArray()).containsExactly(0, 6, 12, 18);
    assertThat(Functional.pixelUnshuffle(y, 2).toDoubleArray()).isEqualTo(x.toDoubleArray());
    assertThatThrownBy(() -> Functional.pixelShuffle(x, 3)).hasMessageContaining("3² divides");
    assertThatThrownBy(() -> Functional.pixelUnshuffle(x, 2)).hasMessageContaining("2 divides");
  }

  @Test
  void interpolationIsNearestOrLinear() {
    Tensor x = X.reshape(1, 1, 4);
    InterpolateMode nearest = InterpolateMode.NEAREST;
    assertThat(Functional.interpolate(x, nearest, 8).toDoubleArray())
        .containsExactly(1, 1, 2, 2, 3, 3, 4, 4);
    assertThat(Functional.interpolate(x, nearest, 3).toDoubleArray()).containsExactly(1, 2, 3);
    assertThat(Functional.interpolateBy(x, nearest, 0.5).toDoubleArray()).containsExactly(1, 3);
    assertThat(Functional.interpolate(x, InterpolateMode.LINEAR_ALIGN_CORNERS, 7).toDoubleArray())
        .containsExactly(1, 1.5, 2, 2.5, 3, 3.5, 4);
    assertThat(Functional.interpolate(x, InterpolateMode.LINEAR, 8).toDoubleArray())
        .containsExactly(1, 1.25, 1.75, 2.25, 2.75, 3.25, 3.75, 4);
    assertThat(Functional.interpolate(x, InterpolateMode.LINEAR_ALIGN_CORNERS, 1).item())
        .isEqualTo(1);
    assertThat(Functional.interpolateBy(Tensor.ones(2, 3, 4, 5), InterpolateMode.LINEAR, 1.7, 2))
        .satisfies(y -> assertThat(y.shape()).isEqualTo(Shape.of(2, 3, 6, 10)));
    assertThatThrownBy(() -> Functional.interpolate(X, nearest, 3)).hasMessageContaining("[4]");
    assertThatThrownBy(() -> Functional.interpolate(x, nearest, 0)).hasMessageContaining("[0]");
    assertThatThrownBy(() -> Functional.interpolateBy(x, nearest, 0.1))
        .hasMessageContaining("1 or more");
    assertThatThrownBy(() -> Functional.interpolate(x, nearest, 2, 3))
        .hasMessageContaining("are 2");
  }
}
