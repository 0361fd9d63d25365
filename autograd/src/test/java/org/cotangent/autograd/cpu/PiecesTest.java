package org.cotangent.autograd.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.backend.Layout;
import org.cotangent.autograd.shape.Axes;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.cotangent.autograd.shape.Sliding;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Operations made ready against the reference: they read operands in any layout, anew each time,
/// and write nothing but their result.
class PiecesTest {
  private static final ReferenceBackend EXACT = new ReferenceBackend();
  private static final DType[] FLOATS = {DType.F32, DType.F64};

  /// Runs a piece in three threads, and again on other numbers.
  ///
  /// @param bound on the error, in roundings of terms of a size
  /// @param operands to be changed
  private static void check(
      String what,
      double bound,
      List<Buffer> operands,
      DType d,
      Shape to,
      Function<Pieces, Function<Buffer, Piece>> maker,
      Consumer<Buffer> reference) {
    Buffer got = Buffers.inside(d, to);
    Piece piece = maker.apply(new Pieces(new Parallel(3))).apply(got);
    for (int run = 0; run < 2; run++) {
      if (run == 1) {
        operands.forEach(PiecesTest::change);
      }
      piece.run();
      Buffer want = Buffer.allocate(d, to);
      reference.accept(want);
      Buffer around = Buffers.inside(d, to);
      EXACT.copy(want, around);
      String which = "%s, %s to %s, run %d".formatted(what, d, to, run);
      Agreement.near(bound, which, whole(got), whole(around));
    }
  }

  /// All of the array of [Buffers#inside].
  private static Buffer whole(Buffer x) {
    return x.view(Layout.of(Shape.of(x.shape().size() + 7)));
  }

  /// Other numbers, none of which was there.
  private static void change(Buffer x) {
    for (int i = 0; i < x.shape().size(); i++) {
      int at = x.layout().at(i);
      ReferenceBackend.put(x, at, 0.75 * x.getDouble(at) + (i % 3));
    }
  }

  private static Buffer numbers(DType d, Shape s, int seed) {
    return new Buffers(seed, false).fill(Buffer.allocate(d, s));
  }

  /// The same shape, whose first two axes lie the other way round, from the third element of an
  /// array on.
  private static Buffer turned(DType d, Shape s, int seed) {
    int[] dims = s.dims();
    dims[0] = s.dim(1);
    dims[1] = s.dim(0);
    int[] order = {1, 0, 2};
    Shape other = Shape.of(dims);
    Buffer x = Buffers.inside(d, other);
    EXACT.copy(numbers(d, other, seed), x);
    return x.view(x.layout().permute(Axes.permutation(other, Arrays.copyOf(order, s.rank()))));
  }

  private static List<Buffer> layouts(DType d, Shape s, int seed) {
    return List.of(numbers(d, s, seed), turned(d, s, seed));
  }

  /// Of one number, short rows, of which some share a vector, longer ones, ones longer than a
  /// block, and many.
  @ParameterizedTest
  @CsvSource({
    "1, 1",
    "5, 3",
    "9, 15",
    "70, 2",
    "200, 7",
    "19, 16",
    "9, 17",
    "3, 40",
    "40, 129",
    "2, 1030",
    "2, 2100",
    "4800, 7",
    "260, 130"
  })
  void rowsAreMadeReady(int rows, int n) {
    Shape s = Shape.of(rows, n);
    Shape one = Shape.of(rows, 1);
    boolean large = s.size() > MathSize.PIECE;
    for (DType d : large ? new DType[] {DType.F32} : FLOATS) {
      for (Buffer x : large ? List.of(turned(d, s, 1)) : layouts(d, s, 1)) {
        List<Buffer> in = List.of(x);
        check("softmax", 1, in, d, s, p -> y -> p.softmax(x, y), y -> EXACT.softmax(x, 1, y));
        check("logSumExp", 1, in, d, one, p -> y -> p.logSumExp(x, y), y -> EXACT.logSumExp(x, y));
        Buffer column = new Buffers(3, false).indices(Shape.of(rows, 2), n);
        Buffer classes =
            column.view(column.layout().slice(1, 1, 1, 1).reshape(Shape.of(rows)).orElseThrow());
        Buffer g = turned(d, one, 4);
        check(
            "cross-entropy of classes",
            1,
            in,
            d,
            one,
            p -> y -> p.softmaxCrossEntropy(x, classes, y),
            y -> EXACT.softmaxCrossEntropy(x, classes, y));
        check(
            "its derivative",
            10,
            List.of(x, g),
            d,
            s,
            p -> y -> p.softmaxCrossEntropyGrad(x, classes, g, y),
            y -> EXACT.softmaxCrossEntropyGrad(x, classes, g, y));
        for (Buffer w : large ? List.of(numbers(d, s, 2)) : layouts(d, s, 2)) {
          check(
              "cross-entropy of weights",
              30.0 * n,
              List.of(x, w),
              d,
              one,
              p -> y -> p.softmaxCrossEntropy(x, w, y),
              y -> EXACT.softmaxCrossEntropy(x, w, y));
          check(
              "its derivative",
              30.0 * n,
              List.of(x, w, g),
              d,
              s,
              p -> y -> p.softmaxCrossEntropyGrad(x, w, g, y),
              y -> EXACT.softmaxCrossEntropyGrad(x, w, g, y));
        }
      }
    }
  }

  /// The last axis that has several elements decides whether they are neighbours.
  @Test
  void sumsOfAnyLayoutAreMadeReady() {
    for (DType d : FLOATS) {
      for (Shape s :
          List.of(Shape.of(6, 5), Shape.of(1, 5, 1), Shape.of(4, 1, 3), Shape.of(1, 1))) {
        for (Buffer x : layouts(d, s, 1)) {
          for (int axis = 0; axis < s.rank(); axis++) {
            Shape to = s.with(axis, 1);
            check("sum", 10, List.of(x), d, to, p -> y -> p.sum(x, y), y -> EXACT.sum(x, y));
            check("max", 0, List.of(x), d, to, p -> y -> p.max(x, y), y -> EXACT.max(x, y));
          }
        }
      }
    }
  }

  @Test
  void rowsOfResultsAreKnown() {
    Buffer x = numbers(DType.F32, Shape.of(2, 3, 4), 1);
    assertThat(isOfRows(x, 2, 3, 1)).isTrue();
    assertThat(isOfRows(x, 2, 1, 1)).isFalse();
    assertThat(isOfRows(x, 2, 1, 4)).isFalse();
    assertThat(isOfRows(x, 3, 1)).isFalse();
    assertThat(isOfRows(numbers(DType.F32, Shape.of(2, 0), 1), 2, 1)).isFalse();
    assertThat(isOfRows(numbers(DType.F32, Shape.SCALAR, 1))).isFalse();
  }

  private static boolean isOfRows(Buffer x, int... to) {
    return Pieces.isOfRows(x, Buffer.allocate(DType.F32, Shape.of(to)));
  }

  /// Along the last axis, one element each, there is a loop for it.
  @ParameterizedTest
  @CsvSource({"3, 4, 5", "4, 7, 2", "3, 5, 1", "300, 120, 130"})
  void elementsAreGatheredAndAddedUp(int rows, int m, int n) {
    Shape s = Shape.of(rows, m);
    Shape chosen = Shape.of(rows, n);
    for (DType d : FLOATS) {
      Buffer some = new Buffers(1, false).indices(chosen, m);
      Buffer whole = Buffers.inside(DType.I64, chosen);
      for (int i = 0; i < chosen.size(); i++) {
        whole.i64()[whole.layout().at(i)] = some.getLong(i);
      }
      Buffer back = whole.view(whole.layout().slice(1, n - 1, n, -1));
      for (Buffer index : List.of(whole, back)) {
        for (Buffer x : layouts(d, s, 1)) {
          check(
              "gather",
              0,
              List.of(x),
              d,
              chosen,
              p -> y -> p.gather(x, index, 1, false, y),
              y -> EXACT.gather(x, index, 1, false, y));
        }
      }
      for (Buffer x : layouts(d, chosen, 1)) {
        check(
            "scatterAdd",
            4 * n,
            List.of(x),
            d,
            s,
            p -> y -> p.scatterAdd(x, whole, y),
            y -> EXACT.scatterAdd(x, whole, 1, false, y));
      }
      Buffer slices = new Buffers(2, false).indices(Shape.of(9), rows);
      for (Buffer x : layouts(d, s, 1)) {
        check(
            "rows",
            0,
            List.of(x),
            d,
            Shape.of(9, m),
            p -> y -> p.gather(x, slices, 0, true, y),
            y -> EXACT.gather(x, slices, 0, true, y));
      }
    }
  }

  @Test
  void anIndexOutOfRangeIsNamedWhenThePieceRuns() {
    Pieces pieces = new Pieces(new Parallel(1));
    Buffer x = numbers(DType.F32, Shape.of(2, 3), 1);
    Buffer y = Buffer.allocate(DType.F32, Shape.of(2, 2));
    Buffer index = Buffer.allocate(DType.I64, Shape.of(2, 2));
    Buffer slices = Buffer.allocate(DType.I32, Shape.of(2));
    Buffer classes = Buffer.allocate(DType.I32, Shape.of(2));
    Buffer rows = Buffer.allocate(DType.F32, Shape.of(2, 1));
    Piece along = pieces.gather(x, index, 1, false, y);
    Piece adding = pieces.scatterAdd(y, index, x);
    Piece across = pieces.gather(x, index, 0, false, y);
    Piece sliced = pieces.gather(x, slices, 1, true, y);
    Piece loss = pieces.softmaxCrossEntropy(x, classes, rows);
    for (int run = 0; run < 2; run++) { // in range, the largest too
      Arrays.fill(index.i64(), run);
      Arrays.fill(slices.i32(), 2 * run);
      Arrays.fill(classes.i32(), 2 * run);
      for (Piece p : List.of(along, across, sliced, loss)) {
        p.run();
      }
    }
    for (int wrong : new int[] {-1, 3}) {
      index.i64()[3] = wrong;
      slices.i32()[1] = wrong;
      classes.i32()[1] = wrong;
      String lies = "index " + wrong + " at ";
      fails(along, "GATHER: " + lies + "[1, 1] does not lie in axis 1 of [2, 3]");
      fails(adding, "SCATTER_ADD: " + lies + "[1, 1] does not lie in axis 1 of [2, 3]");
      fails(sliced, "INDEX_SELECT: " + lies + "[1] does not lie in axis 1 of [2, 3]");
      fails(loss, "row 1 is class " + wrong);
      index.i64()[3] = wrong < 0 ? wrong : 2;
      fails(across, "GATHER: index " + index.i64()[3] + " at [1, 1] does not lie in axis 0");
    }
  }

  private static void fails(Piece piece, String message) {
    assertThatThrownBy(piece::run)
        .isInstanceOf(IndexOutOfBoundsException.class)
        .hasMessageContaining(message);
  }

  @Test
  void onlySomeIndicesHaveALoopAlongRows() {
    Buffer x = numbers(DType.F32, Shape.of(2, 3), 1);
    Buffer y = Buffer.allocate(DType.F32, Shape.of(2, 2));
    Buffer index = Buffer.allocate(DType.I64, Shape.of(2, 2));
    assertThat(Pieces.isAlongRows(x, index, 1, false, y)).isTrue();
    assertThat(Pieces.isAlongRows(x, index, 0, false, y)).isFalse();
    assertThat(Pieces.isAlongRows(x, index, 1, true, y)).isFalse();
    Buffer whole = Buffer.allocate(DType.I64, Shape.of(2, 3));
    assertThat(Pieces.isAlongRows(whole, index, 1, false, y)).isFalse();
    Buffer narrow = Buffer.allocate(DType.I32, Shape.of(2, 2));
    assertThat(Pieces.isAlongRows(x, narrow, 1, false, y)).isFalse();
    Buffer gaps = index.view(index.layout().slice(1, 0, 1, 1));
    assertThat(Pieces.isAlongRows(x, gaps, 1, false, y)).isFalse();
    Buffer none = Buffer.allocate(DType.I64, Shape.of(2, 0));
    assertThat(Pieces.isAlongRows(x, none, 1, false, y)).isFalse();
    Buffer empty = Buffer.allocate(DType.F32, Shape.of(2, 0));
    assertThat(Pieces.isAlongRows(x, index, 1, false, empty)).isFalse();
  }

  /// Groups of one run each, short and long, or of several, in pieces.
  @ParameterizedTest
  @CsvSource({
    "1, 1, 1",
    "3, 4, 7",
    "3, 4, 16",
    "2, 3, 69",
    "2, 2, 130",
    "2, 2, 1024",
    "1, 2, 2500",
    "300, 2, 60"
  })
  void momentsAreMadeReady(int a, int b, int n) {
    Shape s = Shape.of(a, b, n);
    for (DType d : FLOATS) {
      for (Buffer x : layouts(d, s, 1)) {
        for (Shape to : List.of(Shape.of(a, b, 1), Shape.of(1, b, 1), Shape.of(1, 1, 1))) {
          check(
              "moments",
              20,
              List.of(x),
              d,
              to.inserted(0, 2),
              p -> y -> p.moments(x, y).orElseThrow(),
              y -> EXACT.moments(x, y));
        }
      }
    }
  }

  /// Of groups that are no runs of neighbours, or of none.
  @Test
  void otherMomentsAreMadeOfSums() {
    Pieces pieces = new Pieces(new Parallel(1));
    VectorBackend backend = new VectorBackend(1);
    for (DType d : FLOATS) {
      Buffer x = numbers(d, Shape.of(7, 3), 1);
      Buffer back = x.view(x.layout().slice(1, 2, 3, -1));
      for (Buffer in : List.of(x, back)) {
        for (Shape to : List.of(Shape.of(2, 1, 3), Shape.of(2, 7, 1))) {
          Buffer got = Buffers.inside(d, to);
          Buffer want = Buffer.allocate(d, to);
          boolean runs = in == x && to.dim(2) == 1;
          assertThat(pieces.moments(in, got).isPresent()).isEqualTo(runs);
          backend.moments(in, got);
          EXACT.moments(in, want);
          Buffer around = Buffers.inside(d, to);
          EXACT.copy(want, around);
          Agreement.near(10, "moments to " + to, whole(got), whole(around));
        }
      }
      Buffer none = Buffer.allocate(d, Shape.of(3, 0));
      assertThat(pieces.moments(none, Buffer.allocate(d, Shape.of(2, 3, 1)))).isEmpty();
      assertThat(pieces.moments(none, Buffer.allocate(d, Shape.of(2, 1, 0)))).isEmpty();
      backend.moments(none, Buffer.allocate(d, Shape.of(2, 1, 0)));
    }
  }

  /// Runs are added by Kahan's rule: 2^24 and a hundred ones; and their squares.
  @Test
  void smallRunsAreNotLostBesideALargeOne() {
    Shape s = Shape.of(101, 2, 5);
    Buffer x = Buffer.allocate(DType.F32, s);
    Buffer y = Buffer.allocate(DType.F32, s);
    for (int i = 0; i < 101; i++) {
      x.f32()[i * 10] = i == 0 ? 1 << 24 : 1;
      y.f32()[i * 10] = i == 0 ? 1 << 12 : 1; // 1 + 1 = 2 of squares
      y.f32()[i * 10 + 1] = -y.f32()[i * 10];
    }
    Pieces pieces = new Pieces(new Parallel(1));
    Buffer out = Buffer.allocate(DType.F32, Shape.of(2, 1, 2, 1));
    pieces.moments(x, out).orElseThrow().run();
    assertThat(out.f32()[0] * 505).isCloseTo((1 << 24) + 100, within(4f));
    pieces.moments(y, out).orElseThrow().run();
    assertThat(out.f32()[0]).isZero();
    assertThat(out.f32()[2] * 505).isCloseTo((1 << 25) + 200, within(8f));
    y.f32()[507] = Float.POSITIVE_INFINITY; // stays so, in its group
    pieces.moments(y, out).orElseThrow().run();
    assertThat(out.f32()[1]).isEqualTo(Float.POSITIVE_INFINITY);
    assertThat(out.f32()[0]).isZero();
  }

  @Test
  void placesInWindowsAreMadeReady() {
    Sliding rows = Sliding.over(5, 2, 2, 1, 0, 0);
    Sliding columns = Sliding.over(7, 3, 1, 1, 1, 1);
    for (DType d : FLOATS) {
      for (Buffer x : layouts(d, Shape.of(3, 5, 7), 1)) {
        check(
            "argMaxPool",
            0,
            List.of(x),
            DType.I64,
            Shape.of(3, 2, 7),
            p -> y -> p.argMaxPool(x, rows, columns, y),
            y -> EXACT.argMaxPool(x, rows, columns, y));
      }
    }
  }

  /// Whole numbers of both widths, in any layout, up to the largest.
  @Test
  void wholeNumbersAreAddedUpExactly() {
    for (DType d : new DType[] {DType.I32, DType.I64}) {
      for (Buffer x : layouts(d, Shape.of(4, 5), 1)) {
        for (Shape to : List.of(Shape.of(4, 1), Shape.of(1, 5), Shape.of(5), Shape.SCALAR)) {
          Buffer sums = Buffers.inside(d, to);
          Buffer wanted = Buffer.allocate(d, to);
          WholeReduction.sum(x, sums);
          EXACT.sum(x, wanted);
          Agreement.within(0, "sum to " + to, sums, wanted);
          Buffer largest = Buffers.inside(d, to);
          Buffer want = Buffer.allocate(d, to);
          WholeReduction.max(x, largest);
          EXACT.max(x, want);
          Agreement.within(0, "max to " + to, largest, want);
          assertThat(sums.getLong(2)).isEqualTo(sums.getLong(to.size() + 3)); // garbage, as before
          assertThat(largest.getLong(2)).isEqualTo(largest.getLong(to.size() + 3));
        }
      }
    }
  }

  @Test
  void theLargestOfNegativeNumbersIsNegative() {
    Buffer x = Buffer.allocate(DType.I32, Shape.of(2, 2));
    Arrays.setAll(x.i32(), i -> -3 - i);
    Buffer y = Buffer.allocate(DType.I32, Shape.of(2, 1));
    WholeReduction.max(x, y);
    assertThat(y.i32()).containsExactly(-3, -5);
  }
}
