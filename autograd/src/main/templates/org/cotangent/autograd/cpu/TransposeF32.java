package org.cotangent.autograd.cpu;

import static org.cotangent.autograd.cpu.LanesF32.S;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;

/// Square blocks of numbers transposed in registers, written by tools/GemmTiles.java.
final class TransposeF32 {
  private TransposeF32() {}

  private static final VectorShuffle<Float> SWAP_1 = VectorShuffle.fromOp(S, i -> i ^ 1);
  private static final VectorMask<Float> ODD_1 = VectorMask.fromLong(S, 0xaaaaL);
  private static final VectorMask<Float> EVEN_1 = ODD_1.not();

  private static final VectorShuffle<Float> SWAP_2 = VectorShuffle.fromOp(S, i -> i ^ 2);
  private static final VectorMask<Float> ODD_2 = VectorMask.fromLong(S, 0xccccL);
  private static final VectorMask<Float> EVEN_2 = ODD_2.not();

  private static final VectorShuffle<Float> SWAP_4 = VectorShuffle.fromOp(S, i -> i ^ 4);
  private static final VectorMask<Float> ODD_4 = VectorMask.fromLong(S, 0xf0f0L);
  private static final VectorMask<Float> EVEN_4 = ODD_4.not();

  private static final VectorShuffle<Float> SWAP_8 = VectorShuffle.fromOp(S, i -> i ^ 8);
  private static final VectorMask<Float> ODD_8 = VectorMask.fromLong(S, 0xff00L);
  private static final VectorMask<Float> EVEN_8 = ODD_8.not();

  /// Column k of a block of as many rows as a vector has lanes, `step` apart, is written as
  /// neighbours from `to + k width` on, in ascending order. Rows from `rows` on are taken as the
  /// last one, so their lanes are waste, which the next column overwrites.
  static void block(float[] x, int xo, int step, int rows, float[] y, int to, int width) {
    switch (S.length()) {
      case 16 -> block16(x, xo, step, rows, y, to, width);
      case 8 -> block8(x, xo, step, rows, y, to, width);
      case 4 -> block4(x, xo, step, rows, y, to, width);
      default -> plain(x, xo, step, rows, y, to, width);
    }
  }

  private static void plain(float[] x, int xo, int step, int rows, float[] y, int to, int width) {
    for (int k = 0; k < S.length(); k++) {
      for (int r = 0; r < rows; r++) {
        y[to + k * width + r] = x[xo + r * step + k];
      }
    }
  }

  private static void block16(float[] x, int xo, int step, int rows, float[] y, int to, int width) {
    int last = rows - 1;
    FloatVector v0 = FloatVector.fromArray(S, x, xo + Math.min(0, last) * step);
    FloatVector v1 = FloatVector.fromArray(S, x, xo + Math.min(1, last) * step);
    FloatVector v2 = FloatVector.fromArray(S, x, xo + Math.min(2, last) * step);
    FloatVector v3 = FloatVector.fromArray(S, x, xo + Math.min(3, last) * step);
    FloatVector v4 = FloatVector.fromArray(S, x, xo + Math.min(4, last) * step);
    FloatVector v5 = FloatVector.fromArray(S, x, xo + Math.min(5, last) * step);
    FloatVector v6 = FloatVector.fromArray(S, x, xo + Math.min(6, last) * step);
    FloatVector v7 = FloatVector.fromArray(S, x, xo + Math.min(7, last) * step);
    FloatVector v8 = FloatVector.fromArray(S, x, xo + Math.min(8, last) * step);
    FloatVector v9 = FloatVector.fromArray(S, x, xo + Math.min(9, last) * step);
    FloatVector v10 = FloatVector.fromArray(S, x, xo + Math.min(10, last) * step);
    FloatVector v11 = FloatVector.fromArray(S, x, xo + Math.min(11, last) * step);
    FloatVector v12 = FloatVector.fromArray(S, x, xo + Math.min(12, last) * step);
    FloatVector v13 = FloatVector.fromArray(S, x, xo + Math.min(13, last) * step);
    FloatVector v14 = FloatVector.fromArray(S, x, xo + Math.min(14, last) * step);
    FloatVector v15 = FloatVector.fromArray(S, x, xo + Math.min(15, last) * step);
    FloatVector t;
    t = v0.blend(v1.rearrange(SWAP_1), ODD_1);
    v1 = v1.blend(v0.rearrange(SWAP_1), EVEN_1);
    v0 = t;
    t = v2.blend(v3.rearrange(SWAP_1), ODD_1);
    v3 = v3.blend(v2.rearrange(SWAP_1), EVEN_1);
    v2 = t;
    t = v4.blend(v5.rearrange(SWAP_1), ODD_1);
    v5 = v5.blend(v4.rearrange(SWAP_1), EVEN_1);
    v4 = t;
    t = v6.blend(v7.rearrange(SWAP_1), ODD_1);
    v7 = v7.blend(v6.rearrange(SWAP_1), EVEN_1);
    v6 = t;
    t = v8.blend(v9.rearrange(SWAP_1), ODD_1);
    v9 = v9.blend(v8.rearrange(SWAP_1), EVEN_1);
    v8 = t;
    t = v10.blend(v11.rearrange(SWAP_1), ODD_1);
    v11 = v11.blend(v10.rearrange(SWAP_1), EVEN_1);
    v10 = t;
    t = v12.blend(v13.rearrange(SWAP_1), ODD_1);
    v13 = v13.blend(v12.rearrange(SWAP_1), EVEN_1);
    v12 = t;
    t = v14.blend(v15.rearrange(SWAP_1), ODD_1);
    v15 = v15.blend(v14.rearrange(SWAP_1), EVEN_1);
    v14 = t;
    t = v0.blend(v2.rearrange(SWAP_2), ODD_2);
    v2 = v2.blend(v0.rearrange(SWAP_2), EVEN_2);
    v0 = t;
    t = v1.blend(v3.rearrange(SWAP_2), ODD_2);
    v3 = v3.blend(v1.rearrange(SWAP_2), EVEN_2);
    v1 = t;
    t = v4.blend(v6.rearrange(SWAP_2), ODD_2);
    v6 = v6.blend(v4.rearrange(SWAP_2), EVEN_2);
    v4 = t;
    t = v5.blend(v7.rearrange(SWAP_2), ODD_2);
    v7 = v7.blend(v5.rearrange(SWAP_2), EVEN_2);
    v5 = t;
    t = v8.blend(v10.rearrange(SWAP_2), ODD_2);
    v10 = v10.blend(v8.rearrange(SWAP_2), EVEN_2);
    v8 = t;
    t = v9.blend(v11.rearrange(SWAP_2), ODD_2);
    v11 = v11.blend(v9.rearrange(SWAP_2), EVEN_2);
    v9 = t;
    t = v12.blend(v14.rearrange(SWAP_2), ODD_2);
    v14 = v14.blend(v12.rearrange(SWAP_2), EVEN_2);
    v12 = t;
    t = v13.blend(v15.rearrange(SWAP_2), ODD_2);
    v15 = v15.blend(v13.rearrange(SWAP_2), EVEN_2);
    v13 = t;
    t = v0.blend(v4.rearrange(SWAP_4), ODD_4);
    v4 = v4.blend(v0.rearrange(SWAP_4), EVEN_4);
    v0 = t;
    t = v1.blend(v5.rearrange(SWAP_4), ODD_4);
    v5 = v5.blend(v1.rearrange(SWAP_4), EVEN_4);
    v1 = t;
    t = v2.blend(v6.rearrange(SWAP_4), ODD_4);
    v6 = v6.blend(v2.rearrange(SWAP_4), EVEN_4);
    v2 = t;
    t = v3.blend(v7.rearrange(SWAP_4), ODD_4);
    v7 = v7.blend(v3.rearrange(SWAP_4), EVEN_4);
    v3 = t;
    t = v8.blend(v12.rearrange(SWAP_4), ODD_4);
    v12 = v12.blend(v8.rearrange(SWAP_4), EVEN_4);
    v8 = t;
    t = v9.blend(v13.rearrange(SWAP_4), ODD_4);
    v13 = v13.blend(v9.rearrange(SWAP_4), EVEN_4);
    v9 = t;
    t = v10.blend(v14.rearrange(SWAP_4), ODD_4);
    v14 = v14.blend(v10.rearrange(SWAP_4), EVEN_4);
    v10 = t;
    t = v11.blend(v15.rearrange(SWAP_4), ODD_4);
    v15 = v15.blend(v11.rearrange(SWAP_4), EVEN_4);
    v11 = t;
    t = v0.blend(v8.rearrange(SWAP_8), ODD_8);
    v8 = v8.blend(v0.rearrange(SWAP_8), EVEN_8);
    v0 = t;
    t = v1.blend(v9.rearrange(SWAP_8), ODD_8);
    v9 = v9.blend(v1.rearrange(SWAP_8), EVEN_8);
    v1 = t;
    t = v2.blend(v10.rearrange(SWAP_8), ODD_8);
    v10 = v10.blend(v2.rearrange(SWAP_8), EVEN_8);
    v2 = t;
    t = v3.blend(v11.rearrange(SWAP_8), ODD_8);
    v11 = v11.blend(v3.rearrange(SWAP_8), EVEN_8);
    v3 = t;
    t = v4.blend(v12.rearrange(SWAP_8), ODD_8);
    v12 = v12.blend(v4.rearrange(SWAP_8), EVEN_8);
    v4 = t;
    t = v5.blend(v13.rearrange(SWAP_8), ODD_8);
    v13 = v13.blend(v5.rearrange(SWAP_8), EVEN_8);
    v5 = t;
    t = v6.blend(v14.rearrange(SWAP_8), ODD_8);
    v14 = v14.blend(v6.rearrange(SWAP_8), EVEN_8);
    v6 = t;
    t = v7.blend(v15.rearrange(SWAP_8), ODD_8);
    v15 = v15.blend(v7.rearrange(SWAP_8), EVEN_8);
    v7 = t;
    v0.intoArray(y, to + 0 * width);
    v1.intoArray(y, to + 1 * width);
    v2.intoArray(y, to + 2 * width);
    v3.intoArray(y, to + 3 * width);
    v4.intoArray(y, to + 4 * width);
    v5.intoArray(y, to + 5 * width);
    v6.intoArray(y, to + 6 * width);
    v7.intoArray(y, to + 7 * width);
    v8.intoArray(y, to + 8 * width);
    v9.intoArray(y, to + 9 * width);
    v10.intoArray(y, to + 10 * width);
    v11.intoArray(y, to + 11 * width);
    v12.intoArray(y, to + 12 * width);
    v13.intoArray(y, to + 13 * width);
    v14.intoArray(y, to + 14 * width);
    v15.intoArray(y, to + 15 * width);
  }

  private static void block8(float[] x, int xo, int step, int rows, float[] y, int to, int width) {
    int last = rows - 1;
    FloatVector v0 = FloatVector.fromArray(S, x, xo + Math.min(0, last) * step);
    FloatVector v1 = FloatVector.fromArray(S, x, xo + Math.min(1, last) * step);
    FloatVector v2 = FloatVector.fromArray(S, x, xo + Math.min(2, last) * step);
    FloatVector v3 = FloatVector.fromArray(S, x, xo + Math.min(3, last) * step);
    FloatVector v4 = FloatVector.fromArray(S, x, xo + Math.min(4, last) * step);
    FloatVector v5 = FloatVector.fromArray(S, x, xo + Math.min(5, last) * step);
    FloatVector v6 = FloatVector.fromArray(S, x, xo + Math.min(6, last) * step);
    FloatVector v7 = FloatVector.fromArray(S, x, xo + Math.min(7, last) * step);
    FloatVector t;
    t = v0.blend(v1.rearrange(SWAP_1), ODD_1);
    v1 = v1.blend(v0.rearrange(SWAP_1), EVEN_1);
    v0 = t;
    t = v2.blend(v3.rearrange(SWAP_1), ODD_1);
    v3 = v3.blend(v2.rearrange(SWAP_1), EVEN_1);
    v2 = t;
    t = v4.blend(v5.rearrange(SWAP_1), ODD_1);
    v5 = v5.blend(v4.rearrange(SWAP_1), EVEN_1);
    v4 = t;
    t = v6.blend(v7.rearrange(SWAP_1), ODD_1);
    v7 = v7.blend(v6.rearrange(SWAP_1), EVEN_1);
    v6 = t;
    t = v0.blend(v2.rearrange(SWAP_2), ODD_2);
    v2 = v2.blend(v0.rearrange(SWAP_2), EVEN_2);
    v0 = t;
    t = v1.blend(v3.rearrange(SWAP_2), ODD_2);
    v3 = v3.blend(v1.rearrange(SWAP_2), EVEN_2);
    v1 = t;
    t = v4.blend(v6.rearrange(SWAP_2), ODD_2);
    v6 = v6.blend(v4.rearrange(SWAP_2), EVEN_2);
    v4 = t;
    t = v5.blend(v7.rearrange(SWAP_2), ODD_2);
    v7 = v7.blend(v5.rearrange(SWAP_2), EVEN_2);
    v5 = t;
    t = v0.blend(v4.rearrange(SWAP_4), ODD_4);
    v4 = v4.blend(v0.rearrange(SWAP_4), EVEN_4);
    v0 = t;
    t = v1.blend(v5.rearrange(SWAP_4), ODD_4);
    v5 = v5.blend(v1.rearrange(SWAP_4), EVEN_4);
    v1 = t;
    t = v2.blend(v6.rearrange(SWAP_4), ODD_4);
    v6 = v6.blend(v2.rearrange(SWAP_4), EVEN_4);
    v2 = t;
    t = v3.blend(v7.rearrange(SWAP_4), ODD_4);
    v7 = v7.blend(v3.rearrange(SWAP_4), EVEN_4);
    v3 = t;
    v0.intoArray(y, to + 0 * width);
    v1.intoArray(y, to + 1 * width);
    v2.intoArray(y, to + 2 * width);
    v3.intoArray(y, to + 3 * width);
    v4.intoArray(y, to + 4 * width);
    v5.intoArray(y, to + 5 * width);
    v6.intoArray(y, to + 6 * width);
    v7.intoArray(y, to + 7 * width);
  }

  private static void block4(float[] x, int xo, int step, int rows, float[] y, int to, int width) {
    int last = rows - 1;
    FloatVector v0 = FloatVector.fromArray(S, x, xo + Math.min(0, last) * step);
    FloatVector v1 = FloatVector.fromArray(S, x, xo + Math.min(1, last) * step);
    FloatVector v2 = FloatVector.fromArray(S, x, xo + Math.min(2, last) * step);
    FloatVector v3 = FloatVector.fromArray(S, x, xo + Math.min(3, last) * step);
    FloatVector t;
    t = v0.blend(v1.rearrange(SWAP_1), ODD_1);
    v1 = v1.blend(v0.rearrange(SWAP_1), EVEN_1);
    v0 = t;
    t = v2.blend(v3.rearrange(SWAP_1), ODD_1);
    v3 = v3.blend(v2.rearrange(SWAP_1), EVEN_1);
    v2 = t;
    t = v0.blend(v2.rearrange(SWAP_2), ODD_2);
    v2 = v2.blend(v0.rearrange(SWAP_2), EVEN_2);
    v0 = t;
    t = v1.blend(v3.rearrange(SWAP_2), ODD_2);
    v3 = v3.blend(v1.rearrange(SWAP_2), EVEN_2);
    v1 = t;
    v0.intoArray(y, to + 0 * width);
    v1.intoArray(y, to + 1 * width);
    v2.intoArray(y, to + 2 * width);
    v3.intoArray(y, to + 3 * width);
  }
}
