package org.cotangent.autograd;

import org.cotangent.autograd.shape.DType;

/// The dtypes of operands that are not the tensor's own.
final class Promotion {
  private Promotion() {}

  /// The dtype in which a Java number joins a tensor: the tensor's, unless that cannot hold it.
  /// With integers a fraction works in F32, a whole number beyond 32 bits in I64.
  static DType ofNumber(double c, DType tensor) {
    if (tensor.isFloating()) {
      return tensor;
    }
    if (c != Math.rint(c) || Math.abs(c) >= 0x1p63) {
      return DType.F32;
    }
    if (c != (int) c) {
      return DType.I64;
    }
    return tensor == DType.BOOL ? DType.I32 : tensor;
  }

  /// The dtype of a result that is not whole: integers give F32.
  static DType floating(DType d) {
    return d.isFloating() ? d : DType.F32;
  }
}
