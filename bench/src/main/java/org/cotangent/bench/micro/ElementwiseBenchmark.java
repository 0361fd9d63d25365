package org.cotangent.bench.micro;

import java.util.concurrent.TimeUnit;
import org.cotangent.autograd.Rng;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/// Functions, sums and softmax of 64k numbers: the score is numbers a nanosecond.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@OperationsPerInvocation(ElementwiseBenchmark.SIZE)
public class ElementwiseBenchmark {
  static final int SIZE = 1 << 16;
  private static final int CLASSES = 64; // columns of the softmax

  /// The element type.
  @Param({"F32", "F64"})
  public DType dtype = DType.F32;

  private Tensor x = Tensor.scalar(0);
  private Tensor y = x;
  private Tensor rows = x;

  /// Random numbers.
  @Setup
  public void draw() {
    Rng rng = Rng.of(0);
    x = rng.normal(Shape.of(SIZE), dtype);
    y = rng.normal(Shape.of(SIZE), dtype);
    rows = x.reshape(-1, CLASSES);
  }

  /// `eˣ`.
  @Benchmark
  public double exp() {
    return read(x.exp());
  }

  /// `tanh x`.
  @Benchmark
  public double tanh() {
    return read(x.tanh());
  }

  /// `1 / (1 + e⁻ˣ)`.
  @Benchmark
  public double sigmoid() {
    return read(x.sigmoid());
  }

  /// `max(x, 0)`.
  @Benchmark
  public double relu() {
    return read(x.relu());
  }

  /// `x + y`.
  @Benchmark
  public double add() {
    return read(x.add(y));
  }

  /// `Σ x`.
  @Benchmark
  public double sum() {
    return read(x.sum());
  }

  /// Softmax of each row.
  @Benchmark
  public double softmaxRows() {
    return read(rows.softmax(1));
  }

  /// A large result is computed when one of its numbers is read.
  private static double read(Tensor result) {
    return result.get(new int[result.rank()]);
  }
}
