package org.cotangent.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.cotangent.autograd.backend.Backend;
import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.backend.Eager;
import org.cotangent.autograd.op.Interpreter;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.api.Test;

/// Memory of results that nobody will read again serves later results, and no others' does: what is
/// free is overwritten here.
class DonationTest {
  private static final int N = 4;

  private static <T> T careful(Supplier<T> body) {
    Eager eager = Eager.careful(Eager.standard().backend(), 1);
    return ScopedValue.where(Interpreter.CURRENT, eager).call(body::get);
  }

  /// Some steps of training on random graphs, and what the user held on to.
  private record Outcome(List<double[]> numbers, List<Tensor> held, List<double[]> copies) {}

  private static Outcome train(long seed, boolean donates) {
    return careful(() -> {
      Random random = new Random(seed);
      var outcome = new Outcome(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
      List<Tensor> parameters =
          IntStream.range(0, 3)
              .mapToObj(i -> Tensor.parameter(Rng.of(seed + i).normal(Shape.of(N, N), DType.F64)))
              .toList();
      Tensor x = Rng.of(seed + 9).normal(Shape.of(N, N), DType.F64);
      for (int step = 0; step < 4; step++) {
        parameters.forEach(Tensor::zeroGrad);
        Tensor loss = loss(random, parameters, x, donates, outcome);
        walk(random, loss, parameters, outcome);
        outcome.numbers.add(loss.toDoubleArray());
        for (Tensor p : parameters) {
          if (p.hasGrad()) {
            Grad.lend(
                p,
                g -> {
                  outcome.numbers.add(g.toDoubleArray());
                  Fused.assign(p, in -> in.get(0).sub(in.get(1).mul(0.01)), p, g);
                });
          }
        }
        for (int i = 0; i < outcome.held.size(); i++) {
          assertThat(outcome.held.get(i).toDoubleArray())
              .as("held %d", i)
              .containsExactly(outcome.copies.get(i));
        }
      }
      return outcome;
    });
  }

  private static void walk(Random random, Tensor loss, List<Tensor> parameters, Outcome outcome) {
    switch (random.nextInt(5)) {
      case 0 -> {
        loss.backward(Grad.Option.RETAIN_GRAPH);
        loss.backward();
      }
      case 1 -> {
        for (Tensor g :
            Grad.grad(loss, parameters, Grad.Option.ALLOW_UNUSED, Grad.Option.RETAIN_GRAPH)) {
          outcome.held.add(g);
          outcome.copies.add(g.toDoubleArray());
        }
        loss.backward();
      }
      case 2 -> {
        Tensor twice = Tensor.scalar(0, DType.F64);
        for (Tensor g :
            Grad.grad(loss, parameters, Grad.Option.ALLOW_UNUSED, Grad.Option.CREATE_GRAPH)) {
          twice = twice.add(g.square().sum());
        }
        if (twice.isTracked()) {
          twice.backward(Grad.Option.RETAIN_GRAPH);
        }
        loss.backward();
      }
      default -> loss.backward();
    }
  }

  /// Random operations on parameters, the input and earlier results. Some results are donated when
  /// they have been used; of others numbers are held, or their gradients.
  private static Tensor loss(
      Random random, List<Tensor> parameters, Tensor x, boolean donates, Outcome outcome) {
    List<Tensor> usable = new ArrayList<>(parameters);
    usable.add(x);
    Set<Tensor> holding = Collections.newSetFromMap(new IdentityHashMap<>());
    List<Tensor> unused = new ArrayList<>();
    for (int k = 0; k < 10; k++) {
      Tensor a = usable.get(random.nextInt(usable.size()));
      Tensor b = usable.get(random.nextInt(usable.size()));
      Tensor y = operation(random.nextInt(16), a, b);
      boolean holds = random.nextInt(4) == 0;
      if (holds) {
        Tensor held = random.nextBoolean() ? y : y.t();
        outcome.held.add(held);
        outcome.copies.add(held.toDoubleArray());
        holding.add(y);
        if (y.isTracked() && random.nextBoolean()) {
          y.onGrad(g -> {
            outcome.held.add(g);
            outcome.copies.add(g.toDoubleArray());
            return g;
          });
        }
      }
      usable.add(y);
      unused.add(y);
    }
    Tensor sum = parameters.getFirst().sum(); // so that there is something to walk to
    for (Tensor y : unused) {
      sum = sum.add(y.mul(0.1).tanh().sum());
    }
    for (Tensor y : unused) {
      boolean gives = random.nextInt(3) > 0;
      if (gives && donates && !holding.contains(y)) {
        y.donate();
      }
    }
    return sum;
  }

  private static Tensor operation(int which, Tensor a, Tensor b) {
    return switch (which) {
      case 0 -> a.add(b);
      case 1 -> a.mul(b);
      case 2 -> a.tanh();
      case 3 -> a.mul(0.5).matmul(b);
      case 4 -> a.relu().sub(b);
      case 5 -> a.mul(0.3).exp().mul(a);
      case 6 -> a.t().add(b);
      case 7 -> a.sum(0).add(b); // a row, stretched
      case 8 -> a.softmax(1);
      case 9 -> Tensor.where(a.gt(b), a, b.neg());
      case 10 -> a.t();
      case 11 -> a.slice(0, 1, N).pad(0, 1, 0);
      case 12 -> a.flatten().reshape(N, N);
      case 13 -> a.select(0, 1).expand(Shape.of(N, N));
      case 14 -> seenTwice(a).mul(b);
      default -> a.matmul(b).add(a.max(0)).sigmoid();
    };
  }

  /// Through two views, of which one is donated before the other is read.
  private static Tensor seenTwice(Tensor a) {
    Tensor turned = a.t();
    Tensor back = turned.t();
    turned.donate();
    return back;
  }

  @Property(tries = 300, edgeCases = EdgeCasesMode.NONE)
  void donatingChangesNoNumber(@ForAll long seed) {
    Outcome with = train(seed, true);
    Outcome without = train(seed, false);
    assertThat(with.numbers).hasSameSizeAs(without.numbers);
    for (int i = 0; i < with.numbers.size(); i++) {
      assertThat(with.numbers.get(i)).containsExactly(without.numbers.get(i));
    }
    for (int i = 0; i < with.copies.size(); i++) {
      assertThat(with.copies.get(i)).containsExactly(without.copies.get(i));
    }
  }

  @Test
  void threadsWithAGraphInCommonDoNotTakeEachOthersMemory() throws Exception {
    Tensor w = Tensor.parameter(Rng.of(1).normal(Shape.of(70, 70), DType.F64));
    Tensor x = Rng.of(2).normal(Shape.of(70, 70), DType.F64);
    Tensor one = x.matmul(w).tanh();
    double[] want =
        Grad.grad(one.square().sum().add(one.mul(3).sum()), List.of(w)).getFirst().toDoubleArray();
    try (var threads = Executors.newFixedThreadPool(4)) {
      for (int round = 0; round < 30; round++) {
        Tensor common = x.matmul(w).tanh();
        List<Callable<double[]>> walks = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
          walks.add(() -> {
            Tensor loss = common.square().sum().add(common.mul(3).sum());
            return Grad.grad(loss, List.of(w), Grad.Option.RETAIN_GRAPH).getFirst().toDoubleArray();
          });
        }
        for (Future<double[]> f : threads.invokeAll(walks)) {
          assertThat(f.get()).containsExactly(want);
        }
      }
    }
  }

  // ---- That it happens

  /// A backend that sees in which arrays results are.
  private static Backend watching(IdentityHashMap<Object, Integer> arrays) {
    return (Backend)
        Proxy.newProxyInstance(
            Backend.class.getClassLoader(),
            new Class<?>[] {Backend.class},
            (_, method, arguments) -> {
              if (arguments != null) {
                for (Object a : arguments) {
                  for (Object b : a instanceof Object[] all ? all : new Object[] {a}) {
                    if (b instanceof Buffer x) {
                      arrays.merge(Eager.memory(x), 1, Integer::sum);
                    }
                  }
                }
              }
              return method.invoke(Eager.standard().backend(), arguments);
            });
  }

  private static int arraysOfSteps(int steps, boolean donates) {
    IdentityHashMap<Object, Integer> arrays = new IdentityHashMap<>();
    ScopedValue.where(Interpreter.CURRENT, new Eager(watching(arrays)))
        .run(() -> {
          Tensor w = Tensor.parameter(Rng.of(1).normal(Shape.of(80, 80), DType.F32));
          Tensor v = Tensor.parameter(Rng.of(1).normal(Shape.of(80, 80), DType.F32));
          Tensor x = Rng.of(2).normal(Shape.of(90, 80), DType.F32);
          for (int i = 0; i < steps; i++) {
            w.zeroGrad();
            v.zeroGrad();
            Tensor z = x.matmul(w);
            Tensor h = z.relu();
            Tensor u = h.matmul(v);
            Tensor y = u.tanh();
            Tensor s = y.square();
            Tensor loss = s.sum();
            if (donates) {
              List.of(z, h, u, y, s).forEach(Tensor::donate);
            }
            loss.backward();
          }
        });
    return (int)
        arrays.keySet().stream().filter(a -> a instanceof float[] f && f.length > 1).count();
  }

  @Test
  void aStepTakesTheMemoryOfTheOneBefore() {
    assertThat(arraysOfSteps(12, true)).isEqualTo(arraysOfSteps(4, true));
    // Without, gradients that nobody outside has seen are used again, results are not.
    int eachStep = (arraysOfSteps(12, false) - arraysOfSteps(4, false)) / 8;
    assertThat(eachStep).isBetween(1, 5);
  }

  /// The memory behind a view serves others when the view is donated too, not before.
  @Test
  void aViewHoldsTheMemoryUntilItIsDonated() {
    careful(() -> {
      Tensor y = Rng.of(1).normal(Shape.of(90, 80), DType.F32).tanh();
      float[] numbers = y.toFloatArray();
      Tensor rows = y.slice(0, 0, 45);
      Tensor flat = rows.flatten();
      Object array = Eager.memory(y.peek());
      y.donate();
      rows.donate();
      assertThat(flat.toFloatArray()).containsExactly(Arrays.copyOf(numbers, 45 * 80));
      Tensor z = Tensor.zeros(90, 80).add(1);
      assertThat(Eager.memory(z.peek())).isNotSameAs(array);
      flat.donate();
      Tensor next = z.mul(2);
      next.get(0, 0);
      assertThat(Eager.memory(next.peek())).isSameAs(array);
      return z;
    });
  }

  /// Views that are never donated are no reason to count for ever.
  @Test
  void aMillionViewsDoNotOverflow() {
    careful(() -> {
      Tensor y = Rng.of(1).normal(Shape.of(3, 2), DType.F32).tanh();
      float[] numbers = y.toFloatArray();
      Tensor last = y;
      for (int i = 0; i < (1 << 20) + 10; i++) {
        last = y.t();
      }
      y.donate();
      last.t().donate();
      Tensor z = Rng.of(2).normal(Shape.of(3, 2), DType.F32).tanh();
      assertThat(last.t().toFloatArray()).containsExactly(numbers);
      return z;
    });
  }

  // ---- What a user sees

  @Test
  void whatWasDonatedCannotBeRead() {
    for (int n : new int[] {2, 100}) { // small ones and those that wait
      Tensor w = Tensor.parameter(Tensor.ones(n, n));
      Tensor y = w.mul(3);
      Tensor z = y.square();
      y.donate();
      for (Runnable use : List.<Runnable>of(y::toDoubleArray, () -> y.add(1), () -> y.matmul(y))) {
        assertThatThrownBy(use::run)
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContaining("it was donated; read it before donate()");
      }
      assertThat(y.shape()).isEqualTo(Shape.of(n, n));
      z.sum().backward();
      assertThat(w.grad().get(0, 0)).isEqualTo(18);
      y.donate(); // nothing is left to give
    }
  }

  @Test
  void aParameterIsNotDonated() {
    Tensor w = Tensor.parameter(Tensor.ones(2, 2));
    assertThatThrownBy(w::donate)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("donate: a parameter of shape [2, 2]");
  }

  /// Its numbers are still the parameter's.
  @Test
  void aLentGradientIsNotDonated() {
    careful(() -> {
      Tensor w = Tensor.parameter(Tensor.of(1.0, 2.0));
      w.square().sum().backward();
      assertThatThrownBy(() -> Grad.lend(w, Tensor::donate))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("donate: this gradient of shape [2] is lent");
      assertThat(w.grad().toDoubleArray()).containsExactly(2, 4);
      return w;
    });
  }

  @Test
  void whereNothingIsComputedAtOnceItDoesNothing() {
    Tensor w = Tensor.parameter(Tensor.of(1.0, 2.0));
    Jit f =
        Jit.compileAll(in -> {
          Tensor y = in.getFirst().mul(w);
          y.donate();
          return List.of(y.add(1), y);
        });
    assertThat(f.applyAll(Tensor.of(3.0, 4.0)).get(1).toDoubleArray()).containsExactly(3, 8);
  }
}
