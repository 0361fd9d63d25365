package org.cotangent.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.data.Offset.offset;

import java.util.List;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QrTest {
  private static Tensor random(int... dims) {
    return Rng.of(7).normal(Shape.of(dims), DType.F64);
  }

  /// Residuals in units of the last place of the matrix's norm, times its size.
  @ParameterizedTest
  @CsvSource({"1,1", "2,2", "3,1", "5,3", "3,5", "1,4", "40,17", "17,40", "60,60"})
  void factorsAreOrthonormalAndTriangularAndGiveTheMatrix(int m, int n) {
    Tensor a = random(2, m, n);
    Linalg.Qr f = Linalg.qr(a);
    int k = Math.min(m, n);
    assertThat(f.q().shape()).isEqualTo(Shape.of(2, m, k));
    assertThat(f.r().shape()).isEqualTo(Shape.of(2, k, n));
    double eps = 10 * Math.max(m, n) * Math.ulp(1.0);
    assertThat(largest(f.q().t().matmul(f.q()).sub(Tensor.eye(k, DType.F64)))).isLessThan(eps);
    assertThat(largest(f.q().matmul(f.r()).sub(a))).isLessThan(eps * largest(a));
    assertThat(largest(Diagonals.tril(f.r(), -1))).isZero();
  }

  private static double largest(Tensor x) {
    return Numbers.largest(x.toDoubleArray());
  }

  /// Condition number 1e7: as accurate, though the square of it is beyond what doubles hold.
  @Test
  void anIllConditionedMatrixIsFactoredAsWell() {
    Tensor scale = Tensor.of(1, 1e-1, 1e-3, 1e-5, 1e-7).to(DType.F64);
    Tensor a = Linalg.qr(random(9, 5)).q().mul(scale).matmul(Linalg.qr(random(5, 5)).q());
    Linalg.Qr f = Linalg.qr(a);
    double eps = 100 * Math.ulp(1.0);
    assertThat(largest(f.q().t().matmul(f.q()).sub(Tensor.eye(5, DType.F64)))).isLessThan(eps);
    assertThat(largest(f.q().matmul(f.r()).sub(a))).isLessThan(eps);
  }

  /// LAPACK's signs: minus that of the first number, unless nothing stands below it.
  @Test
  void signsAreThoseOfReflections() {
    Linalg.Qr f = Linalg.qr(Tensor.of(new double[][] {{3, 1}, {4, 2}}));
    assertThat(f.r().get(0, 0)).isEqualTo(-5, offset(1e-14));
    assertThat(f.r().get(1, 1)).isEqualTo(0.4, offset(1e-14));
    Linalg.Qr id = Linalg.qr(Tensor.of(new double[][] {{2, 0}, {0, -3}}));
    assertThat(id.r().add(0).toDoubleArray()).containsExactly(2, 0, 0, -3);
    assertThat(id.q().add(0).toDoubleArray()).containsExactly(1, 0, 0, 1);
  }

  @ParameterizedTest
  @CsvSource({"1,1", "3,3", "4,2", "2,4"})
  void derivativesOfThreeOrdersAgreeWithDifferences(int m, int n) {
    for (int order = 1; order <= 3; order++) {
      GradCheck.standard()
          .tolerance(order == 1 ? 1e-8 : 1e-6)
          .order(order)
          .projected(3)
          .check("qr", QrTest::both, List.of(random(m, n)))
          .requirePassed();
    }
  }

  private static Tensor both(List<Tensor> in) {
    Linalg.Qr f = Linalg.qr(in.getFirst());
    Tensor q = f.q().flatten().mul(Tensor.arange(f.q().size()).add(1).to(DType.F64).sin());
    return Tensor.concat(0, q, f.r().flatten());
  }

  @Test
  void batchedAndCompiledItIsTheSame() {
    Tensor a = random(3, 4, 2);
    Tensor all = Grad.vmap((Tensor x) -> both(List.of(x)), a);
    for (int b = 0; b < 3; b++) {
      Numbers.assertClose("example " + b, all.select(0, b), both(List.of(a.select(0, b))), 1e-14);
    }
    Tensor x = a.select(0, 0);
    Numbers.assertSame("compiled", Jit.compile(y -> both(List.of(y))).apply(x), both(List.of(x)));
  }

  @Test
  void floatsAreRoundedOnce() {
    Tensor a = random(5, 3).to(DType.F32);
    Linalg.Qr f = Linalg.qr(a);
    assertThat(f.q().dtype()).isEqualTo(DType.F32);
    Numbers.assertSame("r", f.r(), Linalg.qr(a.to(DType.F64)).r().to(DType.F32));
  }

  @Test
  void dependentColumnsAreAnError() {
    Tensor a = Tensor.of(new double[][] {{1, 0}, {2, 0}, {3, 0}});
    assertThatThrownBy(() -> Linalg.qr(a)).isInstanceOf(ArithmeticException.class);
    assertThatThrownBy(() -> Linalg.qr(Tensor.ones(3)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "QR: [3] has no matrices with numbers in them: it needs two axes or more, none of them empty");
  }
}
