package org.cotangent.autograd;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.ref.WeakReference;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.cotangent.autograd.backend.Backend;
import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.backend.Eager;
import org.cotangent.autograd.op.Interpreter;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.api.Test;

/// What a training step of 50 layers holds at its worst moment, counted array by array.
class CheckpointMemoryTest {
  private static final int LAYERS = 50;
  private static final int BATCH = 256;
  private static final int WIDTH = 4;
  private static final int ACTIVATION = BATCH * WIDTH; // elements of one layer's result

  /// Passes all calls on and remembers which arrays it saw, without keeping them.
  private static final class Census {
    private final List<WeakReference<Object>> arrays = new ArrayList<>();
    private int peak;

    Backend around(Backend inner) {
      return (Backend)
          Proxy.newProxyInstance(
              Backend.class.getClassLoader(),
              new Class<?>[] {Backend.class},
              (proxy, method, args) -> {
                for (Object a : args == null ? new Object[0] : args) {
                  if (a instanceof Buffer b) {
                    see(b);
                  } else if (a instanceof Buffer[] all) {
                    List.of(all).forEach(this::see);
                  }
                }
                try {
                  return method.invoke(inner, args);
                } catch (InvocationTargetException e) {
                  throw Objects.requireNonNull(e.getCause());
                }
              });
    }

    private void see(Buffer b) {
      Object array = Eager.memory(b);
      if (b.shape().size() == ACTIVATION && arrays.stream().noneMatch(r -> r.refersTo(array))) {
        arrays.add(new WeakReference<>(array));
      }
    }

    /// How many activations and gradients of activations are alive now.
    void count() {
      System.gc();
      arrays.removeIf(r -> r.get() == null);
      peak = Math.max(peak, arrays.size());
    }
  }

  private static int peak(Function<Net, Function<Tensor, Tensor>> run) {
    var census = new Census();
    var eager = new Eager(census.around(Eager.standard().backend()));
    ScopedValue.where(Interpreter.CURRENT, eager)
        .run(() -> {
          var net = new Net(census);
          Tensor x = Rng.of(2).normal(Shape.of(BATCH, WIDTH), DType.F64);
          Tensor loss = run.apply(net).apply(x).square().mean();
          census.count();
          loss.backward();
          assertThat(net.weights).allMatch(Tensor::hasGrad);
        });
    return census.peak;
  }

  private static final class Net {
    final List<Tensor> weights = new ArrayList<>();
    final Census census;

    Net(Census census) {
      this.census = census;
      for (int k = 0; k < LAYERS; k++) {
        weights.add(Tensor.parameter(Rng.of(k).normal(Shape.of(WIDTH, WIDTH), DType.F64)));
      }
    }

    /// Layers `from` up to but without `to`.
    Tensor layers(int from, int to, Tensor x) {
      Tensor h = x;
      for (int k = from; k < to; k++) {
        h = h.matmul(weights.get(k)).tanh();
        if (k % 3 == 0 && !Grad.isRecomputing()) {
          h.onGrad(g -> {
            census.count();
            return g;
          });
        }
      }
      return h;
    }

    Tensor inStretchesOf(int n, Tensor x) {
      Tensor h = x;
      for (int k = 0; k < LAYERS; k += n) {
        int from = k;
        h = Grad.checkpoint(t -> layers(from, Math.min(from + n, LAYERS), t), h);
      }
      return h;
    }

    Tensor byHalves(int from, int to, Tensor x) {
      if (to - from < 2) {
        return layers(from, to, x);
      }
      int middle = (from + to) / 2;
      Tensor h = Grad.checkpoint(t -> byHalves(from, middle, t), x);
      return byHalves(middle, to, h);
    }
  }

  @Test
  void fallsThreefoldInStretchesAndFurtherWhenTheyNest() {
    int plain = peak(net -> x -> net.layers(0, LAYERS, x));
    int stretches = peak(net -> x -> net.inStretchesOf(7, x));
    int halves = peak(net -> x -> net.byHalves(0, LAYERS, x));

    assertThat(plain).isGreaterThan(LAYERS);
    assertThat(stretches).isLessThanOrEqualTo(plain / 3);
    assertThat(halves).isLessThanOrEqualTo(plain / 4);
  }
}
