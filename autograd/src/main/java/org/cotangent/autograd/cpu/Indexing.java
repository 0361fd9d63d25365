package org.cotangent.autograd.cpu;

import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// Elements and slices chosen by an index along an axis, and their adjoint, on operands in
/// row-major order.
final class Indexing {
  private Indexing() {}

  /// Fewer neighbours than these, two cache lines of floats, are not shared out among threads.
  private static final int COLUMNS = 32;

  static void gather(
      Buffer x, int[] chosen, int axis, boolean slices, Buffer out, Parallel parallel) {
    gathering(x, chosen, axis, slices, out, parallel).run();
  }

  /// That work, to be done once or many times; what is `chosen` may change meanwhile.
  static Piece gathering(
      Buffer x, int[] chosen, int axis, boolean slices, Buffer out, Parallel parallel) {
    int inner = inner(x.shape(), axis);
    int from = x.shape().dim(axis);
    int to = out.shape().dim(axis);
    Object source = array(x);
    Object target = array(out);
    int xo = x.layout().offset();
    int yo = out.layout().offset();
    if (slices) {
      int count = inner == 0 || to == 0 ? 0 : out.shape().size() / inner;
      int each = Math.max(1, MathSize.PIECE / Math.max(1, inner));
      return parallel.ready(
          MathSize.pieces(count, each),
          piece -> {
            for (int i = piece * each; i < Math.min(count, (piece + 1) * each); i++) {
              int at = xo + (i / to * from + chosen[i % to]) * inner;
              System.arraycopy(source, at, target, yo + i * inner, inner);
            }
          });
    }
    return parallel.ready(
        MathSize.pieces(chosen.length, MathSize.PIECE),
        piece -> {
          int end = Math.min(chosen.length, (piece + 1) * MathSize.PIECE);
          for (int i = piece * MathSize.PIECE; i < end; i++) {
            int at = xo + (i / inner / to * from + chosen[i]) * inner + i % inner;
            copy(out.dtype(), source, at, target, yo + i);
          }
        });
  }

  /// Elements that differ in a position on another axis go to different places: so threads share
  /// out those positions, `outer` before the axis and `inner` after it, and each place gets its
  /// terms in the order of the axis, however many threads there are. Along one axis alone, one
  /// thread works.
  static void scatterAdd(
      Buffer x, int[] chosen, int axis, boolean slices, Buffer out, Parallel parallel) {
    int inner = inner(x.shape(), axis);
    int from = x.shape().dim(axis);
    int to = out.shape().dim(axis);
    if (inner == 0 || from == 0) {
      return;
    }
    Object source = array(x);
    Object target = array(out);
    int xo = x.layout().offset();
    int yo = out.layout().offset();
    int outer = x.shape().size() / from / inner;
    int width = Math.min(inner, Math.max(COLUMNS, MathSize.PIECE / from));
    int across = MathSize.pieces(inner, width);
    int each = Math.max(1, MathSize.PIECE / Math.max(1, from * width));
    int blocks = MathSize.pieces(outer, each);
    parallel.run(
        blocks * across,
        piece -> {
          int begin = piece % across * width;
          int n = Math.min(width, inner - begin);
          int last = Math.min(outer, (piece / across + 1) * each);
          for (int o = piece / across * each; o < last; o++) {
            for (int p = 0; p < from; p++) {
              int i = (o * from + p) * inner + begin;
              if (slices) {
                int at = (o * to + chosen[p]) * inner + begin;
                add(out.dtype(), n, source, xo + i, target, yo + at);
              } else {
                for (int k = 0; k < n; k++) {
                  int at = (o * to + chosen[i + k]) * inner + begin + k;
                  add(out.dtype(), 1, source, xo + i + k, target, yo + at);
                }
              }
            }
          }
        });
  }

  private static int inner(Shape x, int axis) {
    int n = 1;
    for (int i = axis + 1; i < x.rank(); i++) {
      n *= x.dim(i);
    }
    return n;
  }

  private static Object array(Buffer x) {
    return Elementwise.arrayOf(x);
  }

  private static void copy(DType dtype, Object x, int from, Object y, int to) {
    switch (dtype) {
      case BOOL -> ((boolean[]) y)[to] = ((boolean[]) x)[from];
      case I32 -> ((int[]) y)[to] = ((int[]) x)[from];
      case I64 -> ((long[]) y)[to] = ((long[]) x)[from];
      case F32 -> ((float[]) y)[to] = ((float[]) x)[from];
      case F64 -> ((double[]) y)[to] = ((double[]) x)[from];
    }
  }

  private static void add(DType dtype, int n, Object x, int xo, Object y, int yo) {
    switch (dtype) {
      case F32 -> {
        float[] from = (float[]) x;
        float[] to = (float[]) y;
        for (int i = 0; i < n; i++) {
          to[yo + i] += from[xo + i];
        }
      }
      case F64 -> {
        double[] from = (double[]) x;
        double[] to = (double[]) y;
        for (int i = 0; i < n; i++) {
          to[yo + i] += from[xo + i];
        }
      }
      case I32 -> {
        int[] from = (int[]) x;
        int[] to = (int[]) y;
        for (int i = 0; i < n; i++) {
          to[yo + i] += from[xo + i];
        }
      }
      case I64 -> {
        long[] from = (long[]) x;
        long[] to = (long[]) y;
        for (int i = 0; i < n; i++) {
          to[yo + i] += from[xo + i];
        }
      }
      case BOOL -> throw new IllegalArgumentException("SCATTER_ADD: not defined on BOOL");
    }
  }
}
