package org.cotangent.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.api.Test;

/// Operations with rules of the user's own.
class CustomOpTest {
  private static final CustomOp SWISH =
      CustomOp.define(
          "swish",
          in -> in.getFirst().mul(in.getFirst().sigmoid()),
          (in, y, g) -> {
            Tensor s = in.getFirst().sigmoid();
            return List.of(g.mul(s.add(y.mul(s.rsub(1)))));
          },
          () -> List.of(Tensor.linspace(-3, 3, 7, DType.F64)));

  /// a² b, with the gradients of both.
  private static final CustomOp SQUARE_TIMES =
      CustomOp.define(
          "square-times",
          in -> in.get(0).square().mul(in.get(1)),
          (in, _, g) -> List.of(g.mul(in.get(0)).mul(in.get(1)).mul(2), g.mul(in.get(0).square())),
          () -> List.of(Tensor.of(1.0, -2.0, 0.5), Tensor.of(3.0, 0.7, -1.0)));

  /// Rounds, and lets the gradient through as if it did not.
  private static final CustomOp STRAIGHT_THROUGH =
      CustomOp.define(
          "straight-through",
          in -> in.getFirst().round(),
          (_, _, g) -> List.of(g),
          () -> List.of(Tensor.of(0.2, 1.4)));

  @Test
  void theWalkFindsTheRule() {
    Tensor x = Tensor.parameter(Tensor.of(0.2, 1.4));
    Tensor y = STRAIGHT_THROUGH.apply(x.mul(3));
    assertThat(y.toDoubleArray()).containsExactly(1, 4);
    y.backward(Tensor.of(1.0, 10.0));
    assertThat(x.grad().toDoubleArray()).containsExactly(3, 30);
  }

  @Test
  void theRuleIsRightAtEveryOrder() {
    GradCheck.standard().order(3).check(SWISH).requirePassed();
    GradCheck.standard().order(3).check(SQUARE_TIMES).requirePassed();
  }

  @Test
  void forwardModeIsTheTransposeOfTheRule() {
    Tensor a = Tensor.of(1.0, 2.0);
    Tensor b = Tensor.of(3.0, 5.0);
    var r =
        Grad.jvp(
            in -> SQUARE_TIMES.apply(in.get(0), in.get(1)),
            List.of(a, b),
            List.of(Tensor.of(1.0, 0.0), Tensor.of(1.0, 10.0)));
    assertThat(r.tangent().toDoubleArray()).containsExactly(6 + 1, 40);
    assertThat(Grad.hvp(t -> SWISH.apply(t).sum(), a, Tensor.of(1.0, 0.0)).toDoubleArray()[1])
        .isZero();
  }

  @Test
  void aForwardRuleOfItsOwnIsUsed() {
    CustomOp tenfold = STRAIGHT_THROUGH.withJvp((_, _, t) -> t.getFirst().mul(10));
    var r =
        Grad.jvp(
            in -> tenfold.apply(in.getFirst()), List.of(Tensor.of(0.2)), List.of(Tensor.of(1.0)));
    assertThat(r.tangent().item()).isEqualTo(10);
  }

  @Test
  void aGradientMayBeSmallerThanItsOperandButNotOfAnotherShape() {
    CustomOp scalarRule =
        CustomOp.define(
            "constant-slope",
            in -> in.getFirst().mul(2),
            (_, _, g) -> List.of(Tensor.scalar(2, g.dtype())),
            List::of);
    Tensor x = Tensor.parameter(Tensor.of(1.0, 2.0, 3.0));
    scalarRule.apply(x).sum().backward();
    assertThat(x.grad().toDoubleArray()).containsExactly(2, 2, 2);

    CustomOp wrongShape =
        CustomOp.define(
            "wrong-shape",
            in -> in.getFirst().mul(2),
            (_, _, _) -> List.of(Tensor.of(1.0, 2.0)),
            List::of);
    Tensor y = wrongShape.apply(x).sum();
    assertThatThrownBy(y::backward)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "wrong-shape: its rule returned a gradient of shape [2] for an operand of shape [3]");
  }

  @Test
  void theRuleMustReturnOneGradientAnOperand() {
    CustomOp forgetful =
        CustomOp.define(
            "forgetful", in -> in.get(0).mul(in.get(1)), (_, _, g) -> List.of(g), List::of);
    Tensor x = Tensor.parameter(Tensor.of(1.0));
    Tensor y = forgetful.apply(x, x).sum();
    assertThatThrownBy(y::backward)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("forgetful: its rule returned 1 gradients for 2 operands; return one each");
  }

  @Test
  void operandsWithoutGradientsMayHaveAnyInTheRule() {
    CustomOp pick =
        CustomOp.define(
            "pick",
            in -> in.get(0).indexSelect(0, in.get(1)),
            (in, _, g) ->
                List.of(
                    Tensor.zeros(in.get(0).shape(), g.dtype()).scatterAdd(0, in.get(1), g),
                    in.get(1)),
            () -> List.of(Tensor.of(1.0, 2.0, 3.0), Tensor.of(2, 0)));
    GradCheck.standard().order(2).check(pick).requirePassed();
    Tensor x = Tensor.parameter(Tensor.of(1.0, 2.0, 3.0));
    pick.apply(x, Tensor.of(1, 1)).sum().backward();
    assertThat(x.grad().toDoubleArray()).containsExactly(0, 2, 0);
  }

  @Test
  void theForwardFunctionIsNotRecorded() {
    Tensor x = Tensor.parameter(Tensor.of(1.0));
    boolean[] recorded = {true};
    CustomOp probe =
        CustomOp.define(
            "probe",
            in -> {
              Tensor y = in.getFirst().square();
              recorded[0] = y.isTracked();
              return y;
            },
            (_, _, g) -> List.of(g),
            List::of);
    assertThat(probe.apply(x).isTracked()).isTrue();
    assertThat(recorded[0]).isFalse();
    assertThat(probe.apply(Tensor.of(1.0)).isTracked()).isFalse();
  }

  @Test
  void samplesAreFreshAndTheNameIsKept() {
    assertThat(SWISH.name()).isEqualTo("swish");
    assertThat(SWISH.sample().getFirst().shape()).isEqualTo(Shape.of(7));
    assertThat(SWISH.sample().getFirst()).isNotSameAs(SWISH.sample().getFirst());
  }
}
