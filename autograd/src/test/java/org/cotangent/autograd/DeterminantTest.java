package org.cotangent.autograd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.api.Test;

/// Determinants and their derivatives against the sum over permutations, singular matrices above
/// all.
class DeterminantTest {
  /// Leibniz' formula: Σ over permutations p of sign(p) Π a[i, p(i)].
  private static Tensor leibniz(Tensor a) {
    List<int[]> permutations = new ArrayList<>();
    permute(new int[a.dim(-1)], 0, permutations);
    Tensor sum = Tensor.scalar(0, a.dtype());
    for (int[] p : permutations) {
      Tensor product = Tensor.scalar(sign(p), a.dtype());
      for (int i = 0; i < p.length; i++) {
        product = product.mul(a.select(-2, i).select(-1, p[i]));
      }
      sum = sum.add(product);
    }
    return sum;
  }

  private static void permute(int[] p, int at, List<int[]> to) {
    if (at == p.length) {
      to.add(p.clone());
      return;
    }
    for (int v = 0; v < p.length; v++) {
      boolean used = false;
      for (int i = 0; i < at; i++) {
        used |= p[i] == v;
      }
      if (!used) {
        p[at] = v;
        permute(p, at + 1, to);
      }
    }
  }

  private static int sign(int[] p) {
    int s = 1;
    for (int i = 0; i < p.length; i++) {
      for (int j = i + 1; j < p.length; j++) {
        s = p[i] > p[j] ? -s : s;
      }
    }
    return s;
  }

  /// Small whole numbers, so that ranks are exact; some rows or columns alike or zero.
  private static Tensor ofRank(Draw draw, int n, int rank) {
    return draw.whole(-2, 3, DType.F64, n, rank).matmul(draw.whole(-2, 3, DType.F64, rank, n));
  }

  @Property(tries = 25)
  void valuesAndDerivativesAreThoseOfTheSumOverPermutations(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 4) int n,
      @ForAll @IntRange(min = 0, max = 2) int nullity) {
    Draw draw = new Draw(seed);
    Tensor a =
        nullity >= n ? Tensor.zeros(Shape.of(n, n), DType.F64) : ofRank(draw, n, n - nullity);
    agree(a, nullity < 3 ? 3 : 2);
  }

  /// Nearly singular by rounding is as good, wherever the dependent columns are.
  @Property(tries = 8)
  void nearlySingularMatricesDoNoHarm(@ForAll long seed) {
    Draw draw = new Draw(seed);
    Tensor c = draw.uniform(-1, 1, 4, 3);
    Tensor twin = c.slice(1, 0, 1).div(3);
    Tensor order = Rng.of(seed).permutation(4);
    agree(Tensor.concat(1, c, twin).indexSelect(1, order), 3);
    Tensor other = c.slice(1, 1, 2).mul(0.7);
    agree(Tensor.concat(1, c.slice(1, 0, 2), twin, other).indexSelect(1, order), 3);
    agree(c.matmul(draw.uniform(-1, 1, 3, 4)), 3);
  }

  @Test
  void firstAndSecondDerivativesAreRightAtAnyRank() {
    for (int n = 1; n < 5; n++) {
      agree(Tensor.zeros(Shape.of(n, n), DType.F64), 2);
      agree(Tensor.ones(Shape.of(n, n), DType.F64), 2);
    }
    // Partial pivoting meets the 0 before the last column here.
    agree(Tensor.of(new double[][] {{1, 1, 2}, {1, 1, 3}, {1, 1, 5}}), 3);
    agree(Tensor.of(new double[][] {{0, 0, 2}, {0, 0, 3}, {0, 4, 5}}), 3);
  }

  private static void agree(Tensor a, int order) {
    double bound = 1e-11;
    Numbers.assertWithin("det", Linalg.det(a), leibniz(a), bounds(1, bound * size(a)));
    compare("gradient", Grad.jacobian(Linalg::det, a), Grad.jacobian(DeterminantTest::leibniz, a));
    Tensor hessian = Grad.hessian(Linalg::det, a);
    compare("Hessian", hessian, Grad.hessian(DeterminantTest::leibniz, a));
    if (order > 2) {
      Tensor v = new Draw(1).normal(a.shape(), a.dtype());
      compare(
          "third derivative",
          Grad.jacobian(x -> Grad.hvp(Linalg::det, x, v), a),
          Grad.jacobian(x -> Grad.hvp(DeterminantTest::leibniz, x, v), a));
    }
  }

  private static void compare(String what, Tensor actual, Tensor expected) {
    double size = Math.max(1, Numbers.largest(expected.toDoubleArray()));
    Numbers.assertWithin(what, actual, expected, bounds(expected.size(), 1e-10 * size));
  }

  private static double size(Tensor a) {
    return Math.pow(1 + Numbers.largest(a.toDoubleArray()), a.dim(-1));
  }

  private static double[] bounds(int n, double bound) {
    double[] all = new double[n];
    Arrays.fill(all, bound);
    return all;
  }

  @Property(tries = 40)
  void theDeterminantOfAPermutationIsItsSign(@ForAll long seed, @ForAll @IntRange(max = 70) int n) {
    Tensor order = Rng.of(seed).permutation(n);
    int[] p = order.toIntArray();
    Tensor a = order.oneHot(n, DType.F64);
    assertThat(Linalg.det(a).item()).isEqualTo(sign(p));
    assertThat(Linalg.slogdet(a).sign().item()).isEqualTo(sign(p));
    assertThat(Linalg.slogdet(a).logabsdet().item()).isZero();
  }

  @Property(tries = 30)
  void signAndLogarithmMakeTheDeterminant(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 40) int n) {
    Tensor a = new Draw(seed).normal(Shape.of(2, n, n), DType.F64);
    Linalg.SlogDet y = Linalg.slogdet(a);
    Numbers.assertClose("det", y.sign().mul(y.logabsdet().exp()), Linalg.det(a), 1e-11);
  }

  @Test
  void theLogarithmDoesNotOverflow() {
    Tensor a = Tensor.eye(9, DType.F64).mul(-1e200);
    Linalg.SlogDet y = Linalg.slogdet(a);
    assertThat(y.sign().item()).isEqualTo(-1);
    assertThat(y.logabsdet().item()).isEqualTo(9 * Math.log(1e200));
  }

  @Test
  void aSingularMatrixHasSign0AndLogarithmMinusInfinity() {
    Linalg.SlogDet y = Linalg.slogdet(Tensor.of(new double[][] {{1, 2}, {2, 4}}));
    assertThat(y.sign().item()).isZero();
    assertThat(y.logabsdet().item()).isEqualTo(Double.NEGATIVE_INFINITY);
  }

  @Test
  void theGradientOfTheLogarithmIsTheInverseTransposed() {
    Tensor a = new Draw(3).normal(Shape.of(2, 6, 6), DType.F64);
    Tensor g = Grad.grad(x -> Linalg.slogdet(x).logabsdet().sum()).apply(a);
    Numbers.assertClose("gradient", g, Linalg.inv(a).t(), 1e-12);
    GradCheck.standard()
        .order(2)
        .check(
            "slogdet", in -> Linalg.slogdet(in.getFirst()).logabsdet(), List.of(a.slice(0, 0, 1)))
        .requirePassed();
  }

  @Test
  void aMatrixWithoutElementsHasDeterminant1() {
    Tensor none = Tensor.zeros(Shape.of(3, 0, 0), DType.F64);
    assertThat(Linalg.det(none).toDoubleArray()).containsExactly(1, 1, 1);
    assertThat(Linalg.slogdet(none).logabsdet().toDoubleArray()).containsExactly(0, 0, 0);
  }

  @Test
  void aNanGivesANan() {
    Tensor a = Tensor.of(new double[][] {{1, 2, 0}, {Double.NaN, 1, 0}, {0, 0, 3}});
    assertThat(Linalg.det(a).item()).isNaN();
    assertThat(Linalg.slogdet(a).logabsdet().item()).isNaN();
  }
}
