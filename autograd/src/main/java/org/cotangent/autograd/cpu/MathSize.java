package org.cotangent.autograd.cpu;

/// From which sizes work is done in which way. The number of threads plays no part in it, so
/// results do not depend on that.
final class MathSize {
  private MathSize() {}

  /// Shorter runs are computed one number after another: until the vectors' methods are compiled,
  /// which takes half a second, they are a hundred times slower than that.
  static final int VECTORS = 128;

  /// Numbers in a piece of work that one thread does: some ten microseconds of it.
  static final int PIECE = 1 << 15;

  /// How many pieces of `each` there are in `n`, the last one perhaps shorter.
  static int pieces(int n, int each) {
    return n == 0 ? 0 : (n - 1) / each + 1;
  }
}
