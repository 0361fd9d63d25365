package org.cotangent.autograd.cpu;

import static org.cotangent.autograd.cpu.LanesF32.FUSED;
import static org.cotangent.autograd.cpu.LanesF32.L;
import static org.cotangent.autograd.cpu.LanesF32.S;

import java.util.Arrays;

/// The matrix product C = op(A) op(B) or C += op(A) op(B), where op transposes or not.
///
/// After Goto and van de Geijn, "Anatomy of high-performance matrix multiplication" (2008): tiles
/// of C in registers ([GemmRowsF32], [GemmPanelsF32]), strips of B in the first-level cache, blocks
/// of A in the second. An operand is copied into panels only where that pays. No masks: columns
/// beyond the last full vector go through a strip with room to spare and a small tile. Products of
/// few terms ([GemmFewF32]), few rows ([GemmThinF32]) and few columns ([GemmQuadsF32]) have ways of
/// their own, and so have tiny ones ([GemmScalarF32]). A bias and ReLU can be joined to them
/// ([BiasF32]).
///
/// Each element of C is the sum over k in ascending order, with one rounding a term, in blocks of
/// at most [#KC]. So its bits depend neither on the way nor on the tile it falls into, nor on which
/// part of C is computed by whom.
///
/// An object is the workspace of one thread at a time. The product under way is in its fields, so
/// that the methods between the loops and the tiles stay small enough to be compiled once.
final class GemmF32 {
  /// Rows of a tile: 12 rows by 2 vectors take 24 of 32 vector registers (beyond that the compiler
  /// begins to spill, measured); with the 16 registers of AVX and AVX2 4 rows by 2 fit.
  static final int MR =
      S.vectorBitSize() == 512 || System.getProperty("os.arch", "").equals("aarch64") ? 12 : 4;

  /// Columns of a tile.
  static final int NR = 2 * L;

  /// Terms between two additions to C; a strip of B then takes 32 KB.
  static final int KC = 256;

  /// The distance of packed rows of A: room for a block of terms, and not a power of two, so that
  /// rows do not fight for the same places in the cache.
  static final int STRIDE = KC + 16;

  /// Rows of A and columns of B that are packed at a time.
  static final int MC = 480; // F32 only

  // F64: static final int MC = 240;
  static final int NC = 4096;

  /// Copying pays from these sizes on (measured on AVX-512): B if read by so many rows, A turned
  /// into panels if by so many columns, A transposed likewise.
  private static final int PACK_B_ROWS = 72;

  private static final int PACK_A_COLUMNS = 320;
  private static final int PACK_AT_COLUMNS = 640;

  /// Up to so many columns, vectors run down the rows of C instead; to more if A lies that way.
  private static final int NARROW = Math.min(MR, 8);

  private static final int NARROW_AT = MR;

  /// Up to so many rows, or columns if A is transposed, no tile of the usual height is filled.
  private static final int THIN = 4;

  private static final float[] NO_NUMBERS = {};
  private static final StripsF32 NO_STRIPS = (_, _, _, _, _, _) -> {};

  /// What tiles that overwrite C start from: adding it changes no number, not even -0.0.
  private static final float[] NOTHING = new float[2 * NR];

  static {
    Arrays.fill(NOTHING, -0f);
  }

  private final float[] tile = new float[MR * NR];
  private float[] aPanels = NO_NUMBERS;
  private float[] bStrips = NO_NUMBERS;

  private boolean transA;
  private boolean transB;
  private int m;
  private int n;
  private int k;
  private float[] a = NO_NUMBERS;
  private int ao;
  private int lda;
  private float[] b = NO_NUMBERS;
  private int bo;
  private int ldb;
  private float[] c = NO_NUMBERS;
  private int co;
  private int ldc;
  private boolean add;
  private StripsF32 strips = NO_STRIPS;
  private Epilogue finished = Epilogue.NONE;
  private int firstRow;
  private boolean hasBias;
  private float[] bias = NO_NUMBERS;
  private int biasAt;
  private float least;

  /// To every row of the next product, finished, are added the numbers of `bias` from `at` on; what
  /// is below `least` then becomes that: 0 for ReLU, -∞ for none.
  void then(float[] bias, int at, float least) {
    this.hasBias = true;
    this.bias = bias;
    this.biasAt = at;
    this.least = least;
  }

  /// `finished` is told which rows of the next product are, some at a time while they are in a
  /// cache if that can be; its first row is their row `first`.
  void tell(Epilogue finished, int first) {
    this.finished = finished;
    this.firstRow = first;
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
    this.transA = transA;
    this.transB = transB;
    this.m = m;
    this.n = n;
    this.k = k;
    this.a = a;
    this.ao = ao;
    this.lda = lda;
    this.b = b;
    this.bo = bo;
    this.ldb = ldb;
    this.c = c;
    this.co = co;
    this.ldc = ldc;
    this.add = add;
    if (m > 0 && n > 0) {
      choose();
    }
    this.a = NO_NUMBERS; // a workspace outlives the operands
    this.b = NO_NUMBERS;
    this.c = NO_NUMBERS;
    this.bias = NO_NUMBERS;
    this.hasBias = false;
    this.finished = Epilogue.NONE;
  }

  /// The same for a right operand that comes in strips, in the ways for large products only.
  void multiply(
      int m,
      int n,
      int k,
      float[] a,
      int ao,
      int lda,
      StripsF32 b,
      float[] c,
      int co,
      int ldc,
      boolean add) {
    this.transA = false;
    this.transB = false;
    this.m = m;
    this.n = n;
    this.k = k;
    this.a = a;
    this.ao = ao;
    this.lda = lda;
    this.strips = b;
    this.c = c;
    this.co = co;
    this.ldc = ldc;
    this.add = add;
    if (m > 0 && n > 0 && k > 0) {
      wide();
    }
    this.a = NO_NUMBERS;
    this.strips = NO_STRIPS;
    this.c = NO_NUMBERS;
  }

  private void choose() {
    if (k == 0) {
      for (int i = 0; !add && i < m; i++) {
        Arrays.fill(c, co + i * ldc, co + i * ldc + n, 0f);
      }
      finishPlainly();
    } else if (!FUSED || ScalarBudget.covers((long) m * n * k)) {
      scalars();
      finishPlainly();
    } else if (k <= GemmFewF32.TERMS && n >= L && !add) {
      fewTerms();
      return; // has told
    } else if (!add && !transB && m <= THIN && n >= L) {
      thinRows(m, n, a, ao, transA ? 1 : lda, transA ? lda : 1, b, bo, ldb, c, co, ldc);
      finish(m, 0, n, co);
    } else if (!add && transA && n <= THIN && m >= L) {
      thinColumns();
      finishPlainly();
    } else if (!transA && GemmQuadsF32.fits(m, n, lda)) {
      quads();
      finishPlainly();
    } else if (n <= (transA ? NARROW_AT : NARROW) && m >= L) {
      narrow();
    } else {
      wide();
    }
    finished.rows(firstRow, m);
  }

  /// Bias and ReLU without vectors.
  private void finishPlainly() {
    if (hasBias) {
      BiasF32.plain(m, n, c, co, ldc, bias, biasAt, least);
    }
  }

  /// The same for columns `j` to `j + nr` of some rows, beginning at `to`.
  private void finish(int rows, int j, int nr, int to) {
    if (hasBias) {
      BiasF32.rows(rows, nr, c, to, ldc, bias, biasAt + j, least);
    }
  }

  /// Terms in a block: equal shares, so that the last block is not a stump.
  private int block() {
    int blocks = (k + KC - 1) / KC;
    return (k + blocks - 1) / blocks;
  }

  private void scalars() {
    int aRow = transA ? 1 : lda;
    int aTerm = transA ? lda : 1;
    int bTerm = transB ? 1 : ldb;
    int bColumn = transB ? ldb : 1;
    int block = block();
    for (int p = 0; p < k; p += block) {
      int kc = Math.min(block, k - p);
      int at = ao + p * aTerm;
      int from = bo + p * bTerm;
      boolean more = add || p > 0;
      GemmScalarF32.multiply(
          m, n, kc, a, at, aRow, aTerm, b, from, bTerm, bColumn, c, co, ldc, more);
    }
  }

  private void fewTerms() {
    float[] rows = aPanels(GemmFewF32.TERMS * Math.min(m, GemmFewF32.ROWS));
    float[] terms = bStrips(GemmFewF32.TERMS * n);
    GemmFewF32.packB(n, k, b, bo, transB ? 1 : ldb, transB ? ldb : 1, terms);
    int row = transA ? 1 : lda;
    for (int i = 0; i < m; i += GemmFewF32.ROWS) {
      int count = Math.min(GemmFewF32.ROWS, m - i);
      int to = co + i * ldc;
      GemmFewF32.packA(count, k, a, ao + i * row, row, transA ? lda : 1, rows);
      GemmFewF32.run(count, n, k, rows, terms, n, c, to, ldc, hasBias, bias, biasAt, least);
      finished.rows(firstRow + i, count);
    }
  }

  /// Up to four rows of C, whose columns stay in registers while B is read once as it lies.
  ///
  /// @param x element (i, k) of op(A) is at `xo + i row + k term`
  private void thinRows(
      int m,
      int n,
      float[] x,
      int xo,
      int row,
      int term,
      float[] b,
      int bo,
      int ldb,
      float[] c,
      int co,
      int ldc) {
    int height = m <= 2 ? 2 : THIN;
    int most = height == 2 || MR == 12 ? 4 : 2;
    int vectors = n >= most * L ? most : 1;
    int width = vectors * L;
    int block = block();
    for (int j = 0; j < n; j += width) {
      int at = Math.min(j, n - width); // the last tile may do some columns again
      for (int p = 0; p < k; p += block) {
        float[] d = p > 0 ? c : NOTHING;
        int dO = p > 0 ? co + at : 0;
        int ldd = p > 0 ? ldc : 0;
        int kc = Math.min(block, k - p);
        GemmThinF32.run(
            height,
            vectors,
            m - 1,
            kc,
            x,
            xo + p * term,
            row,
            term,
            b,
            bo + p * ldb + at,
            ldb,
            d,
            dO,
            ldd,
            c,
            co + at,
            ldc);
      }
    }
  }

  /// Up to four columns of C = AᵀB as the rows of Cᵀ = op(B)ᵀA.
  private void thinColumns() {
    float[] rows = bStrips(n * m);
    thinRows(n, m, b, bo, transB ? ldb : 1, transB ? 1 : ldb, a, ao, lda, rows, 0, m);
    GemmPackF32.unpackTransposed(m, n, rows, m, c, co, ldc, false);
  }

  /// Up to four columns, where A lies row by row.
  private void quads() {
    int block = block();
    int bTerm = transB ? 1 : ldb;
    float[] terms = bStrips((block + GemmQuadsF32.QUAD) * L);
    float[] rest = aPanels(GemmQuadsF32.QUAD * m);
    for (int p = 0; p < k; p += block) {
      int kc = Math.min(block, k - p);
      GemmQuadsF32.terms(kc, n, b, bo + p * bTerm, bTerm, transB ? ldb : 1, terms);
      GemmQuadsF32.run(m, n, kc, a, ao + p, lda, terms, rest, tile, c, co, ldc, add || p > 0);
    }
  }

  /// Few columns would fill a small part of each vector, so here are vectors of a column: tiles of
  /// Cᵀ = op(B)ᵀ op(A)ᵀ.
  private void narrow() {
    int height = height(n);
    int block = block();
    int bTerm = transB ? 1 : ldb;
    float[] columns = aPanels(height * block);
    float[] strip = bStrips(NR * block);
    for (int p = 0; p < k; p += block) {
      int kc = Math.min(block, k - p);
      GemmPackF32.panel(n, kc, b, bo + p * bTerm, bTerm, transB ? ldb : 1, columns, height);
      for (int i = 0; i < m; i += NR) {
        narrow(i, p, kc, height, columns, strip, add || p > 0);
      }
    }
    finishPlainly(); // too few columns for vectors
  }

  private void narrow(
      int i, int p, int kc, int height, float[] columns, float[] strip, boolean more) {
    int rows = Math.min(NR, m - i);
    float[] from = strip;
    int at = 0;
    int step = NR;
    if (!transA) {
      GemmPackF32.transposedStrip(rows, kc, a, ao + i * lda + p, lda, strip, 0);
    } else if (rows == NR || rows == L) {
      from = a;
      at = ao + p * lda + i;
      step = lda;
    } else {
      GemmPackF32.strip(rows, kc, a, ao + p * lda + i, lda, strip, 0);
    }
    int vectors = rows > L ? 2 : 1;
    GemmPanelsF32.run(
        height, vectors, kc, columns, 0, height, from, at, step, NOTHING, 0, 0, tile, 0, NR);
    GemmPackF32.unpackTransposed(rows, n, tile, NR, c, co + i * ldc, ldc, more);
  }

  private void wide() {
    int block = block();
    for (int j = 0; j < n; j += NC) {
      for (int p = 0; p < k; p += block) {
        slab(j, Math.min(NC, n - j), p, Math.min(block, k - p));
      }
    }
  }

  /// `nc` columns from `j` on and `kc` terms from `p` on, for all rows.
  private void slab(int j, int nc, int p, int kc) {
    int blocks = (m + MC - 1) / MC;
    int mBlock = (m + blocks - 1) / blocks;
    if (blocks > 1) {
      mBlock = (mBlock + MR - 1) / MR * MR;
    }
    boolean packB = hasStrips() || transB || m > PACK_B_ROWS;
    boolean panels = n > (transA ? PACK_AT_COLUMNS : PACK_A_COLUMNS);
    boolean keep = packB && blocks > 1; // the strips serve all blocks of A
    if (packB) {
      bStrips(keep ? (nc + NR - 1) / NR * NR * kc : NR * kc);
    }
    for (int i = 0; i < m; i += mBlock) {
      int mc = Math.min(mBlock, m - i);
      packA(i, mc, p, kc, panels);
      for (int s = 0; s < nc; s += NR) {
        int nr = Math.min(NR, nc - s);
        int at = keep ? s * kc : 0;
        if (packB && (i == 0 || !keep)) { // just before it is used, so that it is in the cache
          packB(j + s, nr, p, kc, at);
        }
        strip(i, mc, j + s, nr, p, kc, panels, packB ? at : -1);
      }
    }
  }

  /// Panels of all rows or, of A transposed, of the last rows at least: a tile would read beyond
  /// them. Otherwise rows are only brought closer.
  private void packA(int i, int mc, int p, int kc, boolean panels) {
    int at = transA ? ao + p * lda + i : ao + i * lda + p;
    if (!transA && !panels) {
      GemmPackF32.rows(mc, kc, a, at, lda, aPanels((mc + MR) * STRIDE));
    } else if (panels || mc % MR % 4 != 0) {
      int first = panels ? 0 : mc / MR * MR;
      GemmPackF32.panels(transA, a, at, lda, first, mc, kc, aPanels((mc + MR) * kc));
    }
  }

  @SuppressWarnings("ReferenceEquality") // the one that stands for none
  private boolean hasStrips() {
    return strips != NO_STRIPS;
  }

  private void packB(int j, int nr, int p, int kc, int to) {
    if (hasStrips()) {
      strips.fill(j, nr, p, kc, bStrips, to);
    } else if (transB) {
      GemmPackF32.transposedStrip(nr, kc, b, bo + j * ldb + p, ldb, bStrips, to);
    } else if (nr == NR) {
      GemmPackF32.fullStrip(kc, b, bo + p * ldb + j, ldb, bStrips, to);
    } else {
      GemmPackF32.strip(nr, kc, b, bo + p * ldb + j, ldb, bStrips, to);
    }
  }

  /// `nr` columns from `j` on against all tiles of a block of rows; they are packed at `packedAt`,
  /// or not if it is negative.
  private void strip(int i, int mc, int j, int nr, int p, int kc, boolean panels, int packedAt) {
    float[] from = bStrips;
    int at = packedAt;
    int step = NR;
    if (packedAt < 0 && (nr == NR || nr == L)) {
      from = b;
      at = bo + p * ldb + j;
      step = ldb;
    } else if (packedAt < 0) {
      from = bStrips(NR * kc);
      at = 0;
      GemmPackF32.strip(nr, kc, b, bo + p * ldb + j, ldb, from, 0);
    }
    boolean more = add || p > 0;
    int vectors = nr > L ? 2 : 1;
    for (int r = 0; r < mc; r += MR) {
      int h = Math.min(MR, mc - r);
      int height = height(h);
      int to = co + (i + r) * ldc + j;
      boolean direct = h == height && nr == vectors * L;
      float[] y = direct ? c : tile;
      int yo = direct ? to : 0;
      int ldy = direct ? ldc : NR;
      boolean onto = more && to + (height - 1L) * ldc <= c.length - vectors * L; // all can be read
      float[] d = onto ? c : NOTHING;
      int dO = onto ? to : 0;
      int ldd = onto ? ldc : 0;
      if (!transA && !panels) {
        GemmRowsF32.run(
            height, vectors, kc, aPanels, r * STRIDE, from, at, step, d, dO, ldd, y, yo, ldy);
      } else if (panels || h < height) {
        int x = panels ? r * kc : 0;
        GemmPanelsF32.run(
            height, vectors, kc, aPanels, x, height, from, at, step, d, dO, ldd, y, yo, ldy);
      } else {
        int x = ao + p * lda + i + r;
        GemmPanelsF32.run(height, vectors, kc, a, x, lda, from, at, step, d, dO, ldd, y, yo, ldy);
      }
      if (!direct) {
        GemmPackF32.unpack(h, nr, tile, 0, NR, c, to, ldc, more && !onto);
      }
      if (p + kc == k) {
        finish(h, j, nr, to);
      }
    }
  }

  /// The height of the tile that holds `h` rows.
  static int height(int h) {
    return h > 8 ? 12 : h > 4 ? 8 : 4;
  }

  private float[] aPanels(int n) {
    if (aPanels.length < n + GemmPackF32.WASTE) {
      aPanels = new float[n + GemmPackF32.WASTE];
    }
    return aPanels;
  }

  private float[] bStrips(int n) {
    if (bStrips.length < n + GemmPackF32.WASTE) {
      bStrips = new float[n + GemmPackF32.WASTE];
    }
    return bStrips;
  }
}
