package org.cotangent.bench.micro;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.cotangent.autograd.Rng;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/// Matrix products: squares, the layers of the labs' networks, and their gradients.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class MatmulBenchmark {
  /// Rows, inner size, columns.
  @Param({
    "256,256,256", "512,512,512", "1024,1024,1024", // squares
    "50,784,300", "128,784,512", "200,3072,700", // first layers
    "50,300,10", "150,2,100", "150,100,3" // small inner or outer sizes
  })
  public String shape = "";

  /// The element type.
  @Param({"F32", "F64"})
  public DType dtype = DType.F32;

  private Tensor a = Tensor.scalar(0);
  private Tensor b = a;
  private Tensor g = a;

  /// Random matrices.
  @Setup
  public void draw() {
    int[] mkn = Arrays.stream(shape.split(",", -1)).mapToInt(Integer::parseInt).toArray();
    Rng rng = Rng.of(0);
    a = rng.normal(Shape.of(mkn[0], mkn[1]), dtype);
    b = rng.normal(Shape.of(mkn[1], mkn[2]), dtype);
    g = rng.normal(Shape.of(mkn[0], mkn[2]), dtype);
  }

  /// `a b`.
  @Benchmark
  public double product() {
    return read(a.matmul(b));
  }

  /// `aᵀ g`, the gradient of `b`.
  @Benchmark
  public double transposedLeft() {
    return read(a.t().matmul(g));
  }

  /// `g bᵀ`, the gradient of `a`.
  @Benchmark
  public double transposedRight() {
    return read(g.matmul(b.t()));
  }

  /// A large result is computed when one of its numbers is read.
  private static double read(Tensor result) {
    return result.get(new int[result.rank()]);
  }
}
