package org.cotangent.autograd.op;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.cotangent.autograd.shape.DType.BOOL;
import static org.cotangent.autograd.shape.DType.F32;
import static org.cotangent.autograd.shape.DType.F64;
import static org.cotangent.autograd.shape.DType.I32;
import static org.cotangent.autograd.shape.DType.I64;

import org.cotangent.autograd.shape.Axes;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ShapesTest {
  private record Tensor(Shape shape, DType dtype) implements Value {}

  private static final Tensor X = f32(2, 3);

  @Test
  void elementwiseOperandsStretchToACommonShape() {
    assertThat(shape(Op.Unary.EXP, X)).isEqualTo(X.shape);
    assertThat(shape(new Op.Clamp(0, 1), X)).isEqualTo(X.shape);
    assertThat(shape(new Op.Cast(I32), X)).isEqualTo(X.shape);
    assertThat(shape(Op.Binary.ADD, X, f32(4, 1, 3))).isEqualTo(Shape.of(4, 2, 3));
    assertThat(shape(Op.Compare.LT, f32(), X)).isEqualTo(X.shape);
    assertThat(shape(Op.Logical.NOT, bool(5))).isEqualTo(Shape.of(5));
    assertThat(shape(Op.Logical.AND, bool(5), bool(2, 1))).isEqualTo(Shape.of(2, 5));
    assertThat(shape(new Op.Where(), bool(4, 1, 1), X, f32())).isEqualTo(Shape.of(4, 2, 3));
  }

  @Test
  void elementwiseErrorsNameBothShapes() {
    String rest =
        ": cannot broadcast [2, 3] with [2]: axis -1 has extents 3 and 2; each pair must be equal or contain a 1";
    fails("ADD" + rest, Op.Binary.ADD, X, f32(2));
    fails("LT" + rest, Op.Compare.LT, X, f32(2));
    fails("OR" + rest, Op.Logical.OR, bool(2, 3), bool(2));
    fails("WHERE" + rest, new Op.Where(), bool(2, 3), f32(2), X);
    fails("WHERE" + rest, new Op.Where(), bool(1), X, f32(2));
  }

  @Test
  void reductionsKeepOrCollapseAxes() {
    assertThat(shape(new Op.Sum(Shape.of(2, 1)), X)).isEqualTo(Shape.of(2, 1));
    assertThat(shape(new Op.Sum(Shape.of(3)), X)).isEqualTo(Shape.of(3));
    assertThat(shape(new Op.Sum(Shape.SCALAR), f32(0))).isEqualTo(Shape.SCALAR);
    assertThat(shape(new Op.Max(Shape.of(0, 1)), f32(0, 3))).isEqualTo(Shape.of(0, 1));
    assertThat(shape(new Op.LogSumExp(Shape.of(2, 1)), f32(2, 0))).isEqualTo(Shape.of(2, 1));
    assertThat(shape(new Op.ArgMax(1), X)).isEqualTo(Shape.of(2, 1));
    assertThat(shape(new Op.Softmax(1), X)).isEqualTo(X.shape);
  }

  @Test
  void reductionErrorsNameTheRule() {
    String rest =
        ": [2, 3] does not reduce to [2]: aligned at the last axis, each extent must be kept or become 1";
    fails("SUM" + rest, new Op.Sum(Shape.of(2)), X);
    fails("MAX" + rest, new Op.Max(Shape.of(2)), X);
    fails("LOG_SUM_EXP" + rest, new Op.LogSumExp(Shape.of(2)), X);
    fails(
        "MAX: [2, 0] to [2, 1]: the largest of no elements does not exist",
        new Op.Max(Shape.of(2, 1)),
        f32(2, 0));
    fails(
        "ARG_MAX: [2, 0] to [2, 1]: the largest of no elements does not exist",
        new Op.ArgMax(1),
        f32(2, 0));
  }

  @Test
  void viewsAreChecked() {
    assertThat(shape(new Op.Expand(Shape.of(4, 2, 3)), X)).isEqualTo(Shape.of(4, 2, 3));
    assertThat(shape(new Op.Reshape(Shape.of(6)), X)).isEqualTo(Shape.of(6));
    assertThat(shape(new Op.Permute(Axes.permutation(X.shape, 1, 0)), X)).isEqualTo(Shape.of(3, 2));
    fails(
        "EXPAND: [2, 3] does not stretch to [3, 2]: aligned at the last axis, each extent must be equal or 1",
        new Op.Expand(Shape.of(3, 2)),
        X);
    fails("RESHAPE: [2, 3] to [4]: 6 elements cannot become 4", new Op.Reshape(Shape.of(4)), X);
    fails(
        "PERMUTE: the order [1, 0] must name each axis of [2, 3, 4] once",
        new Op.Permute(Axes.permutation(X.shape, 1, 0)),
        f32(2, 3, 4));
  }

  @Test
  void aSliceLiesWithinItsAxis() {
    Tensor x = f32(5);
    assertThat(shape(new Op.Slice(0, 1, 2, 3), x)).isEqualTo(Shape.of(2));
    assertThat(shape(new Op.Slice(0, 4, 5, -1), x)).isEqualTo(Shape.of(5));
    assertThat(shape(new Op.Slice(0, 7, 0, 1), x)).isEqualTo(Shape.of(0));
    String rest = " do not lie in axis 0 (extent 5) of [5]";
    fails("SLICE: 2 elements from 4 by 1" + rest, new Op.Slice(0, 4, 2, 1), x);
    fails("SLICE: 2 elements from 1 by -2" + rest, new Op.Slice(0, 1, 2, -2), x);
    fails("SLICE: 1 elements from -1 by 1" + rest, new Op.Slice(0, -1, 1, 1), x);
    fails("SLICE: 1 elements from 5 by 1" + rest, new Op.Slice(0, 5, 1, 1), x);
    fails("SLICE: -1 elements from 0 by 1" + rest, new Op.Slice(0, 0, -1, 1), x);
    fails("SLICE: 2 elements from 0 by 0" + rest, new Op.Slice(0, 0, 2, 0), x);
    fails(
        "SLICE: 3 elements from 0 by 2147483647" + rest,
        new Op.Slice(0, 0, 3, Integer.MAX_VALUE),
        x);
  }

  @Test
  void anEmbeddingFitsIntoItsExtent() {
    assertThat(shape(new Op.Embed(1, 1, 2, 6), X)).isEqualTo(Shape.of(2, 6));
    assertThat(shape(new Op.Embed(1, 5, -2, 6), X)).isEqualTo(Shape.of(2, 6));
    assertThat(shape(new Op.Embed(0, 9, 1, 6), f32(0))).isEqualTo(Shape.of(6));
    String rest = ", does not fit into the extent 5";
    fails("EMBED: axis 1 of [2, 3], from 1 by 2" + rest, new Op.Embed(1, 1, 2, 5), X);
    fails("EMBED: axis 1 of [2, 3], from 3 by -2" + rest, new Op.Embed(1, 3, -2, 5), X);
    fails("EMBED: axis 1 of [2, 3], from -1 by 1" + rest, new Op.Embed(1, -1, 1, 5), X);
    fails("EMBED: axis 1 of [2, 3], from 0 by 0" + rest, new Op.Embed(1, 0, 0, 5), X);
  }

  @Test
  void concatenatedShapesDifferOnOneAxisOnly() {
    assertThat(shape(new Op.Concat(1), X, f32(2, 0), f32(2, 4))).isEqualTo(Shape.of(2, 7));
    fails(
        "CONCAT: shapes [2, 3] and [3, 3] may differ on axis 1 only",
        new Op.Concat(1),
        X,
        f32(3, 3));
    fails("CONCAT: shapes [2, 3] and [3] may differ on axis 0 only", new Op.Concat(0), X, f32(3));
    fails("Concat[axis=0]: needs one operand or more", new Op.Concat(0));
  }

  @Test
  void indexedOperationsCheckTheIndex() {
    assertThat(shape(new Op.Gather(1), X, i64(2, 7))).isEqualTo(Shape.of(2, 7));
    assertThat(shape(new Op.ScatterAdd(1, 9), X, i64(2, 3))).isEqualTo(Shape.of(2, 9));
    assertThat(shape(new Op.IndexSelect(0), X, i64(7))).isEqualTo(Shape.of(7, 3));
    assertThat(shape(new Op.IndexAdd(0, 9), X, i64(2))).isEqualTo(Shape.of(9, 3));
    fails(
        "GATHER: shapes [2, 3] and [7, 3] may differ on axis 1 only",
        new Op.Gather(1),
        X,
        i64(7, 3));
    fails(
        "SCATTER_ADD: source [2, 3] and index [2, 2] must have one shape",
        new Op.ScatterAdd(1, 9),
        X,
        i64(2, 2));
    fails(
        "INDEX_SELECT: the index has shape [7, 1]; it must have one axis",
        new Op.IndexSelect(0),
        X,
        i64(7, 1));
    fails(
        "INDEX_ADD: the index has shape []; it must have one axis",
        new Op.IndexAdd(0, 9),
        X,
        i64());
    fails(
        "INDEX_ADD: axis 0 of source [2, 3] needs one index a slice, but there are 3",
        new Op.IndexAdd(0, 9),
        X,
        i64(3));
    fails(
        "shape [-1, 3]: the extent -1 is negative; extents are 0 or more",
        new Op.IndexAdd(0, -1),
        X,
        i64(2));
  }

  @Test
  void axesAreNamedWithTheirOperation() {
    String rest = ": no axis 2 in shape [2, 3]: axes are -2 to 1";
    fails("SLICE" + rest, new Op.Slice(2, 0, 1, 1), X);
    fails("EMBED" + rest, new Op.Embed(2, 0, 1, 1), X);
    fails("CONCAT" + rest, new Op.Concat(2), X, X);
    fails("GATHER" + rest, new Op.Gather(2), X, i64(2, 3));
    fails("SCATTER_ADD" + rest, new Op.ScatterAdd(2, 1), X, i64(2, 3));
    fails("INDEX_SELECT" + rest, new Op.IndexSelect(2), X, i64(2));
    fails("INDEX_ADD" + rest, new Op.IndexAdd(2, 1), X, i64(2));
    fails("SOFTMAX" + rest, new Op.Softmax(2), X);
    fails("ARG_MAX" + rest, new Op.ArgMax(2), X);
    fails("SOFTMAX: no axis 0 in shape []: a scalar has no axes", new Op.Softmax(0), f32());
    fails(
        "SOFTMAX: the axis -1 of an operation must be 0 or more; resolve it with Shape.axis",
        new Op.Softmax(-1),
        X);
  }

  @Test
  void matmulMultipliesTheLastTwoAxes() {
    assertThat(shape(matmul(false, false), X, f32(3, 4))).isEqualTo(Shape.of(2, 4));
    assertThat(shape(matmul(true, false), X, f32(2, 4))).isEqualTo(Shape.of(3, 4));
    assertThat(shape(matmul(false, true), X, f32(4, 3))).isEqualTo(Shape.of(2, 4));
    assertThat(shape(matmul(true, true), X, f32(4, 2))).isEqualTo(Shape.of(3, 4));
    assertThat(shape(matmul(false, false), f32(5, 1, 2, 3), f32(7, 3, 4)))
        .isEqualTo(Shape.of(5, 7, 2, 4));
    assertThat(shape(matmul(false, false), f32(2, 0), f32(0, 4))).isEqualTo(Shape.of(2, 4));
  }

  @Test
  void matmulErrorsSayWhichSizesDiffer() {
    fails(
        "MATMUL: [2, 3] x [4, 5]: inner sizes 3 and 4 differ; transpose one of them?",
        matmul(false, false),
        X,
        f32(4, 5));
    fails(
        "MATMUL: [2, 3]ᵀ x [4, 5]ᵀ: inner sizes 2 and 5 differ; transpose one of them?",
        matmul(true, true),
        X,
        f32(4, 5));
    fails(
        "MATMUL: [3] x [3, 2]: both operands need two axes or more",
        matmul(false, false),
        f32(3),
        f32(3, 2));
    fails(
        "MATMUL (batches): cannot broadcast [2] with [5]: axis -1 has extents 2 and 5; each pair must be equal or contain a 1",
        matmul(false, false),
        f32(2, 2, 3),
        f32(5, 3, 2));
  }

  @Test
  void crossEntropyTakesIndicesOrWeights() {
    var op = new Op.SoftmaxCrossEntropy();
    assertThat(shape(op, f32(4, 2, 3), i64(4, 2))).isEqualTo(Shape.of(4, 2, 1));
    assertThat(shape(op, X, X)).isEqualTo(Shape.of(2, 1));
    assertThat(shape(op, f32(3), i64())).isEqualTo(Shape.of(1));
    fails(
        "SOFTMAX_CROSS_ENTROPY: logits [2, 3] need targets of shape [2] (class indices), but these have [2, 1]",
        op,
        X,
        i64(2, 1));
    fails(
        "SOFTMAX_CROSS_ENTROPY: logits [2, 3] need targets of shape [2, 3] (one weight a class), but these have [2]",
        op,
        X,
        f32(2));
    fails(
        "SOFTMAX_CROSS_ENTROPY: logits [2, 0] need a last axis with one class or more",
        op,
        f32(2, 0),
        i64(2));
    fails(
        "SOFTMAX_CROSS_ENTROPY: logits [] need a last axis with one class or more",
        op,
        f32(),
        i64());
  }

  @ParameterizedTest
  @EnumSource
  void operationsKeepTheDTypeThatTheyAllow(DType t) {
    Tensor x = new Tensor(Shape.of(2, 2), t);
    assertThat(Shapes.dtype(new Op.Cast(F64), x)).isEqualTo(F64);
    assertThat(Shapes.dtype(Op.Compare.GE, x, x)).isEqualTo(BOOL);
    assertThat(Shapes.dtype(new Op.Where(), bool(), x, x)).isEqualTo(t);
    assertThat(Shapes.dtype(new Op.Concat(0), x, x, x)).isEqualTo(t);
    for (Op op :
        new Op[] {
          new Op.Expand(x.shape),
          new Op.Reshape(x.shape),
          new Op.Permute(Axes.permutation(x.shape, 1, 0)),
          new Op.Slice(0, 0, 1, 1),
          new Op.Embed(0, 0, 1, 2)
        }) {
      assertThat(Shapes.dtype(op, x)).isEqualTo(t);
    }
    assertThat(Shapes.dtype(new Op.Gather(0), x, i64(2, 2))).isEqualTo(t);
    assertThat(Shapes.dtype(new Op.IndexSelect(0), x, new Tensor(Shape.of(2), I32))).isEqualTo(t);
  }

  @ParameterizedTest
  @EnumSource
  void arithmeticIsForNumbers(DType t) {
    Tensor x = new Tensor(Shape.of(2, 2), t);
    Tensor index = i64(2, 2);
    check(t, Op.Unary.NEG, x);
    check(t, Op.Unary.ABS, x);
    check(t, Op.Unary.SIGN, x);
    check(t, Op.Unary.SQUARE, x);
    check(t, Op.Binary.ADD, x, x);
    check(t, Op.Binary.DIV, x, x);
    check(t, Op.Binary.MAXIMUM, x, x);
    check(t, "CLAMP", new Op.Clamp(0, 1), x);
    check(t, "SUM", new Op.Sum(Shape.SCALAR), x);
    check(t, "MAX", new Op.Max(Shape.SCALAR), x);
    check(t, "SCATTER_ADD", new Op.ScatterAdd(0, 3), x, index);
    check(t, "INDEX_ADD", new Op.IndexAdd(0, 3), x, index);
    if (t != BOOL) {
      assertThat(Shapes.dtype(new Op.ArgMax(0), x)).isEqualTo(I64);
    }
  }

  private static <E extends Enum<E> & Op> void check(DType t, E op, Value... in) {
    check(t, op.name(), op, in);
  }

  private static void check(DType t, String name, Op op, Value... in) {
    if (t == BOOL) {
      dtypeFails(
          name + ": not defined on BOOL; convert with to(DType.F32) or use and, or, not", op, in);
    } else {
      assertThat(Shapes.dtype(op, in)).isEqualTo(t);
    }
  }

  @Test
  void functionsOfRealNumbersNeedFloats() {
    Tensor i = new Tensor(Shape.of(2, 2), I32);
    String rest = ": needs F32 or F64, but this is I32; convert with to(...)";
    dtypeFails("RELU" + rest, Op.Unary.RELU, i);
    dtypeFails("POW" + rest, Op.Binary.POW, i, i);
    dtypeFails("ATAN2" + rest, Op.Binary.ATAN2, i, i);
    dtypeFails("LOG_SUM_EXP" + rest, new Op.LogSumExp(Shape.SCALAR), i);
    dtypeFails("SOFTMAX" + rest, new Op.Softmax(0), i);
    dtypeFails("MATMUL" + rest, matmul(false, false), i, i);
    dtypeFails("SOFTMAX_CROSS_ENTROPY" + rest, new Op.SoftmaxCrossEntropy(), i, i);
    assertThat(Shapes.dtype(new Op.SoftmaxCrossEntropy(), X, i)).isEqualTo(F32);
  }

  @Test
  void operandsOfOneOperationHaveOneDType() {
    Tensor d = new Tensor(X.shape, F64);
    String rest = ": dtypes F32 and F64 differ; convert one with to(...)";
    dtypeFails("ADD" + rest, Op.Binary.ADD, X, d);
    dtypeFails("EQ" + rest, Op.Compare.EQ, X, d);
    dtypeFails("WHERE" + rest, new Op.Where(), bool(), X, d);
    dtypeFails("CONCAT" + rest, new Op.Concat(0), X, d);
    dtypeFails("MATMUL" + rest, matmul(false, true), X, d);
    dtypeFails("SOFTMAX_CROSS_ENTROPY" + rest, new Op.SoftmaxCrossEntropy(), X, d);
  }

  @Test
  void logicIsForTruths() {
    String rest = ": needs BOOL, but this is F32; compare with ne(0)";
    dtypeFails("NOT" + rest, Op.Logical.NOT, X);
    dtypeFails("AND" + rest, Op.Logical.AND, bool(2, 3), X);
    dtypeFails("WHERE" + rest, new Op.Where(), X, X, X);
    assertThat(Shapes.dtype(Op.Logical.NOT, bool())).isEqualTo(BOOL);
    assertThat(Shapes.dtype(Op.Logical.XOR, bool(), bool())).isEqualTo(BOOL);
  }

  @Test
  void indicesAreIntegers() {
    String rest = ": the index must be I32 or I64, but this is F32";
    dtypeFails("GATHER" + rest, new Op.Gather(0), X, X);
    dtypeFails("SCATTER_ADD" + rest, new Op.ScatterAdd(0, 2), X, X);
    dtypeFails("INDEX_SELECT" + rest, new Op.IndexSelect(0), X, f32(2));
    dtypeFails("INDEX_ADD" + rest, new Op.IndexAdd(0, 2), X, f32(2));
  }

  @Test
  void factorsHaveTheShapesOfTheirMatrices() {
    Tensor a = f32(4, 3, 3);
    assertThat(shape(new Op.Cholesky(), a)).isEqualTo(a.shape);
    assertThat(shape(new Op.Lu(0), a)).isEqualTo(Shape.of(4, 5, 3));
    Op triangle = new Op.TriangularSolve(true, false, false);
    assertThat(shape(triangle, a, f32(2, 1, 3, 7))).isEqualTo(Shape.of(2, 4, 3, 7));
    assertThat(shape(new Op.Solve(true), a, f32(4, 5, 3), f32(3, 1))).isEqualTo(Shape.of(4, 3, 1));
    String square = ": [2, 3] is no square matrix: the last two axes must be equal";
    fails("CHOLESKY" + square, new Op.Cholesky(), X);
    fails("LU" + square, new Op.Lu(0), X);
    fails("LU: -1 columns cannot be left out; 0 or more can", new Op.Lu(-1), a);
    fails(
        "SOLVE: [4, 3, 3] are no factors of [4, 3, 3]; make them with LU",
        new Op.Solve(false),
        a,
        a,
        f32(3, 1));
    fails(
        "TRIANGULAR_SOLVE: a matrix [4, 3, 3] needs right sides with 3 rows, but they are [2, 3]; a vector is a column",
        triangle,
        a,
        X);
    Tensor d = new Tensor(a.shape, F64);
    String differ = "TRIANGULAR_SOLVE: dtypes F32 and F64 differ; convert one with to(...)";
    dtypeFails(differ, triangle, a, d);
    dtypeFails(
        "CHOLESKY: needs F32 or F64, but this is I64; convert with to(...)",
        new Op.Cholesky(),
        i64(2, 2));
  }

  private static Op matmul(boolean transA, boolean transB) {
    return new Op.MatMul(transA, transB);
  }

  private static Tensor f32(int... dims) {
    return new Tensor(Shape.of(dims), F32);
  }

  private static Tensor i64(int... dims) {
    return new Tensor(Shape.of(dims), I64);
  }

  private static Tensor bool(int... dims) {
    return new Tensor(Shape.of(dims), BOOL);
  }

  private static Shape shape(Op op, Value... in) {
    return Shapes.of(op, in);
  }

  private static void fails(String message, Op op, Value... in) {
    assertThatIllegalArgumentException().isThrownBy(() -> Shapes.of(op, in)).withMessage(message);
  }

  private static void dtypeFails(String message, Op op, Value... in) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Shapes.dtype(op, in))
        .withMessage(message);
  }
}
