package org.cotangent.autograd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Many threads at once compute the bits of one; nobody waits for ever. The timeouts only turn a
/// deadlock into a failure.
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class ConcurrencyTest {
  private static final int THREADS = 8;
  private static final int VIRTUAL = 1000;

  /// The numbers after some steps of a model of one's own; sizes above and below those from which
  /// values wait and helpers are asked.
  private static double[] train(int seed) {
    Rng rng = Rng.of(seed);
    int n = seed % 4 == 3 ? 96 : 12;
    Tensor w = Tensor.parameter(rng.normal(Shape.of(n, n), DType.F32).mul(0.1));
    Tensor x = rng.normal(Shape.of(64, n), DType.F32);
    for (int k = 0; k < 2; k++) {
      w.zeroGrad();
      Tensor h = Grad.checkpoint(t -> t.matmul(w).tanh(), x);
      h.matmul(w).relu().square().mean().backward();
      Grad.lend(w, g -> Fused.assign(w, in -> in.get(0).sub(in.get(1).mul(0.5)), w, g));
    }
    return w.toDoubleArray();
  }

  /// Everybody begins at once; results in order.
  private static List<double[]> all(ExecutorService pool, int n, IntFunction<double[]> task)
      throws Exception {
    List<Future<double[]>> running = new ArrayList<>();
    for (int k = 0; k < n; k++) {
      int id = k;
      running.add(pool.submit(() -> task.apply(id)));
    }
    List<double[]> results = new ArrayList<>();
    for (Future<double[]> f : running) {
      results.add(f.get());
    }
    return results;
  }

  private static void assertSame(List<double[]> together, IntFunction<double[]> alone) {
    for (int k = 0; k < together.size(); k++) {
      assertThat(Arrays.equals(together.get(k), alone.apply(k))).as("task %d", k).isTrue();
    }
  }

  @Test
  void eightThreadsTrainModelsOfTheirOwn() throws Exception {
    try (ExecutorService pool = Executors.newFixedThreadPool(THREADS)) {
      assertSame(all(pool, 4 * THREADS, ConcurrencyTest::train), ConcurrencyTest::train);
    }
  }

  @Test
  void eightThreadsShareParametersThatNobodyAssigns() throws Exception {
    Rng rng = Rng.of(9);
    List<Tensor> shared = new ArrayList<>();
    for (int k = 0; k < 3; k++) {
      // Waiting values, so that threads meet where they are computed.
      shared.add(Tensor.parameter(rng.normal(Shape.of(96, 96), DType.F32).mul(0.1).add(0)));
    }
    IntFunction<double[]> gradients =
        id -> {
          Tensor x = Rng.of(id).normal(Shape.of(32, 96), DType.F32);
          var vg =
              Grad.valueAndGrad(
                  p -> {
                    Tensor h = x.matmul(p.get(0)).tanh();
                    h = Grad.checkpoint(t -> t.matmul(p.get(1)).relu(), h);
                    return h.matmul(p.get(2)).square().mean();
                  },
                  shared);
          return Tensor.concat(0, vg.grads().toArray(Tensor[]::new)).toDoubleArray();
        };
    try (ExecutorService pool = Executors.newFixedThreadPool(THREADS)) {
      assertSame(all(pool, 4 * THREADS, gradients), gradients);
    }
    assertThat(shared).noneMatch(Tensor::hasGrad);
  }

  @Test
  void eightThreadsWalkOneGraphThatIsKept() throws Exception {
    Tensor w = Tensor.parameter(Rng.of(1).normal(Shape.of(80, 80), DType.F32));
    Tensor y = Grad.checkpoint(t -> t.matmul(w).sin(), w.square()).mul(w).sum();
    IntFunction<double[]> walk =
        id ->
            Grad.grad(y, Tensor.scalar(id, DType.F32), List.of(w), Grad.Option.RETAIN_GRAPH)
                .getFirst()
                .toDoubleArray();
    try (ExecutorService pool = Executors.newFixedThreadPool(THREADS)) {
      assertSame(all(pool, 4 * THREADS, walk), walk);
    }
  }

  @Test
  void aThousandVirtualThreadsTrainModelsOfTheirOwn() throws Exception {
    double[][] alone = {train(0), train(1), train(2), train(3)};
    try (ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor()) {
      assertSame(all(pool, VIRTUAL, id -> train(id % 4)), id -> alone[id % 4]);
    }
  }

  @Test
  void virtualThreadsThatShareAWaitingValueDoNotWaitForEver() throws Exception {
    Tensor x = Rng.of(4).normal(Shape.of(200, 200), DType.F32);
    double[] alone = x.matmul(x).exp().sum().toDoubleArray();
    for (int round = 0; round < 5; round++) {
      Tensor waits = x.matmul(x).exp();
      try (ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor()) {
        assertSame(all(pool, 200, id -> waits.sum().toDoubleArray()), id -> alone);
      }
    }
  }

  @Test
  void scopesOfOneThreadAreNotSeenByAnother() throws Exception {
    Tensor w = Tensor.parameter(Tensor.of(1.0));
    try (ExecutorService pool = Executors.newFixedThreadPool(1)) {
      boolean tracked =
          Grad.without(() -> {
            try {
              return pool.submit(() -> w.mul(2).isTracked()).get();
            } catch (Exception e) {
              throw new AssertionError(e);
            }
          });
      assertThat(tracked).isTrue();
      double there =
          Anomaly.detecting(() -> {
            try {
              return pool.submit(() -> Tensor.of(-1.0).sqrt().item()).get();
            } catch (Exception e) {
              throw new AssertionError(e);
            }
          });
      assertThat(there).isNaN();
    }
  }
}
