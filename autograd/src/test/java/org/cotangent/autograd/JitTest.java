package org.cotangent.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.api.Test;

/// What a compiled function reads anew in each call, what it moves, and what it refuses.
class JitTest {
  private static Tensor step(Tensor w, Tensor b, Tensor x, Tensor t) {
    w.zeroGrad();
    b.zeroGrad();
    Tensor loss = x.matmul(w).add(b).softmaxCrossEntropy(t).mean();
    loss.backward();
    w.assign(Grad.without(() -> w.sub(w.grad().mul(0.1))));
    b.assign(Grad.without(() -> b.sub(b.grad().mul(0.1))));
    return loss;
  }

  private static List<Tensor> train(boolean compiled, int steps) {
    Rng rng = Rng.of(1);
    Tensor w = Tensor.parameter(rng.normal(Shape.of(20, 3), DType.F32));
    Tensor b = Tensor.parameter(rng.normal(Shape.of(3), DType.F32));
    Tensor x = rng.normal(Shape.of(8, 20), DType.F32);
    Tensor t = Tensor.of(0, 1, 2, 0, 1, 2, 0, 1);
    Jit jit = Jit.compile((in, target) -> step(w, b, in, target));
    List<Tensor> seen = new ArrayList<>();
    for (int k = 0; k < steps; k++) {
      seen.add(compiled ? jit.apply(x, t) : step(w, b, x, t).detach());
      if (k == 2) {
        seen.add(w.detach()); // somebody keeps it: the next step may not write there
      }
      if (k == 4) {
        w.assign(w.mul(0.5).detach());
      }
    }
    seen.add(w);
    seen.add(b);
    return seen;
  }

  @Test
  void aTrainingStepMovesParametersAsWithoutCompiling() {
    List<Tensor> expected = train(false, 8);
    List<Tensor> actual = train(true, 8);
    for (int i = 0; i < expected.size(); i++) {
      Numbers.assertSame("result " + i, actual.get(i), expected.get(i));
    }
  }

  @Test
  void largeResultsAreHandedOutAndStayAsTheyWere() {
    int n = 1 << 17;
    Jit jit =
        Jit.compileAll(in -> {
          Tensor twice = in.getFirst().mul(2);
          return List.of(
              twice, twice.reshape(2, n / 2).transpose(0, 1), in.getFirst(), twice.sum());
        });
    List<List<Tensor>> calls = new ArrayList<>();
    for (int k = 0; k < 3; k++) {
      calls.add(jit.applyAll(Tensor.full(Shape.of(n), k, DType.F32)));
    }
    for (int k = 0; k < 3; k++) {
      List<Tensor> seen = calls.get(k);
      Numbers.assertSame("twice", seen.get(0), Tensor.full(Shape.of(n), 2 * k, DType.F32));
      Numbers.assertSame("view", seen.get(1), Tensor.full(Shape.of(n / 2, 2), 2 * k, DType.F32));
      Numbers.assertSame("operand", seen.get(2), Tensor.full(Shape.of(n), k, DType.F32));
      assertThat(seen.get(3).item()).isEqualTo(2.0 * k * n);
    }
  }

  @Test
  void aStateThatIsReadAfterItIsAssignedHasItsNewNumbers() {
    Tensor p = Tensor.parameter(Tensor.of(1.0, 2.0));
    Tensor q = Tensor.parameter(Tensor.of(10.0, 20.0));
    Jit swap =
        Jit.compile(() -> {
          Tensor before = p.detach();
          p.assign(q);
          q.assign(before);
          return p.add(q.mul(100));
        });
    assertThat(swap.apply().toDoubleArray()).containsExactly(110, 220);
    assertThat(p.toDoubleArray()).containsExactly(10, 20);
    assertThat(q.toDoubleArray()).containsExactly(1, 2);
    assertThat(swap.apply().toDoubleArray()).containsExactly(1001, 2002);
    assertThat(p.toDoubleArray()).containsExactly(1, 2);
  }

  @Test
  void anUpdateThatReadsItsOwnTransposeIsRight() {
    Tensor p = Tensor.parameter(Tensor.of(new double[][] {{1, 2}, {3, 4}}));
    Jit jit =
        Jit.compile(() -> {
          p.assign(p.add(p.t()).detach());
          return p.sum();
        });
    assertThat(jit.apply().item()).isEqualTo(20);
    assertThat(p.toDoubleArray()).containsExactly(2, 5, 5, 8);
  }

  @Test
  void updatesThatReadEachOthersStatesUseTheOldNumbers() {
    Tensor p = Tensor.parameter(Tensor.of(1.0));
    Tensor q = Tensor.parameter(Tensor.of(2.0));
    Jit jit =
        Jit.compile(() -> {
          Tensor oldP = p.detach();
          p.assign(p.add(q).detach());
          q.assign(q.mul(oldP).add(q).detach());
          return Tensor.scalar(0);
        });
    jit.run();
    assertThat(p.item()).isEqualTo(3);
    assertThat(q.item()).isEqualTo(4);
  }

  @Test
  void aResultThatIsAStateStaysWhatItWas() {
    Tensor p = Tensor.parameter(Tensor.of(1.0));
    Jit jit =
        Jit.compile(() -> {
          Tensor before = p.detach();
          p.assign(p.mul(2).detach());
          return before;
        });
    Tensor first = jit.apply();
    assertThat(jit.apply().item()).isEqualTo(2);
    assertThat(first.item()).isEqualTo(1);
    assertThat(p.item()).isEqualTo(4);
  }

  /// The program's memory was the parameter's when somebody took it.
  @Test
  void whatSomebodyTookStaysAlsoIfTheParameterIsAssignedBeforeTheNextCall() {
    Tensor p = Tensor.parameter(Tensor.of(1.0, 2.0));
    Jit jit =
        Jit.compile(() -> {
          p.assign(p.add(1).detach());
          return p.sum();
        });
    jit.run();
    Tensor taken = p.detach();
    p.assign(Tensor.of(10.0, 20.0));
    jit.run();
    assertThat(taken.toDoubleArray()).containsExactly(2, 3);
    assertThat(p.toDoubleArray()).containsExactly(11, 21);
  }

  @Test
  void randomNumbersAreDrawnAnewInTheSameOrder() {
    Rng eager = Rng.of(7);
    Rng compiled = Rng.of(7);
    Jit jit = Jit.compile(x -> x.add(compiled.normal(x.shape(), x.dtype())));
    Tensor x = Tensor.ones(3, 4);
    for (int k = 0; k < 3; k++) {
      Numbers.assertSame("draw " + k, jit.apply(x), x.add(eager.normal(x.shape(), x.dtype())));
    }
  }

  @Test
  void numbersAndEffectsFollowJava() {
    AtomicInteger k = new AtomicInteger();
    Jit jit =
        Jit.compile(x -> {
          Tensor y = x.mul(Jit.number(k::get, x.dtype()));
          Jit.effect(k::incrementAndGet);
          return y;
        });
    Tensor x = Tensor.of(1.0, 10.0);
    for (int i = 0; i < 3; i++) {
      assertThat(jit.apply(x).toDoubleArray()).containsExactly(i, 10 * i);
    }
  }

  @Test
  void newShapesAreTracedAnew() {
    AtomicInteger traces = new AtomicInteger();
    Jit jit =
        Jit.compile(x -> {
          traces.incrementAndGet();
          return x.mul(2).sum();
        });
    assertThat(jit.apply(Tensor.ones(3)).item()).isEqualTo(6);
    assertThat(jit.apply(Tensor.ones(4)).item()).isEqualTo(8);
    assertThat(jit.apply(Tensor.ones(3)).item()).isEqualTo(6);
    assertThat(traces.get()).isEqualTo(2);
  }

  @Test
  void readingANumberWhileTracingIsAnErrorWithACure() {
    Jit jit = Jit.compile(x -> x.sum().item() > 0 ? x : x.neg());
    assertThatThrownBy(() -> jit.apply(Tensor.ones(3)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("Jit")
        .hasMessageContaining("Tensor.where");
  }

  @Test
  void readingAParameterWhileTracingIsAnErrorToo() {
    Tensor p = Tensor.parameter(Tensor.of(1.0));
    Jit jit = Jit.compile(x -> x.mul(p.item()));
    assertThatThrownBy(() -> jit.apply(Tensor.ones(3)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("Jit");
  }

  @Test
  void javaNumbersOfAGeneratorAreRefused() {
    Rng rng = Rng.of(1);
    List<Runnable> draws = List.of(rng::nextInt, () -> rng.nextInt(3), rng::nextDouble, rng::split);
    for (Runnable draw : draws) {
      Jit jit =
          Jit.compile(() -> {
            draw.run();
            return Tensor.scalar(0);
          });
      assertThatThrownBy(jit::apply).hasMessageContaining("in every run");
    }
  }

  @Test
  void aGradientFromOutsideIsAnError() {
    Tensor p = Tensor.parameter(Tensor.of(1.0));
    p.square().sum().backward();
    Jit jit =
        Jit.compile(() -> {
          p.square().sum().backward();
          return p.grad();
        });
    assertThatThrownBy(jit::apply).hasMessageContaining("zeroGrad()");
    assertThat(p.grad().item()).isEqualTo(2); // as it was
    p.zeroGrad();
    assertThat(jit.apply().item()).isEqualTo(2);
    assertThat(p.hasGrad()).isFalse();
  }

  @Test
  void whatFailsInTheMiddleLeavesParametersAlone() {
    Tensor p = Tensor.parameter(Tensor.of(1.0, 2.0));
    Jit jit =
        Jit.compile(i -> {
          p.assign(p.add(1).detach());
          return p.gather(0, i);
        });
    assertThat(jit.apply(Tensor.of(1, 1)).toDoubleArray()).containsExactly(3, 3);
    assertThatThrownBy(() -> jit.apply(Tensor.of(0, 2)))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThat(p.toDoubleArray()).containsExactly(2, 3);
  }

  @Test
  void partOfSomethingLargerItIsDifferentiatedAsWithout() {
    Jit jit = Jit.compile(x -> x.square().sum());
    Tensor p = Tensor.parameter(Tensor.of(3.0));
    jit.apply(p).backward();
    assertThat(p.grad().item()).isEqualTo(6);
    Jit outer = Jit.compile(x -> jit.apply(x).add(1));
    assertThat(outer.apply(Tensor.of(2.0)).item()).isEqualTo(5);
  }

  @Test
  void parametersAreReadAnewInsideVmapAndCheckpointsToo() {
    Tensor w = Tensor.parameter(Tensor.of(0.5, -1.0, 2.0));
    Rng eager = Rng.of(3);
    Rng compiled = Rng.of(3);
    Function<Rng, UnaryOperator<Tensor>> f =
        rng ->
            x -> {
              w.zeroGrad();
              Tensor each = Grad.vmap((Tensor row) -> row.mul(w).tanh().sum(), x);
              Tensor noisy =
                  Grad.checkpoint(
                      in -> in.get(0).mul(rng.normal(Shape.of(4), DType.F64)).sin().mul(w.sum()),
                      List.of(each));
              noisy.sum().backward();
              return w.grad();
            };
    Jit jit = Jit.compile(f.apply(compiled));
    Tensor x = Rng.of(1).normal(Shape.of(4, 3), DType.F64);
    for (int k = 0; k < 3; k++) {
      Tensor expected = f.apply(eager).apply(x).detach();
      w.zeroGrad();
      Numbers.assertSame("gradient " + k, jit.apply(x), expected);
      w.assign(w.mul(-0.5).detach());
    }
  }

  @Test
  void anotherNumberOfOperandsIsAnError() {
    Jit one = Jit.compile(x -> x.neg());
    Tensor x = Tensor.of(1.0);
    assertThatThrownBy(() -> one.apply())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Jit: this function was compiled as one of 1 operands, but 0 were given; compileAll takes any number");
    assertThatThrownBy(() -> one.applyAll(x, x)).hasMessageContaining("of 1 operands, but 2 were");
    assertThatThrownBy(() -> one.run(x, x)).hasMessageContaining("of 1 operands, but 2 were");
    assertThatThrownBy(() -> one.explain()).hasMessageContaining("of 1 operands, but 0 were");
    Jit none = Jit.compile(() -> Tensor.of(1.0));
    assertThatThrownBy(() -> none.apply(x)).hasMessageContaining("of 0 operands, but 1 were");
    Jit two = Jit.compile((a, b) -> a.add(b));
    assertThatThrownBy(() -> two.apply(x)).hasMessageContaining("of 2 operands, but 1 were");
    assertThat(Jit.compileAll(in -> in).applyAll(x, x, x)).hasSize(3);
  }

  @Test
  void explainsWhatThePassesDid() {
    Jit jit = Jit.compile(x -> x.mul(1).add(2).tanh().sum());
    assertThat(jit.explain(Tensor.ones(2, 3)))
        .contains("traced", "simplified", "fused", "TANH", "memory");
  }
}
