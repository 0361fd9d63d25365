package org.cotangent.autograd.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.backend.Expr;
import org.cotangent.autograd.backend.Expr.Step;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.api.Test;

/// Which steps of a program a written loop does at once, and what it is given.
class StretchTest {
  private static final DType F = DType.F32;

  private static Step unary(Op.Unary f, int a) {
    return new Step(f, F, a, -1, -1);
  }

  private static Step binary(Op.Binary f, int a, int b) {
    return new Step(f, F, a, b, -1);
  }

  private static final Kernels KERNELS = new Kernels(true);

  /// Stretches by their first step, as text.
  private static List<String> stretches(Expr program, DType[] inputs, boolean... number) {
    List<DType> dtypes = new ArrayList<>(List.of(inputs));
    program.constants().forEach(c -> dtypes.add(c.dtype()));
    program.steps().forEach(s -> dtypes.add(s.dtype()));
    boolean[] numbers = Arrays.copyOf(number, dtypes.size());
    for (int k = 0; k < program.constants().size(); k++) {
      numbers[program.inputs() + k] = true;
    }
    return Stretch.of(program, dtypes.toArray(DType[]::new), numbers, 1, KERNELS).stream()
        .map(o -> o.map(StretchTest::text).orElse("-"))
        .toList();
  }

  private static String text(Stretch s) {
    return "%d to %d, arrays %s, numbers %s"
        .formatted(s.first(), s.last(), Arrays.toString(s.arrays()), Arrays.toString(s.numbers()));
  }

  private static final DType[] THREE = {F, F, F};
  private static final List<Expr.Constant> HALF = List.of(new Expr.Constant(0.5, F));

  @Test
  void aStretchReadsWhatComesFromBeforeAndWritesWhatIsReadLater() {
    Expr program = // inputs 0 to 2, the constant 3
        new Expr(
            3,
            HALF,
            List.of(
                binary(Op.Binary.MUL, 2, 3), // 4
                binary(Op.Binary.ADD, 4, 1), // 5
                unary(Op.Unary.TANH, 5), // 6
                binary(Op.Binary.SUB, 6, 4), // 7
                binary(Op.Binary.MUL, 7, 7), // 8
                unary(Op.Unary.NEG, 8))); // 9
    assertThat(stretches(program, THREE, false, true, false))
        .containsExactly(
            "0 to 1, arrays [2, 4, 5], numbers [3, 1]",
            "-",
            "-",
            "3 to 5, arrays [6, 4, 9], numbers []",
            "-",
            "-");
  }

  /// As the first operand, the second or the third.
  @Test
  void aResultIsReadLaterInAnyPlace() {
    for (int place = 0; place < 3; place++) {
      int a = place == 0 ? 4 : 1;
      Step after =
          place == 2
              ? new Step(new Op.Where(), F, 6, 1, 4)
              : binary(Op.Binary.ATAN2, a, place == 1 ? 4 : 2);
      List<Step> steps =
          new ArrayList<>(
              List.of(
                  unary(Op.Unary.NEG, 0), // 4
                  unary(Op.Unary.ABS, 4), // 5
                  new Step(Op.Logical.XOR, DType.BOOL, 3, 3, -1), // 6
                  after));
      Expr program = new Expr(3, List.of(new Expr.Constant(1, DType.BOOL)), steps);
      assertThat(stretches(program, THREE, false, false, false))
          .as("place %d", place)
          .containsExactly("0 to 1, arrays [0, 4], numbers []", "-", "-", "-");
    }
  }

  @Test
  void oneStepIsLeftToItsOwnLoop() {
    Expr program =
        new Expr(
            1,
            List.of(),
            List.of(unary(Op.Unary.NEG, 0), unary(Op.Unary.TANH, 1), unary(Op.Unary.NEG, 2)));
    assertThat(stretches(program, new DType[] {F}, false)).containsExactly("-", "-", "-");
  }

  @Test
  void stepsThatNobodyAsksForHaveNoLoop() {
    Expr program =
        new Expr(
            1,
            List.of(),
            List.of(unary(Op.Unary.NEG, 0), unary(Op.Unary.ABS, 1), unary(Op.Unary.TANH, 0)),
            List.of(3));
    assertThat(stretches(program, new DType[] {F}, false)).containsExactly("-", "-", "-");
  }

  /// A loop is for numbers of one dtype.
  @Test
  void stepsThatReadOtherDtypesHaveNoLoop() {
    Expr program =
        new Expr(
            3,
            List.of(),
            List.of(
                new Step(Op.Compare.LT, DType.BOOL, 0, 0, -1),
                new Step(new Op.Where(), F, 3, 1, 2)));
    assertThat(stretches(program, new DType[] {DType.I32, F, F}, false, false, false))
        .containsExactly("-", "-");
    assertThat(stretches(program, THREE, false, false, false))
        .containsExactly("0 to 1, arrays [0, 1, 2, 4], numbers []", "-");
  }

  @Test
  void allResultsOfTheProgramAreWritten() {
    Expr program =
        new Expr(
            1,
            List.of(),
            List.of(unary(Op.Unary.NEG, 0), unary(Op.Unary.ABS, 1), unary(Op.Unary.RELU, 1)),
            List.of(3, 1));
    assertThat(stretches(program, new DType[] {F}, false))
        .containsExactly("0 to 2, arrays [0, 1, 3], numbers []", "-", "-");
  }

  @Test
  void aLoopIsGivenItsArraysAndNumbersAnew() {
    Expr program = new Expr(3, HALF, List.of(binary(Op.Binary.ADD, 0, 1)));
    List<String> calls = new ArrayList<>();
    Kernel kernel =
        (n, arrays, at, numbers) ->
            calls.add(
                "%d %s %s %s"
                    .formatted(
                        n, Arrays.toString(arrays), Arrays.toString(at), Arrays.toString(numbers)));
    var stretch = new StretchRun(new Stretch(2, 4, kernel, new int[] {4, 1}, new int[] {3, 2}));
    assertThat(List.of(stretch.first(), stretch.last())).containsExactly(2, 4);
    Operand[] in = new Operand[3];
    for (int k = 0; k < 3; k++) {
      in[k] = new Operand(Buffer.full(F, Shape.of(9), k + 0.25), Shape.of(9));
    }
    stretch.run(64, program, in, new Object[] {"a", "b", "c", "d", "e"}, new int[] {1, 2, 3, 4, 5});
    stretch.run(7, program, in, new Object[] {"A", "B", "C", "D", "E"}, new int[] {6, 7, 8, 9, 0});
    assertThat(calls)
        .containsExactly("64 [e, b] [5, 2] [0.5, 2.25]", "7 [E, B] [0, 7] [0.5, 2.25]");
  }
}
