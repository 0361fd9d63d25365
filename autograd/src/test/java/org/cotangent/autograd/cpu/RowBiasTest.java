package org.cotangent.autograd.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.backend.Call;
import org.cotangent.autograd.backend.Expr;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// A bias, with ReLU or not, that a product does itself, against the same bits done after it.
class RowBiasTest {
  private static final VectorBackend BACKEND = new VectorBackend(2);

  private static final int[][] SIZES = { // m, n, k: a size for each way of GemmF32, and for parts
    {1, 1, 1},
    {2, 3, 0},
    {30, 100, 2},
    {40, 16, 4},
    {300, 3, 100},
    {2, 100, 300},
    {4, 70, 20},
    {100, 3, 300},
    {50, 300, 64},
    {75, 70, 300},
    {128, 512, 40},
    {20, 513, 80},
    {490, 37, 33}
  };

  private final long budget = ScalarBudget.left();

  @AfterEach
  void restoreTheBudget() {
    ScalarBudget.left(budget);
  }

  private static Buffer numbers(Random random, DType d, int... dims) {
    Buffer b = Buffer.allocate(d, Shape.of(dims));
    for (int i = 0; i < b.shape().size(); i++) {
      double x =
          switch (random.nextInt(60)) {
            case 0 -> Double.NaN;
            case 1 -> -0.0;
            case 2 -> Double.NEGATIVE_INFINITY;
            default -> random.nextDouble() - 0.5;
          };
      if (d == DType.F32) {
        b.f32()[i] = (float) x;
      } else {
        b.f64()[i] = x;
      }
    }
    return b;
  }

  /// a b + bias, and ReLU if asked, in the place of the product.
  private static Call.Product call(
      Buffer a,
      boolean ta,
      Buffer b,
      boolean tb,
      Buffer y,
      Buffer bias,
      boolean relu,
      boolean turn) {
    DType d = y.dtype();
    Expr.Step add = new Expr.Step(Op.Binary.ADD, d, turn ? 1 : 0, turn ? 0 : 1, -1);
    List<Expr.Step> steps =
        relu ? List.of(add, new Expr.Step(Op.Unary.RELU, d, 2, -1, -1)) : List.of(add);
    var then = new Call.Elementwise(new Expr(2, List.of(), steps), List.of(y, bias), List.of(y));
    return new Call.Product(a, ta, b, tb, y, Optional.of(then));
  }

  static int[][] sizes() {
    return SIZES;
  }

  @ParameterizedTest
  @MethodSource("sizes")
  void theProductDoesTheSame(int[] size) {
    theProductDoesTheSame(DType.F32, size[0], size[1], size[2]);
    theProductDoesTheSame(DType.F64, size[0], size[1], size[2]);
  }

  private static void theProductDoesTheSame(DType d, int m, int n, int k) {
    for (int way = 0; way < 16; way++) {
      boolean ta = (way & 1) != 0;
      boolean tb = (way & 2) != 0;
      boolean relu = (way & 4) != 0;
      ScalarBudget.left((way & 8) != 0 ? Long.MAX_VALUE : 0); // number by number, in vectors
      Random random = new Random(way);
      Buffer a = numbers(random, d, ta ? k : m, ta ? m : k);
      Buffer b = numbers(random, d, tb ? n : k, tb ? k : n);
      Buffer bias = numbers(random, d, n);
      Buffer got = Buffer.allocate(d, Shape.of(m, n));
      Buffer want = Buffer.allocate(d, Shape.of(m, n));
      Call.Product joined = call(a, ta, b, tb, got, bias, relu, relu != tb);
      assertThat(joined(joined)).isPresent();
      BACKEND.prepare(List.of(joined)).run();
      BACKEND.plainly(List.of(call(a, ta, b, tb, want, bias, relu, relu != tb))).run();
      Agreement.within(0, "%d %d %d, way %d".formatted(m, n, k, way), got, want);
    }
  }

  private static Optional<RowBias> joined(Call.Product p) {
    Call.Elementwise e = p.then().orElseThrow();
    return RowBias.of(e.program(), e.in(), e.out(), p.product());
  }

  @Test
  void otherProgramsAreNotTaken() {
    Random random = new Random(1);
    Buffer y = numbers(random, DType.F32, 4, 3);
    Buffer other = numbers(random, DType.F32, 4, 3);
    Buffer row = numbers(random, DType.F32, 3);
    Buffer column = numbers(random, DType.F32, 4, 1);
    Expr add = Expr.of(Op.Binary.ADD, DType.F32, 2);
    assertThat(RowBias.of(add, List.of(y, row), List.of(y), y)).isPresent();
    assertThat(RowBias.of(add, List.of(y, row), List.of(other), y)).isEmpty(); // y is kept
    assertThat(RowBias.of(add, List.of(y, other), List.of(y), y)).isEmpty();
    assertThat(RowBias.of(add, List.of(y, column), List.of(y), y)).isEmpty();
    assertThat(RowBias.of(add, List.of(y, y), List.of(y), y)).isEmpty();
    Expr sub = Expr.of(Op.Binary.SUB, DType.F32, 2);
    assertThat(RowBias.of(sub, List.of(y, row), List.of(y), y)).isEmpty();
    Expr.Step sum = new Expr.Step(Op.Binary.ADD, DType.F32, 0, 1, -1);
    Expr.Step tanh = new Expr.Step(Op.Unary.TANH, DType.F32, 2, -1, -1);
    Expr.Step late = new Expr.Step(Op.Unary.RELU, DType.F32, 0, -1, -1);
    for (Expr.Step second : List.of(tanh, late)) {
      Expr program = new Expr(2, List.of(), List.of(sum, second));
      assertThat(RowBias.of(program, List.of(y, row), List.of(y), y)).isEmpty();
    }
  }

  private static Optional<RowBias> of(Expr program, Buffer a, Buffer b, Buffer product) {
    return RowBias.of(program, List.of(a, b), List.of(product), product);
  }

  /// The product may be either operand, and the bias a matrix of one row.
  @Test
  void aRowIsTakenOnEitherSide() {
    Random random = new Random(1);
    Expr add = Expr.of(Op.Binary.ADD, DType.F64, 2);
    Buffer y = numbers(random, DType.F64, 4, 3);
    Buffer row = numbers(random, DType.F64, 3);
    Buffer flat = numbers(random, DType.F64, 1, 3);
    assertThat(of(add, y, row, y)).contains(new RowBias(y, row, false));
    assertThat(of(add, row, y, y)).contains(new RowBias(y, row, false));
    assertThat(of(add, flat, y, y)).contains(new RowBias(y, flat, false));
    assertThat(of(add, y, numbers(random, DType.F64, 2), y)).isEmpty();
    assertThat(of(add, row, flat, y)).isEmpty();
    Buffer one = numbers(random, DType.F64, 4, 1);
    assertThat(of(add, one, numbers(random, DType.F64, 1), one)).isPresent();
    assertThat(of(add, one, Buffer.allocate(DType.F64, Shape.SCALAR), one)).isEmpty();
    Buffer turned = numbers(random, DType.F64, 3, 1);
    assertThat(of(add, numbers(random, DType.F64, 3, 3), turned, y)).isEmpty();
  }

  /// A column of as many numbers as the product has columns; a row with gaps; one in the product's
  /// own array; other views of that.
  @Test
  void aRowMustLieByItselfWithoutGaps() {
    Random random = new Random(1);
    Expr add = Expr.of(Op.Binary.ADD, DType.F32, 2);
    Buffer y = numbers(random, DType.F32, 3, 3);
    assertThat(of(add, y, numbers(random, DType.F32, 3, 1), y)).isEmpty();
    Buffer wide = numbers(random, DType.F32, 6);
    assertThat(of(add, y, wide.view(wide.layout().slice(0, 0, 3, 2)), y)).isEmpty();
    assertThat(of(add, y, wide.view(wide.layout().slice(0, 2, 3, 1)), y)).isPresent();
    assertThat(of(add, y, y.view(y.layout().slice(0, 1, 1, 1)), y)).isEmpty();
    Buffer all = numbers(random, DType.F32, 6, 3);
    Buffer top = all.view(all.layout().slice(0, 0, 3, 1));
    Buffer bottom = all.view(all.layout().slice(0, 3, 3, 1));
    Buffer row = numbers(random, DType.F32, 3);
    assertThat(of(add, bottom, row, bottom)).isPresent();
    assertThat(of(add, top, row, bottom)).isEmpty();
    assertThat(RowBias.of(add, List.of(bottom, row), List.of(top), bottom)).isEmpty();
    Buffer back = y.view(y.layout().slice(0, 2, 3, -1));
    assertThat(of(add, back, row, back)).isEmpty();
    Buffer flat = y.view(y.layout().reshape(Shape.of(1, 9)).orElseThrow());
    assertThat(of(add, flat, row, y)).isEmpty();
  }

  @Test
  void longerProgramsAreNotTaken() {
    Random random = new Random(1);
    Buffer y = numbers(random, DType.F32, 4, 3);
    Buffer row = numbers(random, DType.F32, 3);
    DType d = DType.F32;
    Expr.Step sum = new Expr.Step(Op.Binary.ADD, d, 0, 1, -1);
    Expr.Step twice = new Expr.Step(Op.Binary.ADD, d, 0, 0, -1);
    Expr.Step relu = new Expr.Step(Op.Unary.RELU, d, 2, -1, -1);
    Expr.Step again = new Expr.Step(Op.Unary.RELU, d, 3, -1, -1);
    List<Buffer> in = List.of(y, row);
    Expr both = new Expr(2, List.of(), List.of(sum, relu));
    assertThat(RowBias.of(both, in, List.of(y), y)).contains(new RowBias(y, row, true));
    assertThat(of(new Expr(2, List.of(), List.of(twice)), y, row, y)).isEmpty();
    assertThat(of(new Expr(2, List.of(), List.of(sum, relu, again)), y, row, y)).isEmpty();
    assertThat(of(new Expr(2, List.of(), List.of(sum, relu), List.of(2)), y, row, y)).isEmpty();
    Expr number = new Expr(2, List.of(new Expr.Constant(1, d)), List.of(sum));
    assertThat(of(number, y, row, y)).isEmpty();
    Expr two = new Expr(2, List.of(), List.of(sum, relu), List.of(3, 2));
    Buffer other = numbers(random, d, 4, 3);
    assertThat(RowBias.of(two, in, List.of(y, other), y)).isEmpty();
    Expr three = new Expr(3, List.of(), List.of(sum));
    assertThat(RowBias.of(three, List.of(y, row, other), List.of(y), y)).isEmpty();
    Buffer whole = Buffer.allocate(DType.I32, Shape.of(4, 3));
    Buffer wholeRow = Buffer.allocate(DType.I32, Shape.of(3));
    assertThat(of(Expr.of(Op.Binary.ADD, DType.I32, 2), whole, wholeRow, whole)).isEmpty();
  }
}
