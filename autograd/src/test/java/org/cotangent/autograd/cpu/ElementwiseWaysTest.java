package org.cotangent.autograd.cpu;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.backend.Call;
import org.cotangent.autograd.backend.Expr;
import org.cotangent.autograd.backend.Expr.Step;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.shape.Axes;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Each way of running an elementwise program, on a few shapes and layouts that just lead there:
/// [VectorBackendProgramsTest] draws more of them. All steps are exact, and so is the comparison,
/// what lies around the results included.
class ElementwiseWaysTest {
  private static final Pool<Scratch> POOL = new Pool<>(Scratch::new);
  private static final ReferenceBackend EXACT = new ReferenceBackend();
  private static final DType[] NUMBERS = {DType.I32, DType.I64, DType.F32, DType.F64};
  private static final DType[] FLOATS = {DType.F32, DType.F64};

  /// Runs a call: what it does is the same for all of them.
  private interface Way {
    void run(Call.Elementwise call);
  }

  private static Way atOnce(int threads, boolean written) {
    Parallel parallel = new Parallel(threads);
    Kernels kernels = new Kernels(written);
    return c ->
        ElementwiseOnce.run(c.program(), array(c.in()), array(c.out()), POOL, parallel, kernels);
  }

  private static Buffer[] array(List<Buffer> all) {
    return all.toArray(Buffer[]::new);
  }

  private static Scratch[] scratch(int threads) {
    Scratch[] all = new Scratch[threads];
    Arrays.setAll(all, _ -> new Scratch());
    return all;
  }

  private static Way ready(int threads) {
    Parallel parallel = new Parallel(threads);
    Scratch[] own = scratch(threads);
    return c -> ElementwisePiece.of(c, own, parallel, new Kernels()).run();
  }

  private static final List<Way> WAYS =
      List.of(
          atOnce(1, false), atOnce(3, false), atOnce(1, true), atOnce(3, true), ready(1), ready(3));

  /// One row, three rows, one row, and so on.
  private static void rows(Shape shape, Epilogue epilogue) {
    epilogue.before();
    int count = 1;
    for (int first = 0; first < shape.dim(0); first += count, count = 4 - count) {
      count = Math.min(count, shape.dim(0) - first);
      epilogue.rows(first, count);
      epilogue.rows(first, 0);
    }
  }

  /// For matrices only.
  private static final List<Way> ROW_WAYS =
      List.of(
          c ->
              rows(
                  c.out().getFirst().shape(),
                  ElementwiseOnce.epilogue(
                      c.program(), array(c.in()), array(c.out()), POOL, new Kernels(true))),
          c ->
              rows(
                  c.out().getFirst().shape(),
                  ElementwisePiece.epilogue(c, scratch(2), new Kernels(true))));

  private static void agree(Expr program, Shape shape, List<Buffer> in) {
    List<Buffer> want = results(program, shape);
    EXACT.elementwise(program, array(in), array(want));
    List<Way> ways = new ArrayList<>(WAYS);
    if (shape.rank() == 2) {
      ways.addAll(ROW_WAYS);
    }
    for (Way way : ways) {
      List<Buffer> got = results(program, shape);
      way.run(new Call.Elementwise(program, in, got));
      for (int k = 0; k < want.size(); k++) {
        Agreement.exactly(
            "%d on %s, way %d".formatted(k, shape, ways.indexOf(way)), got.get(k), want.get(k));
      }
    }
  }

  private static List<Buffer> results(Expr program, Shape shape) {
    List<Buffer> all = new ArrayList<>();
    for (int k = 0; k < program.results().size(); k++) {
      all.add(Buffers.inside(program.resultDtype(k), shape));
    }
    return all;
  }

  /// How an operand lies.
  enum Kind {
    FLAT,
    ROW,
    COLUMN,
    MATRIX,
    NUMBER,
    TURNED,
    GAPS
  }

  private static Buffer numbers(DType d, Shape s, int seed) {
    Buffer x = Buffers.inside(d, s);
    Buffer y = new Buffers(seed, true).fill(Buffer.allocate(d, s));
    EXACT.copy(y, x);
    return x;
  }

  private static Buffer operand(DType d, Shape s, Kind kind, int seed) {
    int last = s.rank() - 1;
    return switch (kind) {
      case FLAT -> numbers(d, s, seed);
      case ROW -> numbers(d, Shape.of(s.dim(-1)), seed);
      case COLUMN -> numbers(d, s.with(-1, 1), seed);
      case MATRIX -> numbers(d, last < 2 ? s : s.without(0), seed);
      case NUMBER -> numbers(d, Shape.SCALAR, seed);
      case TURNED -> {
        if (last == 0) {
          yield operand(d, s, Kind.GAPS, seed);
        }
        int[] order = {0, 1, 2};
        order[last] = last - 1;
        order[last - 1] = last;
        Shape turned = s.with(last, s.dim(-2)).with(last - 1, s.dim(-1));
        Buffer x = numbers(d, turned, seed);
        yield x.view(x.layout().permute(Axes.permutation(turned, Arrays.copyOf(order, s.rank()))));
      }
      case GAPS -> {
        Buffer x = numbers(d, s.with(-1, 2 * s.dim(-1)), seed);
        yield x.view(x.layout().slice(last, 1, s.dim(-1), last == 0 ? 2 : 1));
      }
    };
  }

  /// Two stretches that can be written as loops, with a step between them that cannot.
  private static Expr cut(DType d) {
    return new Expr(
        3,
        List.of(new Expr.Constant(0.5, d)),
        List.of(
            new Step(Op.Binary.MUL, d, 0, 1, -1),
            new Step(Op.Binary.ADD, d, 4, 3, -1),
            new Step(Op.Unary.FLOOR, d, 5, -1, -1),
            new Step(Op.Binary.SUB, d, 6, 2, -1),
            new Step(Op.Binary.MUL, d, 7, 4, -1)));
  }

  /// One loop, with two results.
  private static Expr whole(DType d) {
    return new Expr(
        3,
        List.of(new Expr.Constant(-0.25, d)),
        List.of(
            new Step(Op.Binary.SUB, d, 0, 1, -1),
            new Step(Op.Compare.GT, DType.BOOL, 4, 3, -1),
            new Step(new Op.Where(), d, 5, 2, 4)),
        List.of(6, 4));
  }

  private static void agree(int[] dims, Kind x, Kind y, Kind z) {
    Shape s = Shape.of(dims);
    for (DType d : s.size() > Elementwise.SHARED ? new DType[] {DType.F32} : FLOATS) {
      List<Buffer> in = List.of(operand(d, s, x, 1), operand(d, s, y, 2), operand(d, s, z, 3));
      agree(cut(d), s, in);
      agree(whole(d), s, in);
    }
  }

  /// Less than a tile, or a little more; rows that repeat in a tile, or fill one; and more numbers
  /// than it takes to look for loops.
  @ParameterizedTest
  @CsvSource({
    "1, 1, 1",
    "1, 5, 3",
    "1, 70, 31",
    "3, 2, 350",
    "2, 3, 1024",
    "2, 3, 1025",
    "1, 3, 1500",
    "1, 2, 4500",
    "1, 129, 128"
  })
  void operandsOfAnyLayoutAreReadRight(int count, int rows, int columns) {
    int[] s = count == 1 ? new int[] {rows, columns} : new int[] {count, rows, columns};
    agree(s, Kind.FLAT, Kind.FLAT, Kind.FLAT);
    agree(s, Kind.FLAT, Kind.ROW, Kind.COLUMN);
    agree(s, Kind.ROW, Kind.MATRIX, Kind.FLAT);
    agree(s, Kind.MATRIX, Kind.ROW, Kind.NUMBER);
    agree(s, Kind.NUMBER, Kind.GAPS, Kind.FLAT);
    agree(s, Kind.TURNED, Kind.FLAT, Kind.NUMBER);
    agree(s, Kind.NUMBER, Kind.NUMBER, Kind.NUMBER);
  }

  @ParameterizedTest
  @CsvSource({
    "65536, FLAT, FLAT, NUMBER",
    "65613, FLAT, NUMBER, FLAT",
    "65613, NUMBER, GAPS, FLAT"
  })
  void longOperandsAreSharedOut(int n, Kind x, Kind y, Kind z) {
    agree(new int[] {n}, x, y, z);
  }

  @ParameterizedTest
  @CsvSource({"257, 256, ROW, COLUMN", "33, 2000, ROW, FLAT", "2, 33000, ROW, FLAT"})
  void largeMatricesAreSharedOut(int rows, int columns, Kind x, Kind y) {
    agree(new int[] {rows, columns}, x, y, Kind.FLAT);
  }

  /// Operands and results of all dtypes, whose tiles are used for several steps.
  @ParameterizedTest
  @CsvSource({"5, 3", "70, 31", "2, 1100", "2, 33000"})
  void dtypesMeetInOneProgram(int rows, int columns) {
    Shape s = Shape.of(rows, columns);
    boolean large = s.size() > Elementwise.SHARED;
    for (DType d : large ? new DType[] {DType.F64} : FLOATS) {
      Expr program = // inputs 0 to 3, constants 4 to 6
          new Expr(
              4,
              List.of(
                  new Expr.Constant(0.5, d),
                  new Expr.Constant(3, DType.I32),
                  new Expr.Constant(1, DType.BOOL)),
              List.of(
                  new Step(Op.Compare.GT, DType.BOOL, 0, 4, -1), // 7
                  new Step(Op.Logical.XOR, DType.BOOL, 7, 2, -1), // 8, a result
                  new Step(Op.Binary.MUL, DType.I32, 1, 5, -1), // 9, a result
                  new Step(new Op.Cast(DType.I64), DType.I64, 9, -1, -1), // 10
                  new Step(Op.Binary.ADD, DType.I64, 10, 3, -1), // 11, a result
                  new Step(new Op.Cast(d), d, 1, -1, -1), // 12
                  new Step(Op.Logical.AND, DType.BOOL, 8, 6, -1), // 13
                  new Step(new Op.Where(), d, 13, 0, 12), // 14
                  new Step(Op.Binary.ADD, d, 14, 0, -1)), // 15, a result
              List.of(15, 9, 8, 11));
      for (Kind kind : large ? List.of(Kind.ROW) : List.of(Kind.values())) {
        agree(
            program,
            s,
            List.of(
                operand(d, s, Kind.FLAT, 1),
                operand(DType.I32, s, kind, 2),
                operand(DType.BOOL, s, kind, 3),
                operand(DType.I64, s, kind, 4)));
      }
    }
  }

  /// Single steps need no tile where the operands lie like the result.
  @ParameterizedTest
  @CsvSource({"1", "100", "65613"})
  void singleStepsWorkOnTheOperandsThemselves(int n) {
    Shape s = Shape.of(n);
    for (DType d : n > 100 ? new DType[] {DType.I64} : NUMBERS) {
      Buffer x = operand(d, s, Kind.FLAT, 1);
      Buffer y = operand(d, s, Kind.FLAT, 2);
      Buffer truth = operand(DType.BOOL, s, Kind.FLAT, 3);
      agree(Expr.of(Op.Unary.NEG, d, 1), s, List.of(x));
      agree(Expr.of(Op.Binary.SUB, d, 2), s, List.of(x, y));
      agree(Expr.of(Op.Compare.LT, DType.BOOL, 2), s, List.of(x, y));
      agree(Expr.of(new Op.Where(), d, 3), s, List.of(truth, x, y));
      agree(
          new Expr(2, List.of(), List.of(new Step(Op.Binary.SUB, d, 1, 0, -1))), s, List.of(x, y));
    }
  }

  /// A column times a row is a product of its own.
  @Test
  void singleStepsMayStretchTheirOperands() {
    for (int[] dims : new int[][] {{5, 3}, {30, 41}, {300, 220}}) {
      Shape s = Shape.of(dims);
      for (Op.Binary op : List.of(Op.Binary.MUL, Op.Binary.SUB)) {
        Buffer row = operand(DType.F32, s, Kind.ROW, 1);
        Buffer column = operand(DType.F32, s, Kind.COLUMN, 2);
        agree(Expr.of(op, DType.F32, 2), s, List.of(row, column));
        agree(Expr.of(op, DType.F32, 2), s, List.of(column, row));
      }
    }
  }

  @Test
  void nothingIsDoneForNoElements() {
    Shape s = Shape.of(0, 3);
    for (DType d : new DType[] {DType.F32, DType.I32}) {
      agree(Expr.of(Op.Unary.NEG, d, 1), s, List.of(operand(d, s, Kind.FLAT, 1)));
    }
  }

  /// The first result takes the place of an operand that the last step reads; the second the place
  /// of one that no later step does.
  @ParameterizedTest
  @CsvSource({"5", "2100", "20000"})
  void aResultMayTakeThePlaceOfAnOperand(int n) {
    Shape s = Shape.of(n);
    for (DType d : new DType[] {DType.F32, DType.I32, DType.I64}) {
      Expr program =
          new Expr(
              2,
              List.of(),
              List.of(
                  new Step(Op.Binary.ADD, d, 0, 1, -1),
                  new Step(Op.Binary.MUL, d, 2, 1, -1),
                  new Step(Op.Binary.SUB, d, 3, 0, -1)),
              List.of(2, 3, 4));
      for (Way way : WAYS) {
        List<Buffer> in = List.of(operand(d, s, Kind.FLAT, 1), operand(d, s, Kind.FLAT, 2));
        List<Buffer> same = List.of(operand(d, s, Kind.FLAT, 1), operand(d, s, Kind.FLAT, 2));
        List<Buffer> want = results(program, s);
        EXACT.elementwise(program, array(same), array(want));
        List<Buffer> got = List.of(in.get(0), in.get(1), Buffers.inside(d, s));
        way.run(new Call.Elementwise(program, in, got));
        for (int k = 0; k < 3; k++) {
          Agreement.exactly(
              "%d of %s, way %d".formatted(k, d, WAYS.indexOf(way)), got.get(k), want.get(k));
        }
      }
    }
  }

  /// A comparison, many steps that cost little, and a choice: much work by the count of steps.
  private static Expr longProgram(DType d) {
    int length = 200;
    List<Step> steps = new ArrayList<>();
    steps.add(new Step(Op.Compare.GT, DType.BOOL, 0, 3, -1));
    for (int r = 4; r < 4 + length; r++) {
      steps.add(new Step(Op.Logical.NOT, DType.BOOL, r, -1, -1));
    }
    steps.add(new Step(new Op.Where(), d, 4 + length, 1, 2));
    steps.add(new Step(Op.Binary.SUB, d, 5 + length, 0, -1));
    return new Expr(3, List.of(new Expr.Constant(0.5, d)), steps, List.of(6 + length, 5 + length));
  }

  /// After some milliseconds of work a call looks for loops: one for all of it where the operands
  /// lie like the results, else one for each stretch. Sizes that are whole loops, and not.
  @ParameterizedTest
  @CsvSource({"1, 640", "1, 705", "3, 65540", "3, 65615"})
  void aCallThatComesOftenGetsLoops(int threads, int n) {
    Shape s = Shape.of(n / 5, 5);
    Parallel parallel = new Parallel(threads);
    for (DType d : threads > 1 ? new DType[] {DType.F32} : FLOATS) {
      Expr program = longProgram(d);
      for (Kind kind : List.of(Kind.FLAT, Kind.NUMBER, Kind.ROW)) {
        List<Buffer> in =
            List.of(operand(d, s, Kind.FLAT, 1), operand(d, s, kind, 2), operand(d, s, kind, 3));
        List<Buffer> want = results(program, s);
        atOnce(1, false).run(new Call.Elementwise(program, in, want));
        List<Buffer> got = results(program, s);
        var call = new Call.Elementwise(program, in, got);
        Piece piece = ElementwisePiece.of(call, scratch(threads), parallel, new Kernels(true));
        long work = 0;
        while (work < 12_000_000) {
          piece.run();
          work += (long) n * program.steps().size();
        }
        got.forEach(Buffer::poison);
        piece.run();
        for (int k = 0; k < want.size(); k++) {
          Agreement.exactly("%d, %s, %s".formatted(k, d, kind), got.get(k), want.get(k));
        }
      }
    }
  }

  /// Loops are for numbers of one dtype: a program that only compares others has none.
  @Test
  void operandsOfAnotherDtypeHaveNoLoop() {
    Shape s = Shape.of(20_000);
    Expr program =
        new Expr(
            2,
            List.of(new Expr.Constant(3, DType.F32), new Expr.Constant(-2, DType.F32)),
            List.of(
                new Step(Op.Compare.LT, DType.BOOL, 0, 1, -1),
                new Step(new Op.Where(), DType.F32, 4, 2, 3)));
    List<Buffer> in =
        List.of(operand(DType.I64, s, Kind.FLAT, 1), operand(DType.I64, s, Kind.FLAT, 2));
    agree(program, s, in);
    List<Buffer> want = results(program, s);
    EXACT.elementwise(program, array(in), array(want));
    List<Buffer> got = results(program, s);
    var call = new Call.Elementwise(program, in, got);
    Piece piece = ElementwisePiece.of(call, scratch(1), new Parallel(1), new Kernels(true));
    for (int run = 0; run < 260; run++) { // enough work to look for a loop
      piece.run();
    }
    Agreement.exactly("result", got.getFirst(), want.getFirst());
  }

  /// So do the rows of a product that comes often.
  @Test
  void whatFollowsAProductOftenGetsLoops() {
    Shape s = Shape.of(6, 150);
    Expr program = longProgram(DType.F32);
    List<Buffer> in =
        List.of(
            operand(DType.F32, s, Kind.FLAT, 1),
            operand(DType.F32, s, Kind.ROW, 2),
            operand(DType.F32, s, Kind.COLUMN, 3));
    List<Buffer> want = results(program, s);
    EXACT.elementwise(program, array(in), array(want));
    List<Buffer> got = results(program, s);
    var call = new Call.Elementwise(program, in, got);
    Epilogue rows = ElementwisePiece.epilogue(call, scratch(2), new Kernels(true));
    for (int run = 0; run < 100; run++) {
      rows.before();
    }
    rows(s, rows);
    for (int k = 0; k < want.size(); k++) {
      Agreement.exactly("result " + k, got.get(k), want.get(k));
    }
  }
}
