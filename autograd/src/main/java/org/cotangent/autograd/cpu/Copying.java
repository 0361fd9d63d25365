package org.cotangent.autograd.cpu;

import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.backend.Layout;
import org.cotangent.autograd.backend.Walk;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// Copies between layouts, long ones shared out among threads.
final class Copying {
  private Copying() {}

  /// The side of the squares in which a matrix is transposed: both sides' lines stay in the cache.
  static final int SQUARE = 32;

  /// Both have one shape, and no element of `to` is at the place of another one.
  static void copy(Buffer from, Buffer to, Parallel parallel) {
    Shape shape = to.shape();
    if (shape.size() <= MathSize.PIECE) {
      copy(from, to);
      return;
    }
    int longest = 0;
    for (int axis = 1; axis < shape.rank(); axis++) {
      longest = shape.dim(axis) > shape.dim(longest) ? axis : longest;
    }
    int axis = longest;
    int n = shape.dim(axis);
    // At least a square, so that transposing stays what it is.
    int each = Math.max(SQUARE, (int) ((long) MathSize.PIECE * n / shape.size()));
    parallel.run(
        MathSize.pieces(n, each),
        i -> copy(part(from, axis, i * each, each), part(to, axis, i * each, each)));
  }

  static Buffer part(Buffer x, int axis, int from, int most) {
    Layout all = x.layout();
    return x.view(all.slice(axis, from, Math.min(most, all.shape().dim(axis) - from), 1));
  }

  private static void copy(Buffer from, Buffer to) {
    if (to.shape().size() == 0) {
      return;
    }
    if (isTransposed(from.layout(), to.layout())) {
      squares(from, to);
    } else {
      plain(from, to);
    }
  }

  /// The same run by run, without vectors.
  static void plain(Buffer from, Buffer to) {
    if (to.shape().size() == 0) {
      return;
    }
    Walk.over(to.shape(), from.layout(), to.layout())
        .run((n, at, step) -> run(from, at[0], step[0], n, to, at[1], step[1]));
  }

  /// Whether neighbours along the last axis of one are neighbours along the last but one of the
  /// other.
  static boolean isTransposed(Layout from, Layout to) {
    int last = to.shape().rank() - 1;
    return last > 0
        && to.shape().dim(last) >= 8
        && to.shape().dim(last - 1) >= 8
        && from.stride(last - 1) == 1
        && from.stride(last) != 1
        && to.stride(last) == 1;
  }

  private static void squares(Buffer from, Buffer to) {
    matrices(from, to)
        .run((n, at, step) -> {
          for (int m = 0; m < n; m++) {
            squares(from, at[0] + m * step[0], to, at[1] + m * step[1]);
          }
        });
  }

  /// A walk over the first elements of all matrices.
  static Walk matrices(Buffer from, Buffer to) {
    int last = to.layout().shape().rank() - 1;
    Layout x = from.layout().slice(last - 1, 0, 1, 1).slice(last, 0, 1, 1);
    Layout y = to.layout().slice(last - 1, 0, 1, 1).slice(last, 0, 1, 1);
    return Walk.over(y.shape(), x, y);
  }

  /// One matrix, whose first elements lie at `xo` and `yo`.
  static void squares(Buffer from, int xo, Buffer to, int yo) {
    int last = to.layout().shape().rank() - 1;
    int rows = to.layout().shape().dim(last - 1);
    int cols = to.layout().shape().dim(last);
    int xCol = from.layout().stride(last);
    int yRow = to.layout().stride(last - 1);
    boolean inRegisters = from.dtype().isFloating() && rows * (long) cols >= MathSize.PIECE / 8;
    for (int i = 0; i < rows; i += SQUARE) {
      int h = Math.min(SQUARE, rows - i);
      for (int j = 0; j < cols; j += SQUARE) {
        int w = Math.min(SQUARE, cols - j);
        int x0 = xo + i + j * xCol;
        int y0 = yo + i * yRow + j;
        int lines = inRegisters ? square(from, x0, xCol, h, w, to, y0, yRow) : 0;
        for (int r = i + lines; r < i + h; r++) {
          run(from, xo + r + j * xCol, xCol, w, to, yo + r * yRow + j, 1);
        }
      }
    }
  }

  /// Transposes the first of the `h` lines of `w` numbers, as many as whole vectors take, and says
  /// how many those are.
  private static int square(
      Buffer from, int xo, int xCol, int h, int w, Buffer to, int yo, int yRow) {
    boolean single = from.dtype() == DType.F32;
    int lanes = single ? LanesF32.L : LanesF64.L;
    int rows = h / lanes * lanes;
    int cols = w / lanes * lanes;
    for (int i = 0; i < rows; i += lanes) {
      for (int j = 0; j < cols; j += lanes) {
        int x = xo + i + j * xCol;
        int y = yo + i * yRow + j;
        if (single) {
          TransposeF32.block(from.f32(), x, xCol, lanes, to.f32(), y, yRow);
        } else {
          TransposeF64.block(from.f64(), x, xCol, lanes, to.f64(), y, yRow);
        }
      }
    }
    for (int i = 0; i < rows && cols < w; i++) {
      run(from, xo + i + cols * xCol, xCol, w - cols, to, yo + i * yRow + cols, 1);
    }
    return rows;
  }

  static void run(Buffer from, int xo, int step, int n, Buffer to, int yo, int toStep) {
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
