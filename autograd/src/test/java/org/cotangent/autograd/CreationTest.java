package org.cotangent.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.api.Test;

/// Tensors from Java arrays, from counting, and back.
class CreationTest {
  @Test
  void arraysKeepTheirType() {
    assertThat(Tensor.of(1.0).dtype()).isEqualTo(DType.F64);
    assertThat(Tensor.of(1f).dtype()).isEqualTo(DType.F32);
    assertThat(Tensor.of(1).dtype()).isEqualTo(DType.I32);
    assertThat(Tensor.of(1L).dtype()).isEqualTo(DType.I64);
    assertThat(Tensor.of(true).dtype()).isEqualTo(DType.BOOL);
    assertThat(Tensor.scalar(1).dtype()).isEqualTo(DType.F32);
  }

  @Test
  void nestedArraysGiveShapes() {
    Tensor m = Tensor.of(new double[][] {{1, 2, 3}, {4, 5, 6}});
    assertThat(m.shape()).isEqualTo(Shape.of(2, 3));
    assertThat(m.toDoubleArray()).containsExactly(1, 2, 3, 4, 5, 6);
    Tensor cube = Tensor.of(new int[][][] {{{1}, {2}}, {{3}, {4}}, {{5}, {6}}});
    assertThat(cube.shape()).isEqualTo(Shape.of(3, 2, 1));
    assertThat(cube.get(2, 1, 0)).isEqualTo(6);
    assertThat(Tensor.of(new boolean[][] {{true}, {false}}).toBooleanArray())
        .containsExactly(true, false);
    assertThat(Tensor.of(new float[2][0]).shape()).isEqualTo(Shape.of(2, 0));
  }

  @Test
  void raggedNestedArraysAreRefused() {
    assertThatThrownBy(() -> Tensor.of(new double[][] {{1, 2}, {3}}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "of: ragged nested array: an array of axis 1 has 1 elements where others have 2");
    assertThatThrownBy(() -> Tensor.of(new int[][][] {{{1}, {2}}, {{3}}}))
        .hasMessage(
            "of: ragged nested array: an array of axis 1 has 1 elements where others have 2");
    assertThatThrownBy(() -> Tensor.of(new int[][][] {{{1}, {2}}, {{3}, {4, 5}}}))
        .hasMessage(
            "of: ragged nested array: an array of axis 2 has 2 elements where others have 1");
  }

  @Test
  void arraysOfOtherTypesAreRefused() {
    assertThatThrownBy(() -> Tensor.of(new double[0][]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("of: an empty nested array has no element type; use zeros(shape, dtype)");
    assertThatThrownBy(() -> Tensor.of(new String[] {"1"}))
        .hasMessage("of: String is no array of double, float, long, int or boolean");
    assertThatThrownBy(() -> Tensor.of(Shape.of(2), new short[] {1, 2}))
        .hasMessage("of: short[] is no array of double, float, long, int or boolean");
    assertThatThrownBy(() -> Tensor.of(Shape.of(2, 2), new double[3]))
        .hasMessage("of: shape [2, 2] needs 4 numbers, but the array has 3");
  }

  @Test
  void theArrayIsCopied() {
    double[] data = {1, 2};
    Tensor x = Tensor.of(data);
    data[0] = 99;
    assertThat(x.toDoubleArray()).containsExactly(1, 2);
  }

  @Test
  void countingIsAsInNumPy() {
    assertThat(Tensor.arange(3).toLongArray()).containsExactly(0, 1, 2);
    assertThat(Tensor.arange(0).size()).isZero();
    assertThat(Tensor.arange(1, 2, 0.25, DType.F64).toDoubleArray())
        .containsExactly(1, 1.25, 1.5, 1.75);
    assertThat(Tensor.arange(5, 0, -2, DType.I32).toIntArray()).containsExactly(5, 3, 1);
    assertThat(Tensor.arange(0, -1, 1, DType.F32).size()).isZero();
    assertThat(Tensor.linspace(0, 1, 5, DType.F64).toDoubleArray())
        .containsExactly(0, 0.25, 0.5, 0.75, 1);
    assertThat(Tensor.linspace(3, 9, 1, DType.F64).toDoubleArray()).containsExactly(3);
    assertThat(Tensor.linspace(0.1, 0.7, 100, DType.F64).get(99)).isEqualTo(0.7);
    assertThatThrownBy(() -> Tensor.arange(0, 1, 0, DType.F64))
        .hasMessage(
            "arange: from 0.0 to 1.0 by 0.0: the step must be neither 0 nor NaN and the count fit an int");
    assertThatThrownBy(() -> Tensor.linspace(0, 1, -1, DType.F64))
        .hasMessage("linspace: the count -1 is negative");
  }

  @Test
  void constantsAndTheIdentity() {
    assertThat(Tensor.zeros(2, 2).toFloatArray()).containsExactly(0, 0, 0, 0);
    assertThat(Tensor.ones(Shape.of(2), DType.I64).toLongArray()).containsExactly(1, 1);
    assertThat(Tensor.full(Shape.of(2), 0.1, DType.F32).toFloatArray()).containsExactly(0.1f, 0.1f);
    assertThat(Tensor.eye(2, DType.F64).toDoubleArray()).containsExactly(1, 0, 0, 1);
  }

  @Test
  void readingConvertsAsAskedAndRefusesWhatDoesNotFit() {
    assertThat(Tensor.of(1.9, -1.9).toLongArray()).containsExactly(1, -1);
    assertThat(Tensor.of(0, 2).toBooleanArray()).containsExactly(false, true);
    assertThat(Tensor.of(true).item()).isEqualTo(1);
    assertThatThrownBy(() -> Tensor.of(1L << 40).toIntArray())
        .isInstanceOf(ArithmeticException.class);
  }
}
