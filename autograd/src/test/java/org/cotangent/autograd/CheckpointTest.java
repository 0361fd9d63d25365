package org.cotangent.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.cotangent.autograd.backend.Eager;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.api.Test;

class CheckpointTest {
  private final Rng rng = Rng.of(3);
  private final Tensor w = Tensor.parameter(rng.normal(Shape.of(5, 5), DType.F64));
  private final Tensor b = Tensor.parameter(rng.normal(Shape.of(5), DType.F64));
  private final Tensor x = Tensor.parameter(rng.normal(Shape.of(4, 5), DType.F64));

  private Tensor layer(Tensor h) {
    return h.matmul(w).add(b).tanh();
  }

  /// Gradients of all three for a network that calls `wrap` around its stretches. The parameters
  /// are used in several of them and outside, so that the order of sums matters.
  private List<double[]> gradients(UnaryOperator<Function<Tensor, Tensor>> wrap) {
    Tensor h = layer(x);
    h = wrap.apply(t -> layer(layer(t))).apply(h);
    h = wrap.apply(t -> layer(t).mul(b.exp())).apply(h).add(h);
    Tensor loss = layer(h).square().mean();
    loss.backward();
    List<double[]> grads = new ArrayList<>();
    for (Tensor p : List.of(w, b, x)) {
      grads.add(p.grad().toDoubleArray());
      p.zeroGrad();
    }
    return grads;
  }

  private static Function<Tensor, Tensor> checkpointed(Function<Tensor, Tensor> f) {
    return t -> Grad.checkpoint(f, t);
  }

  @Test
  void gradientsAreTheSameToTheBitThoseOfCapturedParametersToo() {
    List<double[]> plain = gradients(f -> f);
    List<double[]> again = gradients(CheckpointTest::checkpointed);
    for (int i = 0; i < plain.size(); i++) {
      assertThat(again.get(i)).containsExactly(plain.get(i));
    }
  }

  @Test
  void nestedOnesToo() {
    List<double[]> plain = gradients(f -> f);
    List<double[]> again =
        gradients(f ->
            t ->
                Grad.checkpoint(
                    u -> Grad.checkpoint(v -> Grad.checkpoint(f, v.add(0)).mul(1), u).add(0), t));
    for (int i = 0; i < plain.size(); i++) {
      assertThat(again.get(i)).containsExactly(plain.get(i));
    }
  }

  @Test
  void largeTensorsThatWaitAndUpdatesInPlaceChangeNoBit() {
    assertThat(trained(f -> f)).containsExactly(trained(CheckpointTest::checkpointed));
  }

  private static double[] trained(UnaryOperator<Function<Tensor, Tensor>> wrap) {
    Rng rng = Rng.of(1);
    Tensor w = Tensor.parameter(rng.normal(Shape.of(80, 80), DType.F32).mul(0.1));
    Tensor x = rng.normal(Shape.of(100, 80), DType.F32);
    Function<Tensor, Tensor> f = wrap.apply(h -> h.matmul(w).tanh().matmul(w).relu());
    for (int k = 0; k < 3; k++) {
      w.zeroGrad();
      f.apply(f.apply(x)).square().mean().backward();
      Grad.lend(w, g -> Fused.assign(w, in -> in.get(0).sub(in.get(1).mul(0.5)), w, g));
    }
    return w.toDoubleArray();
  }

  @Test
  void savesNothingButItsInputs() {
    Tensor y = Grad.checkpoint(t -> layer(layer(layer(t))), x.detach());
    assertThat(y.graph().savedBytes()).isZero();
    assertThat(layer(layer(layer(x.detach()))).graph().savedBytes()).isEqualTo(4 * 20 * 8L);
    assertThat(y.graph().vertices())
        .extracting(GraphView.Vertex::memory)
        .contains(GraphView.Memory.RECOMPUTED);
  }

  @Test
  void randomNumbersComeAgainAndTheGeneratorGoesOn() {
    Rng dropout = Rng.of(5);
    Function<Tensor, Tensor> f =
        t -> {
          int skip = dropout.nextInt(3);
          Tensor keep = dropout.uniform(t.shape(), t.dtype()).gt(0.3 + 0.1 * skip);
          return t.mul(keep.to(t.dtype())).mul(dropout.split().nextDouble()).matmul(w);
        };
    dropout.nextInt(); // in the middle of a block
    Rng.State start = dropout.state();
    f.apply(f.apply(x)).square().sum().backward();
    double[] plain = x.grad().toDoubleArray();
    Rng.State end = dropout.state();
    x.zeroGrad();

    dropout.restore(start);
    Tensor y = Grad.checkpoint(u -> Grad.checkpoint(f, Grad.checkpoint(f, u)), x);
    assertThat(dropout.state()).isEqualTo(end);
    dropout.nextDouble(); // others draw between the passes
    Rng.State later = dropout.state();
    y.square().sum().backward();
    assertThat(x.grad().toDoubleArray()).containsExactly(plain);
    assertThat(dropout.state()).isEqualTo(later);
  }

  @Test
  void higherOrdersAndForwardModeAreThoseWithout() {
    Function<Tensor, Tensor> f = t -> t.matmul(w.detach()).sin().mul(t).sum();
    Function<Tensor, Tensor> g =
        t ->
            Grad.checkpoint(u -> Grad.checkpoint(v -> v.matmul(w.detach()), u).sin().mul(u), t)
                .sum();
    Tensor at = x.detach();
    Tensor v = rng.normal(at.shape(), DType.F64);
    assertSame(Grad.grad(f).apply(at), Grad.grad(g).apply(at));
    assertSame(Grad.hvp(f, at, v), Grad.hvp(g, at, v));
    assertSame(Grad.hessian(f, at), Grad.hessian(g, at));
    Function<Tensor, Tensor> third =
        t -> Grad.grad(s -> Grad.grad(f).apply(s).square().sum()).apply(t).square().sum();
    Function<Tensor, Tensor> thirdAgain =
        t -> Grad.grad(s -> Grad.grad(g).apply(s).square().sum()).apply(t).square().sum();
    assertSame(Grad.grad(third).apply(at), Grad.grad(thirdAgain).apply(at));
  }

  @Test
  void agreesWithDifferencesAtSecondOrder() {
    GradCheck.standard()
        .order(2)
        .check(
            "checkpoint",
            in -> Grad.checkpoint(t -> t.get(0).matmul(t.get(1)).tanh().mul(t.get(0)), in).sum(),
            List.of(rng.normal(Shape.of(2, 2), DType.F64), rng.normal(Shape.of(2, 2), DType.F64)))
        .requirePassed();
  }

  @Test
  void aGradientInsideIsDifferentiatedThrough() {
    Function<Tensor, Tensor> penalty =
        t -> Grad.grad((Tensor u) -> layer(u).sum()).apply(t).square().sum();
    penalty.apply(x.detach()).backward();
    double[] plain = w.grad().toDoubleArray();
    w.zeroGrad();
    Grad.checkpoint(penalty, x.detach()).backward();
    assertThat(w.grad().toDoubleArray()).containsExactly(plain);
  }

  private static void assertSame(Tensor a, Tensor b) {
    assertThat(b.toDoubleArray()).containsExactly(a.toDoubleArray());
  }

  @Test
  void aTensorFromOutsideThatTheFunctionCapturesGetsItsGradient() {
    Tensor outside = x.square();
    outside.mul(outside.sin()).sum().backward();
    double[] plain = x.grad().toDoubleArray();
    x.zeroGrad();
    Tensor h = x.square();
    Grad.checkpoint(t -> t.mul(h.sin()), h).sum().backward();
    assertThat(x.grad().toDoubleArray()).containsExactly(plain);
  }

  @Test
  void runsTwiceAndOnceMoreForEveryFurtherWalk() {
    AtomicInteger runs = new AtomicInteger();
    AtomicInteger again = new AtomicInteger();
    Tensor y =
        Grad.checkpoint(
            t -> {
              runs.incrementAndGet();
              again.addAndGet(Grad.isRecomputing() ? 1 : 0);
              return layer(t);
            },
            x);
    assertThat(runs).hasValue(1);
    y.sum().backward(Grad.Option.RETAIN_GRAPH);
    assertThat(runs).hasValue(2);
    y.sum().backward();
    assertThat(runs).hasValue(3);
    assertThat(again).hasValue(2);
    assertThat(Grad.isRecomputing()).isFalse();
  }

  @Test
  void withoutRecordingItIsTheFunction() {
    Tensor y = Grad.without(() -> Grad.checkpoint(this::layer, x));
    assertThat(y.isTracked()).isFalse();
    assertSame(layer(x), y);
  }

  @Test
  void hooksInsideSeeTheGradientOnce() {
    List<Tensor> seen = new ArrayList<>();
    Grad.checkpoint(
            t -> {
              Tensor h = t.square();
              h.onGrad(g -> {
                seen.add(g);
                return g.mul(2);
              });
              return h.sin();
            },
            x)
        .sum()
        .backward();
    assertThat(seen).hasSize(1);
    assertSame(x.detach().square().cos().mul(2).mul(x.detach().mul(2)), x.grad());
  }

  @Test
  void aReleasedGraphSaysSo() {
    Tensor y = Grad.checkpoint(this::layer, x);
    y.sum().backward();
    assertThatThrownBy(() -> y.sum().backward())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("released by an earlier backward()");
  }

  @Test
  void aParameterAssignedBetweenThePassesIsAnError() {
    Tensor y = Grad.checkpoint(this::layer, x);
    b.assign(b.mul(2)); // its rule does not read it, but what comes after does
    assertThatThrownBy(() -> y.sum().backward())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("checkpoint: a parameter ([5], F64) was assigned between");
    assertThat(w.hasGrad()).isFalse();
  }

  @Test
  void anOptimiserDoesNotWriteOverWhatASecondRunWillRead() {
    Tensor p = Tensor.parameter(Tensor.ones(Shape.of(100, 100), DType.F32));
    Fused.assign(p, in -> in.getFirst().add(1), p); // memory of its own: updated in place from here
    Tensor y = Grad.checkpoint(t -> t.add(p).square(), Tensor.ones(Shape.of(100, 100), DType.F32));
    Fused.assign(p, in -> in.getFirst().add(1), p);
    assertThatThrownBy(() -> y.sum().backward()).hasMessageContaining("was assigned between");
  }

  @Test
  void afterTheWalkAParametersMemoryIsItsOwnAgain() {
    Tensor p = Tensor.parameter(Tensor.ones(Shape.of(50, 50), DType.F32));
    Fused.assign(p, in -> in.getFirst().add(1), p);
    assertThat(Eager.isOwned(p.peek())).isTrue();
    Tensor x = Tensor.ones(Shape.of(50, 50), DType.F32);
    for (Tensor y :
        List.of(
            Grad.checkpoint(t -> Grad.checkpoint(u -> u.mul(p).add(p).sin(), t.add(p)).mul(p), x),
            Grad.checkpoint(t -> Grad.checkpoint(u -> u.mul(p).add(p).sin(), t), x),
            Grad.checkpoint(t -> Grad.checkpoint(u -> u, t).mul(p).add(p), x))) {
      assertThat(Eager.isOwned(p.peek())).isFalse();
      y.sum().backward();
    }
    assertThat(Eager.isOwned(p.peek())).isTrue();
  }

  @Test
  void anInputMayBeAssignedBetweenThePasses() {
    Tensor plain = Grad.grad(layer(x).square().sum(), List.of(x)).getFirst();
    Tensor y = Grad.checkpoint(this::layer, x).square().sum();
    x.assign(x.add(1));
    y.backward();
    assertSame(plain, x.grad());
  }

  @Test
  void aFunctionThatTakesAnotherPathIsAnError() {
    AtomicInteger runs = new AtomicInteger();
    Tensor y = Grad.checkpoint(t -> runs.getAndIncrement() == 0 ? t.sin() : t.cos(), x);
    assertThatThrownBy(() -> y.sum().backward())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("operation 0 was SIN of [4, 5], F64 and then COS of [4, 5], F64");
    AtomicInteger more = new AtomicInteger();
    Tensor z = Grad.checkpoint(t -> more.getAndIncrement() == 0 ? t.sin() : t.sin().cos(), x);
    assertThatThrownBy(() -> z.sum().backward())
        .hasMessageContaining("1 operations were recorded, and then 2");
    AtomicInteger nested = new AtomicInteger();
    Tensor u =
        Grad.checkpoint(
            t -> (nested.getAndIncrement() == 0 ? Grad.checkpoint(Tensor::sin, t) : t).mul(2), x);
    assertThatThrownBy(() -> u.sum().backward())
        .hasMessageContaining("it met 0 checkpoints then and more before");
  }

  @Test
  void usersOperationsAreRunAgainToo() {
    CustomOp cube =
        CustomOp.define(
            "cube",
            in -> in.getFirst().pow(3),
            (in, y, g) -> List.of(g.mul(in.getFirst().square().mul(3))),
            () -> List.of(Tensor.of(1.0)));
    Grad.checkpoint(t -> cube.apply(t.mul(2)).sin(), x).sum().backward();
    double[] again = x.grad().toDoubleArray();
    x.zeroGrad();
    cube.apply(x.mul(2)).sin().sum().backward();
    assertThat(again).containsExactly(x.grad().toDoubleArray());
  }
}
