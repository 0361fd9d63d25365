package org.cotangent.autograd.cpu;

import static java.lang.Double.NEGATIVE_INFINITY;
import static java.lang.Double.NaN;
import static java.lang.Double.POSITIVE_INFINITY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;
import static org.cotangent.autograd.backend.Views.buffer;
import static org.cotangent.autograd.backend.Views.numbers;
import static org.cotangent.autograd.shape.DType.BOOL;
import static org.cotangent.autograd.shape.DType.F32;
import static org.cotangent.autograd.shape.DType.F64;
import static org.cotangent.autograd.shape.DType.I32;
import static org.cotangent.autograd.shape.DType.I64;

import org.assertj.core.data.Offset;
import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.backend.Eager;
import org.cotangent.autograd.backend.Layout;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Reductions, normalisations, products and indexing by hand-computed values.
class ReferenceBackendTest {
  private static final Eager EAGER = new Eager(new ReferenceBackend());
  private static final Buffer X = vector(F32, 1, 2, 3, 4, 5, 6).view(Layout.of(Shape.of(2, 3)));

  @Test
  void sumsReduceToTheShapeAskedFor() {
    assertThat(apply(new Op.Sum(Shape.of(2, 1)), X)).containsExactly(6, 15);
    assertThat(apply(new Op.Sum(Shape.of(1, 3)), X)).containsExactly(5, 7, 9);
    assertThat(apply(new Op.Sum(Shape.of(3)), X)).containsExactly(5, 7, 9);
    assertThat(apply(new Op.Sum(Shape.SCALAR), X)).containsExactly(21);
    assertThat(apply(new Op.Sum(Shape.of(2, 3)), X)).containsExactly(1, 2, 3, 4, 5, 6);
  }

  @Test
  void theSumOfNothingIsZero() {
    Buffer none = Buffer.allocate(F64, Shape.of(2, 0));
    assertThat(apply(new Op.Sum(Shape.of(2, 1)), none)).containsExactly(0, 0);
    assertThat(apply(new Op.Sum(Shape.of(1, 0)), none)).isEmpty();
  }

  @Test
  void sumsOfFloatsAreRoundedOnceAtTheEnd() {
    assertThat(apply(new Op.Sum(Shape.SCALAR), vector(F32, 1e8, 1, -1e8))).containsExactly(1);
  }

  @Test
  void sumsOfIntegersWrap() {
    var total = new Op.Sum(Shape.SCALAR);
    assertThat(apply(total, vector(I32, Integer.MAX_VALUE, 1))).containsExactly(Integer.MIN_VALUE);
    Buffer big = Buffer.allocate(I64, Shape.of(3));
    big.i64()[0] = Long.MAX_VALUE;
    big.i64()[1] = -2;
    assertThat(eager(total, big).i64()).containsExactly(Long.MAX_VALUE - 2);
  }

  @Test
  void maxPropagatesNaN() {
    Buffer x = matrix(F64, 3, -1, 2, NaN, 5, NEGATIVE_INFINITY, NEGATIVE_INFINITY);
    assertThat(apply(new Op.Max(Shape.of(3, 1)), x)).containsExactly(2, NaN, NEGATIVE_INFINITY);
    assertThat(apply(new Op.Max(Shape.of(1, 2)), matrix(I32, 2, 7, -9, -7, -8)))
        .containsExactly(7, -8);
    Buffer longs = Buffer.allocate(I64, Shape.of(2));
    longs.i64()[0] = Long.MAX_VALUE - 1;
    longs.i64()[1] = Long.MAX_VALUE;
    assertThat(eager(new Op.Max(Shape.SCALAR), longs).i64()).containsExactly(Long.MAX_VALUE);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0, 0.6931471805599453",
    "1000, 1000, 1000.6931471805599",
    "-1000, -1000, -999.3068528194401",
    "-1000, 1000, 1000",
    "-Infinity, 3, 3",
    "-Infinity, -Infinity, -Infinity",
    "Infinity, 3, Infinity",
    "Infinity, -Infinity, Infinity",
    "Infinity, Infinity, Infinity",
    "NaN, 3, NaN",
    "NaN, Infinity, NaN",
    "NaN, -Infinity, NaN"
  })
  void logSumExpNeverOverflows(double a, double b, double y) {
    var op = new Op.LogSumExp(Shape.of(1));
    assertThat(apply(op, vector(F64, a, b))[0]).isEqualTo(y, within(1e-12));
    assertThat(apply(op, vector(F64, b, a))[0]).isEqualTo(y, within(1e-12));
    assertThat(apply(op, vector(F32, a, b))).containsExactly((float) y);
  }

  @Test
  void logSumExpOfNothingIsTheLogarithmOfZero() {
    Buffer none = Buffer.allocate(F32, Shape.of(2, 0));
    assertThat(apply(new Op.LogSumExp(Shape.of(2, 1)), none))
        .containsExactly(NEGATIVE_INFINITY, NEGATIVE_INFINITY);
  }

  @Test
  void logSumExpShiftsEachRowByItsOwnLargest() {
    Buffer x = matrix(F64, 2, 1000, 1000, -1000, -1000);
    double[] y = apply(new Op.LogSumExp(Shape.of(2, 1)), x);
    assertThat(y).containsExactly(new double[] {1000 + Math.log(2), -1000 + Math.log(2)}, EXACT);
  }

  @Test
  void softmaxSumsToOneAlongItsAxis() {
    double third = 1 / 3.0;
    Buffer x = matrix(F64, 2, 0, Math.log(2), Math.log(2), Math.log(8));
    assertThat(apply(new Op.Softmax(1), x))
        .containsExactly(new double[] {third, 2 * third, 0.2, 0.8}, EXACT);
    assertThat(apply(new Op.Softmax(0), x))
        .containsExactly(new double[] {third, 0.2, 2 * third, 0.8}, EXACT);
    assertThat(apply(new Op.Softmax(0), vector(F32, 1000, 1000))).containsExactly(0.5, 0.5);
    assertThat(apply(new Op.Softmax(0), vector(F32, -1000, 1000))).containsExactly(0, 1);
  }

  @Test
  void softmaxOfInfinities() {
    var op = new Op.Softmax(0);
    assertThat(apply(op, vector(F64, NEGATIVE_INFINITY, 2))).containsExactly(0, 1);
    assertThat(apply(op, vector(F64, NEGATIVE_INFINITY, NEGATIVE_INFINITY)))
        .containsExactly(NaN, NaN);
    assertThat(apply(op, vector(F64, POSITIVE_INFINITY, 2))).containsExactly(NaN, NaN);
    assertThat(apply(op, vector(F64, NaN, 2))).containsExactly(NaN, NaN);
    assertThat(apply(op, Buffer.allocate(F64, Shape.of(0)))).isEmpty();
    assertThat(apply(new Op.Softmax(1), Buffer.allocate(F64, Shape.of(3, 0)))).isEmpty();
  }

  @Test
  void crossEntropyOfClassIndices() {
    var op = new Op.SoftmaxCrossEntropy();
    Buffer x = matrix(F64, 3, 0, 0, 0, Math.log(3), 5, 5);
    for (DType t : new DType[] {I32, I64}) {
      assertThat(apply(op, x, vector(t, 1, 1, 0)))
          .containsExactly(new double[] {Math.log(2), Math.log(4.0 / 3), Math.log(2)}, EXACT);
    }
    assertThat(eager(op, x, vector(I64, 1, 1, 0)).shape()).isEqualTo(Shape.of(3, 1));
  }

  @Test
  void crossEntropyIsExactForLargeLogits() {
    var op = new Op.SoftmaxCrossEntropy();
    for (DType dtype : new DType[] {F32, F64}) {
      Buffer x = matrix(dtype, 3, 1000, -1000, 1000, -1000, 1000, 1000);
      assertThat(apply(op, x, vector(I64, 0, 1, 0)))
          .containsExactly(0, 2000, apply(op, matrix(dtype, 1, 0, 0), vector(I64, 0))[0]);
      assertThat(apply(op, x, matrix(dtype, 3, 1, 0, 0, 1, 0.5, 0.5)))
          .containsExactly(0, 2000, apply(op, matrix(dtype, 1, 0, 0), vector(I64, 0))[0]);
    }
  }

  @Test
  void crossEntropyOfWeights() {
    Buffer x = matrix(F64, 2, 0, Math.log(3), 0, Math.log(3));
    Buffer t = matrix(F64, 2, 0.25, 0.75, 2, 0);
    double[] y = apply(new Op.SoftmaxCrossEntropy(), x, t);
    double first = 0.25 * Math.log(4) + 0.75 * Math.log(4.0 / 3);
    assertThat(y).containsExactly(new double[] {first, 2 * Math.log(4)}, EXACT);
  }

  @Test
  void aClassThatCannotOccurCostsNothingUnlessItIsTheTarget() {
    var op = new Op.SoftmaxCrossEntropy();
    Buffer x = matrix(F32, 2, NEGATIVE_INFINITY, 3, NEGATIVE_INFINITY, 3);
    assertThat(apply(op, x, vector(I32, 1, 0))).containsExactly(0, POSITIVE_INFINITY);
    assertThat(apply(op, x, matrix(F32, 2, 0, 1, 1, 0))).containsExactly(0, POSITIVE_INFINITY);
    assertThat(apply(op, matrix(F32, 1, NaN, 3), vector(I32, 1))).containsExactly(NaN);
    assertThat(apply(op, Buffer.allocate(F32, Shape.of(0, 3)), vector(I32))).isEmpty();
  }

  @Test
  void aClassOutOfRangeIsNamed() {
    var op = new Op.SoftmaxCrossEntropy();
    outOfRange(
        "SOFTMAX_CROSS_ENTROPY: the target of row 1 is class 3, but there are 3 classes: it must be 0 or more and less than 3",
        op,
        X,
        vector(I64, 2, 3));
    outOfRange(
        "SOFTMAX_CROSS_ENTROPY: the target of row 0 is class -1, but there are 3 classes: it must be 0 or more and less than 3",
        op,
        X,
        vector(I32, -1, 0));
  }

  @Test
  void argMaxIsTheFirstLargestAndNaNIsLargest() {
    var rows = new Op.ArgMax(1);
    Buffer x =
        matrix(
            F32, 4, 1, 7, 7, 2, NaN, NaN, 0.0, -0.0, 0.0, NEGATIVE_INFINITY, POSITIVE_INFINITY, 3);
    assertThat(eager(rows, x).i64()).containsExactly(1, 1, 0, 1);
    assertThat(apply(rows, matrix(F64, 2, NEGATIVE_INFINITY, NEGATIVE_INFINITY, NaN, 1)))
        .containsExactly(0, 0);
    assertThat(apply(new Op.ArgMax(0), matrix(I32, 3, 1, 5, 3, 5, 2, 4))).containsExactly(1, 0);
    Buffer longs = Buffer.allocate(I64, Shape.of(2));
    longs.i64()[0] = Long.MAX_VALUE - 1;
    longs.i64()[1] = Long.MAX_VALUE;
    assertThat(apply(new Op.ArgMax(0), longs)).containsExactly(1);
    assertThat(eager(rows, x).shape()).isEqualTo(Shape.of(4, 1));
  }

  @Test
  void matmulMultipliesRowsByColumns() {
    Buffer b = matrix(F32, 3, 1, 2, 3, 4, 5, 6);
    double[] product = {22, 28, 49, 64};
    assertThat(apply(new Op.MatMul(false, false), X, b)).containsExactly(product);
    Buffer aT = matrix(F32, 3, 1, 4, 2, 5, 3, 6);
    Buffer bT = matrix(F32, 2, 1, 3, 5, 2, 4, 6);
    assertThat(apply(new Op.MatMul(true, false), aT, b)).containsExactly(product);
    assertThat(apply(new Op.MatMul(false, true), X, bT)).containsExactly(product);
    assertThat(apply(new Op.MatMul(true, true), aT, bT)).containsExactly(product);
  }

  @Test
  void matmulBroadcastsBatches() {
    Buffer a = vector(F64, 1, 2, 3, 4).view(Layout.of(Shape.of(2, 1, 1, 2)));
    Buffer b = vector(F64, 1, 1, 2, 2, 3, 3).view(Layout.of(Shape.of(3, 2, 1)));
    Buffer y = eager(new Op.MatMul(false, false), a, b);
    assertThat(y.shape()).isEqualTo(Shape.of(2, 3, 1, 1));
    assertThat(numbers(y)).containsExactly(3, 6, 9, 7, 14, 21);
  }

  @Test
  void matmulOverNothingIsZero() {
    var op = new Op.MatMul(false, false);
    Buffer a = Buffer.allocate(F32, Shape.of(2, 0));
    assertThat(apply(op, a, Buffer.allocate(F32, Shape.of(0, 2)))).containsExactly(0, 0, 0, 0);
    assertThat(apply(op, Buffer.allocate(F32, Shape.of(0, 3)), matrix(F32, 3, 1, 2, 3))).isEmpty();
    Buffer noBatches = Buffer.allocate(F32, Shape.of(0, 2, 3));
    assertThat(apply(op, noBatches, matrix(F32, 3, 1, 2, 3))).isEmpty();
  }

  @Test
  void matmulAccumulatesFloatsInDouble() {
    Buffer a = matrix(F32, 1, 1e8, 1, -1e8);
    assertThat(apply(new Op.MatMul(false, true), a, matrix(F32, 1, 1, 1, 1))).containsExactly(1);
  }

  @Test
  void gatherPicksOneElementForEachIndex() {
    assertThat(apply(new Op.Gather(1), X, matrix(I64, 2, 2, 0, 1, 1))).containsExactly(3, 1, 5, 5);
    assertThat(apply(new Op.Gather(0), X, matrix(I32, 1, 1, 0, 1))).containsExactly(4, 2, 6);
    assertThat(eager(new Op.Gather(0), vector(BOOL, 0, 1), vector(I32, 1, 1, 0)).bool())
        .containsExactly(true, true, false);
  }

  @Test
  void indexSelectPicksWholeSlices() {
    assertThat(apply(new Op.IndexSelect(0), X, vector(I64, 1, 0, 1)))
        .containsExactly(4, 5, 6, 1, 2, 3, 4, 5, 6);
    assertThat(apply(new Op.IndexSelect(1), X, vector(I32, 2))).containsExactly(3, 6);
    assertThat(eager(new Op.IndexSelect(1), X, vector(I32)).shape()).isEqualTo(Shape.of(2, 0));
  }

  @Test
  void repeatedIndicesAddUp() {
    assertThat(apply(new Op.ScatterAdd(1, 2), X, matrix(I64, 2, 0, 0, 1, 1, 1, 1)))
        .containsExactly(3, 3, 0, 15);
    assertThat(apply(new Op.ScatterAdd(0, 3), X, matrix(I64, 2, 2, 0, 2, 2, 0, 1)))
        .containsExactly(0, 7, 0, 0, 0, 6, 5, 0, 3);
    assertThat(apply(new Op.IndexAdd(0, 4), X, vector(I32, 3, 3)))
        .containsExactly(0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 7, 9);
    assertThat(apply(new Op.IndexAdd(1, 2), X, vector(I32, 1, 0, 1))).containsExactly(2, 4, 5, 10);
    assertThat(apply(new Op.IndexAdd(0, 1), vector(I32, Integer.MAX_VALUE, 1), vector(I32, 0, 0)))
        .containsExactly(Integer.MIN_VALUE);
  }

  @Test
  void floatsAreAddedInRowMajorOrderAndRoundedEachTime() {
    assertThat(apply(new Op.IndexAdd(0, 1), vector(F32, 1e8, 1, -1e8), vector(I32, 0, 0, 0)))
        .containsExactly(0);
  }

  @Test
  void anIndexOutOfRangeIsNamed() {
    outOfRange(
        "GATHER: index 3 at [1, 0] does not lie in axis 1 of [2, 3]: it must be 0 or more and less than 3",
        new Op.Gather(1),
        X,
        matrix(I64, 2, 0, 1, 3, 1));
    outOfRange(
        "SCATTER_ADD: index -1 at [0, 2] does not lie in axis 0 of [5, 3]: it must be 0 or more and less than 5",
        new Op.ScatterAdd(0, 5),
        X,
        matrix(I64, 2, 0, 1, -1, 1, 0, 0));
    outOfRange(
        "INDEX_SELECT: index 4294967296 at [1] does not lie in axis 0 of [2, 3]: it must be 0 or more and less than 2",
        new Op.IndexSelect(0),
        X,
        vector(I64, 0, 4294967296.0));
    outOfRange(
        "INDEX_ADD: index 7 at [0] does not lie in axis 0 of [7, 3]: it must be 0 or more and less than 7",
        new Op.IndexAdd(0, 7),
        X,
        vector(I32, 7, 0));
    outOfRange(
        "INDEX_SELECT: index 0 at [0] does not lie in axis 0 of [0, 3]: it must be 0 or more and less than 0",
        new Op.IndexSelect(0),
        Buffer.allocate(F32, Shape.of(0, 3)),
        vector(I32, 0));
  }

  @Test
  void embeddingAndConcatenationCopyIntoPlace() {
    assertThat(apply(new Op.Embed(0, 3, -2, 5), vector(F64, 1, 2))).containsExactly(0, 2, 0, 1, 0);
    assertThat(apply(new Op.Concat(1), X, matrix(F32, 2, 7, 8)))
        .containsExactly(1, 2, 3, 7, 4, 5, 6, 8);
    assertThat(eager(new Op.Concat(0), vector(BOOL, 1), vector(BOOL), vector(BOOL, 0)).bool())
        .containsExactly(true, false);
  }

  @Test
  void resultsMayLieAnywhereInAnArena() {
    Buffer arena = Buffer.allocate(F64, Shape.of(6));
    arena.poison();
    Buffer out = arena.view(Layout.of(Shape.of(6)).slice(0, 2, 2, 1));
    EAGER
        .backend()
        .sum(
            matrix(F64, 2, 1, 2, 3, 4),
            out.view(out.layout().reshape(Shape.of(2, 1)).orElseThrow()));
    assertThat(arena.f64()).containsExactly(NaN, NaN, 3, 7, NaN, NaN);
  }

  /// Two correctly rounded ways to one number differ by some units of the last place.
  private static final Offset<Double> EXACT = within(1e-12);

  private static void outOfRange(String message, Op op, Buffer... in) {
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> eager(op, in))
        .withMessage(message);
  }

  private static Buffer vector(DType dtype, double... v) {
    return buffer(dtype, Shape.of(v.length), v);
  }

  private static Buffer matrix(DType dtype, int rows, double... v) {
    return buffer(dtype, Shape.of(rows, v.length / rows), v);
  }

  private static Buffer eager(Op op, Buffer... in) {
    return Eager.numbers(EAGER.apply(op, in));
  }

  private static double[] apply(Op op, Buffer... in) {
    return numbers(eager(op, in));
  }
}
