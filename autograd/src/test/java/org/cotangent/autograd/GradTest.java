package org.cotangent.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.data.Offset.offset;

import java.util.List;
import java.util.function.Function;
import org.cotangent.autograd.Grad.Option;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.api.Test;

/// The functional face, and its nesting.
class GradTest {
  private static Tensor of(double... v) {
    return Tensor.of(v);
  }

  private static Tensor scalar(double v) {
    return Tensor.scalar(v, DType.F64);
  }

  @Test
  void gradientsByChosenTensorsLeaveGradAlone() {
    Tensor x = Tensor.parameter(of(3));
    Tensor w = Tensor.parameter(of(5));
    Tensor y = x.square().mul(w).sum();
    List<Tensor> g = Grad.grad(y, List.of(w, x));
    assertThat(g.get(0).item()).isEqualTo(9);
    assertThat(g.get(1).item()).isEqualTo(30);
    assertThat(x.hasGrad()).isFalse();
  }

  @Test
  void gradientsByIntermediateResultsAreGiven() {
    Tensor x = Tensor.parameter(of(3));
    Tensor mid = x.square();
    Tensor y = mid.mul(mid).sum();
    List<Tensor> g = Grad.grad(y, List.of(mid, x));
    assertThat(g.get(0).item()).isEqualTo(18);
    assertThat(g.get(1).item()).isEqualTo(108);
  }

  @Test
  void anUnusedInputIsAnErrorUnlessAllowed() {
    Tensor x = Tensor.parameter(of(1, 2));
    Tensor w = Tensor.parameter(Tensor.zeros(3));
    assertThatThrownBy(() -> Grad.grad(x.sum(), List.of(x, w)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "grad: the result ([]) does not depend on input 1 ([3]); pass ALLOW_UNUSED for zeros");
    List<Tensor> g = Grad.grad(x.sum(), List.of(x, w), Option.ALLOW_UNUSED);
    assertThat(g.get(1).shape()).isEqualTo(Shape.of(3));
    assertThat(g.get(1).dtype()).isEqualTo(DType.F32);
    assertThat(g.get(1).toDoubleArray()).containsOnly(0);
  }

  @Test
  void gradientsOfSeveralNumbersNeedACotangent() {
    Tensor x = Tensor.parameter(of(1, 2));
    assertThatThrownBy(() -> Grad.grad(x.square(), List.of(x)))
        .hasMessage(
            "grad: starts from a scalar, but this tensor has shape [2]; take sum() or mean(), or pass a cotangent of its shape");
    assertThat(Grad.grad(x.square(), of(1, 10), List.of(x)).getFirst().toDoubleArray())
        .containsExactly(2, 40);
  }

  @Test
  void inputsMustHaveHistory() {
    Tensor x = Tensor.parameter(of(1));
    assertThatThrownBy(() -> Grad.grad(x.sum(), List.of(of(1))))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith("grad: this tensor ([1], F64) has no history");
  }

  @Test
  void gradIsAFunctionThatNests() {
    Function<Tensor, Tensor> cube = x -> x.mul(x).mul(x);
    Tensor x = scalar(2);
    assertThat(Grad.grad(cube).apply(x).item()).isEqualTo(12);
    assertThat(Grad.grad(Grad.grad(cube)).apply(x).item()).isEqualTo(12);
    assertThat(Grad.grad(Grad.grad(Grad.grad(cube))).apply(x).item()).isEqualTo(6);
    assertThat(Grad.grad(Grad.grad(Grad.grad(Grad.grad(cube)))).apply(x).item()).isEqualTo(0);
  }

  /// d/dx [x · d/dy (x + y)] = 1: a mix-up of the two variables gives 2 (Siskind, Pearlmutter:
  /// Perturbation Confusion and Referential Transparency, 2005).
  @Test
  void nestedDerivativesDoNotConfuseTheirVariables() {
    Function<Tensor, Tensor> reverse = x -> x.mul(Grad.grad(y -> x.add(y)).apply(scalar(1)));
    assertThat(Grad.grad(reverse).apply(scalar(1)).item()).isEqualTo(1);
    Function<Tensor, Tensor> forward = x -> x.mul(along(y -> x.add(y), scalar(1)));
    assertThat(along(forward, scalar(1)).item()).isEqualTo(1);
    assertThat(along(reverse, scalar(1)).item()).isEqualTo(1);
    assertThat(Grad.grad(forward).apply(scalar(1)).item()).isEqualTo(1);
  }

  private static Tensor along(Function<Tensor, Tensor> f, Tensor x) {
    return Grad.jvp(in -> f.apply(in.getFirst()), List.of(x), List.of(scalar(1))).tangent();
  }

  /// d/dx of d/dy (x y²) at y = x is d/dx 2 x² = 4 x.
  @Test
  void anInnerDerivativeAtTheOuterVariableKeepsItsHistory() {
    Function<Tensor, Tensor> f = x -> Grad.grad(y -> x.mul(y).mul(y)).apply(x);
    assertThat(f.apply(scalar(3)).item()).isEqualTo(18);
    assertThat(Grad.grad(f).apply(scalar(3)).item()).isEqualTo(12);
    assertThat(along(f, scalar(3)).item()).isEqualTo(12);
  }

  @Test
  void theGradientOfAFunctionCanTrainParametersOutsideIt() {
    Tensor w = Tensor.parameter(of(3));
    Function<Tensor, Tensor> f = x -> w.mul(x.square()).sum();
    Tensor penalty = Grad.grad(f).apply(of(2)).square().sum(); // (2 w x)²
    penalty.backward();
    assertThat(w.grad().item()).isEqualTo(2 * 3 * 16); // 8 w x²
  }

  @Test
  void valueAndGradGivesBothWithoutHistory() {
    var r = Grad.valueAndGrad(in -> in.get(0).mul(in.get(1)).sum(), List.of(of(2, 3), of(5, 7)));
    assertThat(r.value().item()).isEqualTo(31);
    assertThat(r.grads().get(0).toDoubleArray()).containsExactly(5, 7);
    assertThat(r.grads().get(1).toDoubleArray()).containsExactly(2, 3);
    assertThat(r.value().isTracked() || r.grads().get(0).isTracked()).isFalse();
  }

  @Test
  void functionalGradientsWorkInsideWithout() {
    assertThat(Grad.without(() -> Grad.grad(x -> x.square().sum()).apply(of(3))).item())
        .isEqualTo(6);
  }

  @Test
  void aConstantFunctionHasZeroGradients() {
    var r = Grad.valueAndGrad(_ -> scalar(4), List.of(of(1, 2), Tensor.of(1, 2)));
    assertThat(r.grads().get(0).toDoubleArray()).containsExactly(0, 0);
    assertThat(r.grads().get(1).toDoubleArray()).containsExactly(0, 0);
    assertThat(along(_ -> scalar(4), scalar(1)).item()).isEqualTo(0);
  }

  @Test
  void theIdentityHasTheCotangentAsGradient() {
    var r = Grad.vjp(in -> in.getFirst(), List.of(of(1, 2)));
    assertThat(r.pull().apply(of(3, 4)).getFirst().toDoubleArray()).containsExactly(3, 4);
  }

  @Test
  void aPullbackCanBeCalledManyTimes() {
    var r = Grad.vjp(in -> in.getFirst().square(), List.of(of(1, 2)));
    assertThat(r.value().toDoubleArray()).containsExactly(1, 4);
    assertThat(r.pull().apply(of(1, 0)).getFirst().toDoubleArray()).containsExactly(2, 0);
    assertThat(r.pull().apply(of(0, 1)).getFirst().toDoubleArray()).containsExactly(0, 4);
  }

  @Test
  void aPullbackWantsACotangentLikeTheResult() {
    var r = Grad.vjp(in -> in.getFirst().square(), List.of(of(1, 2)));
    assertThatThrownBy(() -> r.pull().apply(of(1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("vjp: the cotangent is [1], F64; it must be like the result, [2], F64");
  }

  /// d/dx of t x at t = x is 2 x, if what comes along remembers both.
  @Test
  void whatComesAlongInsideAnotherDerivativeKeepsItsHistory() {
    Function<Tensor, Tensor> f =
        x ->
            Grad.valueAndGradWithAux(t -> new Grad.WithAux<>(t.square(), List.of(t.mul(x))), x)
                .aux()
                .getFirst();
    assertThat(f.apply(scalar(3)).isTracked()).isFalse();
    assertThat(Grad.grad(f).apply(scalar(3)).item()).isEqualTo(6);
  }

  @Test
  void jvpGivesTheDirectionalDerivative() {
    var r =
        Grad.jvp(
            in -> in.get(0).mul(in.get(1)),
            List.of(of(2, 3), of(5, 7)),
            List.of(of(1, 0), of(0, 1)));
    assertThat(r.value().toDoubleArray()).containsExactly(10, 21);
    assertThat(r.tangent().toDoubleArray()).containsExactly(5, 3);
  }

  @Test
  void aTangentMustBeLikeItsInput() {
    assertThatThrownBy(
            () -> Grad.jvp(in -> in.getFirst().square(), List.of(of(1, 2)), List.of(of(1))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("jvp: the tangent is [1], F64; it must be like its input, [2], F64");
  }

  @Test
  void theJacobianHasTheAxesOfTheResultThenOfTheInput() {
    Tensor x = of(1, 2, 3);
    Tensor a = Tensor.of(new double[][] {{1, 2, 3}, {4, 5, 6}});
    Tensor j = Grad.jacobian(a::matmul, x);
    assertThat(j.shape()).isEqualTo(Shape.of(2, 3));
    assertThat(j.toDoubleArray()).isEqualTo(a.toDoubleArray());
    Tensor k = Grad.jacobian(t -> t.square(), a);
    assertThat(k.shape()).isEqualTo(Shape.of(2, 3, 2, 3));
    assertThat(k.get(1, 2, 1, 2)).isEqualTo(12);
    assertThat(k.get(1, 2, 0, 2)).isZero();
  }

  @Test
  void hessianAndItsProductAgree() {
    Function<Tensor, Tensor> f = x -> x.select(0, 0).pow(2).mul(x.select(0, 1).exp());
    Tensor x = of(2, 1);
    Tensor h = Grad.hessian(f, x);
    double e = Math.E;
    assertThat(h.toDoubleArray())
        .containsExactly(new double[] {2 * e, 4 * e, 4 * e, 4 * e}, offset(1e-14));
    assertThat(Grad.hvp(f, x, of(1, 10)).toDoubleArray())
        .containsExactly(new double[] {42 * e, 44 * e}, offset(1e-13));
  }

  @Test
  void perExampleGradientsUseTheSameParameters() {
    Tensor w = Tensor.parameter(of(1, 1));
    Tensor y = Tensor.of(new double[][] {{1, 2}, {3, 4}}).matmul(w);
    for (int i = 0; i < 2; i++) {
      double[] g =
          Grad.grad(y.select(0, i), List.of(w), Option.RETAIN_GRAPH).getFirst().toDoubleArray();
      assertThat(g).containsExactly(2 * i + 1, 2 * i + 2);
    }
  }
}
