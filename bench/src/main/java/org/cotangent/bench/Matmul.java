package org.cotangent.bench;

import org.cotangent.autograd.Rng;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// G1, G2: the product of an m x k and a k x n matrix of F32.
final class Matmul implements Work {
  private final Tensor a;
  private final Tensor b;
  private Tensor product;

  Matmul(Rng rng, int m, int k, int n) {
    a = rng.uniform(Shape.of(m, k), DType.F32);
    b = rng.uniform(Shape.of(k, n), DType.F32);
    product = a.matmul(b);
  }

  @Override
  public void step(int n) {
    product = a.matmul(b);
  }

  /// Billions of multiplications and additions a second.
  @Override
  public String facts(double stepsPerSecond) {
    double flops = 2.0 * a.dim(1) * product.size();
    return " gflops=%.1f".formatted(flops * stepsPerSecond / 1e9);
  }
}
