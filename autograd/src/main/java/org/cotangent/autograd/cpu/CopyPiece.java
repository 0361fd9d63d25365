package org.cotangent.autograd.cpu;

import java.util.Arrays;
import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.backend.Walk;
import org.cotangent.autograd.shape.Shape;

/// [Copying] made ready: where each run or matrix begins is known.
final class CopyPiece {
  private CopyPiece() {}

  /// A piece that does nothing.
  static final Piece NONE = () -> {};

  /// The copy of one buffer to another of the same shape and dtype.
  static Piece of(Buffer from, Buffer to, Parallel parallel) {
    Shape shape = to.shape();
    if (shape.size() == 0) {
      return NONE;
    }
    if (shape.size() <= MathSize.PIECE) {
      Piece all = part(from, to);
      return parallel.ready(1, _ -> all.run());
    }
    int longest = 0;
    for (int axis = 1; axis < shape.rank(); axis++) {
      longest = shape.dim(axis) > shape.dim(longest) ? axis : longest;
    }
    int n = shape.dim(longest);
    int each = Math.max(Copying.SQUARE, (int) ((long) MathSize.PIECE * n / shape.size()));
    Piece[] parts = new Piece[MathSize.pieces(n, each)];
    for (int i = 0; i < parts.length; i++) {
      parts[i] =
          part(
              Copying.part(from, longest, i * each, each),
              Copying.part(to, longest, i * each, each));
    }
    return parallel.ready(parts.length, i -> parts[i].run());
  }

  private static Piece part(Buffer from, Buffer to) {
    if (Copying.isTransposed(from.layout(), to.layout())) {
      var starts = Starts.of(Copying.matrices(from, to), true);
      return () -> {
        for (int i = 0; i < starts.from.length; i++) {
          Copying.squares(from, starts.from[i], to, starts.to[i]);
        }
      };
    }
    var starts = Starts.of(Walk.over(to.shape(), from.layout(), to.layout()), false);
    int n = starts.run;
    return () -> {
      for (int i = 0; i < starts.from.length; i++) {
        Copying.run(from, starts.from[i], starts.fromStep, n, to, starts.to[i], starts.toStep);
      }
    };
  }

  /// Where the runs of a walk begin, or all its elements.
  private static final class Starts {
    int[] from = new int[4];
    int[] to = new int[4];
    int run;
    int fromStep;
    int toStep;
    private int count;

    static Starts of(Walk walk, boolean elements) {
      var s = new Starts();
      walk.run((n, at, step) -> {
        s.run = n;
        s.fromStep = step[0];
        s.toStep = step[1];
        for (int i = 0; i < (elements ? n : 1); i++) {
          s.add(at[0] + i * step[0], at[1] + i * step[1]);
        }
      });
      s.from = Arrays.copyOf(s.from, s.count);
      s.to = Arrays.copyOf(s.to, s.count);
      return s;
    }

    private void add(int x, int y) {
      if (count == from.length) {
        from = Arrays.copyOf(from, 2 * count);
        to = Arrays.copyOf(to, 2 * count);
      }
      from[count] = x;
      to[count++] = y;
    }
  }
}
