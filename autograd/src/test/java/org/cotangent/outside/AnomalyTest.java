package org.cotangent.outside;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.List;
import java.util.function.Supplier;
import org.cotangent.autograd.Anomaly;
import org.cotangent.autograd.CustomOp;
import org.cotangent.autograd.Grad;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.api.Test;

/// In a package of its own: lines of the engine's packages are not the user's.
class AnomalyTest {
  private static final double INF = Double.POSITIVE_INFINITY;

  private static ArithmeticException anomaly(Supplier<?> body) {
    return catchThrowableOfType(ArithmeticException.class, () -> Anomaly.detecting(body::get));
  }

  private static int line() {
    return StackWalker.getInstance().walk(s -> s.skip(1).findFirst().orElseThrow().getLineNumber());
  }

  @Test
  void aNaNNamesItsOperationRangesAndLine() {
    Tensor x = Tensor.of(4.0, -1.0, 9.0);
    int[] line = new int[1];
    var e =
        anomaly(() -> {
          line[0] = line() + 1;
          return x.sqrt().add(1);
        });
    assertThat(e)
        .hasMessage(
            "SQRT: the result became NaN (1 of 3 elements); operand 0 is [3], F64, from -1.0 to 9.0; created at AnomalyTest.java:"
                + line[0]);
    assertThat(e.getCause().getStackTrace()[0].getClassName())
        .isEqualTo(AnomalyTest.class.getName());
    assertThat(e.getCause().getStackTrace()[0].getLineNumber()).isEqualTo(line[0]);
  }

  @Test
  void anInfinityFromFiniteNumbersIsOne() {
    assertThat(anomaly(() -> Tensor.of(1.0, 2.0).div(Tensor.of(0.0, 1.0))))
        .hasMessageStartingWith(
            "DIV: the result became infinite (1 of 2 elements); operand 0 is [2], F64, from 1.0 to 2.0; operand 1 is [2], F64, from 0.0 to 1.0;");
    assertThat(anomaly(() -> Tensor.of(1e300).to(DType.F32))).hasMessageStartingWith("CAST:");
    assertThat(anomaly(() -> Tensor.of(2e38f, 3e38f).sum())).hasMessageStartingWith("SUM:");
  }

  @Test
  void anInfinityThatCameInIsNone() {
    Tensor masked =
        Anomaly.detecting(() ->
            Tensor.where(Tensor.of(true, false), Tensor.of(1.0, 2.0), Tensor.of(-INF, -INF))
                .softmax(0));
    assertThat(masked.toDoubleArray()).containsExactly(1, 0);
    assertThat(anomaly(() -> Tensor.of(INF).sub(INF)))
        .hasMessageStartingWith("SUB: the result became NaN");
  }

  @Test
  void aNaNThatCameInIsOne() {
    assertThat(anomaly(() -> Tensor.of(1.0, Double.NaN).mul(2)))
        .hasMessageContaining("operand 0 is [2], F64, from 1.0 to 1.0, 1 NaN");
  }

  @Test
  void aNaNInTheBranchNotTakenIsNone() {
    Tensor x = Tensor.of(1.0, Double.NaN);
    assertThat(Anomaly.detecting(() -> Tensor.where(x.isNaN(), Tensor.of(0.0), x)).toDoubleArray())
        .containsExactly(1, 0);
  }

  @Test
  void aGradientNamesTheLineOfTheForwardOperation() {
    Tensor x = Tensor.parameter(Tensor.of(4.0, 0.0, 9.0));
    int[] line = new int[1];
    var e =
        anomaly(() -> {
          line[0] = line() + 1;
          Tensor h = x.sqrt();
          Tensor y = h.sum();
          y.backward();
          return y;
        });
    assertThat(e)
        .hasMessage(
            "SQRT backward: the gradient of operand 0 became infinite (1 of 3 elements); the incoming gradient is [3], F64, from 1.0 to 1.0; operand 0 is [3], F64, not saved; the result is [3], F64, from 0.0 to 3.0; created at AnomalyTest.java:"
                + line[0]);
    assertThat(x.hasGrad()).isFalse();
  }

  @Test
  void largeTensorsDoNotWait() {
    Tensor x = Tensor.parameter(Tensor.zeros(Shape.of(100, 100), DType.F32));
    int[] line = new int[1];
    var e =
        anomaly(() -> {
          Tensor a = x.add(1);
          line[0] = line() + 1;
          Tensor bad = a.sub(1).log();
          return bad.mul(2);
        });
    assertThat(e)
        .hasMessageStartingWith("LOG: the result became infinite (10000 of 10000 elements)");
    assertThat(e).hasMessageEndingWith(":" + line[0]);
  }

  @Test
  void anInfinityOnTheWayThroughARuleIsNone() {
    Tensor a = Tensor.parameter(Tensor.of(0.0));
    Tensor b = Tensor.parameter(Tensor.of(2.0));
    // ∂(aᵇ)/∂b meets log 0 = -∞ before it is replaced by 0
    Anomaly.runDetecting(() -> a.pow(b).sum().backward());
    assertThat(b.grad().item()).isZero();
  }

  @Test
  void sumsOfGradientsAndHooksAndTangentsAreLookedAt() {
    Tensor x = Tensor.parameter(Tensor.of(1e-9));
    assertThat(
            anomaly(() -> {
              Tensor h = x.mul(1);
              h.mul(1.5e308).add(h.mul(1.5e308)).sum().backward();
              return h;
            }))
        .hasMessageStartingWith("MUL backward: the sum of its gradients became infinite");
    assertThat(
            anomaly(() -> {
              Tensor h = x.mul(1);
              h.onGrad(g -> g.div(0));
              h.sum().backward();
              return h;
            }))
        .hasMessageStartingWith("MUL backward: its gradient, as hooks left it, became infinite");
    assertThat(
            anomaly(() ->
                Grad.jvp(
                    in -> in.getFirst().sqrt(), List.of(Tensor.of(0.0)), List.of(Tensor.of(1.0)))))
        .hasMessageStartingWith("SQRT forward mode: the tangent from operand 0 became infinite");
  }

  @Test
  void secondOrderAndUsersRulesAreLookedAt() {
    var e =
        anomaly(() ->
            Grad.grad(Grad.grad((Tensor t) -> t.pow(1.5).sum()))
                .apply(Tensor.scalar(0, DType.F64)));
    assertThat(e).hasMessageContaining("backward: the gradient of operand 0 became infinite");
    CustomOp bad =
        CustomOp.define(
            "bad",
            in -> in.getFirst().mul(2),
            (in, y, g) -> List.of(g.div(0)),
            () -> List.of(Tensor.of(1.0)));
    Tensor x = Tensor.parameter(Tensor.of(1.0));
    assertThat(
            anomaly(() -> {
              bad.apply(x).sum().backward();
              return x;
            }))
        .hasMessageStartingWith("bad backward: the gradient of operand 0")
        .hasMessageContaining("created at AnomalyTest.java");
  }

  @Test
  void insideACheckpointToo() {
    Tensor x = Tensor.parameter(Tensor.of(1.0, 0.0));
    assertThat(
            anomaly(() -> {
              Grad.checkpoint(t -> t.mul(2).sqrt().mul(3), x).sum().backward();
              return x;
            }))
        .hasMessageStartingWith("SQRT backward")
        .hasMessageContaining("created at AnomalyTest.java");
    assertThat(anomaly(() -> Grad.checkpoint(t -> Anomaly.detecting(() -> t.mul(2).log()), x)))
        .hasMessageStartingWith("LOG: ");
  }

  @Test
  void aGraphRecordedOutsideHasNoLine() {
    Tensor x = Tensor.parameter(Tensor.of(0.0));
    Tensor y = x.sqrt().sum();
    assertThatThrownBy(() -> Anomaly.runDetecting(y::backward))
        .hasMessageStartingWith("SQRT backward")
        .hasMessageEndingWith("recorded outside Anomaly.detecting, so the line is not known");
  }

  @Test
  void changesNoBitAndEndsWithItsScope() {
    Tensor x = Tensor.parameter(Tensor.linspace(0.1, 3, 5000, DType.F32));
    Supplier<double[]> gradient =
        () -> {
          x.zeroGrad();
          x.exp().mul(x.tanh()).softmax(0).square().sum().backward();
          return x.grad().toDoubleArray();
        };
    assertThat(Anomaly.detecting(gradient)).containsExactly(gradient.get());
    assertThat(Tensor.of(-1.0).log().isNaN().item()).isEqualTo(1);
  }
}
