package org.cotangent.autograd.cpu;

import java.util.Arrays;
import org.cotangent.autograd.backend.Buffer;

/// Sums and largest elements along any axes: finds the runs and columns for [ReduceF32], and shares
/// them out among threads in pieces that depend on the shape only.
final class ReductionF32 {
  private final float[] x;
  private final float[] y;
  private final int start;
  private final int size;
  private final Nest nest;
  private final Parallel parallel;

  /// `x` must have neighbouring elements along its last axis.
  ReductionF32(Buffer x, Buffer out, Parallel parallel) {
    this.x = x.f32(); // F32 only
    this.y = out.f32(); // F32 only
    // F64: this.x = x.f64();
    // F64: this.y = out.f64();
    this.parallel = parallel;
    start = out.layout().offset();
    size = out.shape().size();
    nest = Nest.of(x.shape(), x.layout(), out.layout());
  }

  /// The sums.
  Piece sum() {
    if (size == 0) {
      return CopyPiece.NONE;
    }
    return nest.isReduced() ? sumRuns() : sumColumns();
  }

  private Piece sumRuns() {
    int n = nest.inner();
    if (nest.visitsOnce() && nest.runs() != 1) {
      return eachRun((xo, yo) -> y[yo] = ReduceF32.sum(n, x, xo));
    }
    var total = new LongSumF32(n, x, parallel);
    if (nest.visitsOnce()) {
      Nest.Place place = (xo, yo) -> y[yo] = total.from(xo);
      return () -> nest.runs(0, 1, place);
    }
    float[] lost = new float[size];
    Nest.Place place = (xo, yo) -> ReduceF32.add(total.from(xo), y, yo, lost, yo - start);
    return () -> {
      clear(lost);
      nest.runs(0, nest.runs(), place);
    };
  }

  private void clear(float[] lost) {
    Arrays.fill(y, start, start + size, 0f);
    Arrays.fill(lost, 0f);
  }

  private Staged eachRun(Nest.Place place) {
    int runs = nest.runs();
    int each = Math.max(1, MathSize.PIECE / Math.max(1, nest.inner()));
    return parallel.ready(
        MathSize.pieces(runs, each),
        i -> nest.runs(i * each, Math.min(runs, (i + 1) * each), place));
  }

  private Piece sumColumns() {
    int n = nest.inner();
    int rows = nest.rows();
    int step = nest.rowStep();
    float[] lost = new float[2 * size]; // and room for sums of blocks
    Staged sums =
        Blocks.isTall(nest)
            ? tall(rows, n, step, lost)
            : eachColumn((xo, yo, width) ->
                ReduceF32.sumRows(
                    rows, width, x, xo, step, y, yo, lost, yo - start, yo - start + size));
    return sums.after(() -> clear(lost));
  }

  /// Few columns of many rows: sums of blocks of rows, added up in order.
  private Staged tall(int rows, int n, int step, float[] lost) {
    int each = MathSize.PIECE / n;
    int pieces = MathSize.pieces(rows, each);
    float[] sums = new float[pieces * n];
    float[][] work = new float[pieces][];
    Arrays.setAll(work, _ -> ReduceF32.narrowWork(n));
    int[] at = new int[2];
    nest.columns(
        0,
        1,
        (xo, yo) -> {
          at[0] = xo;
          at[1] = yo;
        });
    int xo = at[0];
    int yo = at[1];
    Staged blocks =
        parallel.ready(
            pieces,
            i -> {
              int h = Math.min(each, rows - i * each);
              ReduceF32.sumNarrow(h, n, x, xo + i * each * step, step, sums, i * n, work[i]);
            });
    return blocks
        .after(() -> Arrays.fill(sums, 0f))
        .then(
            parallel.ready(
                1,
                _ -> {
                  for (int i = 0; i < pieces * n; i++) {
                    ReduceF32.add(sums[i], y, yo + i % n, lost, i % n);
                  }
                }));
  }

  /// A piece of a group of rows: where it begins, and how many columns of it.
  private interface Part {
    void at(int x, int y, int width);
  }

  /// Every group of rows, in pieces of some columns: no piece knows of the others, so they may be
  /// computed in any order, unless several groups go to the same elements.
  private Staged eachColumn(Part part) {
    int n = nest.inner();
    int groups = nest.columns();
    int width = MathSize.PIECE / Math.max(1, nest.rows());
    if (width < n) { // whole vectors, whole lines of the cache
      width = Math.max(1, width / ReduceF32.NARROW) * ReduceF32.NARROW;
    }
    int each = Math.min(n, width);
    int pieces = MathSize.pieces(n, each);
    Nest.Place[] places = new Nest.Place[pieces];
    for (int i = 0; i < pieces; i++) {
      int first = i * each;
      int w = Math.min(each, n - first);
      places[i] = (xo, yo) -> part.at(xo + first, yo + first, w);
    }
    if (!nest.groupsOnce()) {
      return parallel.ready(pieces, i -> nest.columns(0, groups, places[i]));
    }
    int together = Math.max(1, MathSize.PIECE / Math.max(1, nest.rows() * each)); // groups
    int bands = MathSize.pieces(groups, together);
    return parallel.ready(
        bands * pieces,
        job -> {
          int from = job / pieces * together;
          nest.columns(from, Math.min(groups, from + together), places[job % pieces]);
        });
  }

  /// The largest.
  Piece max() {
    if (size == 0) {
      return CopyPiece.NONE;
    }
    Nest.Place run = (xo, yo) -> y[yo] = Math.max(y[yo], ReduceF32.max(nest.inner(), x, xo));
    Staged rest =
        !nest.isReduced()
            ? eachColumn((xo, yo, width) ->
                ReduceF32.maxRows(nest.rows(), width, x, xo, nest.rowStep(), y, yo))
            : nest.visitsOnce()
                ? eachRun(run)
                : parallel.ready(1, _ -> nest.runs(0, nest.runs(), run));
    return rest.after(() -> Arrays.fill(y, start, start + size, Float.NEGATIVE_INFINITY));
  }
}
