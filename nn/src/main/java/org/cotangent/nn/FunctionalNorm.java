package org.cotangent.nn;

import java.util.Arrays;
import org.cotangent.autograd.Statistics;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.Shape;

/// Normalisation: `(x - mean)/√(variance + ε)` over some axes, then a scale and a shift to be
/// learnt. Part of [Functional].
///
/// The variance is that of all numbers, divided by their count. Everything is composed of
/// operations with rules of their own, so derivatives are right at every order.
abstract class FunctionalNorm extends FunctionalLoss {
  FunctionalNorm() {}

  /// Mean and variance, with the axes they were taken over kept at extent 1.
  record Moments(Tensor mean, Tensor variance) {
    static Moments of(Tensor x, int... axes) {
      Statistics.Moments m = Statistics.moments(x, axes);
      return new Moments(m.mean(), m.variance());
    }

    Tensor normalised(Tensor x, double epsilon) {
      Tensor centred = x.sub(mean);
      Tensor y = centred.mul(variance.add(epsilon).rsqrt());
      centred.donate();
      return y;
    }

    /// The same with a scale and a shift a channel: the scale is joined with that of the variance
    /// while both are small, which saves a pass each way.
    Tensor perChannel(String what, Tensor x, double epsilon, Tensor weight, Tensor bias) {
      requirePerChannel(what, x, weight);
      requirePerChannel(what, x, bias);
      Tensor scale = variance.add(epsilon).rsqrt().mul(Channels.along(weight, x));
      return scaled(x.sub(mean), scale, Channels.along(bias, x));
    }
  }

  /// Each channel, the second axis, normalised over the batch and the positions: training (Ioffe,
  /// Szegedy, 2015). The scale and the shift have one number a channel.
  ///
  /// @throws IllegalArgumentException if a channel has a single number, or the shapes do not fit
  public static Tensor batchNorm(Tensor x, Tensor weight, Tensor bias, double epsilon) {
    return batchMoments(x).perChannel("batchNorm", x, epsilon, weight, bias);
  }

  /// The same without scale and shift.
  ///
  /// @throws IllegalArgumentException if a channel has a single number, or `x` has one axis
  public static Tensor batchNorm(Tensor x, double epsilon) {
    return batchMoments(x).normalised(x, epsilon);
  }

  /// Each channel, the second axis, normalised by a mean and a variance that are given, one number
  /// a channel: evaluation.
  ///
  /// @throws IllegalArgumentException if the shapes do not fit
  public static Tensor batchNormEval(
      Tensor x, Tensor mean, Tensor variance, Tensor weight, Tensor bias, double epsilon) {
    return given(x, mean, variance).perChannel("batchNorm", x, epsilon, weight, bias);
  }

  /// The same without scale and shift.
  ///
  /// @throws IllegalArgumentException if the shapes do not fit
  public static Tensor batchNormEval(Tensor x, Tensor mean, Tensor variance, double epsilon) {
    return given(x, mean, variance).normalised(x, epsilon);
  }

  private static Moments given(Tensor x, Tensor mean, Tensor variance) {
    requirePerChannel("batchNorm", x, mean);
    requirePerChannel("batchNorm", x, variance);
    return new Moments(Channels.along(mean, x), Channels.along(variance, x));
  }

  static Moments batchMoments(Tensor x) {
    if (x.rank() < 2 || (x.size() > 0 && x.size() == x.dim(1))) {
      throw new IllegalArgumentException(
          "batchNorm: the input %s must be [n, channels, ..] with more than one number a channel"
              .formatted(x.shape()));
    }
    return Moments.of(x, Channels.others(x));
  }

  /// Each channel of each sample normalised over its positions, `[n, channels, positions..]`.
  ///
  /// @throws IllegalArgumentException if there are no positions, or a single one
  public static Tensor instanceNorm(Tensor x, double epsilon) {
    if (x.rank() < 3 || (x.size() > 0 && x.size() == x.dim(0) * x.dim(1))) {
      throw new IllegalArgumentException(
          "instanceNorm: the input %s must be [n, channels, positions..] with more than one position"
              .formatted(x.shape()));
    }
    int[] axes = new int[x.rank() - 2];
    Arrays.setAll(axes, i -> i + 2);
    return Moments.of(x, axes).normalised(x, epsilon);
  }

  /// The same with a scale and a shift a channel.
  ///
  /// @throws IllegalArgumentException if the shapes do not fit
  public static Tensor instanceNorm(Tensor x, Tensor weight, Tensor bias, double epsilon) {
    return perChannel("instanceNorm", instanceNorm(x, epsilon), weight, bias);
  }

  /// Groups of channels of each sample, normalised over channels and positions (Wu, He, 2018).
  ///
  /// @throws IllegalArgumentException if the channels, the second axis, do not split into groups
  public static Tensor groupNorm(Tensor x, int groups, double epsilon) {
    if (x.rank() < 2 || groups < 1 || x.dim(1) % groups != 0) {
      throw new IllegalArgumentException(
          "groupNorm: the channels of %s, axis 1, do not split into %d groups"
              .formatted(x.shape(), groups));
    }
    int positions = x.dim(0) == 0 ? 0 : x.size() / x.dim(0) / groups;
    Tensor rows = x.reshape(Shape.of(x.dim(0), groups, positions));
    return Moments.of(rows, 2).normalised(rows, epsilon).reshape(x.shape());
  }

  /// The same with a scale and a shift a channel.
  ///
  /// @throws IllegalArgumentException if the shapes do not fit
  public static Tensor groupNorm(Tensor x, int groups, Tensor weight, Tensor bias, double epsilon) {
    return perChannel("groupNorm", groupNorm(x, groups, epsilon), weight, bias);
  }

  /// Each sample normalised over its last axes, those of the given shape (Ba, Kiros, Hinton, 2016).
  ///
  /// @throws IllegalArgumentException if `x` does not end with the shape
  public static Tensor layerNorm(Tensor x, Shape normalized, double epsilon) {
    int first = x.rank() - normalized.rank();
    if (normalized.rank() == 0
        || first < 0
        || !Arrays.equals(
            normalized.dims(), Arrays.copyOfRange(x.shape().dims(), first, x.rank()))) {
      throw new IllegalArgumentException(
          "layerNorm: the input %s does not end with %s, the shape to normalise over"
              .formatted(x.shape(), normalized));
    }
    int[] axes = new int[normalized.rank()];
    Arrays.setAll(axes, i -> first + i);
    return Moments.of(x, axes).normalised(x, epsilon);
  }

  /// The same over the shape of a scale and a shift.
  ///
  /// @throws IllegalArgumentException if the shapes do not fit
  public static Tensor layerNorm(Tensor x, Tensor weight, Tensor bias, double epsilon) {
    if (!weight.shape().equals(bias.shape())) {
      throw new IllegalArgumentException(
          "layerNorm: the scale %s and the shift %s must have one shape"
              .formatted(weight.shape(), bias.shape()));
    }
    return scaled(layerNorm(x, weight.shape(), epsilon), weight, bias);
  }

  /// Each element divided by `(k + α m)^β`, where m is the mean of the squares of its place in
  /// `size` neighbouring channels, zeros beyond the first and last (Krizhevsky et al., 2012, there
  /// with the sum for the mean).
  ///
  /// @throws IllegalArgumentException if `x` is not `[n, channels, ..]` or the size is below 1
  public static Tensor localResponseNorm(Tensor x, int size, double alpha, double beta, double k) {
    if (x.rank() < 2 || size < 1) {
      throw new IllegalArgumentException(
          "localResponseNorm: the input %s must be [n, channels, ..], and %d neighbours 1 or more"
              .formatted(x.shape(), size));
    }
    Tensor squares = x.square().pad(1, size / 2, (size - 1) / 2).unfold(1, size, 1).mean(-1);
    return x.div(squares.mul(alpha).add(k).pow(beta));
  }

  /// @param y which nobody else has seen
  static Tensor perChannel(String what, Tensor y, Tensor weight, Tensor bias) {
    requirePerChannel(what, y, weight);
    requirePerChannel(what, y, bias);
    return scaled(y, Channels.along(weight, y), Channels.along(bias, y));
  }

  /// @param y which nobody else has seen
  private static Tensor scaled(Tensor y, Tensor scale, Tensor shift) {
    Tensor product = y.mul(scale);
    Tensor sum = product.add(shift);
    y.donate();
    product.donate();
    return sum;
  }

  private static void requirePerChannel(String what, Tensor x, Tensor v) {
    if (x.rank() < 2 || v.rank() != 1 || v.dim(0) != x.dim(1)) {
      throw new IllegalArgumentException(
          "%s: %s does not fit the input %s: pass one number a channel, the second axis"
              .formatted(what, v.shape(), x.shape()));
    }
  }
}
