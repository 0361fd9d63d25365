package org.cotangent.autograd.cpu;

import static org.cotangent.autograd.cpu.LanesF32.FUSED;
import static org.cotangent.autograd.cpu.LanesF32.L;
import static org.cotangent.autograd.cpu.LanesF32.S;
import static org.cotangent.autograd.cpu.LanesF32.fma;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/// The matrix product C = op(A) op(B) or C += op(A) op(B), where op transposes or not.
///
/// After Goto and van de Geijn, "Anatomy of high-performance matrix multiplication" (2008): tiles
/// of C in registers ([GemmRowsF32], [GemmPanelsF32]), strips of B in the first-level cache, blocks
/// of A in the second. An operand is copied into panels only where that pays. No masks: columns
/// beyond the last full vector go through a zero-padded strip and a small tile.
///
/// Each element of C is the sum over k in ascending order, with one rounding a term, in blocks of
/// at most [#KC]. So its bits depend neither on the tile it falls into nor on which part of C is
/// computed by whom.
///
/// An object is the workspace of one thread at a time.
final class GemmF32 {
  /// Rows of a tile: 12 rows by 2 vectors take 24 of 32 vector registers (beyond that the compiler
  /// begins to spill, measured); with the 16 registers of AVX and AVX2 4 rows by 2 fit.
  static final int MR =
      S.vectorBitSize() == 512 || System.getProperty("os.arch", "").equals("aarch64") ? 12 : 4;

  /// Columns of a tile.
  static final int NR = 2 * L;

  /// Terms between two additions to C; a strip of B then takes 32 KB.
  static final int KC = 256;

  /// Rows of A and columns of B that are packed at a time.
  static final int MC = 480; // F32 only

  // F64: static final int MC = 240;
  static final int NC = 4096;

  /// Copying pays from these sizes on (measured on AVX-512): B if read by so many rows, A by so
  /// many columns, A transposed likewise.
  private static final int PACK_B_ROWS = 72;

  private static final int PACK_A_COLUMNS = 320;
  private static final int PACK_AT_COLUMNS = 640;

  /// Products of so few terms are computed number by number: sooner done than a vector loop is
  /// compiled.
  private static final int SMALL = 8192;

  private final float[] tile = new float[MR * NR];
  private float[] aPanels = {};
  private float[] bStrips = {};

  private float[] aPanels(int n) {
    if (aPanels.length < n) {
      aPanels = new float[n];
    }
    return aPanels;
  }

  private float[] bStrips(int n) {
    if (bStrips.length < n) {
      bStrips = new float[n];
    }
    return bStrips;
  }

  /// C has `m` rows and `n` columns, op(A) has `k` columns. `ao` is where A begins in its array,
  /// and `lda` the distance of its rows (before transposition); so for B and C.
  void multiply(
      boolean transA,
      boolean transB,
      int m,
      int n,
      int k,
      float[] a,
      int ao,
      int lda,
      float[] b,
      int bo,
      int ldb,
      float[] c,
      int co,
      int ldc,
      boolean add) {
    if (m == 0 || n == 0) {
      return;
    }
    if (k == 0) {
      for (int i = 0; !add && i < m; i++) {
        Arrays.fill(c, co + i * ldc, co + i * ldc + n, 0f);
      }
      return;
    }
    int blocks = (k + KC - 1) / KC;
    int kBlock = (k + blocks - 1) / blocks;
    if (!FUSED || (long) m * n * k <= SMALL) {
      int aRow = transA ? 1 : lda;
      int aTerm = transA ? lda : 1;
      int bTerm = transB ? 1 : ldb;
      int bColumn = transB ? ldb : 1;
      for (int p = 0; p < k; p += kBlock) {
        int kc = Math.min(kBlock, k - p);
        small(
            m,
            n,
            kc,
            a,
            ao + p * aTerm,
            aRow,
            aTerm,
            b,
            bo + p * bTerm,
            bTerm,
            bColumn,
            c,
            co,
            ldc,
            add || p > 0);
      }
      return;
    }
    boolean packB = transB || m > PACK_B_ROWS;
    boolean packA = transA ? n > PACK_AT_COLUMNS || m % 4 != 0 : n > PACK_A_COLUMNS;
    int rowBlocks = (m + MC - 1) / MC;
    int mBlock = (m + rowBlocks - 1) / rowBlocks;
    if (rowBlocks > 1) {
      mBlock = (mBlock + MR - 1) / MR * MR;
    }
    for (int j = 0; j < n; j += NC) {
      int nc = Math.min(NC, n - j);
      for (int p = 0; p < k; p += kBlock) {
        int kc = Math.min(kBlock, k - p);
        boolean keep = packB && rowBlocks > 1; // the strips serve all blocks of A
        float[] strips = bStrips(keep ? kc * ((nc + NR - 1) / NR) * NR : kc * NR);
        for (int i = 0; i < m; i += mBlock) {
          int mc = Math.min(mBlock, m - i);
          float[] rows = a;
          int at = transA ? ao + p * lda + i : ao + i * lda + p;
          if (packA) {
            rows = aPanels((mc + MR) * kc + L);
            packA(transA, a, at, lda, mc, kc, rows);
            at = 0;
          }
          for (int jr = 0; jr < nc; jr += NR) {
            int nr = Math.min(NR, nc - jr);
            int to = co + i * ldc + j + jr;
            boolean acc = add || p > 0;
            int from = transB ? bo + (j + jr) * ldb + p : bo + p * ldb + j + jr;
            if (packB || (nr != NR && nr != L)) {
              int strip = keep ? jr * kc : 0;
              if (i == 0 || !keep) {
                packB(transB, b, from, ldb, nr, kc, strips, strip);
              }
              strip(mc, nr, kc, !transA, packA, rows, at, lda, strips, strip, NR, c, to, ldc, acc);
            } else {
              strip(mc, nr, kc, !transA, packA, rows, at, lda, b, from, ldb, c, to, ldc, acc);
            }
          }
        }
      }
    }
  }

  /// Four columns at a time, so that four sums hide the latency of each other.
  private static void small(
      int m,
      int n,
      int kc,
      float[] a,
      int ao,
      int aRow,
      int aTerm,
      float[] b,
      int bo,
      int bTerm,
      int bColumn,
      float[] c,
      int co,
      int ldc,
      boolean add) {
    for (int i = 0; i < m; i++) {
      int j = 0;
      for (; j <= n - 4; j += 4) {
        float s0 = 0f;
        float s1 = 0f;
        float s2 = 0f;
        float s3 = 0f;
        int aAt = ao + i * aRow;
        int bAt = bo + j * bColumn;
        for (int k = 0; k < kc; k++, aAt += aTerm, bAt += bTerm) {
          float x = a[aAt];
          s0 = fma(x, b[bAt], s0);
          s1 = fma(x, b[bAt + bColumn], s1);
          s2 = fma(x, b[bAt + 2 * bColumn], s2);
          s3 = fma(x, b[bAt + 3 * bColumn], s3);
        }
        int to = co + i * ldc + j;
        c[to] = add ? c[to] + s0 : s0;
        c[to + 1] = add ? c[to + 1] + s1 : s1;
        c[to + 2] = add ? c[to + 2] + s2 : s2;
        c[to + 3] = add ? c[to + 3] + s3 : s3;
      }
      for (; j < n; j++) {
        float s = 0f;
        for (int k = 0; k < kc; k++) {
          s = fma(a[ao + i * aRow + k * aTerm], b[bo + j * bColumn + k * bTerm], s);
        }
        int to = co + i * ldc + j;
        c[to] = add ? c[to] + s : s;
      }
    }
  }

  /// The height of the tile that holds `h` rows.
  private static int height(int h) {
    return h > 8 ? 12 : h > 4 ? 8 : 4;
  }

  /// One strip of columns against all tiles of a block of A. The strip has a vector's worth of
  /// readable columns if `nr <= L`, else two.
  private void strip(
      int mc,
      int nr,
      int kc,
      boolean byRows,
      boolean packed,
      float[] a,
      int ao,
      int lda,
      float[] b,
      int bo,
      int ldb,
      float[] c,
      int co,
      int ldc,
      boolean add) {
    int vectors = nr > L ? 2 : 1;
    for (int i = 0; i < mc; i += MR) {
      int h = Math.min(MR, mc - i);
      int height = height(h);
      int from = packed ? ao + i * kc : byRows ? ao + i * lda : ao + i;
      int to = co + i * ldc;
      boolean direct = h == height && nr == vectors * L;
      float[] t = direct ? c : tile;
      int tAt = direct ? to : 0;
      int tStep = direct ? ldc : NR;
      boolean tAdd = direct && add;
      if (byRows && !packed) {
        GemmRowsF32.run(height, vectors, h, kc, a, from, lda, b, bo, ldb, t, tAt, tStep, tAdd);
      } else {
        int step = packed ? height : lda;
        GemmPanelsF32.run(height, vectors, kc, a, from, step, b, bo, ldb, t, tAt, tStep, tAdd);
      }
      if (!direct) {
        flush(h, nr, c, to, ldc, add);
      }
    }
  }

  /// Copies the tile's valid part to C.
  private void flush(int h, int nr, float[] c, int co, int ldc, boolean add) {
    for (int r = 0; r < h; r++) {
      int to = co + r * ldc;
      int from = r * NR;
      if (add) {
        for (int j = 0; j < nr; j++) {
          c[to + j] += tile[from + j];
        }
      } else if (nr < L) { // a call for a few numbers costs more than they do
        for (int j = 0; j < nr; j++) {
          c[to + j] = tile[from + j];
        }
      } else {
        System.arraycopy(tile, from, c, to, nr);
      }
    }
  }

  /// Panels of as many rows as a tile has, k-major.
  private static void packA(
      boolean trans, float[] a, int ao, int lda, int mc, int kc, float[] panels) {
    for (int i = 0; i < mc; i += MR) {
      int h = Math.min(MR, mc - i);
      int height = height(h);
      if (!trans) {
        transpose(h, kc, a, ao + i * lda, lda, panels, i * kc, height);
      } else if (h == MR) {
        for (int k = 0; k < kc; k++) {
          System.arraycopy(a, ao + i + k * lda, panels, i * kc + k * MR, MR);
        }
      } else {
        for (int k = 0; k < kc; k++) {
          for (int r = 0; r < h; r++) {
            panels[i * kc + k * height + r] = a[ao + i + k * lda + r];
          }
        }
      }
    }
  }

  /// A strip of `nr` columns, padded to the width of a tile.
  private static void packB(
      boolean trans, float[] b, int bo, int ldb, int nr, int kc, float[] strips, int to) {
    if (trans) {
      transpose(Math.min(nr, L), kc, b, bo, ldb, strips, to, NR);
      if (nr > L) {
        transpose(nr - L, kc, b, bo + L * ldb, ldb, strips, to + L, NR);
      }
    } else if (nr == NR) {
      for (int k = 0; k < kc; k++) {
        FloatVector.fromArray(S, b, bo + k * ldb).intoArray(strips, to + k * NR);
        FloatVector.fromArray(S, b, bo + k * ldb + L).intoArray(strips, to + k * NR + L);
      }
    } else {
      for (int k = 0; k < kc; k++) {
        for (int j = 0; j < nr; j++) {
          strips[to + k * NR + j] = b[bo + k * ldb + j];
        }
      }
    }
  }

  /// `rows` rows of `kc` neighbours become columns of rows `width` apart. What stands beyond the
  /// last column may be overwritten if it comes later in the array.
  private static void transpose(
      int rows, int kc, float[] x, int xo, int step, float[] y, int to, int width) {
    // A block writes whole vectors, so the last rows go first: those before them overwrite the
    // rest.
    for (int r = (rows - 1) / L * L; r >= 0; r -= L) {
      int h = Math.min(L, rows - r);
      int k = 0;
      if (2 * h >= L) {
        for (; k <= kc - L; k += L) {
          TransposeF32.block(x, xo + r * step + k, step, h, y, to + k * width + r, width);
        }
      }
      for (; k < kc; k++) {
        for (int q = r; q < r + h; q++) {
          y[to + k * width + q] = x[xo + q * step + k];
        }
      }
    }
  }
}
