package org.cotangent.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.cotangent.autograd.shape.Sliding;
import org.junit.jupiter.api.Test;

class ConvolutionTest {
  /// Composed of windows and a product: another way to the same number, and to its derivatives.
  private static Tensor composed(Tensor x, Tensor w, Sliding rows, Sliding columns) {
    Tensor windows =
        padded(padded(x, 2, rows), 3, columns)
            .unfold(2, rows.kernel(), rows.stride(), rows.dilation())
            .slice(2, 0, rows.output())
            .unfold(3, columns.kernel(), columns.stride(), columns.dilation())
            .slice(3, 0, columns.output());
    int taps = w.size() / w.dim(0);
    Tensor met = windows.permute(0, 2, 3, 1, 4, 5).reshape(-1, taps);
    return met.matmul(w.reshape(w.dim(0), taps).t())
        .reshape(x.dim(0), rows.output(), columns.output(), w.dim(0))
        .permute(0, 3, 1, 2);
  }

  private static Tensor padded(Tensor x, int axis, Sliding s) {
    return x.pad(axis, s.before(), Math.max(0, s.reach() - s.before() - s.input()));
  }

  /// Values and all gradients up to the second order, within 8 ε of the sum of the sizes of the
  /// terms: each of some hundred products and sums is rounded once, and errors cancel.
  @Property(tries = 10, shrinking = ShrinkingMode.OFF)
  void aConvolutionIsAProductWithWindows(@ForAll long seed) {
    Draw draw = new Draw(seed);
    Sliding rows = Sliding.over(7, 3, 2, 1, 1, 1);
    Sliding columns = Sliding.over(9, 2, 1, 3, 2, 0);
    Tensor x = draw.uniform(-1, 1, 3, 4, 7, 9);
    Tensor w = draw.uniform(-1, 1, 5, 4, 3, 2);
    Tensor y = Convolution.output(x, w, rows, columns, 1);
    Tensor g = draw.normal(y.shape(), DType.F64);
    near(y, composed(x, w, rows, columns), composed(x.abs(), w.abs(), rows, columns));

    Tensor px = Tensor.parameter(x);
    Tensor pw = Tensor.parameter(w);
    List<Tensor> of = List.of(px, pw);
    List<Tensor> got = Grad.grad(Convolution.output(px, pw, rows, columns, 1), g, of);
    List<Tensor> want = Grad.grad(composed(px, pw, rows, columns), g, of);
    List<Tensor> sizes =
        List.of(
            Convolution.input(g.abs(), w.abs(), rows, columns, 1),
            Convolution.kernels(x.abs(), g.abs(), rows, columns, 1));
    for (int i = 0; i < 2; i++) {
      near(got.get(i), want.get(i), sizes.get(i));
    }
  }

  private static void near(Tensor got, Tensor want, Tensor sizes) {
    double[] bounds = sizes.toDoubleArray();
    Arrays.setAll(bounds, i -> 8 * Math.ulp(1.0) * bounds[i]);
    Numbers.assertWithin("convolution", got, want, bounds);
  }

  @Test
  void unfoldMakesAViewOfWindows() {
    Tensor x = Tensor.of(1.0, 2, 3, 4, 5);
    assertThat(x.unfold(0, 3, 1).toDoubleArray()).containsExactly(1, 2, 3, 2, 3, 4, 3, 4, 5);
    assertThat(x.unfold(0, 2, 2).toDoubleArray()).containsExactly(1, 2, 3, 4);
    assertThat(x.unfold(0, 2, 1, 3).toDoubleArray()).containsExactly(1, 4, 2, 5);
    assertThat(x.reshape(1, 5).unfold(-1, 4, 9).shape()).isEqualTo(Shape.of(1, 1, 4));
    assertThatThrownBy(() -> x.unfold(0, 6, 1))
        .hasMessage(
            "UNFOLD: windows of 6 elements, step 1, dilation 1, do not fit axis 0 of [5]: size, step and dilation must be positive and reach over 5 elements at most");
    assertThatThrownBy(() -> x.unfold(0, 2, 0)).hasMessageContaining("step 0");
    assertThatThrownBy(() -> x.unfold(1, 2, 1)).hasMessageContaining("UNFOLD: no axis 1");
  }

  @Test
  void foldAddsWindowsUp() {
    Tensor x = Tensor.of(1.0, 2, 3, 4, 5);
    Tensor counts = Tensor.ones(5).to(DType.F64).unfold(0, 3, 1).fold(0, 5, 1, 1);
    assertThat(counts.toDoubleArray()).containsExactly(1, 2, 3, 2, 1);
    assertThat(x.unfold(0, 2, 2).fold(0, 6, 2, 1).toDoubleArray())
        .containsExactly(1, 2, 3, 4, 0, 0);
    assertThatThrownBy(() -> x.unfold(0, 2, 1).fold(1, 5, 1, 1)).hasMessageContaining("FOLD");
  }

  @Test
  void writingThroughOverlappingWindowsHappensToNobody() {
    Tensor x = Tensor.of(1.0, 2, 3);
    Tensor windows = x.unfold(0, 2, 1);
    windows.add(1).mul(windows).sum();
    assertThat(windows.mul(2).toDoubleArray()).containsExactly(2, 4, 4, 6);
    assertThat(x.toDoubleArray()).containsExactly(1, 2, 3);
  }
}
