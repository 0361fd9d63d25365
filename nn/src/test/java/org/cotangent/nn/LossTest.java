package org.cotangent.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.cotangent.autograd.GradCheck;
import org.cotangent.autograd.Rng;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.api.Test;

class LossTest {
  private static final Tensor LOGITS = Tensor.of(new double[][] {{1, -2, 0.5}, {3, 0, -1}});
  private static final Tensor CLASSES = Tensor.of(2, 0);
  private static final Tensor SOFT = Tensor.of(new double[][] {{0.2, 0.3, 0.5}, {0.9, 0.05, 0.05}});

  private static double distance(Tensor a, Tensor b) {
    return a.sub(b).abs().max().item();
  }

  // ---- Softmax

  @Property(tries = 50)
  void softmaxDoesNotSeeAShiftOfItsInput(
      @ForAll long seed, @ForAll @DoubleRange(min = -1e3, max = 1e3) double shift) {
    Tensor x = Rng.of(seed).normal(Shape.of(3, 70), DType.F64);

    assertThat(distance(new Softmax().forward(x.add(shift)), new Softmax().forward(x)))
        .isLessThan(1e-12);
  }

  @Property(tries = 50)
  void theGradientOfTheFusedLossIsProbabilityMinusTarget(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 9) int rows) {
    Rng rng = Rng.of(seed);
    Tensor x = Tensor.parameter(rng.normal(Shape.of(rows, 5), DType.F64).mul(3));
    Tensor t = rng.uniform(Shape.of(rows, 5), DType.F64).softmax(-1);

    new SoftmaxCrossEntropy(Reduction.SUM).of(x, t).backward();

    assertThat(distance(x.grad(), x.detach().softmax(-1).sub(t))).isLessThan(1e-14);
  }

  // ---- Fused

  @Test
  void theFusedLossIsPyTorchs() {
    Tensor x = Tensor.parameter(LOGITS);
    Tensor loss = new SoftmaxCrossEntropy().of(x, CLASSES);
    loss.backward();

    // torch.nn.functional.cross_entropy, float64
    assertThat(loss.item()).isCloseTo(0.5352404030498562, within(1e-15));
    Tensor expected =
        Tensor.of(
            new double[][] {
              {0.3018744480743129, 0.015029443784787011, -0.3169038918590999},
              {-0.03188022406174712, 0.023306311288986945, 0.008573912772760194}
            });
    assertThat(distance(x.grad(), expected)).isLessThan(1e-15);

    Tensor soft = new SoftmaxCrossEntropy(Reduction.SUM).of(LOGITS, SOFT);
    assertThat(soft.item()).isCloseTo(2.070480806099712, within(1e-14));
  }

  @Test
  void indicesAndOneHotTargetsGiveOneLoss() {
    for (Loss loss : List.of(new SoftmaxCrossEntropy(), new MeanOfProbabilities())) {
      double indexed = loss.of(LOGITS, CLASSES).item();
      double oneHot = loss.of(LOGITS, CLASSES.oneHot(3, DType.F64)).item();
      double truth = loss.of(LOGITS, CLASSES.oneHot(3, DType.BOOL)).item();
      assertThat(indexed).isCloseTo(oneHot, within(1e-15)).isCloseTo(truth, within(1e-15));
    }
  }

  private static final class MeanOfProbabilities implements Loss {
    @Override
    public Tensor of(Tensor output, Tensor target) {
      return new CrossEntropy().of(output.softmax(-1), target);
    }
  }

  @Test
  void reductionsAreMeanSumAndNone() {
    for (Tensor t : List.of(CLASSES, SOFT)) {
      Tensor single = new SoftmaxCrossEntropy(Reduction.NONE).of(LOGITS, t);
      assertThat(single.shape()).isEqualTo(Shape.of(2));
      assertThat(new SoftmaxCrossEntropy(Reduction.SUM).of(LOGITS, t).item())
          .isCloseTo(single.sum().item(), within(1e-15));
      assertThat(new SoftmaxCrossEntropy(Reduction.MEAN).of(LOGITS, t).item())
          .isCloseTo(single.sum().item() / 2, within(1e-15));
    }
  }

  @Test
  void theTextbookLossBreaksAtLargeLogits() {
    Tensor target = Tensor.of(1);
    for (DType dtype : List.of(DType.F32, DType.F64)) {
      Tensor logits = Tensor.parameter(Tensor.of(new double[][] {{1000, -1000}}).to(dtype));

      Tensor indexed = new CrossEntropy().of(logits.softmax(-1), target);
      assertThat(indexed.item()).isEqualTo(Double.POSITIVE_INFINITY);
      indexed.backward();
      assertThat(logits.grad().isNaN().toBooleanArray()).contains(true);

      Tensor wrong = target.oneHot(2, dtype);
      assertThat(new CrossEntropy().of(logits.softmax(-1), wrong).item())
          .isEqualTo(Double.POSITIVE_INFINITY);
      // Even a perfect prediction: 0 · log 0.
      Tensor right = Tensor.of(0).oneHot(2, dtype);
      assertThat(new CrossEntropy().of(logits.softmax(-1), right).item()).isNaN();
    }
  }

  @Test
  void theFusedLossSurvivesTheSameLogits() {
    for (DType dtype : List.of(DType.F32, DType.F64)) {
      Tensor logits = Tensor.parameter(Tensor.of(new double[][] {{1000, -1000}}).to(dtype));
      Tensor loss = new SoftmaxCrossEntropy().of(logits, Tensor.of(1));
      loss.backward();

      assertThat(loss.item()).isEqualTo(2000);
      assertThat(logits.grad().toDoubleArray()).containsExactly(1, -1);
      assertThat(new SoftmaxCrossEntropy().of(logits, Tensor.of(0)).item()).isZero();
      assertThat(new SoftmaxCrossEntropy().of(logits, Tensor.of(0).oneHot(2, dtype)).item())
          .isZero();
    }
  }

  // ---- Gradients

  @Test
  void gradientsAgreeWithDifferences() {
    Tensor p = LOGITS.mul(0.2).softmax(-1); // away from 0, where differences of the log are coarse
    for (Reduction r : Reduction.values()) {
      for (Tensor t : List.of(CLASSES, SOFT)) {
        check(new SoftmaxCrossEntropy(r), LOGITS, t);
        check(new CrossEntropy(r), p, t);
      }
      check(new MeanSquaredError(r), LOGITS, SOFT);
    }
  }

  private static void check(Loss loss, Tensor x, Tensor t) {
    GradCheck.standard()
        .order(2)
        .check(loss.toString(), in -> loss.of(in.get(0), in.get(1)), List.of(x, t))
        .requirePassed();
  }

  @Test
  void theSquaredErrorIsTheMeanOverAllElements() {
    Tensor y = Tensor.of(new double[][] {{1, 2}, {3, 5}});
    Tensor t = Tensor.of(new double[][] {{1, 1}, {1, 1}});

    assertThat(new MeanSquaredError().of(y, t).item()).isEqualTo(21.0 / 4);
    assertThat(new MeanSquaredError(Reduction.SUM).of(y, t).item()).isEqualTo(21);
    assertThat(new MeanSquaredError(Reduction.NONE).of(y, t).toDoubleArray())
        .containsExactly(0, 1, 4, 16);
  }

  // ---- Errors

  @Test
  void targetsThatDoNotFitAreRefused() {
    assertThatThrownBy(() -> new CrossEntropy().of(LOGITS, Tensor.of(0, 1, 2)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("[3], I32", "[2, 3]", "class indices");
    assertThatThrownBy(() -> new SoftmaxCrossEntropy().of(LOGITS, Tensor.of(0, 1, 2)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("[3]", "[2, 3]");
    assertThatThrownBy(() -> new MeanSquaredError().of(LOGITS, LOGITS.sum(1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("[2, 3]", "[2]", "reshape");
    for (Loss loss : List.of(new CrossEntropy(), new SoftmaxCrossEntropy())) {
      assertThatThrownBy(() -> loss.of(LOGITS.softmax(-1), Tensor.of(0, 3)))
          .isInstanceOf(IndexOutOfBoundsException.class)
          .hasMessageContaining("3");
    }
  }
}
