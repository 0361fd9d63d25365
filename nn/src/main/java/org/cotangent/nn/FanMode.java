package org.cotangent.nn;

/// Which side of a weight matrix `[in, out]` decides how large its numbers start.
public enum FanMode {
  /// The number of inputs: keeps the variance of what flows forward.
  FAN_IN,
  /// The number of outputs: keeps the variance of the gradients that flow back.
  FAN_OUT
}
