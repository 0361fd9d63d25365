package org.cotangent.autograd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.api.Test;

/// Matrices of derivatives, by many walks at once.
class JacobiansTest {
  private static Tensor f(Tensor x) {
    return x.sin().matmul(x.t()).logSoftmax(-1).slice(1, 0, 3);
  }

  private static Tensor byRows(Function<Tensor, Tensor> f, Tensor x) {
    var back = Grad.vjp(f, x);
    Tensor units = Tensor.eye(back.value().size(), x.dtype());
    Tensor[] rows = new Tensor[back.value().size()];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = back.pull().apply(units.select(0, i).reshape(back.value().shape()));
    }
    int[] dims = new int[2 * x.rank()];
    System.arraycopy(back.value().shape().dims(), 0, dims, 0, x.rank());
    System.arraycopy(x.shape().dims(), 0, dims, x.rank(), x.rank());
    return Tensor.stack(0, rows).reshape(dims);
  }

  /// 15 results of 100 inputs: the chunk of 64 walks does not divide either.
  @Test
  void bothModesGiveWhatOneWalkARowGives() {
    Tensor x = new Draw(1).normal(Shape.of(5, 20), DType.F64);
    Tensor expected = byRows(JacobiansTest::f, x);
    assertThat(expected.shape()).isEqualTo(Shape.of(5, 3, 5, 20));
    Numbers.assertClose("reverse", Grad.jacobianReverse(JacobiansTest::f, x), expected, 1e-14);
    Numbers.assertClose("forward", Grad.jacobianForward(JacobiansTest::f, x), expected, 1e-14);
    Numbers.assertClose("chosen", Grad.jacobian(JacobiansTest::f, x), expected, 1e-14);
  }

  @Test
  void nothingIsRecordedIfNothingOutsideAsks() {
    Tensor x = new Draw(1).normal(Shape.of(2, 3), DType.F64);
    Tensor w = Tensor.parameter(x);
    assertThat(Grad.jacobianForward(Tensor::square, x).isTracked()).isFalse();
    assertThat(Grad.jacobianReverse(Tensor::square, x).isTracked()).isFalse();
    Tensor y = Grad.replacing(w, x, () -> Grad.jacobian(Tensor::square, x));
    assertThat(y.isTracked()).isFalse();
    List<Boolean> inside = new ArrayList<>();
    Object _ =
        Grad.vmap(
                r -> {
                  Tensor j = Grad.jacobian(Tensor::square, r);
                  inside.add(j.isTracked());
                  return j;
                })
            .apply(x);
    assertThat(inside).containsExactly(false);
  }

  @Test
  void emptyAndSingleResultsHaveJacobians() {
    Tensor x = Tensor.of(1.0, 2.0);
    assertThat(Grad.jacobianReverse(t -> t.slice(0, 0, 0), x).shape()).isEqualTo(Shape.of(0, 2));
    assertThat(Grad.jacobianForward(t -> t.slice(0, 0, 0), x).shape()).isEqualTo(Shape.of(0, 2));
    assertThat(Grad.jacobian(Tensor::sum, x).toDoubleArray()).containsExactly(1, 1);
    assertThat(Grad.jacobian(_ -> Tensor.of(5.0, 5.0, 5.0), x).toDoubleArray()).containsOnly(0);
    Tensor one = Tensor.scalar(3, DType.F64);
    assertThat(Grad.jacobianForward(Tensor::square, one).shape()).isEqualTo(Shape.SCALAR);
    assertThat(Grad.jacobianForward(Tensor::square, one).item()).isEqualTo(6);
  }

  @Test
  void theHessianItsDiagonalItsTraceAndItsProductsAgree() {
    Function<Tensor, Tensor> f = x -> x.square().add(1).log().sum().mul(x.sin().sum());
    Tensor x = new Draw(2).normal(Shape.of(10, 7), DType.F64);
    Tensor h = Grad.hessian(f, x).reshape(70, 70);
    Numbers.assertClose("transpose", h.t(), h, 1e-14);
    Tensor diagonal = h.mul(Tensor.eye(70, DType.F64)).sum(1);
    Numbers.assertClose("diagonal", Grad.hessianDiagonal(f, x).flatten(), diagonal, 1e-14);
    Numbers.assertClose("trace", Grad.laplacian(f, x), diagonal.sum(), 1e-13);
    Tensor v = new Draw(3).normal(x.shape(), DType.F64);
    Numbers.assertClose("product", Grad.hvp(f, x, v).flatten(), h.matmul(v.flatten()), 1e-13);
  }

  @Test
  void theyAreFunctionsThatCanBeDifferentiated() {
    Function<Tensor, Tensor> f = x -> x.pow(4).sum();
    Tensor x = Tensor.of(1.0, 2.0);
    for (Function<Tensor, Tensor> g :
        List.<Function<Tensor, Tensor>>of(
            t -> Grad.laplacian(f, t), // 12 x²
            t -> Grad.hessian(f, t).sum(),
            t -> Grad.jacobianReverse(Grad.grad(f), t).sum(),
            t -> Grad.jacobianForward(Grad.grad(f), t).sum())) {
      assertThat(Grad.grad(g).apply(x).toDoubleArray()).containsExactly(24, 48);
    }
  }

  @Test
  void parametersThatTheFunctionHoldsOnToGetTheirGradients() {
    Tensor w = Tensor.parameter(Tensor.of(3.0, 5.0));
    Grad.laplacian(x -> x.pow(3).mul(w).sum(), Tensor.of(1.0, 2.0)).backward(); // 6 w x
    assertThat(w.grad().toDoubleArray()).containsExactly(6, 12);
  }

  @Test
  void manyPointsAtOnce() {
    Tensor points = new Draw(4).normal(Shape.of(6, 3), DType.F64);
    Function<Tensor, Tensor> f = x -> x.sin().prod();
    Tensor all = Grad.vmap(x -> Grad.hessian(f, x)).apply(points);
    for (int b = 0; b < 6; b++) {
      Tensor one = Grad.hessian(f, points.select(0, b));
      Numbers.assertClose("point " + b, all.select(0, b), one, 1e-14);
    }
  }
}
