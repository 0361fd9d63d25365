package org.cotangent.nn;

import java.util.Arrays;
import org.cotangent.autograd.Rng;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// How a parameter starts: makes a tensor of a shape and dtype with a given generator.
///
/// The initialisers of He and Glorot keep the variance of signals from layer to layer. They take
/// the fans from the shape: of a matrix `[in, out]`, or of kernels `[out, in, ..]`, times the
/// positions of a kernel:
///
/// | name | by | numbers |
/// |---|---|---|
/// | [#heNormal()] | He et al. (2015) | normal, standard deviation `gain/√fan` |
/// | [#heUniform()] | He et al. (2015) | uniform in `±gain √(3/fan)` |
/// | [#glorotNormal()] | Glorot, Bengio (2010) | normal, standard deviation `gain √(2/(in + out))` |
/// | [#glorotUniform()] | Glorot, Bengio (2010) | uniform in `±gain √(6/(in + out))` |
///
/// He's are also known by the first name Kaiming, Glorot's as Xavier.
@FunctionalInterface
public interface Init {
  /// A tensor of the given shape and dtype.
  ///
  /// @throws IllegalArgumentException if the shape does not fit this initialiser
  Tensor make(Shape shape, DType dtype, Rng rng);

  /// He's normal distribution for ReLU: standard deviation `√(2/in)`.
  static Init heNormal() {
    return heNormal(Gain.RELU, FanMode.FAN_IN);
  }

  /// He's normal distribution: standard deviation `gain/√fan`.
  static Init heNormal(Gain gain, FanMode mode) {
    return (shape, dtype, rng) ->
        normal(0, gain.value() / Math.sqrt(fan(shape, mode))).make(shape, dtype, rng);
  }

  /// He's uniform distribution for ReLU: bound `√(6/in)`.
  static Init heUniform() {
    return heUniform(Gain.RELU, FanMode.FAN_IN);
  }

  /// He's uniform distribution: bound `gain √(3/fan)`.
  static Init heUniform(Gain gain, FanMode mode) {
    return (shape, dtype, rng) ->
        symmetric(gain.value() * Math.sqrt(3.0 / fan(shape, mode))).make(shape, dtype, rng);
  }

  /// Glorot's normal distribution with gain 1: standard deviation `√(2/(in + out))`.
  static Init glorotNormal() {
    return glorotNormal(Gain.LINEAR);
  }

  /// Glorot's normal distribution: standard deviation `gain √(2/(in + out))`.
  static Init glorotNormal(Gain gain) {
    return (shape, dtype, rng) ->
        normal(0, gain.value() * Math.sqrt(2.0 / fans(shape))).make(shape, dtype, rng);
  }

  /// Glorot's uniform distribution with gain 1: bound `√(6/(in + out))`.
  static Init glorotUniform() {
    return glorotUniform(Gain.LINEAR);
  }

  /// Glorot's uniform distribution: bound `gain √(6/(in + out))`.
  static Init glorotUniform(Gain gain) {
    return (shape, dtype, rng) ->
        symmetric(gain.value() * Math.sqrt(6.0 / fans(shape))).make(shape, dtype, rng);
  }

  /// The normal distribution with the given mean and standard deviation.
  ///
  /// @throws IllegalArgumentException if `std` is negative or NaN
  static Init normal(double mean, double std) {
    if (!(std >= 0)) {
      throw new IllegalArgumentException(
          "normal: the standard deviation %s must be 0 or more".formatted(std));
    }
    // In F64 first: an F32 result is rounded once.
    return (shape, dtype, rng) -> rng.normal(shape, DType.F64).mul(std).add(mean).to(dtype);
  }

  /// The uniform distribution on `[low, high)`.
  ///
  /// @throws IllegalArgumentException if `low` is above `high` or one is NaN
  static Init uniform(double low, double high) {
    if (!(low <= high)) {
      throw new IllegalArgumentException(
          "uniform: the bounds %s and %s must be in order".formatted(low, high));
    }
    return (shape, dtype, rng) -> rng.uniform(shape, low, high, dtype);
  }

  private static Init symmetric(double bound) {
    return uniform(-bound, bound);
  }

  /// The same number everywhere.
  static Init constant(double v) {
    return (shape, dtype, _) -> {
      // With memory of its own, unlike Tensor.full: kernels are at their best on plain arrays.
      double[] data = new double[shape.size()];
      Arrays.fill(data, v);
      return Tensor.of(shape, data).to(dtype);
    };
  }

  /// Zeros.
  static Init zeros() {
    return constant(0);
  }

  /// Ones.
  static Init ones() {
    return constant(1);
  }

  private static int fan(Shape shape, FanMode mode) {
    return mode == FanMode.FAN_IN ? fanIn(shape) : fanOut(shape);
  }

  private static int fans(Shape shape) {
    return fanIn(shape) + fanOut(shape);
  }

  private static int fanIn(Shape shape) {
    requireWeight(shape);
    return shape.rank() == 2 ? shape.dim(0) : shape.dim(1) * taps(shape);
  }

  private static int fanOut(Shape shape) {
    requireWeight(shape);
    return shape.rank() == 2 ? shape.dim(1) : shape.dim(0) * taps(shape);
  }

  /// The positions of a kernel.
  private static int taps(Shape shape) {
    int n = 1;
    for (int i = 2; i < shape.rank(); i++) {
      n *= shape.dim(i);
    }
    return n;
  }

  private static void requireWeight(Shape shape) {
    if (shape.rank() < 2) {
      throw new IllegalArgumentException(
          "the initialisers of He and Glorot need a weight [in, out] or kernels [out, in, ..], but the shape is %s; use normal, uniform or constant"
              .formatted(shape));
    }
  }
}
