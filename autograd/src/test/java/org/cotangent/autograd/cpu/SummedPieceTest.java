package org.cotangent.autograd.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.cotangent.autograd.backend.Apart;
import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.backend.Call;
import org.cotangent.autograd.backend.Expr;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Sums of what programs compute against the same sums of the same numbers in memory: the same
/// bits, for any number of threads, of numbers in any order of magnitude and of those that are
/// none.
class SummedPieceTest {
  private static final int L = LanesF32.L;
  private static final VectorBackend PLAIN = new VectorBackend(1);

  /// What a call computes from: three operands, of which one may repeat by rows and one by columns.
  private record Operands(List<Buffer> in, Shape shape) {
    static Operands of(DType d, Shape s, int seed, boolean special) {
      var some = new Buffers(seed, special);
      List<Buffer> in = new ArrayList<>(List.of(some.fill(Buffer.allocate(d, s))));
      boolean repeats = seed % 3 > 0 && s.rank() > 1;
      Shape other = !repeats ? s : seed % 3 == 1 ? s.with(0, 1) : s.with(-1, 1);
      in.add(some.fill(Buffer.allocate(d, other)));
      in.add(seed % 2 == 0 ? Buffer.full(d, s, 0.75) : some.fill(Buffer.allocate(d, s)));
      return new Operands(in, s);
    }
  }

  private static Expr.Step step(Op.Elementwise op, DType d, int a, int b) {
    return new Expr.Step(op, d, a, b, -1);
  }

  /// x - y is written and summed, (x - y) r is summed, its square root is written, and what is
  /// below a half of it is only counted.
  private static Expr program(DType d) {
    return new Expr(
        3,
        List.of(new Expr.Constant(0.5, d)),
        List.of(
            step(Op.Binary.SUB, d, 0, 1),
            step(Op.Binary.MUL, d, 4, 2),
            step(Op.Unary.SQRT, d, 5, -1),
            step(Op.Binary.MINIMUM, d, 6, 3)),
        List.of(4, 6, 5, 7));
  }

  private static Call.Summed call(Operands from, Shape to) {
    DType d = from.in.getFirst().dtype();
    List<Buffer> written = List.of(Buffers.inside(d, from.shape), Buffers.inside(d, from.shape));
    List<Call.Total> totals = new ArrayList<>();
    for (int result : new int[] {0, 2, 3}) {
      totals.add(new Call.Total(result, from.shape, Buffers.inside(d, to)));
    }
    return new Call.Summed(program(d), from.shape, from.in, written, totals);
  }

  private static SummedPiece piece(Call.Summed call, int threads, Kernels kernels) {
    Scratch[] scratch = new Scratch[threads];
    Arrays.setAll(scratch, _ -> new Scratch());
    return new SummedPiece(call, scratch, new Parallel(threads), kernels);
  }

  /// Whole arrays, with what is around the results in them.
  private static void same(String what, Call got, Call want) {
    for (int k = 0; k < want.out().size(); k++) {
      Buffer x = got.out().get(k);
      Buffer y = want.out().get(k);
      boolean same =
          x.dtype() == DType.F32
              ? Arrays.equals(x.f32(), y.f32())
              : Arrays.equals(x.f64(), y.f64());
      if (!same) {
        Agreement.within(0, what + ", result " + k, x, y);
      }
      assertThat(same).as(what + ", result " + k).isTrue();
    }
  }

  /// @param axes which are summed
  private static void check(int[] shape, int... axes) {
    Shape s = Shape.of(shape);
    Shape to = s;
    for (int axis : axes) {
      to = to.with(axis, 1);
    }
    for (DType d : new DType[] {DType.F32, DType.F64}) {
      int seeds = s.size() < 10_000 ? 3 : 2;
      for (int seed = d == DType.F32 || seeds == 3 ? 0 : 1; seed < seeds; seed++) {
        // One number that is not finite would hide the order of the others.
        Operands from = Operands.of(d, s, seed, seed == 0 && s.size() < 100);
        Call.Summed want = call(from, to);
        PLAIN.plainly(List.of(want)).run();
        for (int threads : s.size() < Elementwise.SHARED ? new int[] {1} : new int[] {1, 2, 3, 7}) {
          Call.Summed got = call(from, to);
          SummedPiece piece = piece(got, threads, new Kernels());
          piece.run();
          piece.run(); // nothing is left of the first
          same("%s to %s, seed %d, %d threads".formatted(s, to, seed, threads), got, want);
        }
      }
    }
  }

  /// About the lengths of vectors, blocks and tiles.
  @Test
  void runsOfEveryLength() {
    for (int n = 1; n <= 2 * L + 1; n++) {
      check(new int[] {n}, 0);
      check(new int[] {3, n}, 1);
    }
    for (int n : new int[] {4 * L + 3, 1023, 1024, 1025, 2047, 2048, 2049, 3100, 5000}) {
      check(new int[] {n}, 0);
      check(new int[] {3, n}, 1);
      check(new int[] {3, n}, 0, 1);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1 << 15, (1 << 16) + 1, 100_003})
  void longRuns(int n) {
    check(new int[] {n}, 0);
  }

  @ParameterizedTest
  @CsvSource({"2, 40000", "257, 301", "9000, 8"})
  void rowsAndColumnsOfManyNumbers(int rows, int n) {
    check(new int[] {rows, n}, 1);
    check(new int[] {rows, n}, 0);
    check(new int[] {rows, n}, 0, 1);
  }

  @Test
  void columnsOfEveryWidth() {
    for (int rows : new int[] {2, 31, 32, 33, 65}) {
      for (int n : new int[] {1, 2, L - 1, L, L + 1, 3 * L + 5, 5 * L, 2050}) {
        check(new int[] {rows, n}, 0);
      }
    }
  }

  /// So many rows that these are cut into pieces.
  @ParameterizedTest
  @CsvSource({"40000, 2", "6000, 13", "1100, 63"})
  void fewColumnsOfManyRows(int rows, int n) {
    check(new int[] {rows, n}, 0);
  }

  @Test
  void axesBetweenOthers() {
    check(new int[] {3, 4, 20}, 0, 2);
    check(new int[] {3, 4, 20}, 1);
    check(new int[] {2, 3, 4, 5}, 0, 2);
    check(new int[] {2, 3, 4, 5}, 1, 3);
    check(new int[] {4, 3, 1300}, 0, 2);
    check(new int[] {70, 33, 67}, 0, 2);
    check(new int[] {70, 33, 67}, 1);
    check(new int[] {3, 40, 5, 20}, 0, 2);
  }

  /// Written loops do whole vectors, tile by tile; the rest of a part is done step by step.
  @Test
  void writtenLoopsGiveTheSameBits() {
    var kernels = new Kernels(true);
    for (int n : new int[] {1000, 4099, 70_001}) {
      Shape s = Shape.of(n);
      Operands from = Operands.of(DType.F32, s, 4, false);
      Call.Summed want = call(from, Shape.of(1));
      PLAIN.plainly(List.of(want)).run();
      Call.Summed got = call(from, Shape.of(1));
      SummedPiece piece = piece(got, 3, kernels);
      for (long done = 0; done < 3_000_000; done += n) { // until it looks for loops
        piece.run();
      }
      same("%d numbers in loops".formatted(n), got, want);
    }
    boolean[] number = {false, false, true};
    assertThat(kernels.find(program(DType.F32), number, 1)).isPresent();
  }

  /// A result that overwrites an operand is summed all the same.
  @Test
  void aResultInPlaceOfAnOperandIsSummed() {
    for (int threads : new int[] {1, 3}) {
      List<Buffer> sums = new ArrayList<>();
      for (boolean ready : new boolean[] {true, false}) {
        Shape s = Shape.of(70_003);
        Buffer x = new Buffers(5, false).fill(Buffer.allocate(DType.F64, s));
        Expr twice =
            new Expr(1, List.of(), List.of(step(Op.Binary.ADD, DType.F64, 0, 0)), List.of(1));
        Buffer sum = Buffer.allocate(DType.F64, Shape.of());
        var call =
            new Call.Summed(twice, s, List.of(x), List.of(x), List.of(new Call.Total(0, s, sum)));
        Piece piece =
            ready ? piece(call, threads, new Kernels()) : PLAIN.plainly(List.<Call>of(call))::run;
        piece.run();
        piece.run();
        sums.add(sum);
      }
      Agreement.within(0, threads + " threads", sums.get(0), sums.get(1));
    }
  }

  @Test
  void whatIsSmallOrCannotBeSharedIsTakenApart() {
    Call.Summed large = call(Operands.of(DType.F32, Shape.of(100_000), 0, false), Shape.of());
    Call.Summed small = call(Operands.of(DType.F32, Shape.of(8191), 0, false), Shape.of());
    Call.Summed doubles = call(Operands.of(DType.F64, Shape.of(4096), 0, false), Shape.of());
    Shape wide = Shape.of(32, 3000);
    Call.Summed block = call(Operands.of(DType.F32, wide, 0, false), Shape.of(3000));
    assertThat(SummedPiece.isWorth(large, 7)).isTrue();
    assertThat(SummedPiece.isWorth(small, 1)).isFalse();
    assertThat(SummedPiece.isWorth(doubles, 1)).isTrue();
    assertThat(SummedPiece.isWorth(block, 1)).isTrue();
    assertThat(SummedPiece.isWorth(block, 2)).isFalse();
    assertThat(Apart.of(List.of(large, small), c -> !SummedPiece.isWorth(c, 1))).hasSize(1 + 1 + 3);
  }
}
