package org.cotangent.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.api.Test;

class MetricsTest {
  private static final Tensor LOGITS =
      Tensor.of(new float[][] {{1, 2, 3}, {3, 2, 1}, {0, 5, 0}, {7, 7, 0}});

  @Test
  void accuracyIsTheShareOfRightClasses() {
    Tensor classes = Tensor.of(2, 0, 0, 0);
    assertThat(Metrics.accuracy(LOGITS, classes)).isEqualTo(0.75);
    assertThat(Metrics.accuracy(LOGITS, classes.to(DType.I64))).isEqualTo(0.75);
    assertThat(Metrics.accuracy(LOGITS, classes.oneHot(3, DType.F32))).isEqualTo(0.75);
    assertThat(Metrics.accuracy(LOGITS, classes.oneHot(3, DType.I32))).isEqualTo(0.75);
    assertThat(Metrics.accuracy(LOGITS, classes.oneHot(3, DType.BOOL))).isEqualTo(0.75);
  }

  @Test
  void oneSampleAndNoSampleWork() {
    assertThat(Metrics.accuracy(Tensor.of(1.0, 2.0), Tensor.of(1).select(0, 0))).isEqualTo(1);
    assertThat(Metrics.accuracy(Tensor.zeros(0, 3), Tensor.zeros(Shape.of(0), DType.I32))).isNaN();
  }

  @Test
  void targetsThatDoNotFitAreRefused() {
    assertThatThrownBy(() -> Metrics.accuracy(LOGITS, Tensor.of(1, 2)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("[2], I32", "[4, 3]");
    assertThatThrownBy(() -> Metrics.accuracy(LOGITS, Tensor.of(1.0, 2, 3, 4)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("F64");
  }

  private static final Tensor SCORES =
      Tensor.of(new double[][] {{0.1, 0.7, 0.2}, {0.5, 0.1, 0.4}, {0.3, 0.3, 0.4}, {9, 8, 7}});

  @Test
  void topKCountsTheTargetsAmongTheLargest() {
    Tensor t = Tensor.of(2, 2, 0, 2);
    assertThat(Metrics.topK(SCORES, t, 1)).isEqualTo(0);
    assertThat(Metrics.topK(SCORES, t, 2)).isEqualTo(0.75);
    assertThat(Metrics.topK(SCORES, t, 3)).isEqualTo(1);
    assertThat(Metrics.topK(SCORES, Tensor.of(1, 0, 2, 0), 1))
        .isEqualTo(Metrics.accuracy(SCORES, Tensor.of(1, 0, 2, 0)));
    assertThat(Metrics.topK(Tensor.of(Double.NaN, 1), Tensor.scalar(0, DType.I64), 2)).isZero();
    assertThatThrownBy(() -> Metrics.topK(SCORES, t, 0)).hasMessageContaining("0");
    assertThatThrownBy(() -> Metrics.topK(SCORES, Tensor.of(1, 2), 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("topK", "[2]", "[4, 3]");
  }

  @Test
  void theConfusionMatrixHasTargetsAsRows() {
    Tensor m = Metrics.confusionMatrix(SCORES, Tensor.of(1, 2, 2, 1));
    assertThat(m.dtype()).isEqualTo(DType.I64);
    assertThat(m.toLongArray()).containsExactly(0, 0, 0, 1, 1, 0, 1, 0, 1);
    assertThatThrownBy(() -> Metrics.confusionMatrix(SCORES, Tensor.of(1, 2, 3, 1)))
        .isInstanceOf(IndexOutOfBoundsException.class)
        .hasMessageContaining("3");
  }
}
