package org.cotangent.autograd.cpu;

import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Sliding;

/// Where the largest elements of windows are, of operands in row-major order.
final class Pooling {
  private Pooling() {}

  static void argMax(Buffer x, Sliding rows, Sliding columns, Buffer out, Parallel parallel) {
    int size = rows.output() * columns.output();
    if (out.shape().size() == 0) {
      return;
    }
    int planes = out.shape().size() / size;
    int each = Math.max(1, MathSize.PIECE / (size * rows.kernel() * columns.kernel()));
    Span[] spans = spans(columns);
    parallel.run(
        MathSize.pieces(planes, each),
        piece -> {
          for (int p = piece * each; p < Math.min(planes, (piece + 1) * each); p++) {
            int from = x.layout().offset() + p * rows.input() * columns.input();
            int to = out.layout().offset() + p * size;
            for (int r = 0; r < rows.output(); r++) {
              row(x, from, rows, r, columns, spans, out.i64(), to + r * columns.output());
            }
          }
        });
  }

  /// The columns `first`, `first + dilation`, ... below `end` that a window meets.
  private record Span(int first, int end) {}

  private static Span span(Sliding s, int position) {
    int end = Math.min(s.input(), s.at(position, s.kernel() - 1) + 1);
    return new Span(s.at(position, s.firstTap(position)), end);
  }

  private static Span[] spans(Sliding s) {
    Span[] spans = new Span[s.output()];
    for (int i = 0; i < spans.length; i++) {
      spans[i] = span(s, i);
    }
    return spans;
  }

  private static void row(
      Buffer x, int from, Sliding rows, int r, Sliding columns, Span[] spans, long[] y, int to) {
    Span lines = span(rows, r);
    int width = columns.input();
    for (int s = 0; s < spans.length; s++) {
      Span span = spans[s];
      int best = lines.first * width + span.first;
      for (int h = lines.first; h < lines.end; h += rows.dilation()) {
        int at = h * width + span.first;
        int end = h * width + span.end;
        best =
            x.dtype() == DType.F32
                ? largest(x.f32(), from, best, at, end, columns.dilation())
                : largest(x.f64(), from, best, at, end, columns.dilation());
      }
      y[to + s] = best;
    }
  }

  private static int largest(float[] x, int from, int best, int at, int end, int step) {
    float most = x[from + best];
    int place = best;
    for (int i = at; i < end; i += step) {
      float v = x[from + i];
      if (!(v <= most) && !Float.isNaN(most)) { // a NaN is larger, but for the first one
        most = v;
        place = i;
      }
    }
    return place;
  }

  private static int largest(double[] x, int from, int best, int at, int end, int step) {
    double most = x[from + best];
    int place = best;
    for (int i = at; i < end; i += step) {
      double v = x[from + i];
      if (!(v <= most) && !Double.isNaN(most)) {
        most = v;
        place = i;
      }
    }
    return place;
  }
}
