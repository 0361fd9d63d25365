package org.cotangent.autograd.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.cotangent.autograd.backend.Backend;
import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.backend.Call;
import org.cotangent.autograd.backend.Expr;
import org.cotangent.autograd.backend.Layout;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Rows times a number each, outer products among them: the bits of the reference.
class VectorBackendScalingTest {
  private static final Backend FAST = Width.backend();
  private static final Backend EXACT = new ReferenceBackend();

  /// Rows shorter than a vector, as long, and a little longer; many, so that several threads have
  /// some.
  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4, 7, 8, 9, 10, 15, 16, 17, 31, 33, 64})
  void outerProductsAreThoseOfTheReference(int n) {
    for (int[] size : new int[][] {{1, 300}, {3, 100}, {7, 37}}) {
      outerProducts(size[0], size[1], n);
    }
  }

  /// As much as is shared out among threads, whose parts end inside a batch.
  @Test
  void largeOuterProductsAreThoseOfTheReference() {
    outerProducts(3, 111, 200);
  }

  private static void outerProducts(int batch, int m, int n) {
    check(shape(batch, m, n), shape(batch, m, 1), shape(batch, 1, n));
    check(shape(batch, m, n), shape(m, 1), shape(batch, 1, n));
    check(shape(batch, m, n), shape(batch, m, 1), shape(n));
    check(shape(batch, m, n), shape(batch, m, 1), shape(batch, m, n));
    check(shape(batch, m, n), shape(batch, 1, 1), shape(m, n));
  }

  private static Shape shape(int... dims) {
    return Shape.of(dims);
  }

  private static void check(Shape out, Shape scales, Shape rows) {
    Buffers some = new Buffers(out.size(), true);
    for (DType d : List.of(DType.F32, DType.F64, DType.I32)) { // the last in another way
      Expr product = Expr.of(Op.Binary.MUL, d, 2);
      for (int layout = 0; layout < 2; layout++) { // row-major or otherwise
        Buffer a = some.view(d, scales);
        Buffer b = some.view(d, rows);
        Buffer expected = Buffer.allocate(d, out);
        for (Buffer[] in : List.of(new Buffer[] {a, b}, new Buffer[] {b, a})) {
          EXACT.elementwise(product, in, expected);
          Framed actual = Framed.result(d, out);
          FAST.elementwise(product, in, actual.inside());
          actual.assertIs(expected, scales + " x " + rows);
        }
      }
    }
  }

  /// Every element has a number of its own, or a row has two.
  @Test
  void otherProductsAreThoseOfTheReference() {
    check(shape(40, 20), shape(40, 20), shape(40, 20));
    check(shape(40, 20), shape(40, 20), shape(20));
    check(shape(40, 20), shape(40, 1), shape(40, 1));
    check(shape(800, 1), shape(800, 1), shape(1));
  }

  @Test
  void whatFollowsAProductIsComputedToo() {
    for (DType d : List.of(DType.F32, DType.F64)) {
      Expr program =
          new Expr(
              2,
              List.of(),
              List.of(
                  new Expr.Step(Op.Binary.MUL, d, 0, 1, -1),
                  new Expr.Step(Op.Binary.SUB, d, 2, 0, -1)));
      Buffers some = new Buffers(1, false);
      Buffer[] in = {Framed.operand(some, d, shape(40, 1)), Framed.operand(some, d, shape(20))};
      Buffer expected = Buffer.allocate(d, shape(40, 20));
      EXACT.elementwise(program, in, expected);
      Framed actual = Framed.result(d, expected.shape());
      FAST.elementwise(program, in, actual.inside());
      actual.assertIs(expected, "a product and a difference");
    }
  }

  /// A prepared call may write over the rows.
  @Test
  void aResultMayTakeThePlaceOfTheRows() {
    for (int n : new int[] {3, 16, 45, 300}) {
      Buffers some = new Buffers(n, false);
      Buffer pairs = some.fill(Buffer.allocate(DType.F32, shape(40, 2)));
      Buffer a = pairs.view(pairs.layout().slice(1, 1, 1, 1));
      Buffer b = contiguous(some.view(DType.F32, shape(40, n)));
      Expr product = Expr.of(Op.Binary.MUL, DType.F32, 2);
      Buffer expected = Buffer.allocate(DType.F32, b.shape());
      EXACT.elementwise(product, new Buffer[] {a, b}, expected);
      FAST.prepare(List.of(new Call.Elementwise(product, List.of(a, b), List.of(b)))).run();
      Agreement.within(0, "rows of " + n, b, expected);
    }
  }

  private static Buffer contiguous(Buffer x) {
    Buffer y = Buffer.allocate(x.dtype(), x.shape());
    EXACT.copy(x, y);
    return y;
  }

  /// Each row is written with more than its own numbers; nothing beyond the last may be.
  @Test
  void nothingBeyondTheResultIsWritten() {
    int n = 3;
    Buffer a = Buffer.full(DType.F32, shape(200, 1), 2);
    float[] memory = new float[200 * n + 64];
    Arrays.fill(memory, 7);
    Buffer rows = Buffer.allocate(DType.F32, shape(n));
    Buffer whole = new Buffer(memory, DType.F32, Layout.of(shape(memory.length)));
    Buffer out =
        whole.view(whole.layout().slice(0, 0, 200 * n, 1).reshape(shape(200, n)).orElseThrow());
    FAST.elementwise(Expr.of(Op.Binary.MUL, DType.F32, 2), new Buffer[] {contiguous(a), rows}, out);
    for (int i = 200 * n; i < memory.length; i++) {
      assertThat(memory[i]).isEqualTo(7);
    }
  }
}
