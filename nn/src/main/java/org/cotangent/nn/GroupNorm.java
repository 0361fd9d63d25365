package org.cotangent.nn;

import java.util.Optional;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// Normalises groups of channels of each sample of `[n, channels, ..]`, then scales and shifts each
/// channel (Wu, He, 2018).
public final class GroupNorm extends Module {
  private record Affine(Tensor weight, Tensor bias) {}

  private final int groups;
  private final int channels;
  private final Optional<Affine> affine;
  private double epsilon = 1e-5;

  /// A layer of F32.
  ///
  /// @throws IllegalArgumentException if the channels do not split into the groups
  public GroupNorm(int groups, int channels) {
    this(groups, channels, DType.F32);
  }

  /// A layer with weight 1 and bias 0.
  ///
  /// @throws IllegalArgumentException if the channels do not split into the groups or the dtype is
  ///   not floating
  public GroupNorm(int groups, int channels, DType dtype) {
    requireSplits(groups, channels);
    this.groups = groups;
    this.channels = channels;
    affine =
        Optional.of(
            new Affine(
                parameter("weight", Tensor.ones(Shape.of(channels), dtype)),
                parameter("bias", Tensor.zeros(Shape.of(channels), dtype))));
  }

  private GroupNorm(int groups, int channels, Optional<Affine> affine) {
    requireSplits(groups, channels);
    this.groups = groups;
    this.channels = channels;
    this.affine = affine;
  }

  private static void requireSplits(int groups, int channels) {
    if (groups < 1 || channels < 1 || channels % groups != 0) {
      throw new IllegalArgumentException(
          "GroupNorm: %d channels do not split into %d groups".formatted(channels, groups));
    }
  }

  /// A layer without scale and shift: PyTorch's `affine=False`.
  ///
  /// @throws IllegalArgumentException if the channels do not split into the groups
  public static GroupNorm withoutAffine(int groups, int channels) {
    return new GroupNorm(groups, channels, Optional.empty());
  }

  /// Sets ε, which is added to the variance.
  public GroupNorm epsilon(double e) {
    epsilon = Optimizer.number("epsilon", e);
    return this;
  }

  /// @throws IllegalArgumentException if `x` is not `[n, channels, ..]`
  @Override
  public Tensor forward(Tensor x) {
    return affine
        .map(a -> Functional.groupNorm(x, groups, a.weight, a.bias, epsilon))
        .orElseGet(() -> Functional.groupNorm(x, groups, epsilon));
  }

  @Override
  protected String details() {
    return "%d, %d, eps=%s%s"
        .formatted(groups, channels, epsilon, affine.isPresent() ? "" : ", affine=false");
  }
}
