package org.cotangent.autograd.shape;

/// The type of a tensor's elements.
///
/// The order of the constants is the promotion order: an operation on two dtypes works in the later
/// one, so `I64` with `F32` gives `F32`, and `F32` with `F64` gives `F64`.
public enum DType {
  /// true or false
  BOOL(1),
  /// 32-bit integer
  I32(4),
  /// 64-bit integer
  I64(8),
  /// 32-bit IEEE 754 number, the default
  F32(4),
  /// 64-bit IEEE 754 number
  F64(8);

  private final int bytes;

  DType(int bytes) {
    this.bytes = bytes;
  }

  /// The size of one element in bytes.
  public int bytes() {
    return bytes;
  }

  /// Whether elements are real numbers, which alone can carry gradients.
  public boolean isFloating() {
    return this == F32 || this == F64;
  }

  /// Whether elements are integers.
  public boolean isInteger() {
    return this == I32 || this == I64;
  }

  /// The dtype in which an operation on `a` and `b` works: the later of the two.
  public static DType promote(DType a, DType b) {
    return a.compareTo(b) >= 0 ? a : b;
  }
}
