package org.cotangent.autograd.cpu;

import java.util.ArrayList;
import java.util.List;
import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.backend.Expr;
import org.cotangent.autograd.backend.Layout;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.shape.Axes;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Products of operands in every layout, run at once and made ready, of whole numbers: so they are
/// exact, whatever the order of terms.
class MatMulLayoutsTest {
  private static final ReferenceBackend EXACT = new ReferenceBackend();

  /// Fills the whole array with small numbers that differ from place to place.
  private static Buffer fill(Buffer x, int seed) {
    int n = x.dtype() == DType.F32 ? x.f32().length : x.f64().length;
    for (int i = 0; i < n; i++) {
      ReferenceBackend.put(x, i, (i * 7 + seed * 5) % 11 - 5);
    }
    return x;
  }

  /// Views of this shape: rows next to each other; rows apart; columns next to each other, or
  /// apart; neither, forwards and backwards; one number, row or column repeated.
  private static List<Buffer> views(DType d, Shape s, int seed) {
    int last = s.rank() - 1;
    int rows = s.dim(-2);
    int columns = s.dim(-1);
    Shape gaps = s.with(-2, rows + 1).with(-1, 2 * columns + 3);
    Shape turned = s.with(-2, columns + 2).with(-1, 2 * rows + 1);
    Buffer wide = fill(Buffer.allocate(d, gaps), seed);
    Buffer tall = fill(Buffer.allocate(d, turned), seed);
    int[] order = {0, 1, 2};
    order[last] = last - 1;
    order[last - 1] = last;
    Axes swap = Axes.permutation(turned, s.rank() == 2 ? new int[] {1, 0} : order);
    Layout down = tall.layout().permute(swap);
    List<Buffer> all = new ArrayList<>();
    all.add(fill(Buffer.allocate(d, s), seed));
    all.add(wide.view(wide.layout().slice(last - 1, 1, rows, 1).slice(last, 2, columns, 1)));
    all.add(wide.view(wide.layout().slice(last - 1, 0, rows, 1).slice(last, 3, columns, 2)));
    all.add(tall.view(down.slice(last - 1, 1, rows, 1).slice(last, 1, columns, 1)));
    all.add(tall.view(down.slice(last - 1, 0, rows, 2).slice(last, 2, columns, 1)));
    all.add(
        wide.view(wide.layout().slice(last - 1, rows, rows, -1).slice(last, columns, columns, -1)));
    for (Shape one : List.of(s.with(-1, 1), s.with(-2, 1), s.with(0, 1))) {
      Buffer x = fill(Buffer.allocate(d, one), seed);
      all.add(x.view(x.layout().expand(s)));
    }
    return all;
  }

  private static Shape shape(int batches, int rows, int columns, boolean transposed) {
    int r = transposed ? columns : rows;
    int c = transposed ? rows : columns;
    return batches == 0 ? Shape.of(r, c) : Shape.of(batches, r, c);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 5, 6, 7",
    "0, 1, 6, 7",
    "0, 5, 1, 7",
    "0, 5, 6, 1",
    "0, 1, 1, 1",
    "1, 5, 3, 4",
    "3, 5, 3, 4",
    "4, 1, 3, 4",
    "3, 2, 1, 4",
    "3, 2, 3, 1",
    "2, 2, 0, 3"
  })
  void operandsMayLieInAnyLayout(int batches, int m, int k, int n) {
    for (DType d : new DType[] {DType.F32, DType.F64}) {
      for (int threads : new int[] {1, 4}) {
        MatMul products = new MatMul(new Parallel(threads));
        for (int way = 0; way < 4; way++) {
          boolean ta = (way & 1) != 0;
          boolean tb = (way & 2) != 0;
          for (Buffer a : views(d, shape(batches, m, k, ta), 1)) {
            for (Buffer b : views(d, shape(batches, k, n, tb), 2)) {
              check(products, a, ta, b, tb, shape(batches, m, n, false));
            }
          }
        }
      }
    }
  }

  /// One matrix for a whole batch, on either side, which lacks the batch's axis or has it with
  /// extent 1.
  @ParameterizedTest
  @CsvSource({"1", "2", "5"})
  void oneMatrixServesAWholeBatch(int threads) {
    MatMul products = new MatMul(new Parallel(threads));
    Shape y = Shape.of(3, 4, 5);
    for (int way = 0; way < 4; way++) {
      boolean ta = (way & 1) != 0;
      boolean tb = (way & 2) != 0;
      for (int one = 0; one < 2; one++) {
        for (Buffer a : views(DType.F32, shape(3, 4, 2, ta), 1)) {
          for (Buffer b : views(DType.F32, shape(one, 2, 5, tb), 2)) {
            check(products, a, ta, b, tb, y);
          }
        }
        for (Buffer a : views(DType.F32, shape(one, 4, 2, ta), 1)) {
          for (Buffer b : views(DType.F32, shape(3, 2, 5, tb), 2)) {
            check(products, a, ta, b, tb, y);
          }
        }
      }
    }
  }

  /// Made ready, a product reads its operands anew each time.
  private static void check(
      MatMul products, Buffer a, boolean ta, Buffer b, boolean tb, Shape shape) {
    String what = "%s%s x %s%s".formatted(a.shape(), ta ? "ᵀ" : "", b.shape(), tb ? "ᵀ" : "");
    Buffer want = Buffers.inside(a.dtype(), shape);
    EXACT.matmul(a, ta, b, tb, want);
    Buffer got = Buffers.inside(a.dtype(), shape);
    products.run(EXACT, a, ta, b, tb, got);
    Agreement.exactly(what, got, want);
    Buffer ready = Buffers.inside(a.dtype(), shape);
    Piece piece = products.piece(a, ta, b, tb, ready, Epilogue.NONE);
    piece.run();
    Agreement.exactly(what, ready, want);
    fill(a, 3);
    EXACT.matmul(a, ta, b, tb, want);
    piece.run();
    Agreement.exactly(what + ", run again", ready, want);
  }

  /// With a bias and ReLU in the place of the product: for each row of all matrices.
  @ParameterizedTest
  @CsvSource({"0, 5, 6, 7", "0, 5, 0, 7", "3, 4, 2, 5", "3, 4, 0, 5", "2, 64, 3, 260"})
  void aBiasIsAddedToEachRow(int batches, int m, int k, int n) {
    for (DType d : new DType[] {DType.F32, DType.F64}) {
      for (boolean relu : new boolean[] {false, true}) {
        for (int threads : new int[] {1, 3}) {
          Buffer a = fill(Buffer.allocate(d, shape(batches, m, k, false)), 1);
          Buffer b = fill(Buffer.allocate(d, shape(batches, k, n, false)), 2);
          Buffer many = fill(Buffer.allocate(d, Shape.of(n + 4)), 3);
          Buffer bias = many.view(many.layout().slice(0, 3, n, 1));
          Buffer got = Buffers.inside(d, shape(batches, m, n, false));
          Buffer want = Buffers.inside(d, shape(batches, m, n, false));
          new MatMul(new Parallel(threads))
              .piece(a, false, b, false, got, new RowBias(got, bias, relu))
              .run();
          EXACT.matmul(a, false, b, false, want);
          EXACT.elementwise(Expr.of(Op.Binary.ADD, d, 2), new Buffer[] {want, bias}, want);
          if (relu) {
            EXACT.elementwise(Expr.of(Op.Unary.RELU, d, 1), new Buffer[] {want}, want);
          }
          Agreement.exactly("%s, %b, %d threads".formatted(got.shape(), relu, threads), got, want);
        }
      }
    }
  }
}
