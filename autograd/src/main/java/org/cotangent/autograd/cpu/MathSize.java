package org.cotangent.autograd.cpu;

/// From which sizes work is done in which way. The results do not depend on it, the time does.
final class MathSize {
  private MathSize() {}

  /// Shorter runs are computed one number after another: until the vectors' methods are compiled,
  /// which takes half a second, they are a hundred times slower than that.
  static final int VECTORS = 128;
}
