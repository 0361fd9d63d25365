package org.cotangent.autograd.cpu;

import org.cotangent.autograd.shape.DType;

/// Runs of numbers in another dtype. Integers of both widths are held as `long`; one on its way to
/// `I32` keeps its 64 bits here and is cut by the caller, but a floating number stops at the bounds
/// of an `int`, as Java's own conversion does.
final class Casts {
  private Casts() {}

  static void run(DType from, DType to, int n, Object x, int xo, Object y, int yo) {
    switch (from) {
      case BOOL -> ofBool(to, n, (boolean[]) x, xo, y, yo);
      case I32, I64 -> ofWhole(to, n, (long[]) x, xo, y, yo);
      case F32 -> ofFloat(to, n, (float[]) x, xo, y, yo);
      case F64 -> ofDouble(to, n, (double[]) x, xo, y, yo);
    }
  }

  private static void ofBool(DType to, int n, boolean[] x, int xo, Object y, int yo) {
    switch (to) {
      case BOOL -> System.arraycopy(x, xo, y, yo, n);
      case I32, I64 -> {
        long[] w = (long[]) y;
        for (int i = 0; i < n; i++) {
          w[yo + i] = x[xo + i] ? 1 : 0;
        }
      }
      case F32 -> BinaryF32.ofBool(n, x, xo, (float[]) y, yo);
      case F64 -> BinaryF64.ofBool(n, x, xo, (double[]) y, yo);
    }
  }

  private static void ofWhole(DType to, int n, long[] x, int xo, Object y, int yo) {
    switch (to) {
      case BOOL -> {
        boolean[] z = (boolean[]) y;
        for (int i = 0; i < n; i++) {
          z[yo + i] = x[xo + i] != 0;
        }
      }
      case I32, I64 -> System.arraycopy(x, xo, y, yo, n);
      case F32 -> {
        float[] f = (float[]) y;
        for (int i = 0; i < n; i++) {
          f[yo + i] = (float) x[xo + i];
        }
      }
      case F64 -> {
        double[] d = (double[]) y;
        for (int i = 0; i < n; i++) {
          d[yo + i] = (double) x[xo + i];
        }
      }
    }
  }

  private static void ofFloat(DType to, int n, float[] x, int xo, Object y, int yo) {
    switch (to) {
      case BOOL -> {
        boolean[] z = (boolean[]) y;
        for (int i = 0; i < n; i++) {
          z[yo + i] = x[xo + i] != 0;
        }
      }
      case I32 -> {
        long[] w = (long[]) y;
        for (int i = 0; i < n; i++) {
          w[yo + i] = (int) x[xo + i];
        }
      }
      case I64 -> {
        long[] w = (long[]) y;
        for (int i = 0; i < n; i++) {
          w[yo + i] = (long) x[xo + i];
        }
      }
      case F32 -> System.arraycopy(x, xo, y, yo, n);
      case F64 -> {
        double[] d = (double[]) y;
        for (int i = 0; i < n; i++) {
          d[yo + i] = x[xo + i];
        }
      }
    }
  }

  private static void ofDouble(DType to, int n, double[] x, int xo, Object y, int yo) {
    switch (to) {
      case BOOL -> {
        boolean[] z = (boolean[]) y;
        for (int i = 0; i < n; i++) {
          z[yo + i] = x[xo + i] != 0;
        }
      }
      case I32 -> {
        long[] w = (long[]) y;
        for (int i = 0; i < n; i++) {
          w[yo + i] = (int) x[xo + i];
        }
      }
      case I64 -> {
        long[] w = (long[]) y;
        for (int i = 0; i < n; i++) {
          w[yo + i] = (long) x[xo + i];
        }
      }
      case F32 -> {
        float[] f = (float[]) y;
        for (int i = 0; i < n; i++) {
          f[yo + i] = (float) x[xo + i];
        }
      }
      case F64 -> System.arraycopy(x, xo, y, yo, n);
    }
  }
}
