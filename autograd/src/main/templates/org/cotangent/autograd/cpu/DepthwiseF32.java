package org.cotangent.autograd.cpu;

import static org.cotangent.autograd.cpu.LanesF32.L;
import static org.cotangent.autograd.cpu.LanesF32.S;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.op.Op.Conv.Kind;
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

  /// One of the three for some planes of the input, counted through all images, or some groups if
  /// it is the kernels that are looked for.
  void run(Kind kind, ConvSizes s, int first, int last, Buffer x, Buffer w, Buffer y) {
    layOut(s);
    int xo = x.layout().offset();
    int wo = w.layout().offset();
    int yo = y.layout().offset();
    for (int i = first; i < last; i++) {
      switch (kind) {
        case OUTPUT -> output(s, i, array(x), xo, array(w), wo, array(y), yo);
        case INPUT -> input(s, i, array(y), yo, array(w), wo, array(x), xo);
        case KERNEL -> kernels(s, i, array(x), xo, array(y), yo, array(w), wo);
      }
    }
  }

  private static float[] array(Buffer x) {
    return x.f32(); // F32 only
    // F64: return x.f64();
  }

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

  /// The output for plane `p` of the input.
  private void output(ConvSizes s, int p, float[] x, int xo, float[] w, int wo, float[] y, int yo) {
    move(s, x, xo + p * inputs(s), false);
    for (int k = 0; k < s.out(); k++) {
      int kernel = wo + (p % s.groups() * s.out() + k) * tap.length;
      output(s, w, kernel, y, yo + (p * s.out() + k) * s.positions());
    }
  }

  private static int inputs(ConvSizes s) {
    return s.rows().input() * s.columns().input();
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

  /// The gradient of plane `p` of the input.
  private void input(ConvSizes s, int p, float[] y, int yo, float[] w, int wo, float[] x, int xo) {
    Arrays.fill(plane, 0, (int) size(s), 0f);
    for (int k = 0; k < s.out(); k++) {
      int kernel = wo + (p % s.groups() * s.out() + k) * tap.length;
      int from = yo + (p * s.out() + k) * s.positions();
      // Tap by tap: what overlaps the last store would wait for it.
      for (int t = 0; t < tap.length; t++) {
        spread(s, y, from, w[kernel + t], tap[t]);
      }
    }
    move(s, x, xo + p * inputs(s), true);
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

  /// The gradient of the kernels of a group, which is zero: image by image, in each vectors of
  /// partial sums.
  private void kernels(
      ConvSizes s, int g, float[] x, int xo, float[] y, int yo, float[] dw, int to) {
    for (int image = 0; image < s.images(); image++) {
      int p = image * s.groups() + g;
      move(s, x, xo + p * inputs(s), false);
      for (int k = 0; k < s.out(); k++) {
        int from = yo + (p * s.out() + k) * s.positions();
        for (int t = 0; t < tap.length; t++) {
          dw[to + (g * s.out() + k) * tap.length + t] += met(s, y, from, tap[t]);
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
