package org.cotangent.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import org.cotangent.autograd.backend.Backend;
import org.cotangent.autograd.backend.Eager;
import org.cotangent.autograd.op.Interpreter;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Compiled steps that fail, wherever it is, and that several threads run.
class JitFaultsTest {
  /// Runs a backend's methods until one of them is to find no memory.
  private static final class Faulty implements InvocationHandler {
    int left = Integer.MAX_VALUE;

    @Override
    public Object invoke(Object proxy, Method m, Object[] args) throws Throwable {
      if (m.isDefault()) {
        return InvocationHandler.invokeDefault(proxy, m, args);
      }
      if (left-- <= 0) {
        throw new OutOfMemoryError("as the test asked");
      }
      try {
        return m.invoke(Eager.standard().backend(), args);
      } catch (InvocationTargetException e) {
        throw e.getTargetException();
      }
    }

    Backend backend() {
      return (Backend)
          Proxy.newProxyInstance(
              Backend.class.getClassLoader(), new Class<?>[] {Backend.class}, this);
    }
  }

  private static Jit step(Tensor w, Tensor v, Tensor c) {
    return Jit.compile(x -> {
      w.zeroGrad();
      c.zeroGrad();
      Tensor loss = x.matmul(w).add(c).tanh().square().sum();
      loss.backward();
      Fused.assign(c, in -> in.get(0).sub(in.get(1).mul(0.1)), c, c.grad());
      Fused.assign(
          List.of(v, w),
          in -> {
            Tensor m = in.get(0).mul(0.9).add(in.get(2));
            return List.of(m, in.get(1).sub(m.mul(0.1)));
          },
          v,
          w,
          w.grad());
      return loss;
    });
  }

  private static Tensor weights() {
    return Tensor.parameter(Rng.of(1).normal(Shape.of(3, 2), DType.F64));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void wheneverMemoryEndsParametersAreAsTheyWere(boolean first) {
    Tensor x = Rng.of(2).normal(Shape.of(5, 3), DType.F64);
    int failures = 0;
    for (int calls = 0; calls < 60; calls++) {
      Tensor w = weights();
      Tensor v = Tensor.parameter(Tensor.zeros(w.shape(), w.dtype()));
      Tensor c = Tensor.parameter(Tensor.of(0.5, -0.5));
      var faulty = new Faulty();
      Jit jit = step(w, v, c);
      int n = calls;
      failures +=
          ScopedValue.where(Interpreter.CURRENT, new Eager(faulty.backend()))
              .call(() -> {
                if (!first) {
                  jit.apply(x);
                }
                double[] before = w.toDoubleArray();
                double[] velocity = v.toDoubleArray();
                double[] bias = c.toDoubleArray();
                faulty.left = n;
                try {
                  jit.run(x);
                  return 0;
                } catch (OutOfMemoryError e) {
                  assertThat(w.toDoubleArray()).as("after %d calls", n).containsExactly(before);
                  assertThat(v.toDoubleArray()).as("after %d calls", n).containsExactly(velocity);
                  assertThat(c.toDoubleArray()).as("after %d calls", n).containsExactly(bias);
                  faulty.left = Integer.MAX_VALUE;
                  jit.run(x); // and it goes on from there
                  assertThat(w.toDoubleArray()).isNotEqualTo(before);
                  return 1;
                }
              });
      if (failures <= calls) {
        break; // it needs fewer calls than it was given
      }
    }
    assertThat(failures).isGreaterThan(3);
  }

  /// Two layers of noise from one generator, and one from another, in a step that draws an odd
  /// number of words.
  private static Jit noisy(Tensor w, Rng first, Rng second) {
    return Jit.compile(x -> {
      w.zeroGrad();
      Tensor kept = first.uniform(x.shape(), DType.F32).ge(0.5);
      Tensor noise = second.normal(Shape.of(5, 2), DType.F64);
      Tensor shift = first.uniform(Shape.of(3), -1, 1, DType.F32);
      Tensor in = Tensor.where(kept, x, shift.to(DType.F64));
      Tensor loss = in.matmul(w).add(noise).tanh().square().sum();
      loss.backward();
      Fused.assign(w, p -> p.get(0).sub(p.get(1).mul(0.1)), w, w.grad());
      return loss;
    });
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void wheneverAStepFailsGeneratorsAreAsTheyWere(boolean first) {
    Tensor x = Rng.of(2).normal(Shape.of(5, 3), DType.F64);
    int failures = 0;
    for (int calls = 0; calls < 60; calls++) {
      Tensor w = weights();
      Rng a = Rng.of(3);
      Rng b = Rng.of(4);
      a.nextInt(); // within a block
      Tensor same = weights();
      Rng c = Rng.of(3);
      Rng d = Rng.of(4);
      c.nextInt();
      var faulty = new Faulty();
      Jit jit = noisy(w, a, b);
      Jit never = noisy(same, c, d);
      int n = calls;
      failures +=
          ScopedValue.where(Interpreter.CURRENT, new Eager(faulty.backend()))
              .call(() -> {
                if (!first) {
                  jit.run(x);
                  never.run(x);
                }
                Rng.State before = a.state();
                Rng.State other = b.state();
                faulty.left = n;
                try {
                  jit.run(x);
                  return 0;
                } catch (OutOfMemoryError e) {
                  assertThat(a.state()).as("after %d calls", n).isEqualTo(before);
                  assertThat(b.state()).as("after %d calls", n).isEqualTo(other);
                  faulty.left = Integer.MAX_VALUE;
                  jit.run(x); // the step that failed, made again
                  never.run(x);
                  Numbers.assertSame("weight", w, same);
                  assertThat(a.nextInt()).isEqualTo(c.nextInt());
                  return 1;
                }
              });
      if (failures <= calls) {
        break;
      }
    }
    assertThat(failures).isGreaterThan(3);
  }

  @Test
  void threadsThatRunOneProgramWaitForEachOther() throws InterruptedException {
    Tensor w = weights();
    Tensor v = Tensor.parameter(Tensor.zeros(w.shape(), w.dtype()));
    Tensor alone = weights();
    Tensor velocity = Tensor.parameter(Tensor.zeros(w.shape(), w.dtype()));
    Tensor x = Rng.of(2).normal(Shape.of(5, 3), DType.F64);
    Tensor c = Tensor.parameter(Tensor.of(0.5, -0.5));
    Jit shared = step(w, v, c);
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < 4; t++) {
      threads.add(
          Thread.ofPlatform()
              .start(() -> {
                for (int k = 0; k < 50; k++) {
                  shared.run(x);
                }
              }));
    }
    for (Thread t : threads) {
      t.join();
    }
    Tensor bias = Tensor.parameter(Tensor.of(0.5, -0.5));
    Jit one = step(alone, velocity, bias);
    for (int k = 0; k < 200; k++) {
      one.run(x);
    }
    Numbers.assertSame("weight", w, alone);
    Numbers.assertSame("bias", c, bias);
  }

  @Test
  void aResultBeforeAnyRunIsAnError() {
    assertThatThrownBy(() -> Jit.compile(() -> Tensor.scalar(1)).result())
        .hasMessageContaining("no run");
  }
}
