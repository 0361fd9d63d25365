package org.cotangent.autograd.cpu;

/// How the order of a sum divides numbers in row-major order: into stretches of `period` numbers
/// that belong together, and each of these into blocks of `length`, the last one perhaps shorter.
/// Each block can be summed on its own; what blocks give is then joined in order.
///
/// @param periods how many stretches
/// @param piece of so many numbers, one after the other, a block can be summed
record Blocks(int periods, int period, int length, int piece) {
  /// The blocks that [ReductionF32] sums contiguous numbers in.
  static Blocks of(Nest nest) {
    int n = nest.inner();
    if (nest.isReduced()) {
      return new Blocks(nest.runs(), n, ReduceF32.BLOCK, ReduceF32.BLOCK);
    }
    int rows = nest.rows();
    int tall = MathSize.PIECE / n * n;
    return isTall(nest)
        ? new Blocks(1, rows * n, tall, tall)
        : new Blocks(nest.columns(), rows * n, ReduceF32.ROWS * n, n);
  }

  /// Whether there are few columns of so many rows that these are cut into pieces.
  static boolean isTall(Nest nest) {
    int n = nest.inner();
    return nest.columns() == 1 && n < ReduceF32.NARROW && nest.rows() * (long) n > MathSize.PIECE;
  }

  /// How many blocks are in a stretch.
  int each() {
    return MathSize.pieces(period, length);
  }

  /// How many blocks there are.
  int count() {
    return periods * each();
  }

  /// The first number of a block, which is the end of the one before it.
  int begin(int block) {
    return block / each() * period + block % each() * length;
  }
}
