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
  private final Elementwise tiles;
  private final boolean[] number;
  private final boolean writable; // as one loop, that is
  private final Object[] array;
  private final int[] at;
  private final double[] numbers;
  private Optional<Kernel> loop = Optional.empty();

  /// @param scratch for tiles, which others may use between two runs
  ReadyProgram(Expr program, Operand[] operands, Buffer[] out, Scratch scratch) {
    this.program = program;
    this.operands = operands;
    this.out = out;
    tiles = Elementwise.ready(program, operands, out, scratch);
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

  /// Elements `begin` to `end`; where an operand repeats, `begin` is a multiple of its period.
  void run(long begin, long end) {
    long rest = begin;
    if (loop.isPresent() && begin < end) {
      int whole = (int) (end - begin) / Elementwise.WHOLE * Elementwise.WHOLE;
      Elementwise.load(program, operands, out, (int) begin, array, at, numbers);
      loop.get().run(whole, array, at, numbers);
      rest = begin + whole;
    }
    if (rest < end) {
      tiles.tiles(rest, end);
    }
  }
}
