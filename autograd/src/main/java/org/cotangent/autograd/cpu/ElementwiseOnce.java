package org.cotangent.autograd.cpu;

import java.util.Optional;
import java.util.function.Consumer;
import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.backend.Expr;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// Runs an [Expr] once, in whichever way suits it: one step on operands that lie like the result is
/// one kernel call without a tile, a large program may have a loop written for it, and every other
/// goes tile by tile ([Elementwise]).
final class ElementwiseOnce {
  /// Fewer elements are not worth looking for a loop that was written for the program.
  private static final int WRITTEN = 1 << 14;

  private ElementwiseOnce() {}

  /// `out[k][i] = program(in[0][i], ...)[k]`.
  static void run(
      Expr program,
      Buffer[] in,
      Buffer[] out,
      Pool<Scratch> pool,
      Parallel parallel,
      Kernels kernels) {
    Shape shape = out[0].shape();
    if (shape.size() == 0) {
      return;
    }
    Operand[] operands = new Operand[in.length];
    boolean direct = program.isSingle() && out[0].dtype() != DType.I32;
    for (int k = 0; k < in.length; k++) {
      operands[k] = new Operand(in[k], shape);
      direct &= operands[k].isFlat();
    }
    if (!direct) {
      Optional<Piece> scaling = Scaling.of(program, in, out, parallel);
      if (scaling.isPresent()) {
        scaling.get().run();
        return;
      }
    }
    int size = shape.size();
    int parts = size < Elementwise.SHARED ? 1 : parallel.threads();
    Optional<Kernel> written =
        direct || size < WRITTEN ? Optional.empty() : written(program, operands, size, kernels);
    if (written.isPresent()) {
      int each = (size / parts + Scratch.TILE) / Scratch.TILE * Scratch.TILE;
      parallel.run(
          (size + each - 1) / each,
          part -> {
            int begin = part * each;
            int n = Math.min(each, size - begin);
            int whole = n / Elementwise.WHOLE * Elementwise.WHOLE;
            run(written.get(), program, operands, out, begin, whole);
            range(program, operands, out, pool, kernels, begin + whole, begin + n);
          });
    } else if (!direct && parts == 1) {
      tiled(program, operands, out, pool, kernels, 0, 1);
    } else if (!direct) {
      parallel.run(parts, part -> tiled(program, operands, out, pool, kernels, part, parts));
    } else if (parts == 1) {
      direct(program, operands, out[0], 0, size);
    } else {
      int each = (size / parts + Scratch.TILE) / Scratch.TILE * Scratch.TILE;
      parallel.run(
          (size + each - 1) / each,
          part ->
              direct(program, operands, out[0], part * each, Math.min(each, size - part * each)));
    }
  }

  /// The program as what is done to finished rows of a matrix.
  static Epilogue epilogue(
      Expr program, Buffer[] in, Buffer[] out, Pool<Scratch> pool, Kernels kernels) {
    Shape shape = out[0].shape();
    Operand[] operands = new Operand[in.length];
    for (int k = 0; k < in.length; k++) {
      operands[k] = new Operand(in[k], shape);
    }
    int n = shape.dim(-1);
    return (first, count) ->
        range(program, operands, out, pool, kernels, (long) first * n, ((long) first + count) * n);
  }

  /// The loop written for a program, if its operands lie like the results or are single numbers.
  private static Optional<Kernel> written(
      Expr program, Operand[] operands, int size, Kernels kernels) {
    boolean[] number = new boolean[operands.length];
    for (int k = 0; k < number.length; k++) {
      number[k] = operands[k].isNumber();
      if (operands[k].dtype != program.resultDtype(0) || !(number[k] || operands[k].isFlat())) {
        return Optional.empty();
      }
    }
    return kernels.find(program, number, size);
  }

  /// Runs such a loop for `n` elements from `o` on.
  private static void run(
      Kernel kernel, Expr program, Operand[] operands, Buffer[] out, int o, int n) {
    Object[] array = new Object[operands.length + out.length];
    int[] at = new int[array.length];
    double[] number = new double[operands.length + program.constants().size()];
    Elementwise.load(program, operands, out, o, array, at, number);
    kernel.run(n, array, at, number);
  }

  /// One step on operands that lie like the result, for `n` elements from `o` on.
  private static void direct(Expr program, Operand[] operands, Buffer out, int o, int n) {
    Expr.Step s = program.steps().getFirst();
    Operand a = operands[s.a()];
    Operand b = s.b() < 0 ? a : operands[s.b()];
    Operand c = s.c() < 0 ? a : operands[s.c()];
    DType from = s.c() < 0 ? a.dtype : b.dtype;
    Steps.run(
        s,
        from,
        n,
        a.array(),
        a.start() + o,
        b.array(),
        b.start() + o,
        c.array(),
        c.start() + o,
        Elementwise.arrayOf(out),
        out.layout().offset() + o);
  }

  /// The tiles that fall to one of several parts.
  private static void tiled(
      Expr program,
      Operand[] operands,
      Buffer[] out,
      Pool<Scratch> pool,
      Kernels kernels,
      int part,
      int parts) {
    withTiles(
        program,
        operands,
        out,
        pool,
        kernels,
        run -> {
          int tiles = (run.size() + run.tile() - 1) / run.tile();
          long each = (long) (tiles + parts - 1) / parts * run.tile();
          run.tiles(Math.min(part * each, run.size()), Math.min((part + 1) * each, run.size()));
        });
  }

  /// Elements `begin` to `end` in tiles.
  private static void range(
      Expr program,
      Operand[] operands,
      Buffer[] out,
      Pool<Scratch> pool,
      Kernels kernels,
      long begin,
      long end) {
    if (begin < end) {
      withTiles(program, operands, out, pool, kernels, run -> run.tiles(begin, end));
    }
  }

  private static void withTiles(
      Expr program,
      Operand[] operands,
      Buffer[] out,
      Pool<Scratch> pool,
      Kernels kernels,
      Consumer<Elementwise> body) {
    Scratch scratch = pool.take();
    try {
      var run = Elementwise.ready(program, operands, out, out.length, Taker.NONE, scratch);
      if (run.size() >= WRITTEN) {
        run.findStretches(run.size(), kernels);
      }
      body.accept(run);
    } finally {
      pool.give(scratch);
    }
  }
}
