package org.cotangent.autograd.cpu;

import org.cotangent.autograd.op.Op;

/// Elementwise operations on runs of integers and truths. Plain loops: they are indices and masks,
/// never the bulk of the work.
final class WholeKernels {
  private WholeKernels() {}

  static void unary(Op.Unary op, int n, long[] x, int xo, long[] y, int yo) {
    for (int i = 0; i < n; i++) {
      y[yo + i] = ScalarMath.unary(op, x[xo + i]);
    }
  }

  static void binary(Op.Binary op, int n, long[] a, int ao, long[] b, int bo, long[] y, int yo) {
    for (int i = 0; i < n; i++) {
      y[yo + i] = ScalarMath.binary(op, a[ao + i], b[bo + i]);
    }
  }

  static void clamp(long lo, long hi, int n, long[] x, int xo, long[] y, int yo) {
    for (int i = 0; i < n; i++) {
      y[yo + i] = Math.min(Math.max(x[xo + i], lo), hi);
    }
  }

  static void cutToInt(int n, long[] y, int yo) {
    for (int i = 0; i < n; i++) {
      y[yo + i] = (int) y[yo + i];
    }
  }

  static void compare(
      Op.Compare op, int n, long[] a, int ao, long[] b, int bo, boolean[] y, int yo) {
    for (int i = 0; i < n; i++) {
      y[yo + i] = ScalarMath.compare(op, a[ao + i], b[bo + i]);
    }
  }

  /// With false below true.
  static void compare(
      Op.Compare op, int n, boolean[] a, int ao, boolean[] b, int bo, boolean[] y, int yo) {
    for (int i = 0; i < n; i++) {
      y[yo + i] = ScalarMath.compare(op, a[ao + i] ? 1L : 0L, b[bo + i] ? 1L : 0L);
    }
  }

  static void logical(
      Op.Logical op, int n, boolean[] a, int ao, boolean[] b, int bo, boolean[] y, int yo) {
    switch (op) {
      case AND -> {
        for (int i = 0; i < n; i++) {
          y[yo + i] = a[ao + i] && b[bo + i];
        }
      }
      case OR -> {
        for (int i = 0; i < n; i++) {
          y[yo + i] = a[ao + i] || b[bo + i];
        }
      }
      case XOR -> {
        for (int i = 0; i < n; i++) {
          y[yo + i] = a[ao + i] ^ b[bo + i];
        }
      }
      case NOT -> {
        for (int i = 0; i < n; i++) {
          y[yo + i] = !a[ao + i];
        }
      }
    }
  }

  static void where(
      int n, boolean[] c, int co, long[] a, int ao, long[] b, int bo, long[] y, int yo) {
    for (int i = 0; i < n; i++) {
      y[yo + i] = c[co + i] ? a[ao + i] : b[bo + i];
    }
  }

  static void where(
      int n, boolean[] c, int co, boolean[] a, int ao, boolean[] b, int bo, boolean[] y, int yo) {
    for (int i = 0; i < n; i++) {
      y[yo + i] = c[co + i] ? a[ao + i] : b[bo + i];
    }
  }
}
