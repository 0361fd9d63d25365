package org.cotangent.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.api.Test;

class GradHookTest {
  private final Tensor w = Tensor.parameter(Tensor.of(1.0, 2.0));

  @Test
  void seesTheGradientSummedOverAllUses() {
    List<Tensor> seen = new ArrayList<>();
    Tensor h = w.mul(2);
    h.onGrad(g -> {
      seen.add(g);
      return g;
    });
    h.square().add(h).add(h).sum().backward(); // 2h + 2

    assertThat(seen).hasSize(1);
    assertThat(seen.getFirst().toDoubleArray()).containsExactly(6, 10);
    assertThat(w.grad().toDoubleArray()).containsExactly(12, 20);
  }

  @Test
  void whatItReturnsGoesOnInsteadToOperandsAndToKeptGradients() {
    Tensor h = w.mul(2).retainGrad();
    h.onGrad(g -> g.clamp(-5, 5));
    h.square().sum().backward(); // 2h = 4, 8

    assertThat(h.grad().toDoubleArray()).containsExactly(4, 5);
    assertThat(w.grad().toDoubleArray()).containsExactly(8, 10);
  }

  @Test
  void onAParameterItReplacesWhatIsAddedNotWhatWasGathered() {
    w.onGrad(g -> g.mul(10));
    w.sum().backward();
    w.sum().backward();

    assertThat(w.grad().toDoubleArray()).containsExactly(20, 20);
    assertThat(Grad.grad(w.sum(), List.of(w)).getFirst().toDoubleArray()).containsExactly(10, 10);
  }

  @Test
  void severalRunInTheOrderOfRegistrationAndResultsComeBeforeOperands() {
    List<String> calls = new ArrayList<>();
    Tensor h = w.mul(3);
    w.onGrad(g -> note(calls, "w", g));
    h.onGrad(g -> note(calls, "first", g.add(1)));
    h.onGrad(g -> note(calls, "second", g.mul(2)));
    h.sum().backward();

    assertThat(calls).containsExactly("first", "second", "w");
    assertThat(w.grad().toDoubleArray()).containsExactly(12, 12); // 3 (1 + 1) 2
  }

  private static Tensor note(List<String> calls, String name, Tensor g) {
    calls.add(name);
    return g;
  }

  @Test
  void removedItIsGoneAndTheOthersStay() {
    GradHook twice = w.onGrad(g -> g.mul(2));
    GradHook thrice = w.onGrad(g -> g.mul(3));
    twice.remove();
    twice.remove();
    w.sum().backward();
    assertThat(w.grad().toDoubleArray()).containsExactly(3, 3);

    thrice.remove();
    w.zeroGrad();
    w.sum().backward();
    assertThat(w.grad().toDoubleArray()).containsExactly(1, 1);
  }

  @Test
  void withCreateGraphWhatItDoesIsDifferentiated() {
    Tensor x = Tensor.parameter(Tensor.of(3.0));
    x.onGrad(g -> g.square());
    Tensor dx =
        Grad.grad(x.square().sum(), List.of(x), Grad.Option.CREATE_GRAPH).getFirst(); // (2x)²
    assertThat(dx.item()).isEqualTo(36);

    Tensor y = Tensor.parameter(Tensor.of(3.0));
    Tensor h = y.mul(1);
    GradHook hook = h.onGrad(g -> g.square());
    Tensor dy = Grad.grad(h.square().sum(), List.of(y), Grad.Option.CREATE_GRAPH).getFirst();
    hook.remove(); // or it would square what comes back through h again
    assertThat(Grad.grad(dy.sum(), List.of(y)).getFirst().item()).isEqualTo(24); // 8y
  }

  @Test
  void aGradientThatTheHookKeepsIsNotOverwrittenByLaterSteps() {
    Tensor p = Tensor.parameter(Tensor.ones(Shape.of(100, 100), DType.F32));
    List<Tensor> kept = new ArrayList<>();
    p.onGrad(g -> {
      kept.add(g);
      return g;
    });
    for (int k = 1; k <= 3; k++) {
      p.zeroGrad();
      p.mul(k).sum().backward();
      Grad.lend(p, g -> Fused.assign(p, in -> in.get(0).sub(in.get(1)), p, g));
    }
    for (int k = 1; k <= 3; k++) {
      assertThat(kept.get(k - 1).toDoubleArray()).containsOnly(k);
    }
  }

  @Test
  void aFailureLeavesAllGradientsAsTheyWere() {
    Tensor v = Tensor.parameter(Tensor.of(1.0, 1.0));
    Tensor h = v.mul(2);
    h.onGrad(g -> {
      throw new UnsupportedOperationException("stop");
    });
    Tensor y = h.add(w).sum();
    assertThatThrownBy(y::backward).hasMessage("stop");
    assertThat(w.hasGrad()).isFalse();
    assertThat(v.hasGrad()).isFalse();
  }

  @Test
  void mustReturnAGradientOfTheSameShapeAndDtype() {
    GradHook sum = w.onGrad(Tensor::sum);
    assertThatThrownBy(() -> w.sum().backward())
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "onGrad: the hook returned [], F64 for a gradient of [2], F64; return one like it");
    sum.remove();
    w.onGrad(g -> g.to(DType.F32));
    assertThatThrownBy(() -> w.sum().backward()).hasMessageContaining("[2], F32");
  }

  @Test
  void needsATensorThatAsksForGradients() {
    assertThatThrownBy(() -> Tensor.of(1.0).onGrad(g -> g))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("onGrad: this tensor ([1]) asks for no gradient");
  }

  @Test
  void microBatchesAddUpToTheGradientOfTheWholeBatch() {
    Tensor x = Rng.of(1).normal(Shape.of(12, 2), DType.F64);
    Tensor whole = Grad.grad(loss(x).div(12), List.of(w)).getFirst();
    for (int k = 0; k < 12; k += 4) {
      loss(x.slice(0, k, k + 4)).div(12).backward(); // weighted as in the mean over all
    }
    assertThat(w.grad().sub(whole).abs().max().item()).isLessThan(1e-15);
  }

  private Tensor loss(Tensor x) {
    return x.mul(w).sum(1).tanh().square().sum();
  }
}
