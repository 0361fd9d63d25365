package org.cotangent.autograd.cpu;

import java.util.Arrays;
import org.cotangent.autograd.backend.Buffer;

/// Sums and largest elements along any axes: finds the runs and columns for [ReduceF32].
final class ReductionF32 {
  private final float[] x;
  private final float[] y;
  private final int start;
  private final int size;
  private final Nest nest;

  /// `x` must have neighbouring elements along its last axis.
  ReductionF32(Buffer x, Buffer out) {
    this.x = x.f32(); // F32 only
    this.y = out.f32(); // F32 only
    // F64: this.x = x.f64();
    // F64: this.y = out.f64();
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
    if (nest.visitsOnce()) {
      nest.runs((xo, yo) -> y[yo] = ReduceF32.sum(nest.inner(), x, xo));
    } else {
      Arrays.fill(y, start, start + size, 0f);
      float[] lost = new float[y.length];
      nest.runs((xo, yo) -> ReduceF32.add(ReduceF32.sum(nest.inner(), x, xo), y, yo, lost));
    }
  }

  private void sumColumns() {
    Arrays.fill(y, start, start + size, 0f);
    float[] lost = new float[y.length];
    int rows = nest.rows();
    int step = nest.rowStep();
    nest.columns((xo, yo) -> {
      for (int r = 0; r < rows; r += ReduceF32.ROWS) {
        int n = Math.min(ReduceF32.ROWS, rows - r);
        ReduceF32.addRows(n, nest.inner(), x, xo + r * step, step, y, yo, lost);
      }
    });
  }

  void max() {
    Arrays.fill(y, start, start + size, Float.NEGATIVE_INFINITY);
    if (nest.isReduced()) {
      nest.runs((xo, yo) -> y[yo] = Math.max(y[yo], ReduceF32.max(nest.inner(), x, xo)));
    } else {
      nest.columns(
          (xo, yo) -> ReduceF32.maxRows(nest.rows(), nest.inner(), x, xo, nest.rowStep(), y, yo));
    }
  }
}
