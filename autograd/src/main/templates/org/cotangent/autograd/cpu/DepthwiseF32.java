package org.cotangent.autograd.cpu;

import static org.cotangent.autograd.cpu.LanesF32.L;
import static org.cotangent.autograd.cpu.LanesF32.S;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import org.cotangent.autograd.shape.Sliding;

/// Convolutions of one channel of the input at a time ("depthwise"), without products of matrices,
/// which would have one row each: vectors run along the rows of the output.
///
/// A plane of the input is laid out so that what a tap meets in a row of the output are neighbours:
/// within zeros as far as the taps reach, and, with a stride, the columns of each remainder
/// together. An object is the workspace of one thread at a time.
final class DepthwiseF32 {
  private float[] plane = {};
  private int[] tap = {}; // where each meets the first place of the output
  private final float[] end = new float[L];

  private int outputs; // columns
  private int height;
  private int pitch; // of the plane's rows
  private int step; // of a row of the output in the plane

  /// Numbers in a laid-out plane.
  static long size(ConvSizes s) {
    return (long) s.columns().stride() * s.rows().reach() * pitch(s);
  }

  private static long pitch(ConvSizes s) {
    Sliding c = s.columns();
    long reach = (c.kernel() - 1L) * c.dilation();
    return c.output() + reach / c.stride() + L; // whole vectors may be read from any place
  }

  private void layOut(ConvSizes s) {
    int stride = s.columns().stride();
    outputs = s.columns().output();
    height = s.rows().reach();
    pitch = (int) pitch(s);
    step = s.rows().stride() * pitch;
    int size = (int) size(s);
    if (plane.length < size) {
      plane = new float[size];
    } else {
      Arrays.fill(plane, 0, size, 0f);
    }
    int taps = s.tapsEach();
    tap = tap.length == taps ? tap : new int[taps];
    for (int t = 0; t < taps; t++) {
      int row = t / s.columns().kernel() * s.rows().dilation();
      int column = t % s.columns().kernel() * s.columns().dilation();
      tap[t] = at(row, column, stride);
    }
  }

  private int at(int row, int column, int stride) {
    return (column % stride * height + row) * pitch + column / stride;
  }

  /// Copies what taps meet of a plane of the input here, or back.
  private void move(ConvSizes s, float[] x, int xo, boolean back) {
    int stride = s.columns().stride();
    int top = s.rows().before();
    int left = s.columns().before();
    int firstColumn = Math.max(0, -left);
    int lastRow = Math.min(s.rows().input(), s.rows().reach() - top);
    int lastColumn = Math.min(s.columns().input(), s.columns().reach() - left);
    for (int r = Math.max(0, -top); r < lastRow; r++) {
      int from = xo + r * s.columns().input();
      for (int c = firstColumn; c < Math.min(firstColumn + stride, lastColumn); c++) {
        int to = at(r + top, c + left, stride);
        int n = (lastColumn - c + stride - 1) / stride;
        if (back) {
          copy(n, plane, to, 1, x, from + c, stride);
        } else {
          copy(n, x, from + c, stride, plane, to, 1);
        }
      }
    }
  }

  private static void copy(
      int n, float[] from, int at, int step, float[] to, int place, int stepTo) {
    if (step == 1 && stepTo == 1) {
      System.arraycopy(from, at, to, place, n);
    } else {
      for (int i = 0; i < n; i++) {
        to[place + i * stepTo] = from[at + i * step];
      }
    }
  }

  /// The output for planes `first` to `last - 1` of the input, counted through all images.
  void output(
      ConvSizes s, int first, int last, float[] x, int xo, float[] w, int wo, float[] y, int yo) {
    layOut(s);
    int inputs = s.rows().input() * s.columns().input();
    for (int p = first; p < last; p++) {
      move(s, x, xo + p * inputs, false);
      for (int k = 0; k < s.out(); k++) {
        int kernel = wo + (p % s.groups() * s.out() + k) * tap.length;
        output(s, w, kernel, y, yo + (p * s.out() + k) * s.positions());
      }
    }
  }

  private void output(ConvSizes s, float[] w, int wo, float[] y, int yo) {
    for (int r = 0; r < s.rows().output(); r++) {
      for (int j = 0; j < outputs; j += L) {
        int from = r * step + j;
        FloatVector sum = FloatVector.zero(S);
        for (int t = 0; t < tap.length; t++) {
          sum =
              FloatVector.fromArray(S, plane, from + tap[t])
                  .fma(FloatVector.broadcast(S, w[wo + t]), sum);
        }
        int to = yo + r * outputs + j;
        if (j + L <= outputs) {
          sum.intoArray(y, to);
        } else {
          sum.intoArray(end, 0);
          System.arraycopy(end, 0, y, to, outputs - j);
        }
      }
    }
  }

  /// The gradient of planes `first` to `last - 1` of the input, which are zero.
  void input(
      ConvSizes s, int first, int last, float[] y, int yo, float[] w, int wo, float[] x, int xo) {
    layOut(s);
    int inputs = s.rows().input() * s.columns().input();
    for (int p = first; p < last; p++) {
      Arrays.fill(plane, 0, (int) size(s), 0f);
      for (int k = 0; k < s.out(); k++) {
        int kernel = wo + (p % s.groups() * s.out() + k) * tap.length;
        int from = yo + (p * s.out() + k) * s.positions();
        // Tap by tap: what overlaps the last store would wait for it.
        for (int t = 0; t < tap.length; t++) {
          spread(s, y, from, w[kernel + t], tap[t]);
        }
      }
      move(s, x, xo + p * inputs, true);
    }
  }

  private void spread(ConvSizes s, float[] y, int yo, float w, int to) {
    VectorMask<Float> some = S.indexInRange(0, outputs % L);
    int whole = outputs - outputs % L;
    for (int r = 0; r < s.rows().output(); r++) {
      int from = yo + r * outputs;
      int at = to + r * step;
      for (int j = 0; j < whole; j += L) {
        FloatVector old = FloatVector.fromArray(S, plane, at + j);
        FloatVector.fromArray(S, y, from + j)
            .fma(FloatVector.broadcast(S, w), old)
            .intoArray(plane, at + j);
      }
      if (whole < outputs) {
        FloatVector old = FloatVector.fromArray(S, plane, at + whole);
        FloatVector.fromArray(S, y, from + whole, some)
            .fma(FloatVector.broadcast(S, w), old)
            .intoArray(plane, at + whole, some);
      }
    }
  }

  /// The gradient of the kernels of groups `first` to `last - 1`, which are zero: image by image, in each vectors
  /// of partial sums.
  void kernels(
      ConvSizes s, int first, int last, float[] x, int xo, float[] y, int yo, float[] dw, int to) {
    layOut(s);
    int inputs = s.rows().input() * s.columns().input();
    for (int g = first; g < last; g++) {
      for (int image = 0; image < s.images(); image++) {
        int p = image * s.groups() + g;
        move(s, x, xo + p * inputs, false);
        for (int k = 0; k < s.out(); k++) {
          int from = yo + (p * s.out() + k) * s.positions();
          for (int t = 0; t < tap.length; t++) {
            dw[to + (g * s.out() + k) * tap.length + t] += met(s, y, from, tap[t]);
          }
        }
      }
    }
  }

  /// What a tap says: the sum of the products with what it meets.
  private float met(ConvSizes s, float[] y, int yo, int tap) {
    VectorMask<Float> some = S.indexInRange(0, outputs % L);
    int whole = outputs - outputs % L;
    FloatVector even = FloatVector.zero(S);
    FloatVector odd = even;
    FloatVector ends = even;
    for (int r = 0; r < s.rows().output(); r++) {
      int from = yo + r * outputs;
      int at = tap + r * step;
      int j = 0;
      for (; j <= whole - 2 * L; j += 2 * L) {
        even =
            FloatVector.fromArray(S, plane, at + j)
                .fma(FloatVector.fromArray(S, y, from + j), even);
        odd =
            FloatVector.fromArray(S, plane, at + j + L)
                .fma(FloatVector.fromArray(S, y, from + j + L), odd);
      }
      if (j < whole) {
        even =
            FloatVector.fromArray(S, plane, at + j)
                .fma(FloatVector.fromArray(S, y, from + j), even);
      }
      if (whole
          < outputs) { // numbers that this tap does not meet are left out: they may be infinite
        ends =
            FloatVector.fromArray(S, plane, at + whole, some)
                .fma(FloatVector.fromArray(S, y, from + whole, some), ends);
      }
    }
    return ReduceF32.across(even.add(odd).add(ends));
  }
}
