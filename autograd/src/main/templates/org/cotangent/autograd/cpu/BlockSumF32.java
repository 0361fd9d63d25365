package org.cotangent.autograd.cpu;

import java.util.Arrays;
import org.cotangent.autograd.backend.Buffer;

/// Sums of numbers that come block by block, in the order of [ReductionF32].
abstract sealed class BlockSumF32 implements BlockSum {
  final Blocks blocks;
  final int n; // of neighbours that go to one element, or of columns
  final float[] y;
  final int start;
  final int[] to; // where in `y` the sums of each period belong

  private BlockSumF32(Nest nest, Buffer out) {
    blocks = Blocks.of(nest);
    n = nest.inner();
    y = out.f32(); // F32 only
    // F64: y = out.f64();
    start = out.layout().offset();
    to = new int[blocks.periods()];
    int[] count = {0};
    Nest.Place place = (_, yo) -> to[count[0]++] = yo;
    if (nest.isReduced()) {
      nest.runs(0, to.length, place);
    } else {
      nest.columns(0, to.length, place);
    }
  }

  /// @param nest of contiguous numbers, at least one
  static BlockSum of(Nest nest, Buffer out) {
    if (nest.isReduced()) {
      return new Runs(nest, out);
    }
    return Blocks.isTall(nest) ? new Tall(nest, out) : new Columns(nest, out);
  }

  /// Neighbours that go to one element: blocks are the leaves of the tree of halves.
  private static final class Runs extends BlockSumF32 {
    private final boolean once;
    private final float[] sums;
    private final float[] lost;
    private int joined;

    Runs(Nest nest, Buffer out) {
      super(nest, out);
      once = nest.visitsOnce();
      sums = new float[blocks.count()];
      lost = new float[once ? 0 : out.shape().size()];
    }

    @Override
    public void add(int block, int from, int count, Object x, int at) {
      sums[block] = ReduceF32.sum(count, (float[]) x, at);
    }

    @Override
    public void join() {
      joined = 0;
      if (!once) {
        Arrays.fill(y, start, start + lost.length, 0f);
        Arrays.fill(lost, 0f);
      }
      for (int yo : to) {
        float total = total(n);
        if (once) {
          y[yo] = total;
        } else {
          ReduceF32.add(total, y, yo, lost, yo - start);
        }
      }
    }

    private float total(int count) {
      if (count <= ReduceF32.BLOCK) {
        return sums[joined++];
      }
      int half = ReduceF32.half(count);
      float first = total(half);
      return first + total(count - half);
    }
  }

  /// Rows that go to one row: blocks of [ReduceF32#ROWS].
  private static final class Columns extends BlockSumF32 {
    private final float[] sums; // of each block, a row
    private final float[] lost;

    Columns(Nest nest, Buffer out) {
      super(nest, out);
      sums = new float[blocks.count() * n];
      lost = new float[out.shape().size()];
    }

    @Override
    public void add(int block, int from, int count, Object x, int at) {
      if (from > 0) {
        ReduceF32.addToColumns(count / n, n, (float[]) x, at, sums, block * n);
      } else {
        System.arraycopy(x, at, sums, block * n, n);
        ReduceF32.addToColumns(count / n - 1, n, (float[]) x, at + n, sums, block * n);
      }
    }

    @Override
    public void join() {
      Arrays.fill(y, start, start + lost.length, 0f);
      Arrays.fill(lost, 0f);
      int each = blocks.each();
      for (int b = 0; b < blocks.count(); b++) {
        int yo = to[b / each];
        ReduceF32.addAll(n, sums, b * n, y, yo, lost, yo - start);
      }
    }
  }

  /// Few columns of many rows: blocks are pieces of them.
  private static final class Tall extends BlockSumF32 {
    private final float[] sums; // of each block, a row
    private final float[] lost;
    private final float[][] work;

    Tall(Nest nest, Buffer out) {
      super(nest, out);
      sums = new float[blocks.count() * n];
      lost = new float[n];
      work = new float[blocks.count()][];
      Arrays.setAll(work, _ -> ReduceF32.narrowWork(n));
    }

    @Override
    public void add(int block, int from, int count, Object x, int at) {
      int row = block * n;
      Arrays.fill(sums, row, row + n, 0f);
      ReduceF32.sumNarrow(count / n, n, (float[]) x, at, n, sums, row, work[block]);
    }

    @Override
    public void join() {
      Arrays.fill(y, start, start + n, 0f);
      Arrays.fill(lost, 0f);
      for (int i = 0; i < sums.length; i++) {
        ReduceF32.add(sums[i], y, start + i % n, lost, i % n);
      }
    }
  }
}
