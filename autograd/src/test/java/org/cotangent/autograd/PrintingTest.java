package org.cotangent.autograd;

import static org.assertj.core.api.Assertions.assertThat;

import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.api.Test;

/// Tensors as text.
class PrintingTest {
  @Test
  void vectorsAndScalarsAreOneLine() {
    assertThat(Tensor.of(1.0, -0.5).toString()).isEqualTo("[1.0, -0.5]");
    assertThat(Tensor.of(1, 2).toString()).isEqualTo("[1, 2]");
    assertThat(Tensor.of(true, false).toString()).isEqualTo("[true, false]");
    assertThat(Tensor.scalar(2.5).toString()).isEqualTo("2.5");
    assertThat(Tensor.of(0.1f).toString()).isEqualTo("[0.1]");
    assertThat(Tensor.of(Double.NaN, Double.NEGATIVE_INFINITY).toString())
        .isEqualTo("[NaN, -Infinity]");
  }

  @Test
  void eachRowHasItsLine() {
    assertThat(Tensor.of(new int[][] {{1, 2}, {3, 4}}).toString()).isEqualTo("[[1, 2],\n [3, 4]]");
    assertThat(Tensor.arange(8).reshape(2, 2, 2).toString())
        .isEqualTo(
            """
            [[[0, 1],
              [2, 3]],
             [[4, 5],
              [6, 7]]]\
            """);
  }

  @Test
  void viewsPrintTheirOwnNumbers() {
    assertThat(Tensor.of(new int[][] {{1, 2}, {3, 4}}).t().flip(0).toString())
        .isEqualTo("[[2, 4],\n [1, 3]]");
    assertThat(Tensor.full(Shape.of(3), 7, DType.I32).toString()).isEqualTo("[7, 7, 7]");
  }

  @Test
  void emptyTensorsSayTheirShape() {
    assertThat(Tensor.zeros(0, 3).toString()).isEqualTo("[] (shape [0, 3])");
  }

  @Test
  void aThousandNumbersAreShownAndMoreAreCutToTheEnds() {
    assertThat(Tensor.arange(1000).toString()).endsWith("498, 499, 500, " + tail(501, 1000) + "]");
    assertThat(Tensor.arange(1001).toString()).isEqualTo("[0, 1, 2, ..., 998, 999, 1000]");
    assertThat(Tensor.arange(2002).reshape(1001, 2).toString())
        .isEqualTo(
            """
            [[0, 1],
             [2, 3],
             [4, 5],
             ...,
             [1996, 1997],
             [1998, 1999],
             [2000, 2001]]\
            """);
  }

  private static String tail(int from, int to) {
    var s = new StringBuilder();
    for (int i = from; i < to; i++) {
      s.append(i == from ? "" : ", ").append(i);
    }
    return s.toString();
  }

  @Test
  void parametersPrintLikeOthers() {
    assertThat(Tensor.parameter(Tensor.of(1.0)).toString()).isEqualTo("[1.0]");
  }
}
