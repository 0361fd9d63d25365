package org.cotangent.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.cotangent.autograd.backend.Backend;
import org.cotangent.autograd.backend.Eager;
import org.cotangent.autograd.op.Interpreter;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.api.Test;

/// Large values wait for what follows, and memory that nobody can see serves the next step.
class WaitingTest {
  /// A backend that counts.
  private static final class Counting {
    final AtomicInteger products = new AtomicInteger();
    final AtomicInteger passes = new AtomicInteger();
    final Backend backend =
        (Backend)
            Proxy.newProxyInstance(
                Backend.class.getClassLoader(),
                new Class<?>[] {Backend.class},
                (_, method, arguments) -> {
                  String name = method.getName();
                  products.addAndGet(name.startsWith("matmul") ? 1 : 0);
                  passes.addAndGet(name.equals("elementwise") || name.equals("matmulThen") ? 1 : 0);
                  return method.invoke(Eager.standard().backend(), arguments);
                });
  }

  private static void on(Backend backend, Runnable body) {
    ScopedValue.where(Interpreter.CURRENT, Eager.careful(backend, 1)).run(body);
  }

  private static void waiting(Runnable body) {
    on(Eager.standard().backend(), body);
  }

  @Test
  void aLayerIsOneProductAndOnePass() {
    var counting = new Counting();
    on(
        counting.backend,
        () -> {
          Tensor x = Tensor.of(new double[][] {{1, 2}, {3, 4}});
          Tensor w = Tensor.of(new double[][] {{1, -1}, {0.5, 2}});
          Tensor y = x.matmul(w).add(Tensor.of(-4.0, 0.0)).relu();
          assertThat(counting.passes.get() + counting.products.get()).isZero();
          assertThat(y.toDoubleArray()).containsExactly(0, 3, 1, 5);
          assertThat(counting.products.get()).isEqualTo(1);
          assertThat(counting.passes.get()).isEqualTo(1);
          y.toDoubleArray();
          assertThat(counting.passes.get()).isEqualTo(1);
        });
  }

  @Test
  void noProductIsComputedTwice() {
    var counting = new Counting();
    on(
        counting.backend,
        () -> {
          Tensor x = Tensor.of(new double[][] {{1, 2}, {3, 4}});
          Tensor z = x.matmul(x);
          Tensor e = z.exp();
          for (int i = 0; i < 10; i++) {
            assertThat(e.mul(i).get(0, 0)).isEqualTo(i * e.get(0, 0));
          }
          assertThat(counting.products.get()).isEqualTo(1);
          assertThat(z.get(0, 0)).isEqualTo(7);
          assertThat(counting.products.get()).isEqualTo(1);
        });
  }

  @Test
  void aGradientDoesNotWait() {
    var counting = new Counting();
    on(
        counting.backend,
        () -> {
          Tensor w = Tensor.parameter(Tensor.of(1.0, 2.0));
          w.square().mul(w).sum().backward();
          List<Tensor> grads = new ArrayList<>(Grad.grad(w.square().mul(w).sum(), List.of(w)));
          int passes = counting.passes.get();
          grads.add(w.grad());
          for (Tensor g : grads) {
            assertThat(g.toDoubleArray()).containsExactly(3, 12);
          }
          assertThat(counting.passes.get()).isEqualTo(passes);
        });
  }

  @Test
  void aChainWithoutEndIsCut() {
    waiting(() -> {
      Tensor x = Tensor.of(1.0, 2.0);
      Tensor y = x;
      for (int i = 0; i < 20_000; i++) {
        y = y.mul(0.5).add(x);
      }
      assertThat(y.toDoubleArray()).containsExactly(2, 4);
      Tensor doubled = x;
      for (int i = 0; i < 60; i++) {
        doubled = doubled.add(doubled).mul(0.5); // a tree of 2^60 leaves, if it were written out
      }
      assertThat(doubled.toDoubleArray()).containsExactly(1, 2);
    });
  }

  @Test
  void manyThreadsMayReadOneValue() throws Exception {
    Rng rng = Rng.of(4);
    Tensor x = rng.normal(Shape.of(100, 100), DType.F64);
    Tensor expected = Tensor.of(x.shape(), x.matmul(x).add(x).tanh().toDoubleArray());
    try (var threads = Executors.newFixedThreadPool(8)) {
      for (int round = 0; round < 50; round++) {
        Tensor inner = x.matmul(x).add(x);
        Tensor shared = inner.tanh();
        List<Callable<double[]>> reads = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
          boolean deep = i % 2 == 0;
          reads.add(() -> (deep ? shared.neg().neg() : inner.tanh()).toDoubleArray());
        }
        for (Future<double[]> f : threads.invokeAll(reads)) {
          Numbers.assertSame("value", Tensor.of(x.shape(), f.get()), expected);
        }
      }
    }
  }

  // ---- Memory that serves again

  /// What a user may hold on to while training goes on: all of it keeps its numbers.
  @Property(tries = 200, edgeCases = EdgeCasesMode.NONE)
  void whatAUserHoldsNeverChanges(
      @ForAll long seed, @ForAll @Size(min = 1, max = 8) List<@IntRange(max = 13) Integer> holds) {
    waiting(() -> {
      Rng rng = Rng.of(seed);
      Tensor x = rng.normal(Shape.of(4, 3), DType.F32);
      Tensor w = Tensor.parameter(rng.normal(Shape.of(3, 3), DType.F32));
      Tensor v = Tensor.parameter(rng.normal(Shape.of(3, 3), DType.F32));
      List<Tensor> held = new ArrayList<>();
      List<Tensor> copies = new ArrayList<>();
      for (int hold : holds) {
        w.zeroGrad();
        v.zeroGrad();
        Tensor h = x.matmul(w).tanh();
        Tensor z = h.matmul(v.add(w));
        Tensor loss = z.square().sum();
        List<Tensor> taken = new ArrayList<>();
        switch (hold) {
          case 0 -> taken.add(h);
          case 1 -> taken.add(z.neg());
          case 2 -> taken.add(w.detach());
          case 3 -> taken.add(w.t());
          case 4 -> taken.add(w.reshape(9));
          case 5 -> taken.add(Grad.without(() -> w.mul(2)));
          default -> {}
        }
        loss.backward();
        switch (hold) {
          case 6 -> taken.add(w.grad());
          case 7 -> taken.add(v.grad().t());
          case 8 -> Grad.lend(w, g -> taken.add(g.detach()));
          case 9 -> Grad.lend(w, g -> taken.add(g.mul(3)));
          case 10 -> Grad.lend(v, g -> taken.add(g.reshape(9)));
          case 11 -> taken.add(v.mul(1).detach());
          case 12 -> {
            v.zeroGrad();
            v.backward(w); // its gradient is w's own numbers
          }
          default -> taken.add(z);
        }
        for (Tensor p : List.of(w, v)) {
          Grad.lend(p, g -> Fused.assign(p, in -> in.get(0).sub(in.get(1).mul(0.01)), p, g));
        }
        if (hold == 12) {
          taken.add(v.grad());
        }
        held.addAll(taken);
        taken.forEach(t -> copies.add(Tensor.of(t.shape(), t.toFloatArray())));
        for (int i = 0; i < held.size(); i++) {
          Numbers.assertSame("held " + i, held.get(i), copies.get(i));
        }
      }
    });
  }

  @Test
  void stepAfterStepTheSameMemoryServes() {
    waiting(() -> {
      Tensor w = Tensor.parameter(Rng.of(1).normal(Shape.of(5, 5), DType.F32));
      Tensor x = Rng.of(2).normal(Shape.of(7, 5), DType.F32);
      List<Object> values = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        w.zeroGrad();
        x.matmul(w).square().sum().backward();
        Grad.lend(w, g -> Fused.assign(w, in -> in.get(0).sub(in.get(1).mul(1e-3)), w, g));
        values.add(w.peek());
      }
      assertThat(values.subList(1, 6)).containsOnly(values.get(0)); // updated in place
      assertThat(w.toFloatArray()).doesNotContain(Float.NaN);
    });
  }

  @Test
  void aLentGradientEndsWithTheCall() {
    waiting(() -> {
      Tensor w = Tensor.parameter(Tensor.of(1.0, 2.0));
      w.square().sum().backward();
      List<Tensor> kept = new ArrayList<>();
      Grad.lend(
          w,
          g -> {
            assertThat(g.toDoubleArray()).containsExactly(2, 4);
            kept.add(g);
          });
      assertThatThrownBy(() -> kept.getFirst().toDoubleArray())
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("lent for the length of a call; take detach()");
      assertThat(w.grad().toDoubleArray()).containsExactly(2, 4);
      Grad.lend(w, kept::add);
      w.zeroGrad();
      assertThat(kept.getLast().toDoubleArray()).containsExactly(2, 4); // grad() was asked for
    });
    assertThatThrownBy(() -> Grad.lend(Tensor.of(1.0), _ -> {}))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void aParameterAsCotangentIsTakenAsItWas() {
    Tensor a = Tensor.parameter(Tensor.of(1.0, 2.0));
    Tensor b = Tensor.parameter(Tensor.of(3.0, 4.0));
    a.add(b).backward(a);
    a.assign(Tensor.of(0.0, 0.0));
    assertThat(b.grad().toDoubleArray()).containsExactly(1, 2);
  }

  @Test
  void twoLeavesWithOneGradientDoNotShareItsMemory() {
    waiting(() -> {
      Tensor a = Tensor.parameter(Tensor.of(1.0, 2.0));
      Tensor b = Tensor.parameter(Tensor.of(3.0, 4.0));
      a.add(b).square().sum().backward();
      a.zeroGrad();
      Tensor other = Tensor.of(5.0, 6.0).mul(7); // would take a's memory
      other.toDoubleArray();
      assertThat(b.grad().toDoubleArray()).containsExactly(8, 12);
    });
  }

  /// A user's rule may keep what it sees.
  @Test
  void aUsersRuleSeesMemoryThatStays() {
    waiting(() -> {
      List<Tensor> kept = new ArrayList<>();
      CustomOp twice =
          CustomOp.define(
              "twice",
              in -> in.getFirst().mul(2),
              (in, y, g) -> {
                kept.addAll(List.of(in.getFirst(), y, g));
                Tensor gx = g.mul(2);
                kept.add(gx);
                return List.of(gx);
              },
              () -> List.of(Tensor.of(1.0)));
      Tensor w = Tensor.parameter(Tensor.of(1.0, 2.0));
      Tensor u = Tensor.parameter(Tensor.of(1.0, 2.0)); // its gradient is what the rule sees
      List<double[]> copies = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        w.zeroGrad();
        u.zeroGrad();
        twice.apply(w).add(u).square().sum().backward();
        for (Tensor t : kept.subList(copies.size(), kept.size())) {
          copies.add(t.toDoubleArray());
        }
        Grad.lend(w, g -> Fused.assign(w, in -> in.get(0).sub(in.get(1)), w, g));
      }
      for (int i = 0; i < kept.size(); i++) {
        assertThat(kept.get(i).toDoubleArray()).containsExactly(copies.get(i));
      }
    });
  }
}
