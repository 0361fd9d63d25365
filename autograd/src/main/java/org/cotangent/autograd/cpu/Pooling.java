package org.cotangent.autograd.cpu;

import java.util.Arrays;
import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Sliding;

/// Where the largest elements of windows are, of operands in row-major order.
///
/// Windows that are computed together, a row of them or all of some planes, have a table of what
/// their taps meet. A tap that meets nothing is replaced by the first one that does: the same
/// element twice is not larger than itself. So the loop over windows asks no questions, and takes
/// as many windows at a time as a vector has lanes, however narrow the planes are.
final class Pooling {
  private final Sliding rows;
  private final Sliding columns;
  private final Buffer x;
  private final Buffer out;
  private final Parallel parallel;
  private final boolean vectors;
  private final int planes;

  /// Rows of so many windows have tables of their own, narrower ones one for whole planes.
  private static final int WIDE = 64;

  /// Windows of narrow planes that share a table, or more.
  private static final int TOGETHER = 512;

  private Pooling(
      Buffer x, Sliding rows, Sliding columns, Buffer out, Parallel parallel, boolean vectors) {
    this.rows = rows;
    this.columns = columns;
    this.x = x;
    this.out = out;
    this.parallel = parallel;
    int size = rows.output() * columns.output();
    this.planes = out.shape().size() / size;
    this.vectors = vectors && planes * size >= MathSize.VECTORS;
  }

  /// The piece that finds the places.
  ///
  /// @param vectors whether the Vector API may be used
  static Piece argMax(
      Buffer x, Sliding rows, Sliding columns, Buffer out, Parallel parallel, boolean vectors) {
    if (out.shape().size() == 0) {
      return CopyPiece.NONE;
    }
    var pooling = new Pooling(x, rows, columns, out, parallel, vectors);
    return columns.output() < WIDE ? pooling.byPlanes() : pooling.byRows();
  }

  /// What the taps of `n` windows meet: tap `t` of window `i` meets `at[t n + i]`, counted from
  /// some beginning, and `start[i]` is to be taken off for the place in the plane.
  private record Table(int n, int taps, int[] at, int[] start) {}

  /// The table of some rows of windows of each of `count` planes.
  private Table table(int firstRow, int endRow, int count) {
    int width = columns.output();
    int n = count * (endRow - firstRow) * width;
    int taps = rows.kernel() * columns.kernel();
    int[] at = new int[taps * n];
    int[] start = new int[n];
    int i = 0;
    for (int p = 0; p < count; p++) {
      int plane = p * rows.input() * columns.input();
      for (int r = firstRow; r < endRow; r++) {
        for (int c = 0; c < width; c++) {
          start[i] = plane;
          for (int t = 0; t < taps; t++) {
            at[t * n + i] =
                plane
                    + met(rows, r, t / columns.kernel()) * columns.input()
                    + met(columns, c, t % columns.kernel());
          }
          i++;
        }
      }
    }
    return new Table(n, taps, at, start);
  }

  /// What a tap meets, or the first one that meets something. Places rise with the taps but where
  /// one is replaced by the first, which has been seen by then.
  private static int met(Sliding s, int position, int tap) {
    int at = s.at(position, tap);
    return at >= 0 && at < s.input() ? at : s.at(position, s.firstTap(position));
  }

  private Piece byPlanes() {
    int size = rows.output() * columns.output();
    int together = Math.min(planes, MathSize.pieces(TOGETHER, size));
    Table table = table(0, rows.output(), together);
    int each = Math.max(1, MathSize.PIECE / (table.n * table.taps)) * together;
    int pieces = MathSize.pieces(planes, each);
    Object[] which = scratch(pieces, table.n);
    int plane = rows.input() * columns.input();
    return parallel.ready(
        pieces,
        piece -> {
          int end = Math.min(planes, (piece + 1) * each);
          for (int p = piece * each; p < end; p += together) {
            int n = Math.min(together, end - p) * size;
            find(table, n, p * plane, 0, p * size, which[piece]);
          }
        });
  }

  /// Rows whose windows are cut off alike share a table: it is that of the first such row.
  private Piece byRows() {
    int height = rows.output();
    int width = columns.output();
    Table[] tables = new Table[height];
    int[] first = new int[height];
    for (int r = 0; r < height; r++) {
      first[r] = r;
      for (int before = 0; before < r && first[r] == r; before++) {
        first[r] = isCutAlike(before, r) ? before : r;
      }
      tables[r] = first[r] < r ? tables[first[r]] : table(r, r + 1, 1);
    }
    int each = Math.max(1, MathSize.PIECE / (width * rows.kernel() * columns.kernel()));
    int pieces = MathSize.pieces(planes * height, each);
    Object[] which = scratch(pieces, width);
    int plane = rows.input() * columns.input();
    return parallel.ready(
        pieces,
        piece -> {
          int end = Math.min(planes * height, (piece + 1) * each);
          for (int i = piece * each; i < end; i++) {
            int r = i % height;
            int shift = (r - first[r]) * rows.stride() * columns.input();
            find(tables[r], width, i / height * plane, shift, i * width, which[piece]);
          }
        });
  }

  private boolean isCutAlike(int a, int b) {
    for (int t = 0; t < rows.kernel(); t++) {
      if (met(rows, b, t) - met(rows, a, t) != (b - a) * rows.stride()) {
        return false;
      }
    }
    return true;
  }

  private Object[] scratch(int pieces, int n) {
    Object[] all = new Object[pieces];
    Arrays.setAll(all, _ -> x.dtype() == DType.F32 ? new float[n] : new double[n]);
    return all;
  }

  /// The places in `n` windows of a table that begins at `from` of the operand, `shift` further on
  /// in the plane than where it was made.
  private void find(Table t, int n, int from, int shift, int to, Object which) {
    int begin = x.layout().offset() + from + shift;
    long[] y = out.i64();
    int at = out.layout().offset() + to;
    if (x.dtype() == DType.F32) {
      float[] w = (float[]) which;
      int whole = vectors ? PoolF32.largest(n, t.taps, x.f32(), begin, t.at, t.n, w) : 0;
      PlainPoolF32.largest(whole, n, t.taps, x.f32(), begin, t.at, t.n, w);
      for (int i = 0; i < n; i++) {
        int tap = (int) w[i];
        y[at + i] = (long) t.at[tap * t.n + i] - t.start[i] + shift;
      }
    } else {
      double[] w = (double[]) which;
      int whole = vectors ? PoolF64.largest(n, t.taps, x.f64(), begin, t.at, t.n, w) : 0;
      PlainPoolF64.largest(whole, n, t.taps, x.f64(), begin, t.at, t.n, w);
      for (int i = 0; i < n; i++) {
        int tap = (int) w[i];
        y[at + i] = (long) t.at[tap * t.n + i] - t.start[i] + shift;
      }
    }
  }
}
