package org.cotangent.autograd.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.backend.Layout;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Each way of summing up and of finding the largest, on shapes that just lead there:
/// [VectorBackendReductionTest] draws more of them. Sums are of whole numbers, so they are exact in
/// whatever order.
class ReductionWaysTest {
  private static final int L = LanesF32.L;
  private static final int PIECE = MathSize.PIECE;

  /// Small whole numbers that differ from place to place.
  private static Buffer fill(Buffer x) {
    int n = x.dtype() == DType.F32 ? x.f32().length : x.f64().length;
    for (int i = 0; i < n; i++) {
      ReferenceBackend.put(x, i, i * 7 % 23 - 5);
    }
    return x;
  }

  /// Sums and largest elements along some axes, once row-major and once of neighbours with gaps
  /// around them, by one thread and by three, and again of other numbers.
  private static void check(int[] shape, int... axes) {
    Shape s = Shape.of(shape);
    Shape to = s;
    for (int axis : axes) {
      to = to.with(axis, 1);
    }
    for (DType d : new DType[] {DType.F32, DType.F64}) {
      Buffer x = fill(Buffer.allocate(d, s));
      check(x, to);
      Layout inside = Layout.of(larger(s));
      Buffer y = fill(Buffer.allocate(d, larger(s)));
      for (int axis = 0; axis < s.rank(); axis++) {
        inside = inside.slice(axis, 1, s.dim(axis), 1);
      }
      check(y.view(inside), to);
    }
  }

  private static Shape larger(Shape s) {
    Shape larger = s;
    for (int axis = 0; axis < s.rank(); axis++) {
      larger = larger.with(axis, s.dim(axis) + 2);
    }
    return larger;
  }

  private static void check(Buffer x, Shape to) {
    for (int threads : new int[] {1, 3}) {
      Pieces pieces = new Pieces(new Parallel(threads));
      Buffer sums = Buffers.inside(x.dtype(), to);
      Buffer largest = Buffers.inside(x.dtype(), to);
      Piece sum = pieces.sum(x, sums);
      Piece max = pieces.max(x, largest);
      for (int run = 0; run < 2; run++) {
        ReferenceBackend.put(x, x.layout().offset(), 100 * run - 50);
        sum.run();
        max.run();
        String what = "%s to %s, %d threads".formatted(x.shape(), to, threads);
        Agreement.exactly("sums of " + what, sums, byRule(x, to, false));
        Agreement.exactly("largest of " + what, largest, byRule(x, to, true));
      }
    }
  }

  private static Buffer byRule(Buffer x, Shape to, boolean largest) {
    Buffer y = Buffers.inside(x.dtype(), to);
    Layout group = y.layout().expand(x.shape());
    for (int g = 0; g < to.size(); g++) {
      ReferenceBackend.put(y, y.layout().at(g), largest ? Double.NEGATIVE_INFINITY : 0);
    }
    for (int i = 0; i < x.shape().size(); i++) {
      double v = x.getDouble(x.layout().at(i));
      double before = y.getDouble(group.at(i));
      ReferenceBackend.put(y, group.at(i), largest ? Math.max(before, v) : before + v);
    }
    return y;
  }

  static List<Integer> lengths() {
    return List.of(
        1, L - 1, L, L + 1, 3 * L, 4 * L - 1, 4 * L, 5 * L, 6 * L + 3, 8 * L, 1023, 1024, 1025,
        2048, 2049, 3100);
  }

  @Test
  void runsOfEveryLengthAreAddedUp() {
    for (int n : lengths()) {
      check(new int[] {n}, 0);
      check(new int[] {3, n}, 1);
    }
  }

  /// By one thread, and from one number more on in branches, several of which are shared out.
  @ParameterizedTest
  @ValueSource(ints = {PIECE, PIECE + 1, 2 * PIECE + 1, 3 * PIECE + 77})
  void longRunsAreAddedUpInBranches(int n) {
    check(new int[] {n}, 0);
  }

  /// Long rows are pieces of their own, short ones share them.
  @ParameterizedTest
  @CsvSource({"2, 40000", "3, 32768", "40000, 2", "700, 100", "1, 50000"})
  void rowsAreSharedOut(int rows, int n) {
    check(new int[] {rows, n}, 1);
  }

  @Test
  void runsThatMeetInOneSumAreAddedOneAfterAnother() {
    check(new int[] {3, 4, 20}, 0, 2);
    check(new int[] {2, 3, 4, 5}, 0, 2);
    check(new int[] {2, 3, 4, 5}, 1, 3);
    check(new int[] {2, 2, PIECE + 5}, 0, 2);
    check(new int[] {2, 3, 2, 20}, 0, 1, 3);
  }

  /// Of one row and of several; fewer than a vector holds, whole vectors, and some columns more;
  /// rows in one block and in more.
  @Test
  void columnsAreAddedUp() {
    for (int rows : new int[] {1, 2, 31, 32, 33, 65}) {
      for (int n : new int[] {2, L, L + 1, 3 * L + 5}) {
        check(new int[] {rows, n}, 0);
      }
    }
    check(new int[] {3, 4, 20}, 1);
    check(new int[] {3, 4, 5, 20}, 0, 2);
    check(new int[] {3, 4, 5, 20}, 0, 1);
  }

  /// Many columns of many rows are pieces of whole vectors; many groups of rows share them.
  @ParameterizedTest
  @CsvSource({
    "1, 600, 150",
    "1, 1000, 200",
    "1, 300, 64",
    "300, 2, 64",
    "5, 1030, 70",
    "1, 3, 20000"
  })
  void columnsAreSharedOut(int groups, int rows, int n) {
    check(new int[] {groups, rows, n}, 1);
  }

  /// Few columns of many rows: as many rows as fit into vectors at once, and a rest.
  @ParameterizedTest
  @CsvSource({"16384, 2", "16385, 2", "11000, 3", "33000, 3", "600, 63", "512, 64"})
  void fewColumnsOfManyRowsAreAddedUp(int rows, int n) {
    check(new int[] {rows, n}, 0);
    check(new int[] {rows / 2, 2, n}, 0, 1);
  }

  @Test
  void noNumbersHaveTheSumZeroAndNoLargest() {
    for (int[] s : new int[][] {{0, 3}, {3, 0}, {0}}) {
      Shape shape = Shape.of(s);
      for (int axis = 0; axis < s.length; axis++) {
        check(Buffer.allocate(DType.F32, shape), axis, shape.with(axis, 1));
      }
    }
  }

  private static void check(Buffer x, int axis, Shape to) {
    String what = "%s along %d".formatted(x.shape(), axis);
    Pieces pieces = new Pieces(new Parallel(1));
    Buffer sums = Buffers.inside(x.dtype(), to);
    pieces.sum(x, sums).run();
    Agreement.exactly("sums of " + what, sums, byRule(x, to, false));
    Buffer largest = Buffers.inside(x.dtype(), to);
    pieces.max(x, largest).run();
    Agreement.exactly("largest of " + what, largest, byRule(x, to, true));
  }

  /// 2^24, after which a float skips odd numbers, then some ones, each in an addition of its own:
  /// what rounding takes is carried on.
  ///
  /// @param step from one of them to the next
  /// @param gap between those of neighbouring sums
  private static void onesAreNotLost(int[] shape, int ones, int step, int gap, int... axes) {
    Shape s = Shape.of(shape);
    Shape to = s;
    for (int axis : axes) {
      to = to.with(axis, 1);
    }
    Buffer x = Buffer.allocate(DType.F32, s);
    int columns = to.size();
    for (int c = 0; c < columns; c++) {
      x.f32()[c * gap] = 1 << 24;
      for (int i = 1; i <= ones; i++) {
        x.f32()[i * step + c * gap] = 1;
      }
    }
    Buffer y = Buffer.allocate(DType.F32, to);
    new Pieces(new Parallel(2)).sum(x, y).run();
    for (int c = 0; c < columns; c++) {
      assertThat(y.f32()[c]).as("column %d of %s", c, s).isCloseTo((1 << 24) + ones, within(2f));
    }
  }

  @Test
  void smallNumbersAreNotLostBesideALargeOne() {
    int block = ReduceF32.ROWS;
    int n = ReduceF32.NARROW + 3;
    onesAreNotLost(new int[] {101 * block, n}, 100, block * n, 1, 0);
    int rows = PIECE / 3; // of a piece of work
    onesAreNotLost(new int[] {30 * rows, 3}, 29, rows * 3, 1, 0);
    onesAreNotLost(new int[] {L * block * 20, 2}, 19, L * block * 2, 1, 0); // as one row of many
    onesAreNotLost(new int[] {101, 1, 2, 5}, 100, 10, 5, 0, 1, 3);
  }
}
