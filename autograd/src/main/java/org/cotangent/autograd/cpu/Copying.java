package org.cotangent.autograd.cpu;

import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.backend.Layout;
import org.cotangent.autograd.backend.Walk;

/// Copies between layouts.
final class Copying {
  private Copying() {}

  /// The side of the squares in which a matrix is transposed: both sides' lines stay in the cache.
  private static final int SQUARE = 32;

  static void copy(Buffer from, Buffer to) {
    if (to.shape().size() == 0) {
      return;
    }
    if (isTransposed(from.layout(), to.layout())) {
      squares(from, to);
      return;
    }
    Walk.over(to.shape(), from.layout(), to.layout())
        .run((n, at, step) -> run(from, at[0], step[0], n, to, at[1], step[1]));
  }

  /// Whether neighbours along the last axis of one are neighbours along the last but one of the
  /// other.
  private static boolean isTransposed(Layout from, Layout to) {
    int last = to.shape().rank() - 1;
    return last > 0
        && to.shape().dim(last) >= 8
        && to.shape().dim(last - 1) >= 8
        && from.stride(last - 1) == 1
        && from.stride(last) != 1
        && to.stride(last) == 1;
  }

  private static void squares(Buffer from, Buffer to) {
    Layout x = from.layout();
    Layout y = to.layout();
    int last = y.shape().rank() - 1;
    int rows = y.shape().dim(last - 1);
    int cols = y.shape().dim(last);
    int xCol = x.stride(last);
    int yRow = y.stride(last - 1);
    Layout xMatrices = x.slice(last - 1, 0, 1, 1).slice(last, 0, 1, 1);
    Layout yMatrices = y.slice(last - 1, 0, 1, 1).slice(last, 0, 1, 1);
    Walk.over(yMatrices.shape(), xMatrices, yMatrices)
        .run((n, at, step) -> {
          for (int m = 0; m < n; m++) {
            int xo = at[0] + m * step[0];
            int yo = at[1] + m * step[1];
            for (int i = 0; i < rows; i += SQUARE) {
              int h = Math.min(SQUARE, rows - i);
              for (int j = 0; j < cols; j += SQUARE) {
                int w = Math.min(SQUARE, cols - j);
                for (int r = i; r < i + h; r++) {
                  run(from, xo + r + j * xCol, xCol, w, to, yo + r * yRow + j, 1);
                }
              }
            }
          }
        });
  }

  private static void run(Buffer from, int xo, int step, int n, Buffer to, int yo, int toStep) {
    switch (to.dtype()) {
      case BOOL -> run(from.bool(), xo, step, n, to.bool(), yo, toStep);
      case I32 -> run(from.i32(), xo, step, n, to.i32(), yo, toStep);
      case I64 -> run(from.i64(), xo, step, n, to.i64(), yo, toStep);
      case F32 -> run(from.f32(), xo, step, n, to.f32(), yo, toStep);
      case F64 -> run(from.f64(), xo, step, n, to.f64(), yo, toStep);
    }
  }

  private static void run(boolean[] x, int xo, int step, int n, boolean[] y, int yo, int toStep) {
    if (toStep == 1) {
      Runs.read(x, xo, step, n, y, yo);
      return;
    }
    for (int i = 0; i < n; i++) {
      y[yo + i * toStep] = x[xo + i * step];
    }
  }

  private static void run(int[] x, int xo, int step, int n, int[] y, int yo, int toStep) {
    if (toStep == 1 && step == 1) {
      System.arraycopy(x, xo, y, yo, n);
      return;
    }
    for (int i = 0; i < n; i++) {
      y[yo + i * toStep] = x[xo + i * step];
    }
  }

  private static void run(long[] x, int xo, int step, int n, long[] y, int yo, int toStep) {
    if (toStep == 1) {
      Runs.read(x, xo, step, n, y, yo);
      return;
    }
    for (int i = 0; i < n; i++) {
      y[yo + i * toStep] = x[xo + i * step];
    }
  }

  private static void run(float[] x, int xo, int step, int n, float[] y, int yo, int toStep) {
    if (toStep == 1) {
      Runs.read(x, xo, step, n, y, yo);
      return;
    }
    for (int i = 0; i < n; i++) {
      y[yo + i * toStep] = x[xo + i * step];
    }
  }

  private static void run(double[] x, int xo, int step, int n, double[] y, int yo, int toStep) {
    if (toStep == 1) {
      Runs.read(x, xo, step, n, y, yo);
      return;
    }
    for (int i = 0; i < n; i++) {
      y[yo + i * toStep] = x[xo + i * step];
    }
  }
}
