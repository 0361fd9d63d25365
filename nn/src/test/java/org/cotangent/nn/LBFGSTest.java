package org.cotangent.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.function.Supplier;
import org.cotangent.autograd.Rng;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.api.Test;

class LBFGSTest {
  private static Tensor rosenbrock(Tensor x, Tensor y) {
    return y.sub(x.square()).square().mul(100).add(x.rsub(1).square());
  }

  @Test
  void findsTheMinimumOfRosenbrocksValley() {
    Tensor x = Tensor.parameter(Tensor.scalar(-1.2, DType.F64));
    Tensor y = Tensor.parameter(Tensor.scalar(1, DType.F64));
    int[] evaluations = {0};
    double loss =
        new LBFGS(List.of(x, y))
            .iterations(100)
            .tolerances(1e-10, 0)
            .step(() -> {
              evaluations[0]++;
              return rosenbrock(x, y);
            });
    assertThat(x.item()).isCloseTo(1, within(1e-9));
    assertThat(y.item()).isCloseTo(1, within(1e-9));
    assertThat(loss).isLessThan(1e-18);
    // Published runs of the method from here need 40 to 60; descent would need thousands.
    assertThat(evaluations[0]).isLessThan(80);
  }

  /// As far as the loss can tell: near the minimum it changes with the square of the distance.
  @Test
  void solvesAQuadraticForm() {
    Tensor a = Rng.of(1).normal(Shape.of(8, 6), DType.F64);
    Tensor b = Rng.of(2).normal(Shape.of(8), DType.F64);
    Tensor x = Tensor.parameter(Tensor.zeros(Shape.of(6), DType.F64));
    new LBFGS(List.of(x))
        .iterations(60)
        .tolerances(1e-12, 0)
        .step(() -> a.matmul(x).sub(b).square().sum());
    Tensor normal = a.t().matmul(a.matmul(x.detach()).sub(b));
    assertThat(normal.abs().max().item()).isLessThan(1e-6);
  }

  @Test
  void aNetworkLearnsInFewSteps() {
    Rng rng = Rng.of(3);
    Tensor x = Tensor.linspace(-2, 2, 40, DType.F32).reshape(40, 1);
    Tensor y = x.mul(2).sin();
    Module net = new Sequential(new Linear(1, 12, rng), new Tanh(), new Linear(12, 1, rng));
    var lbfgs = new LBFGS(net);
    Supplier<Tensor> loss = () -> Functional.mseLoss(net.forward(x), y);
    double first = loss.get().item();
    double last = first;
    for (int k = 0; k < 4; k++) {
      double now = lbfgs.step(loss);
      assertThat(now).isLessThanOrEqualTo(last);
      last = now;
    }
    assertThat(last).isLessThan(first / 100);
    assertThat(loss.get().item()).isCloseTo(last, within(1e-6));
  }

  @Test
  void stopsAtAMinimumAndWhereNothingFalls() {
    Tensor x = Tensor.parameter(Tensor.of(0.0));
    assertThat(new LBFGS(List.of(x)).step(() -> x.square().sum())).isZero();
    assertThat(x.item()).isZero();
    // A loss that is NaN everywhere but here.
    Tensor y = Tensor.parameter(Tensor.of(0.0));
    double at = new LBFGS(List.of(y)).step(() -> y.add(y.abs().neg().mul(1e300).sqrt()).sum());
    assertThat(at).isZero();
    assertThat(y.item()).isZero();
  }

  @Test
  void goesOnFromASavedStateToTheBit() {
    Tensor[] x = {Tensor.parameter(Tensor.of(-1.2, 1)), Tensor.parameter(Tensor.of(-1.2, 1))};
    LBFGS one = new LBFGS(List.of(x[0])).iterations(4);
    LBFGS two = new LBFGS(List.of(x[1])).iterations(4);
    Supplier<Tensor> f0 = () -> rosenbrock(x[0].select(0, 0), x[0].select(0, 1));
    Supplier<Tensor> f1 = () -> rosenbrock(x[1].select(0, 0), x[1].select(0, 1));
    one.step(f0);
    two.step(f1);
    LBFGS resumed = new LBFGS(List.of(x[1])).iterations(4);
    resumed.load(two.state());
    for (int k = 0; k < 3; k++) {
      assertThat(resumed.step(f1)).isEqualTo(one.step(f0));
      assertThat(x[1].toDoubleArray()).isEqualTo(x[0].toDoubleArray());
    }
    assertThatThrownBy(() -> new LBFGS(List.of(Tensor.parameter(Tensor.of(1.0)))).load(one.state()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("0.s");
  }

  @Test
  void needsParameters() {
    assertThatThrownBy(() -> new LBFGS(List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("parameter");
  }
}
