package org.cotangent.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.api.Test;

/// What the engine gives at the hard points, where a derivative does not exist or a value is not
/// finite: the table of conventions, a test a row.
class ConventionsTest {
  private static final double INF = Double.POSITIVE_INFINITY;
  private static final double NAN = Double.NaN;

  /// The gradient of the sum of `f` at `x`, the same in both dtypes.
  private static double[] gradient(UnaryOperator<Tensor> f, double... x) {
    double[] g = gradient(DType.F64, f, x);
    assertThat(gradient(DType.F32, f, x)).isEqualTo(g);
    return g;
  }

  private static double[] gradient(DType d, UnaryOperator<Tensor> f, double... x) {
    return unsigned(Grad.grad(t -> f.apply(t).sum()).apply(Tensor.of(x).to(d)));
  }

  private static double[] secondGradient(UnaryOperator<Tensor> f, double... x) {
    return unsigned(Grad.hessian(t -> f.apply(t).sum(), Tensor.of(x)));
  }

  /// The numbers with -0 as 0: which zero a gradient is, no row says.
  private static double[] unsigned(Tensor x) {
    return x.add(0).toDoubleArray();
  }

  /// Both gradients of a scalar function of two numbers.
  private static double[] gradients(BinaryOperator<Tensor> f, double a, double b) {
    var r =
        Grad.valueAndGrad(
            in -> f.apply(in.get(0), in.get(1)).sum(), List.of(Tensor.of(a), Tensor.of(b)));
    return unsigned(Tensor.concat(0, r.grads().get(0), r.grads().get(1)));
  }

  // ---- Extremes

  @Test
  void tiesOfMaxAndMinShareTheGradientEvenly() {
    assertThat(gradient(t -> t.max(), 1, 2, 2, 0)).containsExactly(0, 0.5, 0.5, 0);
    assertThat(gradient(t -> t.min(), 4, 1, 1, 1, 1)).containsExactly(0, 0.25, 0.25, 0.25, 0.25);
    assertThat(gradient(t -> t.max(), 0.0, -0.0)).containsExactly(0.5, 0.5);
  }

  @Test
  void positionsOfExtremesAreTheFirst() {
    assertThat(Tensor.of(1.0, 5, 5, 2).argmax(0).item()).isEqualTo(1);
    assertThat(Tensor.of(3.0, 1, 1).argmin(0).item()).isEqualTo(1);
    assertThat(Tensor.of(3.0, NAN, 9, NAN).argmax(0).item()).isEqualTo(1);
  }

  @Test
  void maximumOfEqualsGivesHalfToEach() {
    assertThat(gradients(Tensor::maximum, 2, 2)).containsExactly(0.5, 0.5);
    assertThat(gradients(Tensor::minimum, 2, 2)).containsExactly(0.5, 0.5);
    assertThat(gradient(t -> t.maximum(t), 2)).containsExactly(1);
  }

  @Test
  void theGradientOfAMaxWithANanGoesToTheNan() {
    assertThat(Tensor.of(1.0, NAN, 3).max().item()).isNaN();
    assertThat(gradient(t -> t.max(), 1, NAN, 3)).containsExactly(0, 1, 0);
    assertThat(gradient(t -> t.min(), NAN, 1, NAN)).containsExactly(0.5, 0, 0.5);
  }

  @Test
  void theMaxOfNothingIsAnError() {
    assertThatThrownBy(() -> Tensor.zeros(0).max())
        .hasMessage("MAX: [0] to []: the largest of no elements does not exist");
    assertThatThrownBy(() -> Tensor.zeros(2, 0).argmax(1))
        .hasMessage("ARG_MAX: [2, 0] to [2, 1]: the largest of no elements does not exist");
    assertThat(Tensor.zeros(0, 3).max(1).shape()).isEqualTo(Shape.of(0));
  }

  // ---- Kinks

  @Test
  void reluIsFlatAtZero() {
    assertThat(gradient(Tensor::relu, -1, 0.0, -0.0, 2)).containsExactly(0, 0, 0, 1);
  }

  @Test
  void clampPassesAtItsBounds() {
    assertThat(gradient(t -> t.clamp(-1, 1), -2, -1, 0, 1, 2)).containsExactly(0, 1, 1, 1, 0);
  }

  @Test
  void absIsFlatAtZero() {
    assertThat(gradient(Tensor::abs, -2, -0.0, 0, 3)).containsExactly(-1, 0, 0, 1);
  }

  @Test
  void stepsAreFlatEverywhere() {
    assertThat(gradient(Tensor::sign, -2, 0, 3)).containsOnly(0);
    assertThat(gradient(Tensor::floor, -2, 0.5)).containsOnly(0);
    assertThat(gradient(Tensor::ceil, -2, 0.5)).containsOnly(0);
    assertThat(gradient(Tensor::round, -2, 0.5)).containsOnly(0);
  }

  @Test
  void sqrtIsVerticalAtZero() {
    assertThat(gradient(Tensor::sqrt, 0, 4)).containsExactly(INF, 0.25);
  }

  // ---- Powers and products

  @Test
  void zeroToTheZeroIsOneAndFlat() {
    assertThat(Tensor.of(0.0).pow(Tensor.of(0.0)).item()).isEqualTo(1);
    assertThat(gradients(Tensor::pow, 0, 0)).containsExactly(0, 0);
    assertThat(gradient(t -> t.pow(0), 0, 2)).containsExactly(0, 0);
  }

  @Test
  void zeroToMinusOneIsInfiniteWithInfiniteGradients() {
    assertThat(gradients(Tensor::pow, 0, -1)).containsExactly(-INF, -INF);
  }

  @Test
  void powersOfZeroAndOfNegativeNumbersHaveTheGradientsOfPolynomials() {
    assertThat(gradients(Tensor::pow, 0, 2)).containsExactly(0, 0);
    assertThat(gradients(Tensor::pow, 0, 1)).containsExactly(1, 0);
    assertThat(gradient(t -> t.pow(3), -2, 0)).containsExactly(12, 0);
    assertThat(secondGradient(t -> t.pow(2), 0)).containsExactly(2);
    assertThat(secondGradient(t -> t.pow(1), 0)).containsExactly(0);
    assertThat(secondGradient(t -> t.pow(3), -2)).containsExactly(-12);
  }

  @Test
  void productsWithZerosHaveTheirGradientsWithoutDividing() {
    assertThat(gradient(t -> t.prod(), 2, 0, 3)).containsExactly(0, 6, 0);
    assertThat(gradient(t -> t.prod(), 0, 0, 3)).containsExactly(0, 0, 0);
    assertThat(secondGradient(t -> t.prod(), 2, 0, 3)).containsExactly(0, 3, 0, 3, 0, 2, 0, 2, 0);
    assertThat(secondGradient(t -> t.prod(), 0, 0, 3)).containsExactly(0, 3, 0, 3, 0, 0, 0, 0, 0);
  }

  // ---- Exponentials

  @Test
  void logSumExpOfMinusInfinitiesIsMinusInfinityAndFlat() {
    assertThat(Tensor.of(-INF, -INF).logSumExp().item()).isEqualTo(-INF);
    assertThat(gradient(t -> t.logSumExp(), -INF, -INF)).containsExactly(0, 0);
    assertThat(gradient(t -> t.logSumExp(), -INF, 3)).containsExactly(0, 1);
    assertThat(secondGradient(t -> t.logSumExp(), -INF, -INF)).containsOnly(0);
    assertThat(secondGradient(t -> t.logSumExp(), -INF, 3)).containsOnly(0);
  }

  @Test
  void softmaxOfMinusInfinitiesIsNan() {
    assertThat(Tensor.of(-INF, -INF).softmax(0).toDoubleArray()).containsOnly(NAN);
    assertThat(Tensor.of(-INF, 0).softmax(0).toDoubleArray()).containsExactly(0, 1);
  }

  @Test
  void softplusHasNoThreshold() {
    assertThat(Tensor.of(-1000, 0, 1000.0).softplus().toDoubleArray())
        .containsExactly(0, Math.log(2), 1000);
    assertThat(Tensor.of(30.0).softplus().item()).isEqualTo(30 + Math.log1p(Math.exp(-30)));
    assertThat(gradient(Tensor::softplus, -1000, 0, 1000)).containsExactly(0, 0.5, 1);
  }

  @Test
  void sigmoidIsStableFarFromZero() {
    assertThat(Tensor.of(-1000, 0, 1000.0).sigmoid().toDoubleArray()).containsExactly(0, 0.5, 1);
    assertThat(gradient(Tensor::sigmoid, -1000, 0, 1000)).containsExactly(0, 0.25, 0);
    assertThat(secondGradient(Tensor::sigmoid, 1000)).containsExactly(0);
  }

  @Test
  void logSoftmaxIsStableFarFromZero() {
    assertThat(Tensor.of(1000, -1000.0).logSoftmax(0).toDoubleArray()).containsExactly(0, -2000);
    assertThat(gradient(t -> t.logSoftmax(0).select(0, 1), 1000, -1000)).containsExactly(-1, 1);
  }

  @Test
  void aClassThatDoesNotExistIsAnError() {
    Tensor x = Tensor.zeros(2, 3);
    assertThatThrownBy(() -> x.softmaxCrossEntropy(Tensor.of(0, 3)))
        .isInstanceOf(IndexOutOfBoundsException.class)
        .hasMessage(
            "SOFTMAX_CROSS_ENTROPY: the target of row 1 is class 3, but there are 3 classes: it must be 0 or more and less than 3");
    assertThatThrownBy(() -> x.softmaxCrossEntropy(Tensor.of(-1, 0)))
        .isInstanceOf(IndexOutOfBoundsException.class)
        .hasMessageContaining("the target of row 0 is class -1");
  }

  // ---- Angles

  @Test
  void atan2IsFlatAtTheOrigin() {
    assertThat(gradients(Tensor::atan2, 0, 0)).containsExactly(0, 0);
    assertThat(gradients(Tensor::atan2, 0, 2)).containsExactly(0.5, 0);
  }

  // ---- Choices

  @Test
  void whereLetsNothingThroughFromTheBranchNotTaken() {
    Tensor c = Tensor.of(true, false);
    Tensor a = Tensor.parameter(Tensor.of(1.0, NAN));
    Tensor b = Tensor.parameter(Tensor.of(INF, 2.0));
    Tensor y = Tensor.where(c, a, b);
    assertThat(y.toDoubleArray()).containsExactly(1, 2);
    y.backward(Tensor.of(NAN, INF));
    assertThat(a.grad().toDoubleArray()).containsExactly(NAN, 0);
    assertThat(b.grad().toDoubleArray()).containsExactly(0, INF);
  }

  @Test
  void masksAreStrongZerosForInfiniteGradients() {
    Tensor x = Tensor.parameter(Tensor.of(-1.0, 1.0));
    assertThat(Grad.grad(x.relu(), Tensor.of(INF, INF), List.of(x)).getFirst().toDoubleArray())
        .containsExactly(0, INF);
    assertThat(Grad.grad(x.clamp(0, 2), Tensor.of(NAN, 3.0), List.of(x)).getFirst().toDoubleArray())
        .containsExactly(0, 3);
  }

  @Test
  void repeatedIndicesAddTheirGradients() {
    Tensor i = Tensor.of(1, 1, 0, 1);
    assertThat(gradient(t -> t.gather(0, i), 5, 6)).containsExactly(1, 3);
    assertThat(gradient(t -> t.indexSelect(0, i), 5, 6)).containsExactly(1, 3);
    assertThat(gradient(t -> t.indexSelect(0, i).mul(Tensor.of(1, 2, 3, 4)), 5, 6))
        .containsExactly(3, 7);
  }

  @Test
  void ofSeveralWrittenToOnePlaceTheLastStays() {
    Tensor x = Tensor.of(1.0, 2);
    Tensor i = Tensor.of(1, 0, 1);
    assertThat(Indexing.scatter(x, 0, i, Tensor.of(5.0, 6, 7)).toDoubleArray())
        .containsExactly(6, 7);
    assertThat(gradient(t -> Indexing.scatter(x.to(t.dtype()), 0, i, t), 5, 6, 7))
        .containsExactly(0, 1, 1);
    assertThat(gradient(t -> Indexing.scatter(t, 0, Tensor.of(1), Tensor.of(5)), 1, 2))
        .containsExactly(1, 0);
  }

  // ---- Orders and running extremes

  @Test
  void ordersAreStableAndNanIsLargest() {
    Tensor x = Tensor.of(2, NAN, 1, 2, NAN, 0.0, -0.0);
    assertThat(Sorting.argsort(x, 0, false).toLongArray()).containsExactly(5, 6, 2, 0, 3, 1, 4);
    assertThat(Sorting.argsort(x, 0, true).toLongArray()).containsExactly(1, 4, 0, 3, 2, 5, 6);
    assertThat(gradient(t -> Sorting.topk(t, 2, 0, true).values(), 3, 3, 3))
        .containsExactly(1, 1, 0);
  }

  @Test
  void anExtremeWithItsPositionGivesTheFirstTheGradient() {
    assertThat(gradient(t -> Sorting.max(t, 0, false).values(), 1, 3, 3)).containsExactly(0, 1, 0);
    assertThat(gradient(t -> Sorting.min(t, 0, false).values(), 1, 1, 3)).containsExactly(1, 0, 0);
  }

  @Test
  void aRunningExtremeGivesTheLastOfEqualsTheGradient() {
    assertThat(gradient(t -> Cumulative.max(t, 0).values(), 1, 1, NAN, 2))
        .containsExactly(1, 1, 2, 0);
  }

  @Test
  void medians() {
    assertThat(gradient(t -> Statistics.median(t), 1, 2, 2, 3)).containsExactly(0, 0.5, 0.5, 0);
    assertThat(gradient(t -> Statistics.median(t), 1, NAN, 2)).containsExactly(0, 1, 0);
    assertThat(gradient(t -> Statistics.median(t, 0, false).values(), 1, 2, 2, 3))
        .containsExactly(0, 1, 0, 0);
  }

  @Test
  void runningProductsWithZerosDoNotDivide() {
    assertThat(gradient(t -> Cumulative.prod(t, 0), 2, 0, 3)).containsExactly(1, 8, 0);
    assertThat(secondGradient(t -> Cumulative.prod(t, 0), 2, 0, 3))
        .containsExactly(0, 4, 0, 4, 0, 2, 0, 2, 0);
  }

  @Test
  void runningLogSumExpOfMinusInfinitiesIsFlat() {
    // The first result is the first element itself; no other takes anything from a -∞.
    assertThat(gradient(t -> Cumulative.logSumExp(t, 0), -INF, -INF, 1)).containsExactly(1, 0, 1);
    assertThat(gradients(Special::logAddExp, -INF, -INF)).containsExactly(0, 0);
  }

  // ---- Spread and size

  @Test
  void normsAreFlatAtZeroAlsoAtSecondOrder() {
    for (double p : new double[] {0.5, 1, 1.5, 2, 3}) {
      assertThat(gradient(t -> Statistics.norm(t, p), 0, 0)).as("p = %s", p).containsExactly(0, 0);
      assertThat(secondGradient(t -> Statistics.norm(t, p), 0, 0)).as("p = %s", p).containsOnly(0);
    }
    assertThat(gradient(t -> Statistics.norm(t, 0.5), 0, 4)).containsExactly(0, 1);
    assertThat(gradient(t -> Statistics.norm(t, INF), 1, -1)).containsExactly(0.5, -0.5);
    assertThat(gradient(t -> Statistics.norm(t, -1), 0, 4)).containsExactly(0, 0);
  }

  @Test
  void aConstantHasNoSpreadAndAFlatOne() {
    assertThat(gradient(t -> Statistics.std(t), 2, 2, 2)).containsExactly(0, 0, 0);
    assertThat(secondGradient(t -> Statistics.std(t), 2, 2)).containsOnly(0);
  }

  @Test
  void theVarianceOfOneIsNan() {
    Tensor column = Tensor.zeros(3, 1);
    assertThat(Statistics.var(column, new int[] {1}, 1, false).toDoubleArray())
        .containsExactly(NAN, NAN, NAN);
    assertThat(Statistics.std(column, new int[] {1}, 1, true).shape()).isEqualTo(Shape.of(3, 1));
  }

  @Test
  void nanInASumWithoutNanGetsNothing() {
    assertThat(gradient(t -> Statistics.nanSum(t), 1, NAN)).containsExactly(1, 0);
  }

  // ---- Special functions

  @Test
  void xlogyIsZeroAtZero() {
    assertThat(Special.xlogy(Tensor.of(0.0), Tensor.of(0, -1, INF, 2.0)).toDoubleArray())
        .containsExactly(0, 0, 0, 0);
    assertThat(Special.xlogy(Tensor.of(0.0), Tensor.of(NAN)).item()).isNaN();
    assertThat(gradients(Special::xlogy, 0, 0)).containsExactly(0, 0);
    assertThat(gradients(Special::xlogy, 0, 2)).containsExactly(Math.log(2), 0);
  }

  @Test
  void hypotIsFlatAtTheOrigin() {
    assertThat(gradients(Special::hypot, 0, 0)).containsExactly(0, 0);
    assertThat(gradients(Special::hypot, 0, -3)).containsExactly(0, -1);
  }

  @Test
  void sincIsSmoothAtZero() {
    assertThat(gradient(Special::sinc, 0)).containsExactly(0);
    assertThat(secondGradient(Special::sinc, 0)[0])
        .isEqualTo(-Math.PI * Math.PI / 3, within(1e-15));
  }

  @Test
  void fmaxOfEqualsGivesHalfToEachAndOfANanAllToTheNumber() {
    assertThat(gradients(Special::fmax, 1, 1)).containsExactly(0.5, 0.5);
    assertThat(gradients(Special::fmin, NAN, 1)).containsExactly(0, 1);
  }

  @Test
  void tensorsAsBoundsLetTheNumberThroughAtTies() {
    assertThat(gradients(Special::clampMin, 1, 1)).containsExactly(1, 0);
    assertThat(gradients(Special::clampMax, 1, 1)).containsExactly(1, 0);
  }

  @Test
  void inversesAreVerticalAtTheirEnds() {
    assertThat(gradient(Special::acosh, 1)).containsExactly(INF);
    assertThat(gradient(p -> Special.logit(p), 0, 1)).containsExactly(INF, INF);
    assertThat(gradient(p -> Special.logit(p, 0.5), 0, 0.5)).containsExactly(0, 4);
  }

  // ---- Sums of nothing

  @Test
  void sumsOfNothingAreTheNeutralElements() {
    Tensor none = Tensor.zeros(0);
    assertThat(none.sum().item()).isEqualTo(0);
    assertThat(none.prod().item()).isEqualTo(1);
    assertThat(none.logSumExp().item()).isEqualTo(-INF);
    assertThat(none.mean().item()).isNaN();
  }
}
