package org.cotangent.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.cotangent.autograd.Grad.Option;
import org.cotangent.autograd.shape.DType;
import org.junit.jupiter.api.Test;

/// `backward()`, what it leaves behind, and parameters.
class BackwardTest {
  private static Tensor parameter(double... v) {
    return Tensor.parameter(Tensor.of(v));
  }

  private static double[] grad(Tensor x) {
    return x.grad().toDoubleArray();
  }

  @Test
  void backwardAddsTheGradientToParameters() {
    Tensor x = parameter(1, 2, 3);
    x.square().sum().backward();
    assertThat(grad(x)).containsExactly(2, 4, 6);
  }

  @Test
  void gradientsGatherOverPassesUntilZeroed() {
    Tensor x = parameter(1, 2);
    x.sum().backward();
    x.mul(10).sum().backward();
    assertThat(grad(x)).containsExactly(11, 11);
    x.zeroGrad();
    assertThat(x.hasGrad()).isFalse();
    x.sum().backward();
    assertThat(grad(x)).containsExactly(1, 1);
  }

  @Test
  void zeroGradForgetsANan() {
    Tensor x = parameter(1);
    x.mul(Double.NaN).sum().backward();
    assertThat(grad(x)).containsExactly(Double.NaN);
    x.zeroGrad();
    x.sum().backward();
    assertThat(grad(x)).containsExactly(1);
  }

  @Test
  void backwardOfSeveralNumbersNeedsACotangent() {
    Tensor x = parameter(1, 2);
    assertThatThrownBy(() -> x.square().backward())
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "backward: starts from a scalar, but this tensor has shape [2]; take sum() or mean(), or pass a cotangent of its shape");
    x.square().backward(Tensor.of(1.0, 10.0));
    assertThat(grad(x)).containsExactly(2, 40);
  }

  @Test
  void aSingleNumberOfAnyRankIsAScalarToBackward() {
    Tensor x = parameter(3);
    x.reshape(1, 1).square().backward();
    assertThat(grad(x)).containsExactly(6);
  }

  @Test
  void aCotangentMustBeLikeTheResult() {
    Tensor y = parameter(1, 2).square();
    assertThatThrownBy(() -> y.backward(Tensor.of(1.0)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("backward: the cotangent is [1], F64; it must be like the result, [2], F64");
    assertThatThrownBy(() -> y.backward(Tensor.of(1f, 1f)))
        .hasMessage("backward: the cotangent is [2], F32; it must be like the result, [2], F64");
  }

  @Test
  void aTensorWithoutHistoryHasNoBackward() {
    assertThatThrownBy(() -> Tensor.of(1.0).sum().backward())
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "backward: this tensor ([], F64) has no history: it was not computed from a parameter, or inside without(...), or it was detached");
  }

  @Test
  void theGraphIsReleasedByBackward() {
    Tensor x = parameter(1, 2);
    Tensor y = x.square().sum();
    y.backward();
    assertThatThrownBy(y::backward)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "SUM: the graph behind this result was released by an earlier backward(); pass RETAIN_GRAPH to that call to walk it again");
    assertThat(grad(x)).as("unharmed by the failed pass").containsExactly(2, 4);
  }

  @Test
  void aReleasedPartOfAnotherGraphIsFoundOut() {
    Tensor x = parameter(2);
    Tensor shared = x.square();
    shared.sum().backward();
    assertThatThrownBy(() -> shared.mul(3).sum().backward())
        .hasMessageStartingWith("SQUARE: the graph behind this result was released");
  }

  @Test
  void retainGraphKeepsTheGraph() {
    Tensor x = parameter(1, 2);
    Tensor y = x.square().sum();
    y.backward(Option.RETAIN_GRAPH);
    y.backward();
    assertThat(grad(x)).containsExactly(4, 8);
  }

  @Test
  void createGraphLetsGradientsBeDifferentiated() {
    Tensor x = parameter(2);
    x.pow(3).sum().backward(Option.CREATE_GRAPH);
    Tensor g = x.grad();
    assertThat(g.item()).isEqualTo(12);
    assertThat(Grad.grad(g.sum(), List.of(x)).getFirst().item()).isEqualTo(12);
  }

  @Test
  void withoutCreateGraphGradientsHaveNoHistory() {
    Tensor x = parameter(2);
    x.pow(3).sum().backward();
    assertThat(x.grad().isTracked()).isFalse();
  }

  @Test
  void resultsKeepTheirGradientIfAsked() {
    Tensor x = parameter(1, 2);
    Tensor kept = x.square().retainGrad();
    Tensor other = kept.mul(3);
    other.sum().backward();
    assertThat(grad(kept)).containsExactly(3, 3);
    assertThat(other.hasGrad()).isFalse();
    assertThatThrownBy(other::grad)
        .hasMessage(
            "grad: no gradient has come to this tensor ([2]): no backward() reached it yet, or call retainGrad() on it before");
  }

  @Test
  void askingForAGradientThatIsNotThereSaysWhy() {
    assertThatThrownBy(() -> parameter(1, 2).grad())
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "grad: no gradient has come to this tensor ([2]): no backward() reached it yet");
    assertThatThrownBy(() -> Tensor.of(1.0).grad())
        .hasMessage(
            "grad: this tensor ([1]) asks for no gradient; make it with Tensor.parameter(...)");
  }

  @Test
  void integersCannotAskForGradients() {
    for (DType d : List.of(DType.BOOL, DType.I32, DType.I64)) {
      assertThatThrownBy(() -> Tensor.parameter(Tensor.of(1, 0).to(d)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "parameter: only F32 and F64 can carry gradients, but this is %s; convert with to(...)"
                  .formatted(d));
    }
  }

  @Test
  void historyEndsAtIntegers() {
    Tensor x = parameter(1.5, 2.5);
    assertThat(x.to(DType.I32).isTracked()).isFalse();
    assertThat(x.gt(2).isTracked()).isFalse();
    assertThat(x.argmax(0).isTracked()).isFalse();
    assertThat(x.to(DType.F32).isTracked()).isTrue();
  }

  @Test
  void gradientsThroughAConversionComeBackInTheParametersDtype() {
    Tensor x = Tensor.parameter(Tensor.of(1f, 2f));
    x.to(DType.F64).square().sum().backward();
    assertThat(x.grad().dtype()).isEqualTo(DType.F32);
    assertThat(grad(x)).containsExactly(2, 4);
    Tensor w = parameter(1, 2);
    x.mul(w).sum().backward();
    assertThat(w.grad().dtype()).isEqualTo(DType.F64);
    assertThat(x.grad().dtype()).isEqualTo(DType.F32);
  }

  @Test
  void aGraphSeesTheParameterAsItWas() {
    Tensor w = parameter(3);
    Tensor y = w.square().sum();
    w.assign(Tensor.of(100.0));
    y.backward();
    assertThat(grad(w)).containsExactly(6);
    assertThat(w.square().sum().item()).isEqualTo(10_000);
  }

  @Test
  void onlyParametersCanBeAssigned() {
    Tensor w = parameter(1, 2);
    assertThatThrownBy(() -> w.mul(2).assign(Tensor.of(1.0, 2.0)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("assign: only a parameter can be assigned; values are immutable");
    assertThatThrownBy(() -> Tensor.of(1.0).assign(Tensor.of(2.0)))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> w.assign(Tensor.of(1f, 2f)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("assign: a parameter of shape [2], dtype F64 cannot become [2], F32");
    assertThatThrownBy(() -> w.assign(Tensor.of(1.0)))
        .hasMessage("assign: a parameter of shape [2], dtype F64 cannot become [1], F64");
  }

  @Test
  void assigningATrackedTensorTakesItsNumbersOnly() {
    Tensor w = parameter(1);
    w.assign(w.mul(5));
    assertThat(w.isLeaf()).isTrue();
    w.square().sum().backward();
    assertThat(grad(w)).containsExactly(10);
  }

  @Test
  void aParameterDoesNotFollowTheTensorItWasMadeOf() {
    Tensor a = parameter(1);
    Tensor b = Tensor.parameter(a);
    b.square().sum().backward();
    assertThat(a.hasGrad()).isFalse();
    assertThat(grad(b)).containsExactly(2);
    b.assign(Tensor.of(9.0));
    assertThat(a.item()).isEqualTo(1);
  }

  @Test
  void detachCutsTheHistory() {
    Tensor x = parameter(3);
    Tensor y = x.mul(x.detach());
    y.sum().backward();
    assertThat(grad(x)).containsExactly(3);
    assertThat(x.detach().isTracked()).isFalse();
  }

  @Test
  void nothingIsRecordedInsideWithout() {
    Tensor x = parameter(3);
    Tensor y = Grad.without(() -> x.square());
    assertThat(y.isTracked()).isFalse();
    List<Tensor> inside = new ArrayList<>();
    Grad.runWithout(() -> inside.add(x.square()));
    assertThat(inside).hasSize(1).noneMatch(Tensor::isTracked);
    assertThat(Grad.without(() -> Grad.recording(() -> x.square())).isTracked()).isTrue();
    assertThat(x.square().isTracked()).isTrue();
  }

  @Test
  void aParameterThatHasNothingToDoWithTheResultGetsNoGradient() {
    Tensor x = parameter(1);
    Tensor w = parameter(2);
    x.square().sum().backward();
    assertThat(w.hasGrad()).isFalse();
  }

  /// 1, then 1e16, then -1e16: of nodes equally deep the one that a gradient reached first.
  @Test
  void gradientsThatMeetAreAddedInTheOrderInWhichTheyCame() {
    Tensor x = parameter(1);
    Tensor large = x.mul(1e16).add(x.mul(-1e16));
    large.add(x.mul(1)).sum().backward();
    assertThat(grad(x)).containsExactly(1 + 1e16 - 1e16);
  }

  private static CustomOp broken() {
    return CustomOp.define(
        "broken",
        in -> in.getFirst(),
        (_, _, _) -> {
          throw new IllegalArgumentException("on purpose");
        },
        List::of);
  }

  @Test
  void onlyWhatLeadsToATargetIsWalked() {
    Tensor a = parameter(3);
    Tensor b = parameter(2);
    Tensor y = a.square().add(broken().apply(b)).sum();
    assertThat(Grad.grad(y, List.of(a)).getFirst().item()).isEqualTo(6);
  }

  @Test
  void aRuleThatFailsLeavesEveryGradientAsItWas() {
    Tensor a = parameter(1);
    Tensor b = parameter(2);
    var broken = broken();
    Tensor y = a.square().add(broken.apply(b)).add(a).sum();
    assertThatThrownBy(y::backward).hasMessage("on purpose");
    assertThat(a.hasGrad()).isFalse();
    assertThat(b.hasGrad()).isFalse();
  }
}
