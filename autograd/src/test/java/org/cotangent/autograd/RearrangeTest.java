package org.cotangent.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.function.UnaryOperator;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.api.Test;

/// Cutting, joining, moving and repeating: which element stands where.
class RearrangeTest {
  private static final Tensor X = Tensor.arange(24).to(DType.F64).reshape(2, 3, 4);

  private static void smooth(UnaryOperator<Tensor> f, Tensor x) {
    GradCheck.standard()
        .order(2)
        .check(in -> f.apply(in.getFirst()).square(), List.of(x))
        .requirePassed();
  }

  private static List<Integer> extents(List<Tensor> pieces, int axis) {
    return pieces.stream().map(p -> p.dim(axis)).toList();
  }

  @Test
  void piecesPutTogetherAreTheWhole() {
    for (int axis = -3; axis < 3; axis++) {
      for (List<Tensor> pieces :
          List.of(
              Rearrange.split(X, 2, axis),
              Rearrange.chunk(X, 3, axis),
              Rearrange.split(X, new int[] {0, 1, X.dim(axis) - 1}, axis))) {
        Numbers.assertSame("axis " + axis, Tensor.concat(axis, pieces.toArray(Tensor[]::new)), X);
      }
      Tensor[] positions = Rearrange.unbind(X, axis).toArray(Tensor[]::new);
      Numbers.assertSame("axis " + axis, Tensor.stack(axis, positions), X);
    }
  }

  @Test
  void extentsOfPieces() {
    Tensor five = Tensor.zeros(5, 0);
    assertThat(extents(Rearrange.split(five, 2, 0), 0)).containsExactly(2, 2, 1);
    assertThat(extents(Rearrange.chunk(five, 4, 0), 0)).containsExactly(2, 2, 1);
    assertThat(extents(Rearrange.chunk(five, 9, 0), 0)).containsExactly(1, 1, 1, 1, 1);
    assertThat(extents(Rearrange.chunk(five, 2, 1), 1)).containsExactly(0, 0);
    assertThat(extents(Rearrange.split(five, 2, 1), 1)).containsExactly(0);
    assertThatThrownBy(() -> Rearrange.split(five, 0, 0))
        .hasMessage("SPLIT: the extent 0 of the pieces must be positive");
    assertThatThrownBy(() -> Rearrange.chunk(five, 0, 0))
        .hasMessage("CHUNK: the number 0 of pieces must be positive");
    assertThatThrownBy(() -> Rearrange.split(five, new int[] {2, 2}, 0))
        .hasMessage("SPLIT: pieces of [2, 2] do not make up axis 0 of [5, 0]");
  }

  @Test
  void narrowRefusesWhatSliceWouldCut() {
    Numbers.assertSame("narrow", Rearrange.narrow(X, 2, -3, 2), X.slice(2, 1, 3));
    assertThat(Rearrange.narrow(X, 2, 4, 0).dim(2)).isEqualTo(0);
    assertThatThrownBy(() -> Rearrange.narrow(X, 2, 3, 2))
        .isInstanceOf(IndexOutOfBoundsException.class)
        .hasMessage("NARROW: 2 elements from 3 do not lie in axis 2 of [2, 3, 4]");
  }

  @Test
  void windowsShareTheirElements() {
    for (int size = 1; size <= 4; size++) {
      for (int step = 1; step <= 5; step++) {
        Tensor y = Rearrange.unfold(X, 2, size, step);
        int windows = (4 - size) / step + 1;
        assertThat(y.shape()).isEqualTo(Shape.of(2, 3, windows, size));
        for (int i = 0; i < windows; i++) {
          for (int k = 0; k < size; k++) {
            assertThat(y.get(1, 2, i, k)).isEqualTo(X.get(1, 2, i * step + k));
          }
        }
      }
    }
    assertThat(Rearrange.unfold(X, 0, 2, 1).shape()).isEqualTo(Shape.of(1, 3, 4, 2));
    smooth(x -> Rearrange.unfold(x, 1, 2, 1), X.slice(2, 0, 2));
    assertThatThrownBy(() -> Rearrange.unfold(X, 1, 4, 1))
        .hasMessage("UNFOLD: windows of 4 by steps of 1 do not fit axis 1 of [2, 3, 4]");
  }

  @Test
  void stacksOfVectorsAndMatrices() {
    Tensor v = Tensor.of(1.0, 2);
    Tensor m = Tensor.of(new double[][] {{1, 2}, {3, 4}});
    assertThat(Rearrange.hstack(v, v).shape()).isEqualTo(Shape.of(4));
    assertThat(Rearrange.vstack(v, m).shape()).isEqualTo(Shape.of(3, 2));
    assertThat(Rearrange.hstack(m, m).shape()).isEqualTo(Shape.of(2, 4));
    assertThat(Rearrange.hstack(Tensor.scalar(1), Tensor.scalar(2)).shape()).isEqualTo(Shape.of(2));
  }

  @Test
  void axesMoveAndTheOthersKeepTheirOrder() {
    assertThat(Rearrange.moveAxis(X, 0, -1).shape()).isEqualTo(Shape.of(3, 4, 2));
    assertThat(Rearrange.moveAxis(X, 2, 0).shape()).isEqualTo(Shape.of(4, 2, 3));
    Tensor swapped = Rearrange.moveAxes(X, new int[] {0, 2}, new int[] {2, 0});
    Numbers.assertSame("swap", swapped, X.transpose(0, 2));
    assertThatThrownBy(() -> Rearrange.moveAxes(X, new int[] {0, -3}, new int[] {1, 2}))
        .hasMessage(
            "MOVE_AXES: [0, -3] to [1, 2] of shape [2, 3, 4]: as many places as axes, each once");
  }

  @Test
  void squeezeDropsAllAxesOfOne() {
    assertThat(Rearrange.squeeze(Tensor.zeros(1, 2, 1, 3)).shape()).isEqualTo(Shape.of(2, 3));
    assertThat(Rearrange.squeeze(Tensor.zeros(1, 1)).shape()).isEqualTo(Shape.SCALAR);
  }

  @Test
  void rollsGoRound() {
    Tensor v = Tensor.arange(5);
    assertThat(Rearrange.roll(v, 2, 0).toLongArray()).containsExactly(3, 4, 0, 1, 2);
    assertThat(Rearrange.roll(v, -1, 0).toLongArray()).containsExactly(1, 2, 3, 4, 0);
    assertThat(Rearrange.roll(v, 12, -1).toLongArray()).containsExactly(3, 4, 0, 1, 2);
    Numbers.assertSame(
        "two axes",
        Rearrange.roll(X, new int[] {1, 3}, new int[] {0, 2}),
        Rearrange.roll(Rearrange.roll(X, 1, 0), -1, 2));
    assertThat(Rearrange.roll(Tensor.zeros(0), 3, 0).size()).isZero();
    smooth(x -> Rearrange.roll(x, 1, 1), X.slice(0, 0, 1));
    assertThatThrownBy(() -> Rearrange.roll(X, new int[] {1}, new int[] {0, 1}))
        .hasMessage("ROLL: 1 shifts for 2 axes: give one for each");
  }

  @Test
  void flipsOfSeveralAxes() {
    Numbers.assertSame("flip", Rearrange.flip(X, 0, -1), X.flip(2).flip(0));
  }

  @Test
  void repeatsOfWholesAndOfPositions() {
    Tensor v = Tensor.of(1, 2);
    assertThat(Rearrange.repeat(v, 2).toLongArray()).containsExactly(1, 2, 1, 2);
    assertThat(Rearrange.repeat(v, 2, 1).shape()).isEqualTo(Shape.of(2, 2));
    assertThat(Rearrange.tile(X, 2).shape()).isEqualTo(Shape.of(2, 3, 8));
    assertThat(Rearrange.tile(Tensor.scalar(3)).shape()).isEqualTo(Shape.SCALAR);
    assertThat(Rearrange.repeatInterleave(v, 2, 0).toLongArray()).containsExactly(1, 1, 2, 2);
    assertThat(Rearrange.repeatInterleave(v, Tensor.of(0, 3), 0).toLongArray())
        .containsExactly(2, 2, 2);
    assertThat(Rearrange.repeatInterleave(X, 3, 1).shape()).isEqualTo(Shape.of(2, 9, 4));
    smooth(x -> Rearrange.repeat(x, 2, 1, 2), X.slice(1, 0, 2).slice(2, 0, 2));
    assertThatThrownBy(() -> Rearrange.repeat(X, 2))
        .hasMessage("REPEAT: [2] for shape [2, 3, 4]: one number for each axis or more");
    assertThatThrownBy(() -> Rearrange.repeatInterleave(v, Tensor.of(1), 0))
        .hasMessage(
            "REPEAT_INTERLEAVE: [1] times for axis 0 of [2]: one number a position, 0 or more");
  }

  @Test
  void anExtentOfMinusOneStaysAsItIs() {
    assertThat(Tensor.zeros(2, 1).expand(3, -1, 4).shape()).isEqualTo(Shape.of(3, 2, 4));
    assertThatThrownBy(() -> Tensor.zeros(2).expand(-1, 2)).isInstanceOf(RuntimeException.class);
  }
}
