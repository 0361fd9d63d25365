package org.cotangent.autograd.cpu;

import jdk.incubator.vector.FloatVector;
import org.cotangent.autograd.backend.Buffer;

/// Parts of a convolution as matrix products with [ColumnsF32], whose strips are made just before
/// the product needs them: the matrix of what the taps meet never exists.
///
/// An object is the workspace of one thread at a time.
final class ConvF32 {
  private final GemmF32 gemm = new GemmF32();
  private final ColumnsF32 columns = new ColumnsF32();
  private final float[] rows = new float[GemmF32.NR * GemmF32.STRIDE + GemmPackF32.WASTE];
  private float[] result = {};
  private float[] left = {};
  private float[] turned = {};

  private static float[] array(Buffer x) {
    return x.f32(); // F32 only
    // F64: return x.f64();
  }

  /// Channels `first` to `first + count - 1` of the part's group of the output: `y = W X`, where
  /// `w` holds a row of all taps for each channel of the output, of all groups.
  void output(
      ConvSizes s, ConvPart part, Buffer x, float[] w, int wo, int first, int count, Buffer y) {
    columns.load(s, part, array(x), x.layout());
    int n = columns.positions();
    int k = s.taps();
    int row = part.group() * s.out() + first;
    int positions = s.positions();
    float[] out = array(y);
    int to = y.layout().offset() + (part.image() * s.groups() * s.out() + row) * positions;
    if (part.images() == 1) {
      int at = to + part.row() * s.columns().output();
      multiply(count, n, k, w, wo + row * k, out, at, positions);
      return;
    }
    float[] c = result(count * n);
    multiply(count, n, k, w, wo + row * k, c, 0, n);
    boolean mixed = ColumnsF32.interleaves(s, part);
    int step = mixed ? part.images() : 1;
    for (int o = 0; o < count; o++) {
      for (int i = 0; i < part.images(); i++) {
        int from = o * n + (mixed ? i : i * positions);
        int at = to + (i * s.groups() * s.out() + o) * positions;
        for (int p = 0; p < positions; p++) {
          out[at + p] = c[from + p * step];
        }
      }
    }
  }

  /// The group's channels of the part's images of the output side by side, a row each, in the order
  /// of the columns.
  private float[] together(ConvSizes s, ConvPart part, float[] y, int yo) {
    int positions = s.positions();
    int n = part.images() * positions;
    float[] all = left(s.out() * n);
    boolean mixed = ColumnsF32.interleaves(s, part);
    int step = mixed ? part.images() : 1;
    for (int o = 0; o < s.out(); o++) {
      for (int i = 0; i < part.images(); i++) {
        int at = o * n + (mixed ? i : i * positions);
        int from = yo + (i * s.groups() * s.out() + o) * positions;
        for (int p = 0; p < positions; p++) {
          all[at + p * step] = y[from + p];
        }
      }
    }
    return all;
  }

  private void multiply(int m, int n, int k, float[] w, int wo, float[] c, int co, int ldc) {
    if (isLarge(m, n, k)) {
      gemm.multiply(
          m,
          n,
          k,
          w,
          wo,
          k,
          (j, nr, p, kc, strip, to) -> columns.rows(p, kc, j, nr, strip, to, GemmF32.NR),
          c,
          co,
          ldc,
          false);
      return;
    }
    float[] met = left(k * n);
    columns.rows(0, k, 0, n, met, 0, n);
    gemm.multiply(false, false, m, n, k, w, wo, k, met, 0, n, c, co, ldc, false);
  }

  /// Whether the product goes to the kernels for large ones; the others need their operands whole.
  private static boolean isLarge(int m, int n, int k) {
    return LanesF32.FUSED && (long) m * n * k > ScalarBudget.LARGE;
  }

  /// Adds what the part's images say about the kernels of its group and channels: `dW = Y Xᵀ`, a
  /// row of `s.taps()` numbers for each channel of the output, in `dw` from `to` on.
  void kernels(ConvSizes s, ConvPart part, Buffer x, Buffer y, float[] dw, int to, boolean add) {
    columns.load(s, part, array(x), x.layout());
    int m = s.out();
    int n = part.channels() * s.tapsEach();
    int k = columns.positions();
    int positions = s.positions();
    float[] a = array(y);
    int ao = y.layout().offset() + (part.image() * s.groups() + part.group()) * s.out() * positions;
    int lda = positions;
    if (part.images() == 1) {
      ao += part.row() * s.columns().output();
    } else {
      a = together(s, part, a, ao);
      ao = 0;
      lda = k;
    }
    if (isLarge(m, n, k)) {
      gemm.multiply(m, n, k, a, ao, lda, this::turned, dw, to, s.taps(), add);
      return;
    }
    float[] met = result(n * k);
    columns.rows(0, n, 0, k, met, 0, k);
    gemm.multiply(false, true, m, n, k, a, ao, lda, met, 0, k, dw, to, s.taps(), add);
  }

  private void turned(int j, int nr, int p, int kc, float[] strip, int to) {
    columns.rows(j, nr, p, kc, rows, 0, GemmF32.STRIDE);
    GemmPackF32.transposedStrip(nr, kc, rows, 0, GemmF32.STRIDE, strip, to);
  }

  /// The part's images and channels of the input: what `Wᵀ Y` says about each tap, added up where
  /// the taps overlap.
  void input(ConvSizes s, ConvPart part, Buffer y, float[] w, int wo, Buffer x) {
    columns.clear(s, part);
    int m = part.channels() * s.tapsEach();
    int n = columns.positions();
    int k = s.out();
    int at = wo + part.group() * k * s.taps() + part.channel() * s.tapsEach();
    float[] b = array(y);
    int bo = y.layout().offset() + (part.image() * s.groups() + part.group()) * k * s.positions();
    if (part.images() > 1) {
      b = together(s, part, b, bo);
      bo = 0;
    }
    float[] met = result(Math.multiplyExact(m, n));
    gemm.multiply(true, false, m, n, k, w, at, s.taps(), b, bo, n, met, 0, n, false);
    columns.spread(s, part, met, array(x), x.layout());
  }

  private float[] result(int n) {
    if (result.length < n + LanesF32.L) {
      result = new float[n + LanesF32.L];
    }
    return result;
  }

  private float[] left(int n) {
    if (left.length < n + LanesF32.L) {
      left = new float[n + LanesF32.L];
    }
    return left;
  }

  /// Room for `n` numbers of [#turn].
  float[] turned(int n) {
    if (turned.length < n) {
      turned = new float[n];
    }
    return turned;
  }

  /// Kernels as they serve the gradient of the input: `[in, out taps]` of each group, for input
  /// channels `first` to `first + count - 1` of a group. Taps stay in their order.
  static void turn(
      ConvSizes s, int group, int first, int count, float[] w, int wo, float[] turned) {
    int taps = s.tapsEach();
    int whole = (taps + LanesF32.L - 1) / LanesF32.L * LanesF32.L;
    int from = wo + group * s.out() * s.taps();
    int to = group * s.out() * s.taps();
    for (int c = first; c < first + count; c += TURNED) {
      int most = Math.min(first + count, c + TURNED);
      for (int o = 0; o < s.out(); o++) {
        // Whole vectors spill over into what is written later, if that is still of this row.
        boolean spills = whole <= (s.out() - o) * taps;
        for (int i = c; i < most; i++) {
          int x = from + o * s.taps() + i * taps;
          int y = to + (i * s.out() + o) * taps;
          if (spills && x + whole <= w.length) {
            for (int q = 0; q < taps; q += LanesF32.L) {
              FloatVector.fromArray(LanesF32.S, w, x + q).intoArray(turned, y + q);
            }
          } else {
            for (int q = 0; q < taps; q++) {
              turned[y + q] = w[x + q];
            }
          }
        }
      }
    }
  }

  /// Rows that are written at a time: their ends stay in the first-level cache.
  private static final int TURNED = 16;
}
