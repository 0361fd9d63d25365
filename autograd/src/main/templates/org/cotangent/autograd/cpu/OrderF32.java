package org.cotangent.autograd.cpu;

import java.util.Arrays;

/// Running sums and orders along an axis of `n`, with `inner` numbers between its neighbours.
final class OrderF32 {
  private OrderF32() {}

  /// Shorter stretches are sorted by insertion.
  private static final int SHORT = 16;

  /// Sums are kept in double: rounding errors of single sums would add up to n of them.
  @SuppressWarnings("cast") // in the twin
  static void cumSum(
      int outer, int n, int inner, boolean reverse, float[] x, int xo, float[] y, int yo) {
    double[] sum = new double[inner];
    for (int o = 0; o < outer; o++) {
      Arrays.fill(sum, 0);
      for (int j = 0; j < n; j++) {
        int at = (o * n + (reverse ? n - 1 - j : j)) * inner;
        for (int i = 0; i < inner; i++) {
          sum[i] += x[xo + at + i];
          y[yo + at + i] = (float) sum[i];
        }
      }
    }
  }

  /// Stable: equal numbers stay as they were; a NaN is larger than all but a NaN.
  static void argSort(
      int outer, int n, int inner, boolean descending, float[] x, int xo, long[] y, int yo) {
    float[] row = new float[n];
    int[] order = new int[n];
    int[] spare = new int[n];
    for (int o = 0; o < outer; o++) {
      for (int i = 0; i < inner; i++) {
        int at = o * n * inner + i;
        for (int j = 0; j < n; j++) {
          row[j] = x[xo + at + j * inner];
        }
        int[] sorted = sorted(row, descending, order, spare);
        for (int j = 0; j < n; j++) {
          y[yo + at + j * inner] = sorted[j];
        }
      }
    }
  }

  /// Merge sort from below; gives one of the two arrays.
  private static int[] sorted(float[] row, boolean descending, int[] a, int[] b) {
    int n = row.length;
    for (int from = 0; from < n; from += SHORT) {
      insert(row, descending, a, from, Math.min(from + SHORT, n));
    }
    int[] from = a;
    int[] to = b;
    for (long width = SHORT; width < n; width *= 2) {
      for (long lo = 0; lo < n; lo += 2 * width) {
        int mid = (int) Math.min(lo + width, n);
        int hi = (int) Math.min(lo + 2 * width, n);
        merge(row, descending, from, (int) lo, mid, hi, to);
      }
      int[] swap = from;
      from = to;
      to = swap;
    }
    return from;
  }

  private static void insert(float[] row, boolean descending, int[] order, int from, int to) {
    for (int i = from; i < to; i++) {
      int j = i;
      for (; j > from && isAfter(row[order[j - 1]], row[i], descending); j--) {
        order[j] = order[j - 1];
      }
      order[j] = i;
    }
  }

  private static void merge(
      float[] row, boolean descending, int[] from, int lo, int mid, int hi, int[] to) {
    int i = lo;
    int j = mid;
    for (int k = lo; k < hi; k++) {
      boolean right = i == mid || (j < hi && isAfter(row[from[i]], row[from[j]], descending));
      to[k] = right ? from[j++] : from[i++];
    }
  }

  private static boolean isAfter(float a, float b, boolean descending) {
    return descending ? isLarger(b, a) : isLarger(a, b);
  }

  private static boolean isLarger(float a, float b) {
    return a > b || (Float.isNaN(a) && !Float.isNaN(b));
  }
}
