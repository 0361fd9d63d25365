package org.cotangent.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.api.Test;

/// Corners; the other numbers are those of the recorded calls of PyTorch.
class FunctionalPoolingTest {
  private static final double NAN = Double.NaN;
  private static final double NEVER = Double.NEGATIVE_INFINITY;

  private static Tensor line(double... x) {
    return Tensor.of(x).reshape(1, x.length);
  }

  @Test
  void theFirstOfEqualElementsGetsTheGradientAndOverlapsAddUp() {
    Tensor x = Tensor.parameter(line(5, 5, 1, 5, 5));
    Pooled p = Functional.maxPool1dWithIndices(x, MaxPoolOptions.of(3).stride(1));
    assertThat(p.values().toDoubleArray()).containsExactly(5, 5, 5);
    assertThat(p.indices().toLongArray()).containsExactly(0, 1, 3);
    Functional.maxPool1d(x, MaxPoolOptions.of(4).stride(1)).sum().backward();
    assertThat(x.grad().toDoubleArray()).containsExactly(1, 1, 0, 0, 0);
    x.zeroGrad();
    Functional.maxPool1d(x, MaxPoolOptions.of(2).stride(1)).sum().backward();
    assertThat(x.grad().toDoubleArray()).containsExactly(1, 1, 0, 2, 0);
  }

  @Test
  void paddingIsNeverTheLargest() {
    Tensor x = line(NEVER, NEVER, -3);
    Pooled p = Functional.maxPool1dWithIndices(x, MaxPoolOptions.of(2).padding(1));
    assertThat(p.values().toDoubleArray()).containsExactly(NEVER, -3);
    assertThat(p.indices().toLongArray()).containsExactly(0, 2);
  }

  @Test
  void aNanIsTheLargest() {
    Pooled p = Functional.maxPool1dWithIndices(line(1, NAN, NAN, 2), MaxPoolOptions.of(4));
    assertThat(p.values().item()).isNaN();
    assertThat(p.indices().item()).isEqualTo(1);
    Pooled a = Functional.adaptiveMaxPool1dWithIndices(line(1, NAN, NAN, 2, 3), 2);
    assertThat(a.indices().toLongArray()).containsExactly(1, 2);
  }

  @Test
  void ceilModeAddsAWindowThatBeginsInside() {
    MaxPoolOptions two = MaxPoolOptions.of(2).ceilMode(true);
    assertThat(Functional.maxPool1d(line(1, 2, 3), two).toDoubleArray()).containsExactly(2, 3);
    assertThat(Functional.maxPool1d(line(1, 2, 3), two.ceilMode(false)).toDoubleArray())
        .containsExactly(2);
    // It would begin in the padding behind: none.
    assertThat(Functional.maxPool1d(line(1, 2, 3), two.stride(4).padding(1)).toDoubleArray())
        .containsExactly(1);
    assertThat(Functional.maxPool1d(line(1), MaxPoolOptions.of(2).ceilMode(true)).shape())
        .isEqualTo(Shape.of(1, 1));
  }

  @Test
  void averagesCountPaddingUnlessToldButNeverWhatLiesBeyond() {
    Tensor x = line(6, 6, 6);
    AvgPoolOptions o = AvgPoolOptions.of(2).padding(1);
    assertThat(Functional.avgPool1d(x, o).toDoubleArray()).containsExactly(3, 6);
    assertThat(Functional.avgPool1d(x, o.countIncludePad(false)).toDoubleArray())
        .containsExactly(6, 6);
    AvgPoolOptions ceil = AvgPoolOptions.of(3).stride(2).padding(1).ceilMode(true);
    assertThat(Functional.avgPool1d(line(6, 6, 6, 6), ceil).toDoubleArray())
        .containsExactly(4, 6, 3); // the last meets one element and one zero of padding
    assertThat(Functional.avgPool1d(x, AvgPoolOptions.of(3).divisor(-2)).toDoubleArray())
        .containsExactly(-9);
    assertThat(Functional.avgPool2d(Tensor.of(1, 2, 4, 4).reshape(2, 2), AvgPoolOptions.of(2)))
        .satisfies(y -> assertThat(y.dtype()).isEqualTo(DType.F32))
        .satisfies(y -> assertThat(y.item()).isEqualTo(2.75));
  }

  @Test
  void adaptiveWindowsCoverTheAxisAndOverlapByOne() {
    assertThat(Functional.adaptiveAvgPool1d(line(1, 2, 3, 4, 5), 3).toDoubleArray())
        .containsExactly(1.5, 3, 4.5);
    assertThat(Functional.adaptiveAvgPool1d(line(1, 2), 4).toDoubleArray())
        .containsExactly(1, 1, 2, 2);
    // An infinity stays in its own windows.
    assertThat(Functional.adaptiveAvgPool1d(line(1, 2, 3, 4, NEVER), 3).toDoubleArray())
        .containsExactly(1.5, 3, NEVER);
    assertThat(Functional.adaptiveMaxPool2d(Tensor.ones(2, 3, 4, 5), 4, 1).shape())
        .isEqualTo(Shape.of(2, 3, 4, 1));
    assertThat(Functional.adaptiveMaxPool2dWithIndices(Tensor.ones(1, 4, 5), 2, 3).indices())
        .satisfies(i -> assertThat(i.toLongArray()).containsExactly(0, 1, 3, 10, 11, 13));
  }

  @Test
  void whatCannotBePooledIsRefused() {
    Tensor x = Tensor.ones(1, 2, 2);
    assertThatThrownBy(() -> Functional.maxPool2d(x, MaxPoolOptions.of(3)))
        .hasMessage(
            "maxPool2d: no window of 3 elements, dilation 1, fits axis -2 of the input [1, 2, 2] with padding 0");
    assertThatThrownBy(() -> Functional.avgPool2d(Tensor.ones(2), AvgPoolOptions.of(1)))
        .hasMessageContaining("[2] needs 2 axes or more");
    assertThatThrownBy(() -> MaxPoolOptions.of(3).padding(2))
        .hasMessage("padding (2, 2) is above half the kernel (3, 3), so a window could lie in it");
    assertThatThrownBy(() -> AvgPoolOptions.of(3).divisor(0)).hasMessageContaining("divisor");
    assertThatThrownBy(() -> Functional.adaptiveAvgPool1d(Tensor.ones(1, 0), 2))
        .hasMessageContaining("cannot be covered by 2 windows");
    assertThatThrownBy(
            () -> Functional.maxPool1d(line(1, 2, 3), MaxPoolOptions.of(2).padding(1).dilation(4)))
        .hasMessageContaining("nothing but padding");
  }
}
