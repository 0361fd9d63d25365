package org.cotangent.user;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.cotangent.autograd.Grad;
import org.cotangent.autograd.Rng;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.backend.Backend;
import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.backend.Eager;
import org.cotangent.autograd.op.Interpreter;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.cotangent.nn.Activation;
import org.cotangent.nn.BatchNorm;
import org.cotangent.nn.Conv2d;
import org.cotangent.nn.Dropout;
import org.cotangent.nn.Flatten;
import org.cotangent.nn.LayerNorm;
import org.cotangent.nn.Linear;
import org.cotangent.nn.MaxPool2d;
import org.cotangent.nn.Module;
import org.cotangent.nn.ReLU;
import org.cotangent.nn.Residual;
import org.cotangent.nn.SGD;
import org.cotangent.nn.Sequential;
import org.cotangent.nn.Sigmoid;
import org.cotangent.nn.SoftmaxCrossEntropy;
import org.cotangent.nn.Tanh;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What passes from layer to layer gives its memory to the next step, unless somebody may hold it.
class SequentialTest {
  private static final int N = 70; // large enough to be used again

  /// A user's layer, which remembers what it has seen. It is not in the package of the layers: what
  /// is there counts as the library's.
  private static final class Remembering extends Module {
    final List<Tensor> seen = new ArrayList<>();
    final boolean givesBack;

    Remembering(boolean givesBack) {
      this.givesBack = givesBack;
    }

    @Override
    public Tensor forward(Tensor x) {
      Tensor y = givesBack ? x : x.mul(2);
      seen.addAll(List.of(x, y));
      return y;
    }
  }

  private static Tensor numbers(int seed) {
    return Rng.of(seed).normal(Shape.of(N, N), DType.F32);
  }

  private static void careful(Runnable body) {
    Eager eager = Eager.careful(Eager.standard().backend(), 1); // overwrites what is free
    ScopedValue.where(Interpreter.CURRENT, eager).run(body);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whatAUsersLayerRemembersStays(boolean givesBack) {
    careful(() -> {
      Rng rng = Rng.of(1);
      var first = new Remembering(givesBack);
      var inside = new Remembering(givesBack);
      List<Tensor> activated = new ArrayList<>();
      var net =
          new Sequential(
              new Linear(N, N, rng),
              first,
              new Dropout(0.5, rng),
              new Sequential(new Linear(N, N, rng), new Residual(inside)),
              new Activation(x -> {
                Tensor y = x.tanh();
                activated.add(y);
                return y;
              }),
              new ReLU());
      net.eval(); // dropout returns what it gets
      List<float[]> copies = new ArrayList<>();
      List<Tensor> held = new ArrayList<>();
      for (int step = 0; step < 3; step++) {
        Tensor x = numbers(step);
        Tensor y = net.forward(x);
        List<Tensor> now = new ArrayList<>(List.of(x, y));
        for (List<Tensor> seen : List.of(first.seen, inside.seen, activated)) {
          now.addAll(seen);
          seen.clear();
        }
        now.forEach(t -> copies.add(t.toFloatArray()));
        held.addAll(now);
        y.square().sum().backward();
      }
      for (int i = 0; i < held.size(); i++) {
        assertThat(held.get(i).toFloatArray()).as("%d", i).containsExactly(copies.get(i));
      }
    });
  }

  @Test
  void gradientsAreThoseOfLayersCalledOneByOne() {
    careful(() -> {
      Rng rng = Rng.of(3);
      var layers =
          List.of(
              new Linear(N, N, rng),
              new ReLU(),
              new LayerNorm(N),
              new Residual(new Sequential(new Linear(N, N, rng), new Sigmoid())),
              new Tanh(),
              new Flatten(),
              new Linear(N, N, rng));
      var net = new Sequential(layers.toArray(Module[]::new));
      List<Tensor> parameters = List.copyOf(net.parameters().values());
      for (int step = 0; step < 3; step++) {
        Tensor x = numbers(step);
        Tensor one = x;
        for (Module m : layers) {
          one = m.forward(one);
        }
        List<Tensor> want = Grad.grad(one.square().sum(), parameters);
        List<Tensor> got = Grad.grad(net.forward(x).square().sum(), parameters);
        for (int i = 0; i < want.size(); i++) {
          assertThat(got.get(i).toFloatArray()).containsExactly(want.get(i).toFloatArray());
        }
      }
    });
  }

  /// Counts large arrays that a backend has ever seen.
  private static int arrays(Module net, Tensor x, int steps) {
    Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    Backend watching =
        (Backend)
            Proxy.newProxyInstance(
                Backend.class.getClassLoader(),
                new Class<?>[] {Backend.class},
                (_, method, arguments) -> {
                  for (Object a : arguments == null ? new Object[0] : arguments) {
                    for (Object b : a instanceof Object[] all ? all : new Object[] {a}) {
                      if (b instanceof Buffer y && y.shape().size() >= N * N) {
                        seen.add(Eager.memory(y));
                      }
                    }
                  }
                  return method.invoke(Eager.standard().backend(), arguments);
                });
    ScopedValue.where(Interpreter.CURRENT, new Eager(watching))
        .run(() -> {
          var loss = new SoftmaxCrossEntropy();
          Tensor classes = Tensor.zeros(Shape.of(x.dim(0)), DType.I64);
          var sgd = new SGD(net.parameters().values(), 0.1);
          for (int i = 0; i < steps; i++) {
            sgd.zeroGrad();
            loss.of(net.forward(x), classes).backward();
            sgd.step();
          }
        });
    return seen.size();
  }

  @Test
  void aStepTakesTheMemoryOfTheOneBefore() {
    int few = arrays(mlp(), numbers(1), 3);
    int many = arrays(mlp(), numbers(1), 13);
    // The network's result is the user's: one new array a step.
    assertThat(many).isEqualTo(few + 10);
  }

  @Test
  void soDoesAStepWithViewsAndStatistics() {
    Tensor images = Rng.of(1).normal(Shape.of(4, 3, 32, 32), DType.F32);
    assertThat(arrays(convolutional(), images, 13)).isEqualTo(arrays(convolutional(), images, 4));
  }

  @Test
  void gradientsThroughViewsAreThoseOfLayersCalledOneByOne() {
    careful(() -> {
      Sequential net = convolutional();
      List<Tensor> parameters = List.copyOf(net.parameters().values());
      for (int step = 0; step < 3; step++) {
        Tensor x = Rng.of(step).normal(Shape.of(4, 3, 32, 32), DType.F32);
        Tensor one = x;
        for (Module m : net.layers()) {
          one = m.forward(one);
        }
        List<Tensor> want = Grad.grad(one.square().sum(), parameters);
        List<Tensor> got = Grad.grad(net.forward(x).square().sum(), parameters);
        for (int i = 0; i < want.size(); i++) {
          assertThat(got.get(i).toFloatArray()).containsExactly(want.get(i).toFloatArray());
        }
      }
    });
  }

  private static Sequential convolutional() {
    Rng rng = Rng.of(1);
    return new Sequential(
        new Conv2d(3, 8, 3, rng),
        new BatchNorm(8),
        new ReLU(),
        new MaxPool2d(2),
        new Conv2d(8, 8, 3, rng),
        new Tanh(),
        new Flatten(),
        new Linear(1352, 300, rng),
        new LayerNorm(300),
        new Linear(300, 10, rng));
  }

  private static Module mlp() {
    Rng rng = Rng.of(1);
    return new Sequential(
        new Linear(N, N, rng),
        new ReLU(),
        new Linear(N, N, rng),
        new Tanh(),
        new Linear(N, N, rng));
  }
}
