package org.cotangent.nn;

/// The factor by which weights start larger because the activation that follows shrinks its input.
///
/// @param value the factor
public record Gain(double value) {
  /// No activation: 1.
  public static final Gain LINEAR = new Gain(1);

  /// Sigmoid: 1, as is customary.
  public static final Gain SIGMOID = new Gain(1);

  /// Tanh: 5/3, as is customary.
  public static final Gain TANH = new Gain(5.0 / 3);

  /// ReLU: √2, because half of the variance is cut off.
  public static final Gain RELU = new Gain(Math.sqrt(2));

  /// Leaky ReLU with the given slope on the negative side: `√(2/(1 + slope²))`.
  public static Gain leakyRelu(double slope) {
    return new Gain(Math.sqrt(2 / (1 + slope * slope)));
  }
}
