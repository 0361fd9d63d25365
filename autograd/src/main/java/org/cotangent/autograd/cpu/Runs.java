package org.cotangent.autograd.cpu;

import java.util.Arrays;

/// Copies `n` elements from every `step`-th place of an array to neighbouring places of another.
final class Runs {
  private Runs() {}

  static void read(boolean[] x, int xo, int step, int n, boolean[] y, int yo) {
    if (step == 1) {
      System.arraycopy(x, xo, y, yo, n);
    } else if (step == 0) {
      Arrays.fill(y, yo, yo + n, x[xo]);
    } else {
      for (int i = 0, j = xo; i < n; i++, j += step) {
        y[yo + i] = x[j];
      }
    }
  }

  static void read(int[] x, int xo, int step, int n, long[] y, int yo) {
    for (int i = 0, j = xo; i < n; i++, j += step) {
      y[yo + i] = x[j];
    }
  }

  static void read(long[] x, int xo, int step, int n, long[] y, int yo) {
    if (step == 1) {
      System.arraycopy(x, xo, y, yo, n);
    } else if (step == 0) {
      Arrays.fill(y, yo, yo + n, x[xo]);
    } else {
      for (int i = 0, j = xo; i < n; i++, j += step) {
        y[yo + i] = x[j];
      }
    }
  }

  static void read(float[] x, int xo, int step, int n, float[] y, int yo) {
    if (step == 1) {
      System.arraycopy(x, xo, y, yo, n);
    } else if (step == 0) {
      Arrays.fill(y, yo, yo + n, x[xo]);
    } else {
      for (int i = 0, j = xo; i < n; i++, j += step) {
        y[yo + i] = x[j];
      }
    }
  }

  static void read(double[] x, int xo, int step, int n, double[] y, int yo) {
    if (step == 1) {
      System.arraycopy(x, xo, y, yo, n);
    } else if (step == 0) {
      Arrays.fill(y, yo, yo + n, x[xo]);
    } else {
      for (int i = 0, j = xo; i < n; i++, j += step) {
        y[yo + i] = x[j];
      }
    }
  }
}
