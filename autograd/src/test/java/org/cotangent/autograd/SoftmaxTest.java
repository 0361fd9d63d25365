package org.cotangent.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.api.Test;

/// The identities of softmax and its cross-entropy.
class SoftmaxTest {
  private static final double EPS = Math.ulp(1.0);

  private static Tensor logits(long seed, int rows, int classes) {
    return Rng.of(seed).normal(Shape.of(rows, classes), DType.F64).mul(2);
  }

  /// The shift rounds every logit by ε/2 of its size at most, and e^x passes that on.
  @Property(tries = 50)
  void softmaxDoesNotChangeWhenAllLogitsAreShifted(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 70) int classes,
      @ForAll @DoubleRange(min = -1000, max = 1000) double shift) {
    Tensor x = logits(seed, 3, classes);
    double relative = EPS * (classes + 16 + 2 * Math.abs(shift));
    Numbers.assertClose("softmax", x.add(shift).softmax(-1), x.softmax(-1), relative);
    Numbers.assertClose("log-softmax", x.add(shift).logSoftmax(-1), x.logSoftmax(-1), relative);
    Tensor g = logits(seed + 1, 3, classes);
    Tensor moved =
        Grad.vjp(in -> in.getFirst().softmax(-1), List.of(x.add(shift))).pull().apply(g).getFirst();
    Tensor still = Grad.vjp(in -> in.getFirst().softmax(-1), List.of(x)).pull().apply(g).getFirst();
    double[] bounds = new double[x.size()];
    Arrays.fill(bounds, relative * (1 + Numbers.largest(g.toDoubleArray())));
    Numbers.assertWithin("gradient", moved, still, bounds);
  }

  /// Moving all logits of a row together changes nothing: each row of the gradient sums to 0.
  @Property(tries = 50)
  void theGradientThroughSoftmaxSumsToZero(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 70) int classes) {
    Tensor x = logits(seed, 3, classes);
    Tensor g = logits(seed + 1, 3, classes);
    Tensor gx = Grad.vjp(in -> in.getFirst().softmax(-1), List.of(x)).pull().apply(g).getFirst();
    assertThat(Numbers.largest(gx.sum(-1).toDoubleArray()))
        .isLessThan(EPS * classes * (1 + Numbers.largest(g.toDoubleArray())));
  }

  @Property(tries = 30)
  void theJacobianOfSoftmaxIsDiagPMinusPPt(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 9) int classes) {
    Tensor x = logits(seed, 1, classes).flatten();
    Tensor p = x.softmax(0);
    Tensor expected = Tensor.eye(classes, DType.F64).mul(p).sub(p.unsqueeze(1).mul(p));
    double[] bounds = new double[classes * classes];
    Arrays.fill(bounds, 8 * EPS);
    Numbers.assertWithin("Jacobian", Grad.jacobian(t -> t.softmax(0), x), expected, bounds);
  }

  @Property(tries = 50)
  void theGradientOfSoftmaxCrossEntropyIsPMinusT(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 70) int classes) {
    Tensor x = Tensor.parameter(logits(seed, 5, classes));
    Tensor index = new Draw(seed).whole(0, classes, DType.I64, 5);
    Tensor t = index.oneHot(classes, DType.F64);
    Tensor expected = x.detach().softmax(-1).sub(t);
    for (Tensor target : List.of(index, t)) {
      Tensor g = Grad.grad(x.softmaxCrossEntropy(target).sum(), List.of(x)).getFirst();
      double[] bounds = new double[x.size()];
      Arrays.fill(bounds, 8 * EPS);
      Numbers.assertWithin("gradient", g, expected, bounds);
    }
  }

  @Property(tries = 50)
  void fusedCrossEntropyIsTheComposedOne(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 70) int classes) {
    Tensor x = logits(seed, 5, classes);
    Tensor t = new Draw(seed).uniform(0, 1, 5, classes);
    Tensor composed = t.mul(x.logSoftmax(-1)).sum(-1).neg();
    Numbers.assertClose("loss", x.softmaxCrossEntropy(t), composed, EPS * (classes + 16));
  }

  @Test
  void logitsOfAThousandNeitherOverflowNorLoseTheGradient() {
    for (DType d : List.of(DType.F32, DType.F64)) {
      Tensor x =
          Tensor.parameter(Tensor.of(new double[][] {{1000, -1000, 0}, {-1000, 1000, 1000}}).to(d));
      Tensor loss = x.softmaxCrossEntropy(Tensor.of(1, 1));
      assertThat(loss.get(0)).isEqualTo(2000);
      assertThat(loss.get(1)).isCloseTo(Math.log(2), offset(1e-7));
      loss.sum().backward();
      assertThat(x.grad().toDoubleArray()).containsExactly(1, -1, 0, 0, -0.5, 0.5);
      assertThat(x.softmax(-1).toDoubleArray()).containsExactly(1, 0, 0, 0, 0.5, 0.5);
    }
  }

  @Test
  void softmaxSumsToOneFarFromZero() {
    for (double shift : new double[] {-1e6, -1000, 0, 1000, 1e6}) {
      Tensor p = Tensor.of(1.0, 2.0, 3.0).add(shift).softmax(0);
      assertThat(p.sum().item()).isCloseTo(1, offset(4 * EPS));
    }
  }
}
