package org.cotangent.autograd.cpu;

/// Gives what a program computes to sums, as soon as enough of it is there.
final class BlockTaker implements Taker {
  private final Blocks blocks;
  private final BlockSum[] sums;
  private final Object[] array; // of each sum
  private final int[] offset; // of the first of all numbers there, -1 if only the last ones are
  private final Object[] scratch; // arrays that hold only the last ones
  private int first;
  private int block;
  private int from; // where it begins
  private int left; // numbers of its period, from there on
  private int next; // the first number that is not summed yet

  /// @param array where the numbers of each sum are
  /// @param offset of the first of all numbers there, -1 if only the last ones are
  /// @param scratch the arrays that hold only the last ones, with room for a piece and a tile
  BlockTaker(Blocks blocks, BlockSum[] sums, Object[] array, int[] offset, Object[] scratch) {
    this.blocks = blocks;
    this.sums = sums;
    this.array = array;
    this.offset = offset;
    this.scratch = scratch;
  }

  /// From now on numbers come from the beginning of a block on.
  void begin(int at) {
    block = at;
    from = blocks.begin(at);
    left = blocks.period() - from % blocks.period();
    next = from;
    first = from;
  }

  /// A tile: other numbers would leave some over that do not fill the vectors of a written loop.
  @Override
  public int atOnce() {
    return Scratch.TILE;
  }

  @Override
  public int first() {
    return first;
  }

  @Override
  public void reached(int end) {
    for (int n = ready(end); n > 0; n = ready(end)) {
      for (int k = 0; k < sums.length; k++) {
        int at = offset[k] < 0 ? next - first : offset[k] + next;
        sums[k].add(block, next - from, n, array[k], at);
      }
      next += n;
      int length = Math.min(left, blocks.length());
      if (next == from + length) {
        block++;
        from = next;
        left = left == length ? blocks.period() : left - length;
      }
    }
    if (next > first) {
      for (Object x : scratch) {
        System.arraycopy(x, next - first, x, 0, end - next);
      }
      first = next;
    }
  }

  /// How many numbers of the block can be summed now.
  private int ready(int end) {
    int rest = from + Math.min(left, blocks.length()) - next;
    int n = end - next;
    return n >= rest ? rest : n < blocks.piece() ? 0 : n / blocks.piece() * blocks.piece();
  }
}
