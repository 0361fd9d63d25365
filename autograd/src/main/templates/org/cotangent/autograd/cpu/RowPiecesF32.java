package org.cotangent.autograd.cpu;

import java.util.Arrays;
import org.cotangent.autograd.backend.Buffer;

/// [RowsF32] made ready: rows in pieces, each with a workspace of its own, shared out among
/// threads. Matrices are in row-major order; all else may be in any.
final class RowPiecesF32 {
  private final int rows;
  private final int n;
  private final Parallel parallel;

  /// For `rows` rows of `n` numbers, at least one of each.
  RowPiecesF32(int rows, int n, Parallel parallel) {
    this.rows = rows;
    this.n = n;
    this.parallel = parallel;
  }

  /// Some rows, from `first` on.
  private interface Some {
    void of(RowsF32 workspace, int first, int count);
  }

  private Staged each(Some body) {
    int each = Math.max(1, MathSize.PIECE / n);
    RowsF32[] own = new RowsF32[MathSize.pieces(rows, each)];
    for (int i = 0; i < own.length; i++) {
      own[i] = new RowsF32(Math.min(each, rows - i * each), n);
    }
    return parallel.ready(
        own.length, i -> body.of(own[i], i * each, Math.min(each, rows - i * each)));
  }

  /// eˣ / Σ eˣ of each row.
  Piece softmax(Buffer x, Buffer out) {
    float[] in = x.f32(); // F32 only
    float[] y = out.f32(); // F32 only
    // F64: double[] in = x.f64();
    // F64: double[] y = out.f64();
    int xo = x.layout().offset();
    int yo = out.layout().offset();
    return each((w, r, h) -> w.softmax(h, in, xo + r * n, y, yo + r * n));
  }

  /// log Σ eˣ of each row.
  Piece logSumExp(Buffer x, Buffer out) {
    float[] in = x.f32(); // F32 only
    float[] y = out.f32(); // F32 only
    // F64: double[] in = x.f64();
    // F64: double[] y = out.f64();
    int xo = x.layout().offset();
    int yo = out.layout().offset();
    return each((w, r, h) -> w.logSumExp(h, in, xo + r * n, y, yo + r));
  }

  /// The cross-entropy of each row; `t` holds classes or, in row-major order, weights.
  Piece crossEntropy(Buffer x, Buffer t, Buffer out) {
    float[] in = x.f32(); // F32 only
    float[] y = out.f32(); // F32 only
    // F64: double[] in = x.f64();
    // F64: double[] y = out.f64();
    int xo = x.layout().offset();
    int yo = out.layout().offset();
    if (t.dtype().isInteger()) {
      var classes = new Classes(t, rows, n);
      return each((w, r, h) -> w.crossEntropy(h, in, xo + r * n, classes.all, r, y, yo + r))
          .after(classes::read);
    }
    float[] weights = t.f32(); // F32 only
    // F64: double[] weights = t.f64();
    int wo = t.layout().offset();
    return each((w, r, h) -> w.crossEntropy(h, in, xo + r * n, weights, wo + r * n, y, yo + r));
  }

  /// Its derivative by `x` times `g`, an element a row.
  Piece crossEntropyGrad(Buffer x, Buffer t, Buffer g, Buffer out) {
    float[] in = x.f32(); // F32 only
    float[] y = out.f32(); // F32 only
    float[] factors = g.f32(); // F32 only
    // F64: double[] in = x.f64();
    // F64: double[] y = out.f64();
    // F64: double[] factors = g.f64();
    int xo = x.layout().offset();
    int yo = out.layout().offset();
    int[] at = new int[rows];
    Arrays.setAll(at, g.layout()::at);
    float[] by = new float[rows + LanesF32.L];
    Staged rest;
    if (t.dtype().isInteger()) {
      var classes = new Classes(t, rows, n);
      rest =
          each((w, r, h) ->
                  w.crossEntropyGrad(h, in, xo + r * n, classes.all, r, by, y, yo + r * n))
              .after(classes::read);
    } else {
      float[] weights = t.f32(); // F32 only
      // F64: double[] weights = t.f64();
      int wo = t.layout().offset();
      rest =
          each((w, r, h) ->
              w.crossEntropyGrad(h, in, xo + r * n, weights, wo + r * n, r, by, y, yo + r * n));
    }
    return rest.after(() -> {
      for (int r = 0; r < rows; r++) {
        by[r] = factors[at[r]];
      }
    });
  }
}
