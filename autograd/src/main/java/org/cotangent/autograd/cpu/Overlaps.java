package org.cotangent.autograd.cpu;

import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.backend.Layout;
import org.cotangent.autograd.backend.Walk;

/// Windows added up where they overlap.
final class Overlaps {
  private Overlaps() {}

  /// All first elements of the windows, then all second ones, and so on: no two of them meet, and
  /// each result is a sum in a fixed order.
  static void add(Buffer x, int axis, int step, int dilation, Buffer out) {
    Layout windows = x.layout();
    int last = windows.shape().rank() - 1;
    int count = windows.shape().dim(axis);
    if (windows.shape().size() == 0) {
      return;
    }
    for (int k = 0; k < windows.shape().dim(last); k++) {
      Layout from =
          windows.slice(last, k, 1, 1).reshape(windows.shape().without(last)).orElseThrow();
      Layout to = out.layout().slice(axis, k * dilation, count, step);
      Walk.over(to.shape(), from, to)
          .run((n, at, steps) -> add(n, x, at[0], steps[0], out, at[1], steps[1]));
    }
  }

  private static void add(int n, Buffer x, int xo, int xs, Buffer y, int yo, int ys) {
    switch (y.dtype()) {
      case F32 -> add(n, x.f32(), xo, xs, y.f32(), yo, ys);
      case F64 -> add(n, x.f64(), xo, xs, y.f64(), yo, ys);
      case I32 -> add(n, x.i32(), xo, xs, y.i32(), yo, ys);
      case I64 -> add(n, x.i64(), xo, xs, y.i64(), yo, ys);
      case BOOL -> throw new IllegalArgumentException("OVERLAP_ADD: not defined on BOOL");
    }
  }

  private static void add(int n, float[] x, int xo, int xs, float[] y, int yo, int ys) {
    for (int i = 0; i < n; i++) {
      y[yo + i * ys] += x[xo + i * xs];
    }
  }

  private static void add(int n, double[] x, int xo, int xs, double[] y, int yo, int ys) {
    for (int i = 0; i < n; i++) {
      y[yo + i * ys] += x[xo + i * xs];
    }
  }

  private static void add(int n, int[] x, int xo, int xs, int[] y, int yo, int ys) {
    for (int i = 0; i < n; i++) {
      y[yo + i * ys] += x[xo + i * xs];
    }
  }

  private static void add(int n, long[] x, int xo, int xs, long[] y, int yo, int ys) {
    for (int i = 0; i < n; i++) {
      y[yo + i * ys] += x[xo + i * xs];
    }
  }
}
