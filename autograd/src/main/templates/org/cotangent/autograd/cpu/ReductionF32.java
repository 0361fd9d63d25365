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

  void sum() {
    if (nest.isReduced()) {
      sumRuns();
    } else {
      sumColumns();
    }
  }

  private void sumRuns() {
    int n = nest.inner();
    if (nest.visitsOnce()) {
      if (nest.runs() == 1) {
        nest.runs(0, 1, (xo, yo) -> y[yo] = ReduceF32.sum(n, x, xo, parallel));
      } else {
        eachRun((xo, yo) -> y[yo] = ReduceF32.sum(n, x, xo));
      }
    } else {
      Arrays.fill(y, start, start + size, 0f);
      float[] lost = new float[size];
      nest.runs(
          0,
          nest.runs(),
          (xo, yo) -> ReduceF32.add(ReduceF32.sum(n, x, xo, parallel), y, yo, lost, yo - start));
    }
  }

  private void eachRun(Nest.Place place) {
    int runs = nest.runs();
    int each = Math.max(1, MathSize.PIECE / Math.max(1, nest.inner()));
    parallel.run(
        MathSize.pieces(runs, each),
        i -> nest.runs(i * each, Math.min(runs, (i + 1) * each), place));
  }

  private void sumColumns() {
    Arrays.fill(y, start, start + size, 0f);
    int n = nest.inner();
    int rows = nest.rows();
    int step = nest.rowStep();
    float[] lost = new float[size];
    if (nest.columns() == 1 && n < ReduceF32.NARROW && rows * (long) n > MathSize.PIECE) {
      nest.columns(0, 1, (xo, yo) -> tall(rows, n, xo, step, yo, lost));
    } else {
      eachColumn(
          (xo, yo, width) -> ReduceF32.sumRows(rows, width, x, xo, step, y, yo, lost, yo - start));
    }
  }

  /// Few columns of many rows: sums of blocks of rows, added up in order.
  private void tall(int rows, int n, int xo, int step, int yo, float[] lost) {
    int each = MathSize.PIECE / n;
    int pieces = MathSize.pieces(rows, each);
    float[] sums = new float[pieces * n];
    parallel.run(
        pieces,
        i -> {
          int h = Math.min(each, rows - i * each);
          ReduceF32.sumNarrow(h, n, x, xo + i * each * step, step, sums, i * n);
        });
    for (int i = 0; i < pieces * n; i++) {
      ReduceF32.add(sums[i], y, yo + i % n, lost, i % n);
    }
  }

  /// A piece of a group of rows: where it begins, and how many columns of it.
  private interface Piece {
    void at(int x, int y, int width);
  }

  /// Every group of rows, in pieces of some columns: no piece knows of the others, so they may be
  /// computed in any order, unless several groups go to the same elements.
  private void eachColumn(Piece piece) {
    int n = nest.inner();
    int groups = nest.columns();
    int width = Math.max(ReduceF32.NARROW, MathSize.PIECE / Math.max(1, nest.rows()));
    width = width / ReduceF32.NARROW * ReduceF32.NARROW; // whole vectors, whole lines of the cache
    int each = Math.min(n, width);
    int pieces = MathSize.pieces(n, each);
    if (!nest.groupsOnce()) {
      parallel.run(
          pieces,
          i -> {
            int w = Math.min(each, n - i * each);
            nest.columns(0, groups, (xo, yo) -> piece.at(xo + i * each, yo + i * each, w));
          });
      return;
    }
    int together = Math.max(1, MathSize.PIECE / Math.max(1, nest.rows() * each)); // groups
    int bands = MathSize.pieces(groups, together);
    parallel.run(
        bands * pieces,
        job -> {
          int i = job % pieces;
          int w = Math.min(each, n - i * each);
          int from = job / pieces * together;
          nest.columns(
              from,
              Math.min(groups, from + together),
              (xo, yo) -> piece.at(xo + i * each, yo + i * each, w));
        });
  }

  void max() {
    Arrays.fill(y, start, start + size, Float.NEGATIVE_INFINITY);
    if (nest.isReduced()) {
      Nest.Place place = (xo, yo) -> y[yo] = Math.max(y[yo], ReduceF32.max(nest.inner(), x, xo));
      if (nest.visitsOnce()) {
        eachRun(place);
      } else {
        nest.runs(0, nest.runs(), place);
      }
    } else {
      eachColumn(
          (xo, yo, width) -> ReduceF32.maxRows(nest.rows(), width, x, xo, nest.rowStep(), y, yo));
    }
  }
}
