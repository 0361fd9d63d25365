package org.cotangent.autograd.cpu;

import static org.cotangent.autograd.cpu.LanesF32.L;
import static org.cotangent.autograd.cpu.LanesF32.S;

import jdk.incubator.vector.FloatVector;

/// Copies of parts of operands in the order in which the tiles read them, and of tiles.
final class GemmPackF32 {
  private GemmPackF32() {}

  /// How far behind the end of a copy waste may be written.
  static final int WASTE = L * GemmF32.NR;

  /// Arrays from so many numbers on are not in the second-level cache when they are packed: 1 MB.
  private static final int FAR = (1 << 20) / Float.BYTES;

  /// Numbers in a line of the cache.
  private static final int LINE = 64 / Float.BYTES;

  /// Rows as they are, [GemmF32#STRIDE] apart, which leaves room for what the last vector of a row
  /// copies beyond its end.
  static void rows(int count, int kc, float[] a, int ao, int lda, float[] rows) {
    int last = a.length - (kc + L - 1) / L * L; // from where whole vectors can be read
    for (int i = 0; i < count; i++) {
      int from = ao + i * lda;
      int to = i * GemmF32.STRIDE;
      if (from <= last) {
        for (int k = 0; k < kc; k += L) {
          FloatVector.fromArray(S, a, from + k).intoArray(rows, to + k);
        }
      } else {
        System.arraycopy(a, from, rows, to, kc);
      }
    }
  }

  /// Panels of as many rows as a tile has, k-major, from row `first` of a block of `mc` rows on.
  static void panels(
      boolean trans, float[] a, int ao, int lda, int first, int mc, int kc, float[] panels) {
    int i = first;
    if (trans) {
      int full = (mc - first) / GemmF32.MR;
      gather(full, kc, a, ao + first, lda, panels);
      i += full * GemmF32.MR;
    }
    for (; i < mc; i += GemmF32.MR) {
      int h = Math.min(GemmF32.MR, mc - i);
      int to = (i - first) * kc;
      if (trans) {
        few(h, 0, kc, a, ao + i, lda, panels, to, GemmF32.height(h));
      } else {
        transpose(h, kc, a, ao + i * lda, lda, panels, to, GemmF32.height(h));
      }
    }
  }

  /// `n` columns of `kc` terms, k-major as one panel of this height.
  static void panel(
      int n, int kc, float[] x, int xo, int term, int column, float[] panel, int height) {
    for (int j = 0; j < n; j++) {
      for (int k = 0; k < kc; k++) {
        panel[k * height + j] = x[xo + j * column + k * term];
      }
    }
  }

  /// Neighbours of each of `kc` rows to `count` panels: panel by panel, each cache line would be
  /// fetched several times, and rows a power of two apart would have been driven out by then.
  private static void gather(int count, int kc, float[] x, int xo, int step, float[] y) {
    int mr = GemmF32.MR;
    // Whole vectors write beyond a panel's row: into the next one, but not into the next panel.
    int whole = Math.min(kc - 1, whole(x.length - count * mr - L, xo, step, kc));
    for (int k = 0; k < whole; k++) {
      for (int q = 0; q < count; q++) {
        for (int v = 0; v < mr; v += L) {
          FloatVector.fromArray(S, x, xo + k * step + q * mr + v)
              .intoArray(y, (q * kc + k) * mr + v);
        }
      }
    }
    for (int k = whole; k < kc; k++) {
      for (int q = 0; q < count; q++) {
        System.arraycopy(x, xo + k * step + q * mr, y, (q * kc + k) * mr, mr);
      }
    }
  }

  private static void few(
      int n, int k, int kc, float[] x, int xo, int step, float[] y, int to, int width) {
    for (; k < kc; k++) {
      for (int j = 0; j < n; j++) {
        y[to + k * width + j] = x[xo + k * step + j];
      }
    }
  }

  /// A strip of [GemmF32#NR] columns.
  static void fullStrip(int kc, float[] b, int bo, int ldb, float[] strip, int to) {
    for (int k = 0; k < kc; k++) {
      FloatVector.fromArray(S, b, bo + k * ldb).intoArray(strip, to + k * GemmF32.NR);
      FloatVector.fromArray(S, b, bo + k * ldb + L).intoArray(strip, to + k * GemmF32.NR + L);
    }
  }

  /// A strip of less than [GemmF32#NR] columns. What stands beyond them is waste, which no lane
  /// that counts ever meets.
  static void strip(int nr, int kc, float[] b, int bo, int ldb, float[] strip, int to) {
    if (nr > L) {
      part(nr - L, kc, b, bo + L, ldb, strip, to + L);
    }
    part(Math.min(nr, L), kc, b, bo, ldb, strip, to);
  }

  /// How many of `count` places, the first at `from`, lie at `last` at most.
  static int whole(int last, int from, int step, int count) {
    return from > last ? 0 : step <= 0 ? count : Math.min(count, (last - from) / step + 1);
  }

  private static void part(int n, int kc, float[] b, int bo, int ldb, float[] strip, int to) {
    int whole = whole(b.length - L, bo, ldb, kc);
    for (int k = 0; k < whole; k++) {
      FloatVector.fromArray(S, b, bo + k * ldb).intoArray(strip, to + k * GemmF32.NR);
    }
    few(n, whole, kc, b, bo, ldb, strip, to, GemmF32.NR);
  }

  /// A strip of `nr` columns, the rows of `b`.
  static void transposedStrip(int nr, int kc, float[] b, int bo, int ldb, float[] strip, int to) {
    transpose(nr, kc, b, bo, ldb, strip, to, GemmF32.NR);
  }

  /// `rows` rows of `kc` neighbours become columns of rows `width` apart. What stands beyond may be
  /// overwritten if it comes later in the array: [#WASTE].
  private static void transpose(
      int rows, int kc, float[] x, int xo, int step, float[] y, int to, int width) {
    // A block writes whole vectors, so the last rows go first: those before them overwrite the
    // rest.
    for (int r = (rows - 1) / L * L; r >= 0; r -= L) {
      int h = Math.min(L, rows - r);
      int from = xo + r * step;
      boolean inside = kc >= L || Math.max(from, from + (h - 1) * step) + L <= x.length;
      if (inside && 4 * h >= L) {
        if (x.length >= FAR) {
          y[to + r] = fetched(h, kc, x, from, step); // the first block overwrites it
        }
        blocks(h, kc, x, from, step, y, to + r, width);
      } else {
        for (int q = 0; q < h; q++) {
          for (int k = 0; k < kc; k++) {
            y[to + k * width + r + q] = x[from + q * step + k];
          }
        }
      }
    }
  }

  /// Reads a number of each line of some rows and adds them, so that they are read indeed. A block
  /// asks for a line of each row and waits; here nothing waits, so lines come many at a time.
  private static float fetched(int rows, int n, float[] x, int xo, int step) {
    float sum = 0;
    for (int r = 0; r < rows; r++) {
      for (int k = 0; k < n; k += LINE) {
        sum += x[xo + r * step + k];
      }
    }
    return sum;
  }

  private static void blocks(
      int h, int kc, float[] x, int xo, int step, float[] y, int to, int width) {
    for (int k = 0; k < kc; k += L) {
      int at = Math.max(0, Math.min(k, kc - L)); // the last block may do some columns again
      TransposeF32.block(x, xo + at, step, h, y, to + at * width, width);
    }
  }

  /// Copies `h` rows of `n` numbers of a tile, `step` apart, to C or, if `more`, adds them to it.
  static void unpack(
      int h, int n, float[] tile, int from, int step, float[] c, int co, int ldc, boolean more) {
    int r = 0;
    if (ldc == n && n < L && !more) { // whole vectors: the next rows overwrite what is too much
      for (; (h - r) * n >= L; r++) {
        FloatVector.fromArray(S, tile, from + r * step).intoArray(c, co + r * n);
      }
    }
    for (; r < h; r++) {
      int at = from + r * step;
      int to = co + r * ldc;
      if (more) {
        for (int j = 0; j < n; j++) {
          c[to + j] += tile[at + j];
        }
      } else if (n < L) { // a call for a few numbers costs more than they do
        for (int j = 0; j < n; j++) {
          c[to + j] = tile[at + j];
        }
      } else {
        System.arraycopy(tile, at, c, to, n);
      }
    }
  }

  /// The same of a tile whose columns are `step` apart.
  static void unpackTransposed(
      int h, int n, float[] tile, int step, float[] c, int co, int ldc, boolean more) {
    for (int j = 0; j < n; j++) {
      for (int r = 0; r < h; r++) {
        int to = co + r * ldc + j;
        float s = tile[j * step + r];
        c[to] = more ? c[to] + s : s;
      }
    }
  }
}
