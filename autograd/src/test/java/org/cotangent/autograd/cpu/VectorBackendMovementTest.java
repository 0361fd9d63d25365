package org.cotangent.autograd.cpu;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.cotangent.autograd.backend.Backend;
import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.backend.Layout;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.op.Shapes;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.api.Test;

class VectorBackendMovementTest {
  private static final Backend FAST = Width.backend();
  private static final Backend EXACT = new ReferenceBackend();

  @Property(tries = 300)
  void copiesBetweenAnyLayoutsAreExact(@ForAll long seed) {
    Buffers some = new Buffers(seed, true);
    for (DType d : DType.values()) {
      Shape shape = some.shape();
      Buffer x = some.view(d, shape);
      Buffer got = Buffer.allocate(d, shape);
      Buffer want = Buffer.allocate(d, shape);
      FAST.copy(x, got);
      EXACT.copy(x, want);
      Agreement.within(0, "copy of " + shape, got, want);
      if (shape.rank() > 0) {
        Shape larger = shape.with(0, 2 * shape.dim(0) + 1);
        Buffer around = Buffer.allocate(d, larger);
        Buffer wanted = Buffer.allocate(d, larger);
        Layout gaps = around.layout().slice(0, shape.dim(0) > 0 ? 1 : 0, shape.dim(0), 2);
        FAST.copy(x, around.view(gaps));
        EXACT.copy(x, wanted.view(gaps));
        Agreement.within(0, "copy into gaps of " + shape, around, wanted);
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
      Buffer got = Buffer.allocate(d, shape.with(axis, count));
      Buffer want = Buffer.allocate(d, shape.with(axis, count));
      FAST.gather(x, index, axis, slices, got);
      EXACT.gather(x, index, axis, slices, want);
      Agreement.within(0, "gather from %s along %d".formatted(shape, axis), got, want);
      if (d == DType.BOOL) {
        continue;
      }
      Buffer y = some.view(d, shape.with(axis, count));
      got = Buffer.allocate(d, shape);
      want = Buffer.allocate(d, shape);
      FAST.scatterAdd(y, index, axis, slices, got);
      EXACT.scatterAdd(y, index, axis, slices, want);
      Agreement.within(0, "scatterAdd to %s along %d".formatted(shape, axis), got, want);
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
      Agreement.near(10 + 3.0 * k, "%s times %s, %s %s".formatted(a, b, transA, transB), got, want);
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
