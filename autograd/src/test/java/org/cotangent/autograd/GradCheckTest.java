package org.cotangent.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.function.Function;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.api.Test;

/// The checker itself: it must find what is wrong, and say where.
class GradCheckTest {
  private static final Tensor X = Tensor.of(0.3, -1.2, 2.0);

  /// x³ with a rule that is right but for element 1.
  private static final CustomOp WRONG_AT_ONE =
      CustomOp.define(
          "cube",
          in -> in.getFirst().pow(3),
          (in, _, g) ->
              List.of(g.mul(in.getFirst().square().mul(3)).mul(Tensor.of(1.0, 1.01, 1.0))),
          () -> List.of(X));

  /// The right gradient, made of the operand without its history: a second derivative of 0.
  private static final CustomOp WRONG_AT_SECOND_ORDER =
      CustomOp.define(
          "cube",
          in -> in.getFirst().pow(3),
          (in, _, g) -> List.of(g.mul(in.getFirst().detach().square().mul(3))),
          () -> List.of(X));

  @Test
  void aRightFunctionPasses() {
    GradCheck.Report r = GradCheck.standard().check("tanh", in -> in.getFirst().tanh(), List.of(X));
    assertThat(r.passed()).isTrue();
    assertThat(r.comparisons()).as("3 × 3 elements in two modes").isEqualTo(18);
    assertThat(r.worst().error()).isLessThan(1e-10);
    assertThat(r.toString())
        .startsWith("tanh: gradient check passed: 18 comparisons, worst relative error ");
    assertThatCode(r::requirePassed).doesNotThrowAnyException();
  }

  @Test
  void aWrongRuleIsFoundAndItsWorstElementNamed() {
    GradCheck.Report r = GradCheck.standard().check(WRONG_AT_ONE);
    assertThat(r.passed()).isFalse();
    assertThat(r.worst().input()).isZero();
    assertThat(r.worst().index()).isEqualTo(1);
    assertThat(r.worst().analytic()).isEqualTo(3 * 1.44 * 1.01);
    assertThatThrownBy(r::requirePassed)
        .isInstanceOf(AssertionError.class)
        .hasMessageMatching(
            "cube: gradient check FAILED: 24 comparisons, worst relative error 0\\.00990 \\(allowed 1\\.00e-07\\) in (reverse|forward), order 1, input 0, index 1: analytic 4\\.3632, numeric 4\\.3[12][0-9]+");
  }

  @Test
  void aWrongRuleIsFoundAlongARandomDirection() {
    GradCheck.Report r = GradCheck.standard().projected(1).check(WRONG_AT_ONE);
    assertThat(r.passed()).isFalse();
    assertThat(r.comparisons()).isEqualTo(2 + 6); // and a batch of two
    assertThat(r.toString()).contains("input 0 along a random direction: analytic ");
  }

  @Test
  void aRuleThatIsWrongFromTheSecondOrderOnPassesTheFirstOnly() {
    assertThat(GradCheck.standard().check(WRONG_AT_SECOND_ORDER).passed()).isTrue();
    for (GradCheck check :
        List.of(GradCheck.standard().order(2), GradCheck.standard().order(2).projected(3))) {
      GradCheck.Report r = check.check(WRONG_AT_SECOND_ORDER);
      assertThat(r.passed()).isFalse();
      assertThat(r.worst().what()).endsWith("order 2");
    }
  }

  @Test
  void aWrongForwardRuleIsFound() {
    CustomOp wrongForward =
        CustomOp.define(
                "double",
                in -> in.getFirst().mul(2),
                (_, _, g) -> List.of(g.mul(2)),
                () -> List.of(X))
            .withJvp((_, _, t) -> t.getFirst().mul(3));
    GradCheck.Report r = GradCheck.standard().check(wrongForward);
    assertThat(r.passed()).isFalse();
    assertThat(r.worst().what()).isEqualTo("forward, order 1");
  }

  @Test
  void theInputWithTheErrorIsNamed() {
    CustomOp wrongInSecond =
        CustomOp.define(
            "product",
            in -> in.get(0).mul(in.get(1)),
            (in, _, g) -> List.of(g.mul(in.get(1)), g.mul(in.get(0)).neg()),
            () -> List.of(X, Tensor.of(1.0, 2.0, 3.0)));
    assertThat(GradCheck.standard().check(wrongInSecond).worst().input()).isEqualTo(1);
  }

  @Test
  void aNanInTheGradientFails() {
    CustomOp nan =
        CustomOp.define(
            "nan",
            in -> in.getFirst().mul(2),
            (_, _, g) -> List.of(g.mul(Double.NaN)),
            () -> List.of(X));
    GradCheck.Report r = GradCheck.standard().check(nan);
    assertThat(r.passed()).isFalse();
    assertThat(r.worst().error()).isInfinite();
  }

  @Test
  void fivePointsAreMorePreciseThanTwo() {
    Function<List<Tensor>, Tensor> f = in -> in.getFirst().exp();
    double five = GradCheck.standard().check(f, List.of(X)).worst().error();
    double two = GradCheck.standard().twoPoint().check(f, List.of(X)).worst().error();
    assertThat(five).isLessThan(two / 10);
    assertThat(two).isLessThan(1e-8);
  }

  @Test
  void integersAreHeldFixed() {
    GradCheck.Report r =
        GradCheck.standard()
            .order(2)
            .check(
                "select",
                in -> in.get(0).indexSelect(0, in.get(1)).square(),
                List.of(X, Tensor.of(2, 2, 0)));
    r.requirePassed();
    assertThat(r.comparisons()).isGreaterThan(18);
  }

  @Test
  void floatsAreRefusedForTheyAreTooCoarse() {
    assertThatThrownBy(
            () -> GradCheck.standard().check("f", in -> in.getFirst(), List.of(Tensor.of(1f))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("f: gradient check needs one F64 input or more and no F32, but has [F32]");
    assertThatThrownBy(
            () -> GradCheck.standard().check("f", in -> in.getFirst(), List.of(Tensor.of(1))))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void nonsenseSettingsAreRefused() {
    assertThatThrownBy(() -> GradCheck.standard().order(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "GradCheck: order 0 and tolerance 1.0E-7: the order starts at 1, the tolerance above 0");
    assertThatThrownBy(() -> GradCheck.standard().tolerance(Double.NaN))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void inputsOfAnyShapeAreChecked() {
    Tensor matrix = Tensor.linspace(-1, 1, 6, DType.F64).reshape(2, 3);
    Tensor scalar = Tensor.scalar(0.7, DType.F64);
    Tensor empty = Tensor.zeros(Shape.of(0, 3), DType.F64);
    GradCheck.standard()
        .order(2)
        .check(
            in -> Tensor.concat(0, in.get(0).mul(in.get(1)).sin(), in.get(2)),
            List.of(matrix, scalar, empty))
        .requirePassed();
  }

  @Test
  void aLongDirectionDoesNotMoveAnInputFurther() {
    // The fifth derivative of log is 2.4e6 there: steps 3.6 times as long, which is the largest of
    // 4096 normal numbers, would be off by 7e-8.
    Tensor x = Tensor.full(Shape.of(4096), 0.1, DType.F64);
    GradCheck.standard()
        .tolerance(5e-9)
        .projected(5)
        .check(in -> in.getFirst().log(), List.of(x))
        .requirePassed();
  }

  @Test
  void anOperationThatReadsNumbersIsNotBatchable() {
    CustomOp op =
        CustomOp.define(
            "reads",
            in -> in.getFirst().mul(in.getFirst().abs().max().item() > 0 ? 2 : 3),
            (_, _, g) -> List.of(g.mul(2)),
            () -> List.of(Tensor.of(1.0, -2.0)));
    GradCheck.standard().check(op).requirePassed();
    assertThatThrownBy(() -> GradCheck.standard().check(op.batchable()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("inside vmap it stands for each of 2 examples");
  }

  @Test
  void aRuleThatIsWrongOnABatchIsFound() {
    CustomOp op =
        CustomOp.define(
                "tells batches apart",
                in -> in.getFirst().mul(2),
                (in, _, g) -> List.of(g.mul(in.getFirst().peek() instanceof Example ? 3 : 2)),
                () -> List.of(Tensor.of(1.0, -2.0)))
            .batchable();
    GradCheck.Report r = GradCheck.standard().check(op);
    assertThat(r.passed()).isFalse();
    assertThat(r.worst().what()).isEqualTo("a batch by vmap");
  }
}
