package org.cotangent.autograd.cpu;

import java.util.Optional;
import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.backend.Expr;

/// An elementwise program made ready to be run many times on any part of its elements, by one
/// thread at a time: tile by tile, and by written loops as soon as there are some.
final class ReadyProgram {
  private final Expr program;
  private final Operand[] operands;
  private final Buffer[] out;
  private final int written; // results from this one on begin with the taker's first element
  private final Taker taker;
  private final Elementwise tiles;
  private final boolean[] number;
  private final boolean writable; // as one loop, that is
  private final Object[] array;
  private final int[] at;
  private final double[] numbers;
  private Optional<Kernel> loop = Optional.empty();

  /// @param scratch for tiles, which others may use between two runs
  ReadyProgram(Expr program, Operand[] operands, Buffer[] out, Scratch scratch) {
    this(program, operands, out, out.length, Taker.NONE, scratch);
  }

  /// @param written results from this one on have no place in memory, but are written to what `out`
  ///   says anew each time that the taker has read them
  ReadyProgram(
      Expr program, Operand[] operands, Buffer[] out, int written, Taker taker, Scratch scratch) {
    this.program = program;
    this.operands = operands;
    this.out = out;
    this.written = written;
    this.taker = taker;
    tiles = Elementwise.ready(program, operands, out, written, taker, scratch);
    number = new boolean[operands.length];
    boolean flat = true;
    int arrays = out.length;
    for (int k = 0; k < number.length; k++) {
      number[k] = operands[k].isNumber();
      flat &= operands[k].dtype == program.resultDtype(0);
      flat &= number[k] || operands[k].isFlat();
      arrays += number[k] ? 0 : 1;
    }
    writable = flat && KernelWriter.canWrite(program);
    array = new Object[arrays];
    at = new int[arrays];
    numbers = new double[operands.length + program.constants().size()];
  }

  /// Parts should begin at multiples of so many elements.
  int tile() {
    return tiles.tile();
  }

  /// Asks for loops, and takes those that are ready.
  void findLoops(Kernels kernels) {
    if (writable) {
      loop = kernels.find(program, number, Integer.MAX_VALUE);
    } else {
      tiles.findStretches(Integer.MAX_VALUE, kernels);
    }
  }

  /// Whether one written loop does all steps.
  boolean hasLoop() {
    return loop.isPresent();
  }

  /// Elements `begin` to `end`.
  void run(long begin, long end) {
    if (loop.isEmpty()) {
      tiles.tiles(begin, end);
      return;
    }
    for (long o = begin; o < end; o += taker.atOnce()) {
      looped(loop.get(), (int) o, (int) Math.min(end, o + taker.atOnce()));
    }
  }

  private void looped(Kernel kernel, int begin, int end) {
    int whole = (end - begin) / Elementwise.WHOLE * Elementwise.WHOLE;
    Elementwise.load(program, operands, out, begin, array, at, numbers);
    for (int k = written; k < out.length; k++) {
      at[at.length - out.length + k] -= taker.first();
    }
    kernel.run(whole, array, at, numbers);
    taker.reached(begin + whole);
    if (begin + whole < end) {
      tiles.tiles(begin + whole, end);
    }
  }
}
