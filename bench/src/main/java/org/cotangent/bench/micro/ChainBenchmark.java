package org.cotangent.bench.micro;

import java.util.concurrent.TimeUnit;
import org.cotangent.autograd.Tensor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/// Operations on four numbers: the score is nanoseconds an operation, all of it overhead.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@OperationsPerInvocation(4 * ChainBenchmark.LINKS)
public class ChainBenchmark {
  static final int LINKS = 25;

  private final Tensor start = Tensor.of(new float[] {0.1f, -0.2f, 0.3f, -0.4f});
  private final Tensor parameter = Tensor.parameter(start);
  private final Tensor a = Tensor.of(new float[] {0.5f, 0.6f, 0.7f, 0.8f});
  private final Tensor b = Tensor.of(new float[] {0.1f, 0.2f, -0.1f, -0.2f});

  private Tensor chain(Tensor y) {
    for (int i = 0; i < LINKS; i++) {
      y = y.mul(a).add(b).tanh().add(b);
    }
    return y;
  }

  /// Nothing asks for a gradient.
  @Benchmark
  public Tensor plain() {
    return chain(start);
  }

  /// Recorded, but not walked back.
  @Benchmark
  public Tensor recorded() {
    return chain(parameter);
  }

  /// Forward and backward.
  @Benchmark
  public Tensor gradient() {
    parameter.zeroGrad();
    chain(parameter).sum().backward();
    return parameter.grad();
  }
}
