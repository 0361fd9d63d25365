package org.cotangent.autograd.cpu;

import java.util.Arrays;
import java.util.Optional;
import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.backend.Expr;
import org.cotangent.autograd.backend.Layout;
import org.cotangent.autograd.backend.Walk;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.shape.Shape;

/// The product of rows with a number each, outer products among them: gradients of weights, one an
/// example, are nothing else. At the speed of memory, where tiles would be filled with one number
/// after the other.
final class Scaling {
  /// Fewer numbers are not worth the preparation.
  private static final int WORTH = 512;

  private final Buffer scales;
  private final Buffer rows;
  private final Buffer out;
  private final int n; // numbers in a row
  private final int height; // rows of a block: those that lie evenly
  private final int scaleStep;
  private final int rowStep;
  private int[] at = {}; // for each block where its scales and rows begin
  private int blocks;
  private final Piece work;

  private Scaling(Buffer scales, Buffer rows, Buffer out, Parallel parallel) {
    Shape shape = out.shape();
    Shape one = shape.with(-1, 1);
    this.scales = scales;
    this.rows = rows;
    this.out = out;
    n = shape.dim(-1);
    int[] inner = new int[3];
    Walk.over(one, firsts(scales.layout(), shape), firsts(rows.layout(), shape))
        .run((count, start, step) -> {
          inner[0] = count;
          inner[1] = step[0];
          inner[2] = step[1];
          if (2 * blocks == at.length) {
            at = Arrays.copyOf(at, Math.max(16, 2 * at.length));
          }
          at[2 * blocks] = start[0];
          at[2 * blocks + 1] = start[1];
          blocks++;
        });
    height = inner[0];
    scaleStep = inner[1];
    rowStep = inner[2];
    int all = one.size();
    int parts = shape.size() < Elementwise.SHARED ? 1 : Math.min(all, parallel.threads());
    work =
        parallel.ready(
            parts,
            part -> some((int) ((long) part * all / parts), (int) ((part + 1L) * all / parts)));
  }

  /// The first number of each row.
  private static Layout firsts(Layout x, Shape shape) {
    return x.expand(shape).slice(shape.rank() - 1, 0, 1, 1);
  }

  /// The piece that runs a program, if it is such a product.
  static Optional<Piece> of(Expr program, Buffer[] in, Buffer[] out, Parallel parallel) {
    Shape shape = out[0].shape();
    if (!program.isSingle()
        || program.steps().getFirst().op() != Op.Binary.MUL
        || !out[0].dtype().isFloating()
        || shape.size() < WORTH
        || shape.dim(-1) == 1) {
      return Optional.empty();
    }
    Buffer a = in[program.steps().getFirst().a()];
    Buffer b = in[program.steps().getFirst().b()];
    int ofA = lastStep(a, shape);
    int ofB = lastStep(b, shape);
    return ofA == 0 && ofB == 1
        ? Optional.of(new Scaling(a, b, out[0], parallel).work)
        : ofA == 1 && ofB == 0
            ? Optional.of(new Scaling(b, a, out[0], parallel).work)
            : Optional.empty();
  }

  private static int lastStep(Buffer x, Shape shape) {
    return x.layout().expand(shape).stride(shape.rank() - 1);
  }

  /// Rows `begin` to `end` of all.
  private void some(int begin, int end) {
    for (int i = begin; i < end; ) {
      int block = i / height;
      int first = i - block * height;
      int count = Math.min(height - first, end - i);
      block(block, first, count, out.layout().offset() + i * n);
      i += count;
    }
  }

  private void block(int block, int first, int count, int to) {
    int a = at[2 * block] + first * scaleStep;
    int b = at[2 * block + 1] + first * rowStep;
    switch (out.dtype()) {
      case F32 ->
          ScaledF32.run(
              count, n, scales.f32(), a, scaleStep, rows.f32(), b, rowStep, out.f32(), to);
      case F64 ->
          ScaledF64.run(
              count, n, scales.f64(), a, scaleStep, rows.f64(), b, rowStep, out.f64(), to);
      case BOOL, I32, I64 -> throw new AssertionError(out.dtype());
    }
  }
}
