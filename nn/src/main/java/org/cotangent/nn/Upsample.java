package org.cotangent.nn;

import java.util.Arrays;
import org.cotangent.autograd.Tensor;

/// Images `[n, channels, ..]` of other sizes: by factors, or, made by [#to], of given sizes. See
/// [Functional#interpolate] and [Functional#interpolateBy].
public final class Upsample extends Module {
  private final InterpolateMode mode;
  private final double[] factors;
  private final int[] size;

  /// By factors: one for all axes behind the channels, or one for each.
  ///
  /// @throws IllegalArgumentException if a factor is not above 0, or there is none
  public Upsample(InterpolateMode mode, double... factors) {
    this(mode, factors.clone(), new int[0]);
    if (factors.length == 0 || !Arrays.stream(factors).allMatch(f -> f > 0)) {
      throw new IllegalArgumentException(
          "Upsample: factors %s; there must be one or more, all above 0"
              .formatted(Arrays.toString(factors)));
    }
  }

  private Upsample(InterpolateMode mode, double[] factors, int[] size) {
    this.mode = mode;
    this.factors = factors;
    this.size = size;
  }

  /// To a size: one extent for all axes behind the channels, or one for each.
  ///
  /// @throws IllegalArgumentException if an extent is below 1, or there is none
  public static Upsample to(InterpolateMode mode, int... size) {
    if (size.length == 0 || !Arrays.stream(size).allMatch(s -> s >= 1)) {
      throw new IllegalArgumentException(
          "Upsample: a size %s; there must be one extent or more, all 1 or more"
              .formatted(Arrays.toString(size)));
    }
    return new Upsample(mode, new double[0], size.clone());
  }

  /// @throws IllegalArgumentException if `x` has not an axis for each number
  @Override
  public Tensor forward(Tensor x) {
    return size.length > 0
        ? Functional.interpolate(x, mode, size)
        : Functional.interpolateBy(x, mode, factors);
  }

  @Override
  protected String details() {
    return (size.length > 0
            ? "size=" + Arrays.toString(size)
            : "scale_factor=" + Arrays.toString(factors))
        + ", mode="
        + mode;
  }
}
