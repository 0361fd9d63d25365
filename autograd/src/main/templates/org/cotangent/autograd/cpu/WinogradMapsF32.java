package org.cotangent.autograd.cpu;

import static org.cotangent.autograd.cpu.LanesF32.L;
import static org.cotangent.autograd.cpu.LanesF32.S;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/// The transformations of [WinogradF32], on vectors of images: the same places of `lanes` images
/// are neighbours, `[channel, place, image]`, with one place more in each plane than it has, for
/// all that lies outside. What is transformed is 16 matrices, `step` apart, of a row a channel, of
/// `width` numbers: `lanes` for each tile.
final class WinogradMapsF32 {
  private WinogradMapsF32() {}

  /// Rows `FIRST[i]` and `SECOND[i]` of a tile of the input are added for row `i = 1` of its
  /// transformed, subtracted for the others: Bᵀ of the paper.
  private static final int[] FIRST = {0, 1, 2, 1};

  private static final int[] SECOND = {2, 2, 1, 3};

  /// Taps of a kernel, and as many as whole vectors hold.
  private static final int TAPS = 9;

  private static final int WHOLE = (TAPS + L - 1) / L * L;

  /// Tiles `first` to `first + count - 1` of a channel of the input: Bᵀ x B.
  static void input(
      WinogradTiles tiles,
      int first,
      int count,
      int lanes,
      float[] x,
      int xo,
      float[] v,
      int to,
      int step) {
    for (int t = 0; t < count; t++) {
      for (int i = 0; i < 4; i++) {
        for (int l = 0; l < lanes; l += L) {
          int from = xo + l;
          FloatVector r0 = inputRow(i, 0, tiles, first + t, lanes, x, from);
          FloatVector r1 = inputRow(i, 1, tiles, first + t, lanes, x, from);
          FloatVector r2 = inputRow(i, 2, tiles, first + t, lanes, x, from);
          FloatVector r3 = inputRow(i, 3, tiles, first + t, lanes, x, from);
          int at = to + t * lanes + l + 4 * i * step;
          r0.sub(r2).intoArray(v, at);
          r1.add(r2).intoArray(v, at + step);
          r2.sub(r1).intoArray(v, at + 2 * step);
          r1.sub(r3).intoArray(v, at + 3 * step);
        }
      }
    }
  }

  private static FloatVector inputRow(
      int i, int column, WinogradTiles tiles, int tile, int lanes, float[] x, int from) {
    int a = tiles.in(tile, 4 * FIRST[i] + column);
    int b = tiles.in(tile, 4 * SECOND[i] + column);
    FloatVector first = FloatVector.fromArray(S, x, from + a * lanes);
    FloatVector second = FloatVector.fromArray(S, x, from + b * lanes);
    return i == 1 ? first.add(second) : first.sub(second);
  }

  /// Tiles of a channel of the output's gradient: A y Aᵀ.
  static void gradient(
      WinogradTiles tiles,
      int first,
      int count,
      int lanes,
      float[] y,
      int yo,
      float[] z,
      int to,
      int step) {
    for (int t = 0; t < count; t++) {
      int p = yo + tiles.out(first + t, 0) * lanes;
      int q = yo + tiles.out(first + t, 1) * lanes;
      int r = yo + tiles.out(first + t, 2) * lanes;
      int s = yo + tiles.out(first + t, 3) * lanes;
      for (int l = 0; l < lanes; l += L) {
        FloatVector y0 = FloatVector.fromArray(S, y, p + l);
        FloatVector y1 = FloatVector.fromArray(S, y, q + l);
        FloatVector y2 = FloatVector.fromArray(S, y, r + l);
        FloatVector y3 = FloatVector.fromArray(S, y, s + l);
        int at = to + t * lanes + l;
        gradientRow(y0, y1, z, at, step);
        gradientRow(y0.add(y2), y1.add(y3), z, at + 4 * step, step);
        gradientRow(y0.sub(y2), y1.sub(y3), z, at + 8 * step, step);
        gradientRow(y2.neg(), y3.neg(), z, at + 12 * step, step);
      }
    }
  }

  private static void gradientRow(FloatVector a, FloatVector b, float[] z, int at, int step) {
    a.intoArray(z, at);
    a.add(b).intoArray(z, at + step);
    a.sub(b).intoArray(z, at + 2 * step);
    b.neg().intoArray(z, at + 3 * step);
  }

  /// Tiles of a channel of the output: Aᵀ m A.
  static void output(
      WinogradTiles tiles,
      int first,
      int count,
      int lanes,
      float[] m,
      int from,
      int step,
      float[] y,
      int yo) {
    for (int t = 0; t < count; t++) {
      for (int l = 0; l < lanes; l += L) {
        int at = from + t * lanes + l;
        for (int i = 0; i < 2; i++) {
          FloatVector s0 = outputRow(i, m, at, step);
          FloatVector s1 = outputRow(i, m, at + step, step);
          FloatVector s2 = outputRow(i, m, at + 2 * step, step);
          FloatVector s3 = outputRow(i, m, at + 3 * step, step);
          int left = yo + tiles.out(first + t, 2 * i) * lanes + l;
          int right = yo + tiles.out(first + t, 2 * i + 1) * lanes + l;
          s0.add(s1).add(s2).intoArray(y, left);
          s1.sub(s2).sub(s3).intoArray(y, right);
        }
      }
    }
  }

  private static FloatVector outputRow(int i, float[] m, int at, int step) {
    FloatVector m1 = FloatVector.fromArray(S, m, at + 4 * step);
    FloatVector m2 = FloatVector.fromArray(S, m, at + 8 * step);
    return i == 0
        ? FloatVector.fromArray(S, m, at).add(m1).add(m2)
        : m1.sub(m2).sub(FloatVector.fromArray(S, m, at + 12 * step));
  }

  /// Kernels `first` to `end - 1`, of 9 taps each from `wo` on: G w Gᵀ, a number each in 16 arrays.
  static void kernels(int first, int end, float[] w, int wo, float[] u, int step) {
    float[] rest = new float[TAPS * L + L]; // transposing reads beyond the last kernel
    float[] taps = new float[WHOLE * L];
    float[] rows = new float[4 * 3 * L];
    for (int q = first; q < end; q += L) {
      float[] from = w;
      int at = wo + TAPS * q;
      if (q + 2 * L > end) {
        System.arraycopy(w, at, rest, 0, TAPS * Math.min(L, end - q));
        from = rest;
        at = 0;
      }
      for (int t = 0; t < TAPS; t += L) {
        TransposeF32.block(from, at + t, TAPS, L, taps, t * L, L);
      }
      for (int j = 0; j < 3; j++) {
        kernelColumn(taps, j * L, rows);
      }
      for (int i = 0; i < 4; i++) {
        kernelRow(rows, 3 * i * L, u, q + 4 * i * step, step);
      }
    }
  }

  // What follows is passed in arrays: the compiler does not inline so much, and a vector that is
  // passed to a method which is not inlined becomes an object.

  private static FloatVector half(FloatVector x) {
    return x.mul(0.5f);
  }

  /// Column `j` of G w, which begins at `at = j L` as that of w does.
  private static void kernelColumn(float[] w, int at, float[] rows) {
    FloatVector a = FloatVector.fromArray(S, w, at);
    FloatVector b = FloatVector.fromArray(S, w, at + 3 * L);
    FloatVector c = FloatVector.fromArray(S, w, at + 6 * L);
    FloatVector ends = a.add(c);
    a.intoArray(rows, at);
    half(ends.add(b)).intoArray(rows, at + 3 * L);
    half(ends.sub(b)).intoArray(rows, at + 6 * L);
    c.intoArray(rows, at + 9 * L);
  }

  /// A row of (G w) Gᵀ.
  private static void kernelRow(float[] rows, int at, float[] u, int to, int step) {
    FloatVector a = FloatVector.fromArray(S, rows, at);
    FloatVector b = FloatVector.fromArray(S, rows, at + L);
    FloatVector c = FloatVector.fromArray(S, rows, at + 2 * L);
    FloatVector ends = a.add(c);
    a.intoArray(u, to);
    half(ends.add(b)).intoArray(u, to + step);
    half(ends.sub(b)).intoArray(u, to + 2 * step);
    c.intoArray(u, to + 3 * step);
  }

  /// The gradient of kernels `first` to `end - 1`: Gᵀ u G.
  static void kernelGradients(int first, int end, float[] u, int step, float[] w, int wo) {
    float[] taps = new float[WHOLE * L];
    for (int q = first; q < end; q += L) {
      for (int i = 0; i < 3; i++) {
        FloatVector h0 = kernelGradientRow(i, u, q, step);
        FloatVector h1 = kernelGradientRow(i, u, q + step, step);
        FloatVector h2 = kernelGradientRow(i, u, q + 2 * step, step);
        FloatVector h3 = kernelGradientRow(i, u, q + 3 * step, step);
        FloatVector middle = half(h1.add(h2));
        h0.add(middle).intoArray(taps, 3 * i * L);
        half(h1.sub(h2)).intoArray(taps, (3 * i + 1) * L);
        h3.add(middle).intoArray(taps, (3 * i + 2) * L);
      }
      int to = wo + TAPS * q;
      if (q + 2 * L <= end) { // what is written too much is written over by what comes next
        for (int t = WHOLE - L; t >= 0; t -= L) {
          TransposeF32.block(taps, t * L, L, L, w, to + t, TAPS);
        }
      } else {
        for (int k = 0; k < Math.min(L, end - q); k++) {
          for (int t = 0; t < TAPS; t++) {
            w[to + TAPS * k + t] = taps[t * L + k];
          }
        }
      }
    }
  }

  private static FloatVector kernelGradientRow(int i, float[] u, int at, int step) {
    FloatVector u1 = FloatVector.fromArray(S, u, at + 4 * step);
    FloatVector u2 = FloatVector.fromArray(S, u, at + 8 * step);
    return i == 1
        ? half(u1.sub(u2))
        : half(u1.add(u2)).add(FloatVector.fromArray(S, u, i == 0 ? at : at + 12 * step));
  }

  /// One channel of `images` images, of planes of `n` numbers `distance` apart, as `[place, image]`
  /// with zeros in the lanes beyond and in one more place.
  static void gather(
      int n, int images, int lanes, float[] x, int xo, int distance, float[] to, int at) {
    if (images < lanes) {
      Arrays.fill(to, at, at + n * lanes, 0f);
    }
    Arrays.fill(to, at + n * lanes, at + (n + 1) * lanes, 0f);
    int i = 0;
    for (; i <= images - L; i += L) {
      int p = 0;
      for (; p <= n - L; p += L) {
        TransposeF32.block(x, xo + i * distance + p, distance, L, to, at + p * lanes + i, lanes);
      }
      gatherPlainly(p, n, i, i + L, lanes, x, xo, distance, to, at);
    }
    gatherPlainly(0, n, i, images, lanes, x, xo, distance, to, at);
  }

  private static void gatherPlainly(
      int p,
      int n,
      int i,
      int end,
      int lanes,
      float[] x,
      int xo,
      int distance,
      float[] to,
      int at) {
    for (int place = p; place < n; place++) {
      for (int image = i; image < end; image++) {
        to[at + place * lanes + image] = x[xo + image * distance + place];
      }
    }
  }

  /// The way back from [#gather].
  static void spread(
      int n, int images, int lanes, float[] from, int at, float[] y, int yo, int distance) {
    int p = 0;
    for (; p <= n - L; p += L) {
      int i = 0;
      for (; i <= images - L; i += L) {
        TransposeF32.block(from, at + p * lanes + i, lanes, L, y, yo + i * distance + p, distance);
      }
      spreadPlainly(p, p + L, i, images, lanes, from, at, y, yo, distance);
    }
    spreadPlainly(p, n, 0, images, lanes, from, at, y, yo, distance);
  }

  private static void spreadPlainly(
      int p,
      int n,
      int i,
      int end,
      int lanes,
      float[] from,
      int at,
      float[] y,
      int yo,
      int distance) {
    for (int image = i; image < end; image++) {
      for (int place = p; place < n; place++) {
        y[yo + image * distance + place] = from[at + place * lanes + image];
      }
    }
  }
}
