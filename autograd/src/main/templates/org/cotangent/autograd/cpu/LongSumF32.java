package org.cotangent.autograd.cpu;

/// Sums of `n` neighbours as [ReduceF32] adds them, long ones shared out among threads: the
/// branches of the tree of halves that are short enough, each by one.
final class LongSumF32 {
  private final int n;
  private final float[] x;
  private final int[] at; // where branches begin, and the end
  private final float[] sums;
  private final Piece branches;
  private int start;
  private int joined;

  /// For numbers in `x`.
  LongSumF32(int n, float[] x, Parallel parallel) {
    this.n = n;
    this.x = x;
    boolean isShort = n <= MathSize.PIECE;
    int most = MathSize.pieces(n, MathSize.PIECE / 4); // halves may be up to a block apart
    at = new int[isShort ? 1 : most + 1];
    int count = isShort ? 0 : branches(n, 0, 0);
    at[count] = n;
    sums = new float[count];
    branches =
        isShort
            ? CopyPiece.NONE
            : parallel.ready(
                count, i -> sums[i] = ReduceF32.sum(at[i + 1] - at[i], x, start + at[i]));
  }

  private int branches(int n, int from, int count) {
    if (n <= MathSize.PIECE) {
      at[count] = from;
      return count + 1;
    }
    int half = ReduceF32.half(n);
    return branches(n - half, from + half, branches(half, from, count));
  }

  /// The sum of those from `xo` on.
  float from(int xo) {
    if (n <= MathSize.PIECE) {
      return ReduceF32.sum(n, x, xo);
    }
    start = xo;
    branches.run();
    joined = 0;
    return joined(n);
  }

  private float joined(int n) {
    if (n <= MathSize.PIECE) {
      return sums[joined++];
    }
    int half = ReduceF32.half(n);
    float first = joined(half);
    return first + joined(n - half);
  }
}
