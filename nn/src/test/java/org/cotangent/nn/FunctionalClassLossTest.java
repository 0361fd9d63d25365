package org.cotangent.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import org.cotangent.autograd.GradCheck;
import org.cotangent.autograd.Rng;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.api.Test;

class FunctionalClassLossTest {
  private static final Tensor WEIGHT = Tensor.of(0.5, 2.0, 1.0, 3.0);

  private static Tensor normal(long seed, int... dims) {
    return Rng.of(seed).normal(Shape.of(dims), DType.F64);
  }

  // ---- Cross-entropy

  /// The loss by its definition, one number after the other: `[n, classes]`, PyTorch's reductions.
  private static double naive(
      double[][] x, int[] t, Optional<double[]> weight, int ignore, double smoothing, Reduction r) {
    double total = 0;
    double counted = 0;
    int classes = x[0].length;
    for (int i = 0; i < x.length; i++) {
      if (t[i] == ignore) {
        continue;
      }
      double z = 0;
      for (double v : x[i]) {
        z += Math.exp(v);
      }
      double smooth = 0;
      for (int c = 0; c < classes; c++) {
        smooth -=
            weight.isPresent()
                ? weight.get()[c] * Math.log(Math.exp(x[i][c]) / z)
                : Math.log(Math.exp(x[i][c]) / z);
      }
      double w = weight.isPresent() ? weight.get()[t[i]] : 1;
      double nll = -w * Math.log(Math.exp(x[i][t[i]]) / z);
      total += (1 - smoothing) * nll + smoothing / classes * smooth;
      counted += w;
    }
    return r == Reduction.MEAN ? total / counted : total;
  }

  @Property(tries = 60)
  void crossEntropyIsItsDefinition(
      @ForAll long seed,
      @ForAll @DoubleRange(min = 0, max = 1) double smoothing,
      @ForAll boolean weighted,
      @ForAll boolean smooth) {
    Rng rng = Rng.of(seed);
    Tensor x = rng.normal(Shape.of(5, 4), DType.F64).mul(3);
    int[] t = new int[5];
    for (int i = 0; i < 5; i++) {
      t[i] = i == 0 ? 0 : rng.nextInt(4); // one at least counts
    }
    ClassOptions options =
        ClassOptions.DEFAULT.ignoreIndex(2).labelSmoothing(smooth ? smoothing : 0);
    if (weighted) {
      options = options.weight(WEIGHT);
    }
    double[][] rows = new double[5][];
    for (int i = 0; i < 5; i++) {
      rows[i] = x.select(0, i).toDoubleArray();
    }
    for (Reduction r : List.of(Reduction.MEAN, Reduction.SUM)) {
      double expected =
          naive(
              rows,
              t,
              weighted ? Optional.of(WEIGHT.toDoubleArray()) : Optional.empty(),
              2,
              options.labelSmoothing(),
              r);
      assertThat(Functional.crossEntropy(x, Tensor.of(t), options.reduction(r)).item())
          .isCloseTo(expected, within(1e-12 * Math.max(1, expected)));
    }
  }

  /// PyTorch 1.13, float64; the same numbers as in [LossTest].
  @Test
  void crossEntropyIsPyTorchs() {
    Tensor x = Tensor.of(new double[][] {{1, -2, 0.5}, {3, 0, -1}});
    assertThat(Functional.crossEntropy(x, Tensor.of(2, 0)).item())
        .isCloseTo(0.5352404030498562, within(1e-15));
  }

  @Test
  void classesAreTheSecondAxis() {
    Tensor x = normal(1, 2, 4, 3, 5);
    Tensor t = Rng.of(2).uniform(Shape.of(2, 3, 5), 0, 4, DType.F64).floor().to(DType.I32);
    Tensor loss = Functional.crossEntropy(x, t, ClassOptions.DEFAULT.reduction(Reduction.NONE));
    assertThat(loss.shape()).isEqualTo(Shape.of(2, 3, 5));
    Tensor flat =
        Functional.crossEntropy(
            x.permute(0, 2, 3, 1).reshape(30, 4),
            t.flatten(),
            ClassOptions.DEFAULT.reduction(Reduction.NONE));
    assertThat(loss.toDoubleArray()).isEqualTo(flat.toDoubleArray());
  }

  @Test
  void aSingleSampleNeedsNoBatchAxis() {
    Tensor x = normal(1, 4);
    double expected = -x.logSoftmax(0).get(2);
    Tensor two = Tensor.scalar(2, DType.I64);
    assertThat(Functional.crossEntropy(x, two).item()).isCloseTo(expected, within(1e-14));
    assertThat(Functional.nllLoss(x.logSoftmax(0), two).item()).isCloseTo(expected, within(1e-14));
    Tensor share = Tensor.of(0.0, 0, 1, 0);
    assertThat(Functional.crossEntropy(x, share).item()).isCloseTo(expected, within(1e-14));
  }

  @Test
  void probabilitiesGeneraliseIndices() {
    Tensor x = normal(1, 3, 4, 2);
    Tensor t = Tensor.of(new int[][] {{0, 1}, {2, 3}, {3, 3}});
    Tensor soft = t.oneHot(4, DType.F64).permute(0, 2, 1);
    for (double smoothing : new double[] {0, 0.2}) {
      ClassOptions sum = ClassOptions.DEFAULT.reduction(Reduction.SUM).labelSmoothing(smoothing);
      assertThat(Functional.crossEntropy(x, soft, sum).item())
          .isCloseTo(Functional.crossEntropy(x, t, sum).item(), within(1e-13));
    }
    // The mean over probabilities divides by the samples, also with weights.
    ClassOptions weighted = ClassOptions.DEFAULT.weight(WEIGHT);
    assertThat(Functional.crossEntropy(x, soft, weighted).item())
        .isCloseTo(
            Functional.crossEntropy(x, soft, weighted.reduction(Reduction.SUM)).item() / 6,
            within(1e-14));
  }

  @Test
  void nllIsCrossEntropyAfterLogSoftmax() {
    Tensor x = normal(1, 6, 4, 2);
    Tensor t = Rng.of(2).uniform(Shape.of(6, 2), 0, 4, DType.F64).floor().to(DType.I64);
    for (Reduction r : Reduction.values()) {
      ClassOptions options = ClassOptions.DEFAULT.weight(WEIGHT).ignoreIndex(3).reduction(r);
      Tensor a = Functional.nllLoss(x.logSoftmax(1), t, options);
      Tensor b = Functional.crossEntropy(x, t, options);
      assertThat(a.sub(b).abs().max().item()).isLessThan(1e-13);
    }
  }

  @Test
  void whatIsIgnoredHasNoLossAndNoGradient() {
    Tensor x = Tensor.parameter(normal(1, 3, 4));
    Tensor t = Tensor.of(-100, 1, 2);
    Tensor loss = Functional.crossEntropy(x, t, ClassOptions.DEFAULT.reduction(Reduction.NONE));
    loss.sum().backward();
    assertThat(loss.get(0)).isZero();
    assertThat(x.grad().select(0, 0).abs().toDoubleArray()).containsOnly(0);
    assertThat(x.grad().select(0, 1).abs().min().item()).isPositive();
  }

  @Test
  void theMeanOfNothingButIgnoredIsNan() {
    Tensor x = normal(1, 2, 4);
    Tensor none = Tensor.of(-100, -100);
    assertThat(Functional.crossEntropy(x, none).item()).isNaN();
    assertThat(Functional.nllLoss(x, none).item()).isNaN();
    ClassOptions sum = ClassOptions.DEFAULT.reduction(Reduction.SUM);
    assertThat(Functional.crossEntropy(x, none, sum).item()).isZero();
  }

  @Test
  void crossEntropyIsStableAtAThousand() {
    for (DType dtype : List.of(DType.F32, DType.F64)) {
      Tensor x = Tensor.parameter(Tensor.of(new double[][] {{1000, -1000}}).to(dtype));
      Tensor loss = Functional.crossEntropy(x, Tensor.of(1));
      loss.backward();
      assertThat(loss.item()).isEqualTo(2000);
      assertThat(x.grad().toDoubleArray()).containsExactly(1, -1);
    }
  }

  @Test
  void gradientsOfClassLossesAgreeWithDifferences() {
    Tensor x = normal(1, 3, 4, 2);
    Tensor t = Tensor.of(new int[][] {{0, 1}, {2, -100}, {3, 3}});
    Tensor soft = normal(2, 3, 4, 2).softmax(1);
    for (Reduction r : Reduction.values()) {
      ClassOptions options = ClassOptions.DEFAULT.weight(WEIGHT).reduction(r);
      check("nll " + r, x, t, options, false);
      check("indices " + r, x, t, options, true);
      check("smoothed " + r, x, t, options.labelSmoothing(0.1), true);
      check("probabilities " + r, x, soft, options.labelSmoothing(0.1), true);
    }
  }

  private static void check(String name, Tensor x, Tensor t, ClassOptions options, boolean logits) {
    GradCheck.standard()
        .order(2)
        .projected(3)
        .check(
            name,
            in ->
                logits
                    ? Functional.crossEntropy(in.get(0), in.get(1), options)
                    : Functional.nllLoss(in.get(0), in.get(1), options),
            List.of(x, t))
        .requirePassed();
  }

  // ---- Yes or no

  @Test
  void binaryCrossEntropyIsItsFormula() {
    double[] p = {0.1, 0.5, 0.999, 1e-6};
    double[] t = {0, 0.3, 1, 0.9};
    double[] loss =
        Functional.binaryCrossEntropy(Tensor.of(p), Tensor.of(t), Reduction.NONE).toDoubleArray();
    double[] logits =
        Functional.binaryCrossEntropyWithLogits(
                Tensor.of(p).div(Tensor.of(p).rsub(1)).log(), Tensor.of(t), Reduction.NONE)
            .toDoubleArray();
    for (int i = 0; i < p.length; i++) {
      double expected = -(t[i] * Math.log(p[i]) + (1 - t[i]) * Math.log1p(-p[i]));
      assertThat(loss[i]).isCloseTo(expected, within(1e-14 * Math.max(1, expected)));
      assertThat(logits[i]).isCloseTo(expected, within(1e-13 * Math.max(1, expected)));
    }
  }

  @Test
  void binaryWeightsAndReductions() {
    Tensor x = normal(1, 3, 4);
    Tensor t = normal(2, 3, 4).sigmoid();
    Tensor single = Functional.binaryCrossEntropyWithLogits(x, t, Reduction.NONE);
    Tensor w = Tensor.of(1.0, 2, 3, 4);
    Tensor one = Tensor.scalar(1, DType.F64);
    assertThat(Functional.binaryCrossEntropyWithLogits(x, t, w, one, Reduction.SUM).item())
        .isCloseTo(single.mul(w).sum().item(), within(1e-13));
    assertThat(Functional.binaryCrossEntropy(x.sigmoid(), t, w, Reduction.MEAN).item())
        .isCloseTo(single.mul(w).mean().item(), within(1e-13));
    // A positive weight multiplies the term of t.
    Tensor q = Tensor.of(0.5, 1, 2, 5);
    double expected =
        t.mul(q)
            .mul(Functional.logsigmoid(x))
            .add(t.rsub(1).mul(Functional.logsigmoid(x.neg())))
            .neg()
            .mean()
            .item();
    assertThat(Functional.binaryCrossEntropyWithLogits(x, t, one, q, Reduction.MEAN).item())
        .isCloseTo(expected, within(1e-14));
  }

  @Test
  void gradientsOfBinaryLossesAgreeWithDifferences() {
    Tensor x = normal(1, 5);
    Tensor t = normal(2, 5).sigmoid();
    Tensor w = normal(3, 5);
    Tensor q = normal(4, 5).square();
    for (Reduction r : Reduction.values()) {
      GradCheck.standard()
          .order(2)
          .check(
              in ->
                  Functional.binaryCrossEntropyWithLogits(
                      in.get(0), in.get(1), in.get(2), in.get(3), r),
              List.of(x, t, w, q))
          .requirePassed();
      GradCheck.standard()
          .order(2)
          .check(
              in -> Functional.binaryCrossEntropy(in.get(0).sigmoid(), in.get(1), in.get(2), r),
              List.of(x, t, w))
          .requirePassed();
    }
  }

  @Test
  void logitsAreStableAtAThousand() {
    for (DType dtype : List.of(DType.F32, DType.F64)) {
      Tensor x = Tensor.parameter(Tensor.of(-1000.0, -1000, 1000, 1000).to(dtype));
      Tensor t = Tensor.of(0.0, 1, 0, 1).to(dtype);
      Tensor loss = Functional.binaryCrossEntropyWithLogits(x, t, Reduction.NONE);
      loss.sum().backward();
      assertThat(loss.toDoubleArray()).containsExactly(0, 1000, 1000, 0);
      assertThat(x.grad().abs().toDoubleArray()).containsExactly(0, 1, 1, 0);
    }
  }

  @Test
  void probabilitiesOfZeroAndOneLoseAHundredAtMost() {
    Tensor p = Tensor.parameter(Tensor.of(0.0, 0, 1, 1));
    Tensor t = Tensor.of(0.0, 1, 0, 1);
    Tensor loss = Functional.binaryCrossEntropy(p, t, Reduction.NONE);
    loss.sum().backward();
    assertThat(loss.abs().toDoubleArray()).containsExactly(0, 100, 100, 0);
    assertThat(p.grad().toDoubleArray()).containsExactly(1, -1e12, 1e12, -1);
    assertThat(Functional.binaryCrossEntropy(Tensor.of(-0.1), Tensor.of(1.0)).item()).isNaN();
  }

  // ---- Errors

  @Test
  void whatDoesNotFitIsRefused() {
    Tensor x = normal(1, 2, 4);
    assertThatThrownBy(() -> Functional.crossEntropy(x, Tensor.of(0, 1, 2)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("crossEntropy", "[3], I32", "[2, 4]", "axis 1");
    for (ClassOptions options :
        List.of(
            ClassOptions.DEFAULT,
            ClassOptions.DEFAULT.weight(WEIGHT),
            ClassOptions.DEFAULT.labelSmoothing(0.1))) {
      for (int none : new int[] {4, -1}) {
        assertThatThrownBy(() -> Functional.crossEntropy(x, Tensor.of(0, none), options))
            .isInstanceOf(IndexOutOfBoundsException.class)
            .hasMessageContaining(Integer.toString(none));
      }
    }
    assertThatThrownBy(() -> Functional.nllLoss(x, x))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("nllLoss", "F64", "crossEntropy");
    assertThatThrownBy(
            () -> Functional.nllLoss(x, Tensor.of(0, 1), ClassOptions.DEFAULT.labelSmoothing(0.5)))
        .hasMessageContaining("0.5");
    assertThatThrownBy(() ->
            Functional.crossEntropy(
                x, Tensor.of(0, 1), ClassOptions.DEFAULT.weight(Tensor.ones(3))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("[3]", "[4]");
    assertThatThrownBy(() -> ClassOptions.DEFAULT.labelSmoothing(2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("2.0");
  }
}
