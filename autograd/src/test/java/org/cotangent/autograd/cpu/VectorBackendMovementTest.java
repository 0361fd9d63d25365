package org.cotangent.autograd.cpu;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import org.cotangent.autograd.backend.Backend;
import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.backend.Call;
import org.cotangent.autograd.backend.Layout;
import org.cotangent.autograd.backend.Prepared;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.op.Shapes;
import org.cotangent.autograd.shape.Axes;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VectorBackendMovementTest {
  private static final Backend FAST = Width.backend();
  private static final Backend EXACT = new ReferenceBackend();

  @Tag("cold")
  @Property(tries = 300)
  void copiesBetweenAnyLayoutsAreExact(@ForAll long seed) {
    Buffers some = new Buffers(seed, true);
    for (DType d : DType.values()) {
      copiesAreExact(some, d, some.shape());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19})
  void smallCopiesBetweenAnyLayoutsAreExact(int seed) {
    Buffers some = new Buffers(seed, true);
    Shape shape = Shape.of(1 + some.below(3), 1 + some.below(20), 1 + some.below(20));
    for (DType d : DType.values()) {
      copiesAreExact(some, d, shape);
    }
  }

  private static void copiesAreExact(Buffers some, DType d, Shape shape) {
    Buffer x = some.view(d, shape);
    Buffer got = Buffer.allocate(d, shape);
    Buffer want = Buffer.allocate(d, shape);
    FAST.copy(x, got);
    EXACT.copy(x, want);
    Agreement.within(0, "copy of " + shape, got, want);
    for (int axis = 0; axis < shape.rank(); axis++) {
      Shape larger = shape.with(axis, 2 * shape.dim(axis) + 1);
      Buffer around = Buffer.allocate(d, larger);
      Buffer wanted = Buffer.allocate(d, larger);
      Layout gaps = around.layout().slice(axis, shape.dim(axis) > 0 ? 1 : 0, shape.dim(axis), 2);
      FAST.copy(x, around.view(gaps));
      EXACT.copy(x, wanted.view(gaps));
      Agreement.within(0, "copy into gaps of " + shape, around, wanted);
    }
  }

  /// Squares in registers and what is left over on either side; shared out among threads; several
  /// matrices; rows apart on both sides. Prepared as well.
  @ParameterizedTest
  @CsvSource({"1, 64, 64", "1, 67, 71", "2, 130, 33", "1, 33, 130", "1, 200, 190", "3, 40, 350"})
  void largeMatricesAreTransposedExactly(int count, int rows, int columns) {
    for (DType d : DType.values()) {
      Buffer x =
          new Buffers(rows, true).fill(Buffer.allocate(d, Shape.of(count, rows + 1, columns + 2)));
      Layout inside = x.layout().slice(1, 1, rows, 1).slice(2, 1, columns, 1);
      Buffer turned = x.view(inside.permute(Axes.permutation(inside.shape(), 0, 2, 1)));
      Shape larger = Shape.of(count, columns + 2, rows + 3);
      Buffer[] around = {
        Buffer.full(d, larger, 1), Buffer.full(d, larger, 1), Buffer.full(d, larger, 1)
      };
      for (int i = 0; i < around.length; i++) {
        Buffer own = Buffer.allocate(d, larger);
        EXACT.copy(around[i], own);
        Buffer to = own.view(own.layout().slice(1, 2, columns, 1).slice(2, 1, rows, 1));
        switch (i) {
          case 0 -> EXACT.copy(turned, to);
          case 1 -> FAST.copy(turned, to);
          default -> FAST.prepare(List.of(new Call.Copy(turned, to))).run();
        }
        around[i] = own;
      }
      Agreement.within(0, "transpose of " + inside.shape(), around[1], around[0]);
      Agreement.within(0, "prepared transpose of " + inside.shape(), around[2], around[0]);
    }
  }

  @Test
  void aCopyOfNothingIsPreparedAndRun() {
    Buffer from = Buffer.allocate(DType.F32, Shape.of(3, 0));
    FAST.prepare(List.of(new Call.Copy(from, Buffer.allocate(DType.F32, from.shape())))).run();
  }

  /// More elements and slices than one piece of work has, on either side of the axis or both.
  @ParameterizedTest
  @CsvSource({
    "1, 300, 130, 400, 0",
    "5, 100, 90, 70, 1",
    "70, 9, 77, 11, 1",
    "2, 40, 5000, 3, 1",
    "2, 20, 70, 1100, 1"
  })
  void manyElementsAreGatheredAndScattered(int outer, int n, int inner, int count, int axis) {
    Buffers some = new Buffers(n, true);
    Shape all = axis == 0 ? Shape.of(n, inner) : Shape.of(outer, n, inner);
    Shape part = all.with(axis, count);
    for (DType d : new DType[] {DType.F32, DType.F64, DType.I32, DType.I64}) {
      Buffer x = Framed.operand(some, d, all);
      Buffer y = Framed.operand(some, d, part);
      for (boolean slices : new boolean[] {true, false}) {
        Buffer index = some.indices(slices ? Shape.of(count) : part, n);
        gatheringAgrees(x, index, axis, slices, part);
        scatteringAgrees(y, index, axis, slices, all);
      }
    }
  }

  private static void gatheringAgrees(Buffer x, Buffer index, int axis, boolean slices, Shape to) {
    String what = "gather from %s along %d, %s".formatted(x.shape(), axis, slices);
    Framed got = Framed.result(x.dtype(), to);
    Buffer want = Buffer.allocate(x.dtype(), to);
    FAST.gather(x, index, axis, slices, got.inside());
    EXACT.gather(x, index, axis, slices, want);
    got.assertIs(want, what);
  }

  private static void scatteringAgrees(Buffer y, Buffer index, int axis, boolean slices, Shape to) {
    String what = "scatterAdd to %s along %d, %s".formatted(to, axis, slices);
    Framed got = Framed.result(y.dtype(), to);
    Buffer want = Buffer.allocate(y.dtype(), to);
    FAST.scatterAdd(y, index, axis, slices, got.inside());
    EXACT.scatterAdd(y, index, axis, slices, want);
    got.assertIs(want, what);
  }

  /// Along each axis, there and back; runs that are sorted at once, and merged ones; more blocks
  /// than a piece of work has.
  @ParameterizedTest
  @CsvSource({"2, 3, 4", "3, 16, 2", "2, 17, 3", "1, 33, 5", "2, 100, 1", "5, 1, 7", "3, 300, 60"})
  void runningSumsAndOrdersAreThoseOfTheReference(int outer, int n, int inner) {
    Shape shape = Shape.of(outer, n, inner);
    for (DType d : new DType[] {DType.F32, DType.F64, DType.I32, DType.I64}) {
      Buffer special = Framed.operand(new Buffers(n, true), d, shape);
      for (int i = 0; i < shape.size() && d.isFloating(); i += 3) {
        ReferenceBackend.put(special, special.layout().at(i), i % 5); // whose order counts
      }
      Buffer x = new Buffers(n, false).view(d, shape);
      Buffer own = Framed.operand(new Buffers(n, false), d, shape);
      for (int axis = 0; axis < 3; axis++) {
        for (boolean back : new boolean[] {false, true}) {
          String what = "%s along %d, %b".formatted(shape, axis, back);
          for (Buffer b : new Buffer[] {x, own}) {
            Framed got = Framed.result(d, shape);
            Buffer want = Buffer.allocate(d, shape);
            FAST.cumSum(b, axis, back, got.inside());
            EXACT.cumSum(b, axis, back, want);
            if (d.isFloating()) {
              Agreement.near(3 * shape.dim(axis), "cumSum of " + what, got.inside(), want);
              got.assertNothingAroundIsWritten("cumSum of " + what);
            } else {
              got.assertIs(want, "cumSum of " + what);
            }
          }
          for (Buffer b : new Buffer[] {x, special}) {
            Framed got = Framed.result(DType.I64, shape);
            Buffer want = Buffer.allocate(DType.I64, shape);
            FAST.argSort(b, axis, back, got.inside());
            EXACT.argSort(b, axis, back, want);
            got.assertIs(want, "argSort of " + what);
          }
        }
      }
    }
  }

  @Property(tries = 200)
  void gatheringAndScatteringAgreeWithTheReference(@ForAll long seed) {
    Buffers some = new Buffers(seed, true);
    for (DType d : DType.values()) {
      Shape shape = some.shape();
      if (shape.rank() == 0) {
        continue;
      }
      int axis = some.below(shape.rank());
      boolean slices = some.coin();
      int count = shape.dim(axis) == 0 ? 0 : some.below(12);
      Shape chosen = slices ? Shape.of(count) : shape.with(axis, count);
      Buffer index = some.indices(chosen, Math.max(1, shape.dim(axis)));
      Buffer x = some.view(d, shape);
      gatheringAgrees(x, index, axis, slices, shape.with(axis, count));
      if (d != DType.BOOL) {
        scatteringAgrees(some.view(d, shape.with(axis, count)), index, axis, slices, shape);
      }
    }
  }

  @Test
  void anIndexOutOfRangeIsNamed() {
    Buffer x = Buffer.allocate(DType.F32, Shape.of(3, 4));
    Buffer index = Buffer.full(DType.I64, Shape.of(1), 3);
    Buffer out = Buffer.allocate(DType.F32, Shape.of(1, 4));
    assertThatThrownBy(() -> FAST.gather(x, index, 0, true, out))
        .isInstanceOf(IndexOutOfBoundsException.class)
        .hasMessageContaining("index 3");
    Buffer places = Buffer.full(DType.I64, Shape.of(3, 2), 4); // along the last axis
    Buffer y = Buffer.allocate(DType.F32, Shape.of(3, 2));
    assertThatThrownBy(() -> FAST.gather(x, places, 1, false, y))
        .isInstanceOf(IndexOutOfBoundsException.class)
        .hasMessageContaining("GATHER: index 4 at [0, 0] does not lie in axis 1 of [3, 4]");
    assertThatThrownBy(() -> FAST.scatterAdd(y, places, 1, false, x))
        .isInstanceOf(IndexOutOfBoundsException.class)
        .hasMessageContaining("SCATTER_ADD: index 4 at [0, 0] does not lie in axis 1 of [3, 4]");
    Buffer own = Buffer.allocate(DType.I64, places.shape()); // row-major: a loop of its own
    own.i64()[5] = 4;
    assertThatThrownBy(() -> FAST.gather(x, own, 1, false, y))
        .hasMessageContaining("GATHER: index 4 at [2, 1] does not lie in axis 1 of [3, 4]");
    assertThatThrownBy(() -> FAST.scatterAdd(y, own, 1, false, x))
        .hasMessageContaining("SCATTER_ADD: index 4 at [2, 1] does not lie in axis 1 of [3, 4]");
    own.i64()[5] = -1;
    assertThatThrownBy(() -> FAST.gather(x, own, 1, false, y)).hasMessageContaining("index -1");
  }

  /// Along the last axis, in more pieces than one; prepared, and run again over its own result.
  @Test
  void elementsOfRowsAreGatheredAndScatteredAgain() {
    for (DType d : new DType[] {DType.F32, DType.F64}) {
      Buffers some = new Buffers(3, false);
      Buffer x = Framed.operand(some, d, Shape.of(4000, 11));
      Buffer y = Framed.operand(some, d, Shape.of(4000, 9));
      Buffer index = Buffer.allocate(DType.I64, y.shape());
      Arrays.setAll(index.i64(), i -> 5 * i % 11);
      gatheringAgrees(x, index, 1, false, y.shape());
      Framed sums = Framed.result(d, x.shape());
      Buffer wanted = Buffer.allocate(d, x.shape());
      EXACT.scatterAdd(y, index, 1, false, wanted);
      Prepared calls =
          FAST.prepare(
              List.of(
                  new Call.Primitive(new Op.ScatterAdd(1, 11), List.of(y, index), sums.inside())));
      for (int run = 0; run < 2; run++) {
        calls.run();
        sums.assertIs(wanted, "scatterAdd");
      }
    }
  }

  @Property(tries = 300)
  void productsOfBatchesInAnyLayoutAgreeWithTheReference(@ForAll long seed) {
    Buffers some = new Buffers(seed, false);
    for (DType d : new DType[] {DType.F32, DType.F64}) {
      int m = side(some);
      int n = side(some);
      int k = side(some);
      boolean transA = some.coin();
      boolean transB = some.coin();
      int[] batch = new int[some.below(3)];
      Arrays.setAll(batch, i -> some.below(8) == 0 ? 0 : 1 + some.below(3));
      Shape a = matrices(some, batch, transA ? k : m, transA ? m : k);
      Shape b = matrices(some, batch, transB ? n : k, transB ? k : n);
      Buffer x = some.view(d, a);
      Buffer y = some.view(d, b);
      Shape to = Shapes.of(new Op.MatMul(transA, transB), x, y);
      Buffer got = Buffer.allocate(d, to);
      Buffer want = Buffer.allocate(d, to);
      FAST.matmul(x, transA, y, transB, got);
      EXACT.matmul(x, transA, y, transB, want);
      // Stretched views repeat their terms, so that roundings do not cancel: some 10 for each term.
      Agreement.near(
          10 + 30.0 * k, "%s times %s, %s %s".formatted(a, b, transA, transB), got, want);
    }
  }

  private static int side(Buffers some) {
    return switch (some.below(5)) {
      case 0 -> some.below(4);
      case 1, 2 -> some.below(40);
      case 3 -> some.below(90);
      default -> some.below(14);
    };
  }

  /// Some of the batches, each whole or 1.
  private static Shape matrices(Buffers some, int[] batch, int rows, int cols) {
    int cut = some.coin() ? 0 : some.below(batch.length + 1);
    int[] d = new int[batch.length - cut + 2];
    for (int i = cut; i < batch.length; i++) {
      d[i - cut] = some.below(3) == 0 ? 1 : batch[i];
    }
    d[d.length - 2] = rows;
    d[d.length - 1] = cols;
    return Shape.of(d);
  }
}
