package org.cotangent.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.api.Test;

/// Shared nodes, deep graphs, and graphs of several threads.
class GraphTest {
  private static final int DEEP = 100_000;

  private static Tensor parameter(double... v) {
    return Tensor.parameter(Tensor.of(v));
  }

  @Test
  void threeUsesAddUpToThree() {
    Tensor u = parameter(1, 2);
    u.add(u).add(u).sum().backward();
    assertThat(u.grad().toDoubleArray()).containsExactly(3, 3);
  }

  @Test
  void aCotangentSentToTwoParentsIsNotSharedWhenOneGathersMore() {
    Tensor x = parameter(2, 3);
    Tensor w = parameter(5, 7);
    Tensor g = Tensor.of(1.0, 10.0);
    x.add(x.mul(w)).backward(g);
    assertThat(x.grad().toDoubleArray()).containsExactly(6, 80);
    assertThat(w.grad().toDoubleArray()).containsExactly(2, 30);
    assertThat(g.toDoubleArray()).containsExactly(1, 10);
  }

  @Test
  void gradientsThatPassUnchangedDoNotAliasAcrossPasses() {
    Tensor a = parameter(1, 2);
    Tensor b = parameter(3, 4);
    Tensor y = a.add(b);
    Tensor g = Tensor.of(1.0, 1.0);
    y.backward(g, Grad.Option.RETAIN_GRAPH);
    Tensor first = a.grad();
    y.backward(g);
    assertThat(a.grad().toDoubleArray()).containsExactly(2, 2);
    assertThat(b.grad().toDoubleArray()).containsExactly(2, 2);
    assertThat(first.toDoubleArray()).containsExactly(1, 1);
  }

  @Test
  void anExpandedCotangentIsGatheredAsItsNumbers() {
    Tensor x = parameter(1, 2, 3);
    Tensor y = x.add(x.mul(2)).add(x.flip(0));
    y.backward(Tensor.ones(Shape.of(3), DType.F64));
    assertThat(x.grad().toDoubleArray()).containsExactly(4, 4, 4);
  }

  @Test
  void aWideFanOutIsSummedAcrossEveryLane() {
    for (int n : new int[] {1, 7, 8, 9, 63, 64, 65, 129, 2049}) {
      Tensor x = Tensor.parameter(Tensor.linspace(1, 2, n, DType.F64));
      Tensor y = x;
      for (int i = 0; i < 63; i++) {
        y = y.add(x);
      }
      y.sum().backward();
      assertThat(x.grad().toDoubleArray()).hasSize(n).containsOnly(64);
    }
  }

  @Test
  void aDiamondIsWalkedOnceAndNotOncePerPath() {
    Tensor x = parameter(1);
    Tensor y = x;
    for (int i = 0; i < 200; i++) {
      y = y.add(y).mul(0.5); // 2^200 paths
    }
    y.sum().backward();
    assertThat(x.grad().item()).isEqualTo(1);
  }

  @Test
  void aChainOfAHundredThousandGoesForwardAndBackward() {
    Tensor x = parameter(1);
    Tensor y = x;
    for (int i = 0; i < DEEP; i++) {
      y = y.add(1);
    }
    y.sum().backward();
    assertThat(x.grad().item()).isEqualTo(1);
  }

  @Test
  void aChainOfAHundredThousandGoesThroughForwardModeAndSecondOrder() {
    double rate = 1e-6;
    Tensor x = Tensor.of(0.5);
    Function<Tensor, Tensor> f =
        t -> {
          Tensor y = t;
          for (int i = 0; i < DEEP / 2; i++) {
            y = y.mul(1 + rate);
          }
          return y.square().sum();
        };
    double factor = Math.pow(1 + rate, DEEP / 2.0);
    Tensor second = Grad.hvp(f, x, Tensor.of(1.0));
    // Each of 50,000 products rounds: ε/2 each way at most.
    assertThat(second.item()).isCloseTo(2 * factor * factor, offset(4 * DEEP * 1.2e-16));
  }

  @Test
  void aDroppedChainIsCollected() throws InterruptedException {
    List<WeakReference<Tensor>> middle = new ArrayList<>();
    Tensor x = parameter(1);
    Tensor end = chain(x, middle);
    assertThat(end.item()).isEqualTo(DEEP + 1.0);
    end = x; // nothing holds the chain now
    assertThat(end).isSameAs(x);
    for (int i = 0; i < 200 && middle.getFirst().get() != null; i++) {
      System.gc();
      Thread.sleep(10);
    }
    assertThat(middle.getFirst().get()).isNull();
  }

  private static Tensor chain(Tensor x, List<WeakReference<Tensor>> middle) {
    Tensor y = x;
    for (int i = 0; i < DEEP; i++) {
      y = y.add(1);
      if (i == DEEP / 2) {
        middle.add(new WeakReference<>(y));
      }
    }
    return y;
  }

  @Test
  void backwardReleasesTheGraphBehindAResultThatIsKept() throws InterruptedException {
    List<WeakReference<Tensor>> saved = new ArrayList<>();
    Tensor x = parameter(1, 2);
    Tensor y = squares(x, saved);
    y.backward();
    for (int i = 0; i < 200 && saved.getFirst().get() != null; i++) {
      System.gc();
      Thread.sleep(10);
    }
    assertThat(saved.getFirst().get()).isNull();
    assertThat(y.item()).isEqualTo(17);
  }

  private static Tensor squares(Tensor x, List<WeakReference<Tensor>> saved) {
    Tensor squared = x.square();
    saved.add(new WeakReference<>(squared));
    return squared.square().sum();
  }

  // ---- Threads

  /// A two-layer network on random data, trained by gradient descent for 30 steps.
  private static double[] train(long seed) {
    Rng rng = Rng.of(seed);
    Tensor x = rng.normal(Shape.of(65, 4), DType.F32);
    Tensor classes = rng.permutation(65).lt(30).to(DType.I64);
    Tensor w1 = Tensor.parameter(rng.normal(Shape.of(4, 17), DType.F32));
    Tensor w2 = Tensor.parameter(rng.normal(Shape.of(17, 2), DType.F32));
    for (int step = 0; step < 30; step++) {
      Tensor loss = x.matmul(w1).relu().matmul(w2).softmaxCrossEntropy(classes).mean();
      w1.zeroGrad();
      w2.zeroGrad();
      loss.backward();
      w1.assign(Grad.without(() -> w1.sub(w1.grad().mul(0.1))));
      w2.assign(Grad.without(() -> w2.sub(w2.grad().mul(0.1))));
    }
    return Tensor.concat(0, w1.flatten(), w2.flatten()).toDoubleArray();
  }

  private static <T> List<T> inThreads(int n, Callable<T> work) throws Exception {
    try (ExecutorService pool = Executors.newFixedThreadPool(n)) {
      List<Future<T>> running = new ArrayList<>();
      for (int i = 0; i < n; i++) {
        running.add(pool.submit(work));
      }
      List<T> done = new ArrayList<>();
      for (Future<T> f : running) {
        done.add(f.get());
      }
      return done;
    }
  }

  @Test
  void threadsThatTrainModelsOfTheirOwnGetTheBitsOfOneThread() throws Exception {
    double[] alone = train(7);
    for (double[] weights : inThreads(4, () -> train(7))) {
      assertThat(weights).isEqualTo(alone);
    }
  }

  @Test
  void threadsThatShareParametersGetTheGradientsOfOneThread() throws Exception {
    Rng rng = Rng.of(3);
    Tensor w = Tensor.parameter(rng.normal(Shape.of(33, 17), DType.F64));
    Tensor x = rng.normal(Shape.of(65, 33), DType.F64);
    Callable<double[]> gradient =
        () -> {
          double[] last = new double[0];
          for (int i = 0; i < 20; i++) {
            Tensor y = x.matmul(w).tanh().square().sum();
            last = Grad.grad(y, List.of(w)).getFirst().toDoubleArray();
          }
          return last;
        };
    double[] alone = gradient.call();
    for (double[] g : inThreads(4, gradient)) {
      assertThat(g).isEqualTo(alone);
    }
    assertThat(w.hasGrad()).isFalse();
  }

  @Test
  void recordingOffInOneThreadLeavesAnotherRecording() throws Exception {
    Tensor w = parameter(2);
    boolean tracked =
        Grad.without(() -> {
          try {
            return inThreads(1, () -> w.square().isTracked()).getFirst();
          } catch (Exception e) {
            throw new IllegalStateException(e);
          }
        });
    assertThat(tracked).isTrue();
  }
}
