package org.cotangent.autograd;

import java.util.Arrays;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// Random operands, each kind away from what its users must avoid.
final class Draw {
  private final Rng rng;

  Draw(long seed) {
    rng = Rng.of(seed);
  }

  /// Evenly spread.
  Tensor uniform(double lo, double hi, int... dims) {
    return rng.uniform(Shape.of(dims), lo, hi, DType.F64);
  }

  /// Of either sign, with sizes evenly spread.
  Tensor signed(double lo, double hi, int... dims) {
    Tensor sign = rng.uniform(Shape.of(dims), DType.F64).sub(0.5).sign();
    return uniform(lo, hi, dims).mul(sign);
  }

  /// Integers from -3 to 3, each plus a number from lo to hi: two such sets with disjoint ranges of
  /// fractions never come near each other.
  Tensor fractions(double lo, double hi, int... dims) {
    return whole(-3, 4, DType.I32, dims).to(DType.F64).add(uniform(lo, hi, dims));
  }

  /// Evenly spaced numbers from -2 to 2 in random order: no two are near each other.
  Tensor distinct(int... dims) {
    Shape shape = Shape.of(dims);
    int n = shape.size();
    return rng.permutation(n).to(DType.F64).mul(4.0 / Math.max(1, n)).sub(2).reshape(shape);
  }

  /// Integers from lo to hi - 1.
  Tensor whole(int lo, int hi, DType dtype, int... dims) {
    Shape shape = Shape.of(dims);
    long[] data = new long[shape.size()];
    Arrays.setAll(data, _ -> lo + rng.nextInt(hi - lo));
    return Tensor.of(shape, data).to(dtype);
  }

  /// Truth values.
  Tensor bool(int... dims) {
    return rng.uniform(Shape.of(dims), DType.F64).lt(0.5);
  }

  /// Standard normal numbers.
  Tensor normal(Shape shape, DType dtype) {
    return rng.normal(shape, dtype);
  }
}
