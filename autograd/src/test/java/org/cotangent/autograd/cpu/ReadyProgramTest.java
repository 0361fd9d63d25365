package org.cotangent.autograd.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.backend.Expr;
import org.cotangent.autograd.backend.Layout;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.api.Test;

/// Programs made ready, and when they look for loops.
class ReadyProgramTest {
  /// a b + a, by one step after the other or one loop.
  private static final Expr PROGRAM =
      new Expr(
          2,
          List.of(),
          List.of(
              new Expr.Step(Op.Binary.MUL, DType.F32, 0, 1, -1),
              new Expr.Step(Op.Binary.ADD, DType.F32, 2, 0, -1)),
          List.of(3));

  private static final int N = 300;

  private final Kernels kernels = new Kernels(true);
  private final float[] a = new float[N];
  private final float[] y = new float[N + 2];
  private final Buffer out = new Buffer(y, DType.F32, Layout.of(Shape.of(N)));

  /// The program on the numbers from -7 on, and 3 everywhere.
  private ReadyProgram ready() {
    for (int i = 0; i < N; i++) {
      a[i] = i - 7;
    }
    Buffer first = new Buffer(a, DType.F32, Layout.of(Shape.of(N)));
    Buffer second = Buffer.full(DType.F32, Shape.of(N), 3);
    Operand[] operands = {new Operand(first, Shape.of(N)), new Operand(second, Shape.of(N))};
    return new ReadyProgram(PROGRAM, operands, new Buffer[] {out}, new Scratch());
  }

  @Test
  void aLoopAndTheRestBehindItGiveWhatStepsGive() {
    for (boolean loops : new boolean[] {false, true}) {
      ReadyProgram program = ready();
      if (loops) {
        program.findLoops(kernels);
      }
      assertThat(program.hasLoop()).isEqualTo(loops);
      for (int[] part : new int[][] {{0, 0}, {0, 64}, {64, 70}, {70, 263}, {263, 300}}) {
        Arrays.fill(y, -1);
        program.run(part[0], part[1]);
        for (int i = 0; i < y.length; i++) {
          boolean inside = i >= part[0] && i < part[1];
          assertThat(y[i]).isEqualTo(inside ? 4f * (i - 7) : -1f);
        }
      }
    }
  }

  @Test
  void aProgramThatRunsOftenLooksForALoop() {
    ReadyProgram program = ready();
    var watch = new LoopWatch(List.of(program), 1_000_000, 2, kernels);
    for (int run = 0; run < 4; run++) {
      watch.before();
      assertThat(program.hasLoop()).isFalse();
    }
    watch.before();
    assertThat(program.hasLoop()).isTrue();
  }

  @Test
  void aSmallProgramDoesNot() {
    ReadyProgram program = ready();
    var small = new LoopWatch(List.of(program), 511, 100_000_000, kernels);
    small.before();
    assertThat(program.hasLoop()).isFalse();
    var large = new LoopWatch(List.of(program), 512, 100_000_000, kernels);
    large.before();
    assertThat(program.hasLoop()).isTrue();
  }
}
