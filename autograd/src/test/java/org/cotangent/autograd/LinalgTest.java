package org.cotangent.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.api.Test;

/// Factors and solutions are held to the equations that define them; sizes cross the panels of 32
/// and the columns of 128 that are computed together.
class LinalgTest {
  private static Tensor positive(Draw draw, DType d, int... batchAndOrder) {
    int n = batchAndOrder[batchAndOrder.length - 1];
    Shape s = Shape.of(batchAndOrder);
    Tensor b = draw.normal(s.inserted(s.rank(), n), DType.F64);
    return b.matmul(b.t()).add(Tensor.eye(n, DType.F64)).to(d);
  }

  private static double eps(DType d) {
    return d == DType.F32 ? 0x1p-23 : 0x1p-52;
  }

  /// Higham, Accuracy and Stability of Numerical Algorithms, theorem 10.3: n + 1 roundings a sum.
  @Property(tries = 40)
  void theCholeskyFactorTimesItsTransposeIsTheMatrix(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 70) int n) {
    for (DType d : List.of(DType.F64, DType.F32)) {
      Tensor a = positive(new Draw(seed), d, 2, n);
      Tensor l = Linalg.cholesky(a);
      assertThat(l.dtype()).isEqualTo(d);
      Numbers.assertSame("upper triangle", Tensor.where(Matrices.below(n, 0), l, l.mul(0)), l);
      assertThat(Matrices.diagonal(l).min().item()).isPositive();
      Numbers.assertSame("upper", Linalg.cholesky(a, true), l.t());
      Tensor wide = l.to(DType.F64);
      Tensor expected = a.to(DType.F64);
      Numbers.assertClose("L Lᵀ", wide.matmul(wide.t()), expected, 2 * (n + 2) * eps(d));
    }
  }

  @Property(tries = 40)
  void factorsMultiplyToTheMatrixInTheirOrder(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 70) int n,
      @ForAll @IntRange(max = 3) int left) {
    Tensor a = new Draw(seed).normal(Shape.of(n, n), DType.F64);
    for (Tensor x : List.of(a, a.mul(a.gt(0.5).to(DType.F64)), a.floor().minimum(0).maximum(-1))) {
      Tensor f = Recording.apply(new Op.Lu(left), x);
      Tensor m = Matrices.packed(f);
      Tensor pivots = Matrices.diagonal(m);
      int rank = 0;
      while (rank < Math.max(0, n - left) && pivots.get(rank) != 0) {
        rank++;
      }
      Tensor isL = Matrices.below(n, -1).and(Tensor.arange(n).lt(rank));
      Tensor l = Tensor.where(isL, m, m.mul(0)).add(Tensor.eye(n, DType.F64));
      Tensor r = Tensor.where(isL, m.mul(0), m);
      Tensor ordered = x.indexSelect(0, Matrices.rows(f)).indexSelect(1, Matrices.columns(f));
      assertThat(l.abs().max().item()).isEqualTo(1);
      double size = n * r.abs().max().item() * eps(DType.F64);
      double[] bounds = new double[n * n];
      Arrays.fill(bounds, size);
      Numbers.assertWithin("L R", l.matmul(r), ordered, bounds);
    }
  }

  /// Backward stable: the residual is as small as that of the rounded exact solution.
  @Property(tries = 40)
  void solutionsSolve(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 70) int n,
      @ForAll @IntRange(min = 1, max = 140) int k) {
    Draw draw = new Draw(seed);
    for (DType d : List.of(DType.F64, DType.F32)) {
      Tensor a = draw.normal(Shape.of(2, 1, n, n), d);
      Tensor b = draw.normal(Shape.of(3, n, k), d);
      Tensor x = Linalg.solve(a, b);
      assertThat(x.shape()).isEqualTo(Shape.of(2, 3, n, k));
      assertThat(x.dtype()).isEqualTo(d);
      small(d, a, x, b);
      Tensor y = Linalg.solve(a, b.t(), false);
      small(d, a.t(), y.t(), b);
    }
  }

  private static void small(DType d, Tensor a, Tensor x, Tensor b) {
    int n = a.dim(-1);
    Tensor wide = x.to(DType.F64);
    Tensor residual = a.to(DType.F64).matmul(wide).sub(b.to(DType.F64)).abs();
    Tensor size = a.to(DType.F64).abs().sum(-1, true).mul(wide.abs().max(-2, true));
    double error = residual.div(size.add(b.to(DType.F64).abs().max())).max().item();
    assertThat(error).isLessThan(4 * n * eps(DType.F64) + (d == DType.F32 ? eps(d) : 0));
  }

  @Property(tries = 40)
  void trianglesSolve(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 40) int n,
      @ForAll boolean upper,
      @ForAll boolean left,
      @ForAll boolean unit) {
    Draw draw = new Draw(seed);
    Tensor a = draw.uniform(-1, 1, 2, n, n).div(n).add(Tensor.eye(n, DType.F64).mul(2));
    Tensor b = draw.uniform(-1, 1, left ? new int[] {3, 1, n, 4} : new int[] {3, 1, 4, n});
    Tensor kept = upper ? Matrices.below(n, -1).not() : Matrices.below(n, 0);
    Tensor t = Tensor.where(kept, a, a.mul(0));
    t = unit ? Tensor.where(Tensor.eye(n, DType.BOOL), t.mul(0).add(1), t) : t;
    Tensor x = Linalg.solveTriangular(a, b, upper, left, unit);
    Tensor product = left ? t.matmul(x) : x.matmul(t);
    Numbers.assertClose("product", product, b.expand(product.shape()), 1e-14 * (n + 4));
  }

  @Test
  void rightSidesMayBeVectorsAsInPyTorch() {
    Draw draw = new Draw(1);
    Tensor a = draw.normal(Shape.of(2, 3, 3), DType.F64);
    assertThat(Linalg.solve(a, draw.uniform(0, 1, 3)).shape()).isEqualTo(Shape.of(2, 3));
    assertThat(Linalg.solve(a, draw.uniform(0, 1, 2, 3)).shape()).isEqualTo(Shape.of(2, 3));
    assertThat(Linalg.solve(a, draw.uniform(0, 1, 3, 2)).shape()).isEqualTo(Shape.of(2, 3, 2));
    Tensor one = a.select(0, 0);
    assertThat(Linalg.solve(one, draw.uniform(0, 1, 5, 3, 2)).shape()).isEqualTo(Shape.of(5, 3, 2));
  }

  @Property(tries = 20)
  void theInverseTimesTheMatrixIsTheIdentity(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 50) int n) {
    Tensor a = positive(new Draw(seed), DType.F64, 2, n);
    Tensor identity = Tensor.eye(n, DType.F64).expand(a.shape());
    double bound = n * eps(DType.F64) * a.abs().max().item() * n; // the condition number
    Numbers.assertClose("A⁻¹ A", Linalg.inv(a).matmul(a), identity, bound);
  }

  /// Refined in double: floats are as good as rounded exact ones where the matrix is good-natured.
  @Test
  void floatsAreRoundedOnce() {
    Draw draw = new Draw(5);
    Tensor a = draw.uniform(-1, 1, 40, 40).add(Tensor.eye(40, DType.F64).mul(9)).to(DType.F32);
    Tensor b = draw.uniform(-1, 1, 40).to(DType.F32);
    Tensor exact = Linalg.solve(a.to(DType.F64), b.to(DType.F64));
    Numbers.assertSame("solution", Linalg.solve(a, b), exact.to(DType.F32));
  }

  @Test
  void onlyTheTriangleThatIsAskedForIsRead() {
    Tensor a = Tensor.of(new double[][] {{2, Double.NaN}, {1, 4}});
    Tensor b = Tensor.of(new double[][] {{2}, {9}});
    assertThat(Linalg.solveTriangular(a, b, false).toDoubleArray()).containsExactly(1, 2);
    Tensor p = Tensor.parameter(a);
    Linalg.solveTriangular(p, b, false).sum().backward();
    assertThat(p.grad().get(0, 1)).isZero();
  }

  /// As documented: of a matrix that is not symmetric the symmetric part is factored.
  @Test
  void theGradientOfCholeskyIsSymmetric() {
    Tensor a = Tensor.of(new double[][] {{4, 3}, {-1, 3}});
    Tensor symmetric = Tensor.of(new double[][] {{4, 1}, {1, 3}});
    Numbers.assertSame("factor", Linalg.cholesky(a), Linalg.cholesky(symmetric));
    Tensor g = Grad.grad(x -> Linalg.cholesky(x).sum()).apply(symmetric);
    Numbers.assertSame("gradient", g, g.t());
  }

  @Test
  void batchesHeldOnceAreLikeCopies() {
    Tensor a = positive(new Draw(2), DType.F64, 4);
    Tensor b = new Draw(3).uniform(-1, 1, 4, 2);
    Tensor many = a.expand(3, 4, 4);
    Tensor copies = Bounds.copy(many);
    Numbers.assertSame("cholesky", Linalg.cholesky(many), Linalg.cholesky(copies));
    Numbers.assertSame("solve", Linalg.solve(many, b), Linalg.solve(copies, b));
    Numbers.assertSame("one matrix", Linalg.solve(a, b.expand(3, 4, 2)), Linalg.solve(copies, b));
    Numbers.assertSame("det", Linalg.det(many), Linalg.det(copies));
  }

  @Test
  void derivativesOfSecondOrderAreRight() {
    Draw draw = new Draw(4);
    Tensor a = draw.uniform(-1, 1, 2, 3, 3).add(Tensor.eye(3, DType.F64).mul(5));
    Tensor b = draw.uniform(-1, 1, 2, 3, 2);
    Tensor v = draw.uniform(-1, 1, 3);
    check("cholesky", in -> Linalg.cholesky(in.getFirst(), true), a);
    check("inv", in -> Linalg.inv(in.getFirst()), a);
    check("det", in -> Linalg.det(in.getFirst()), a);
    check("solve", in -> Linalg.solve(in.get(0), in.get(1)), a, b);
    check("solve, vector", in -> Linalg.solve(in.get(0), in.get(1)), a, v);
    check("solve, right", in -> Linalg.solve(in.get(0), in.get(1), false), a, b.t());
    check(
        "solveTriangular",
        in -> Linalg.solveTriangular(in.get(0), in.get(1), true, false, true),
        a,
        b.t());
  }

  private static void check(String name, Function<List<Tensor>, Tensor> f, Tensor... in) {
    GradCheck.standard().order(2).projected(7).check(name, f, List.of(in)).requirePassed();
  }

  @Test
  void matricesThatHaveNoFactorsAreNamed() {
    Tensor good = Tensor.eye(2, DType.F64);
    Tensor singular = Tensor.of(new double[][] {{1, 2}, {2, 4}});
    Tensor both = Tensor.stack(0, good, singular);
    assertThatThrownBy(() -> Linalg.inv(singular))
        .isInstanceOf(ArithmeticException.class)
        .hasMessage(
            "SOLVE: the matrix [2, 2] is singular: pivot 1 is 0; no or many solutions exist");
    assertThatThrownBy(() -> Linalg.solve(both, Tensor.of(1.0, 2.0)))
        .isInstanceOf(ArithmeticException.class)
        .hasMessage(
            "SOLVE: matrix [1] of [2, 2, 2] is singular: pivot 1 is 0; no or many solutions exist");
    assertThatThrownBy(() -> Linalg.cholesky(both))
        .isInstanceOf(ArithmeticException.class)
        .hasMessage(
            "CHOLESKY: matrix [1] of [2, 2, 2] is not positive definite: pivot 1 is 0.0; add a multiple of the identity?");
    assertThatThrownBy(() -> Linalg.cholesky(good.neg()))
        .hasMessageStartingWith("CHOLESKY: the matrix [2, 2] is not positive definite: pivot 0");
    assertThatThrownBy(() -> Linalg.cholesky(good.mul(Double.NaN)))
        .hasMessageContaining("pivot 0 is NaN");
  }

  @Test
  void operandsThatDoNotFitAreNamed() {
    Tensor a = Tensor.zeros(2, 3);
    Tensor s = Tensor.eye(3, DType.F64);
    String square = ": [2, 3] is no square matrix: the last two axes must be equal";
    fails("CHOLESKY" + square, () -> Linalg.cholesky(a));
    fails("DET" + square, () -> Linalg.det(a));
    fails("SLOGDET" + square, () -> Linalg.slogdet(a));
    fails("INV" + square, () -> Linalg.inv(a));
    fails("SOLVE" + square, () -> Linalg.solve(a, s));
    fails("SOLVE_TRIANGULAR" + square, () -> Linalg.solveTriangular(a, s, true));
    fails(
        "SOLVE: a matrix [3, 3] needs right sides with 3 rows, but they are [2, 3]; a vector is a column",
        () -> Linalg.solve(s, a));
    fails(
        "SOLVE_TRIANGULAR: [3, 3] and [3]: the right sides need two axes or more; give a vector one with unsqueeze(-1)",
        () -> Linalg.solveTriangular(s, Tensor.zeros(3), true));
    fails(
        "SOLVE: [3] x [3, 3]: a vector on the right side has no rows to solve for; give it an axis with unsqueeze(-2)",
        () -> Linalg.solve(s, Tensor.zeros(3), false));
    fails(
        "SOLVE (batches): cannot broadcast [2] with [5]: axis -1 has extents 2 and 5; each pair must be equal or contain a 1",
        () -> Linalg.solve(s.expand(2, 3, 3), Tensor.zeros(5, 3, 1)));
  }

  private static void fails(
      String message, org.assertj.core.api.ThrowableAssert.ThrowingCallable f) {
    assertThatThrownBy(f).isInstanceOf(IllegalArgumentException.class).hasMessage(message);
  }
}
