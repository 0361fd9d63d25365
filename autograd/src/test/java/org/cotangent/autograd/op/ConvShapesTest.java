package org.cotangent.autograd.op;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.cotangent.autograd.op.Op.Conv.Kind;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.cotangent.autograd.shape.Sliding;
import org.junit.jupiter.api.Test;

class ConvShapesTest {
  private record Tensor(Shape shape, DType dtype) implements Value {}

  private static final Sliding ROWS = Sliding.over(6, 3, 1, 1, 1, 1);
  private static final Sliding COLUMNS = Sliding.over(5, 2, 2, 1, 0, 0);
  private static final Op.Conv CONV = new Op.Conv(Kind.OUTPUT, ROWS, COLUMNS, 2);

  private static final Tensor X = f32(7, 4, 6, 5);
  private static final Tensor W = f32(6, 2, 3, 2);
  private static final Tensor Y = f32(7, 6, 6, 2);

  @Test
  void eachOfTheThreeIsTheResultOfTheOthers() {
    assertThat(Shapes.of(CONV, X, W)).isEqualTo(Y.shape);
    assertThat(Shapes.of(CONV.of(Kind.INPUT), Y, W)).isEqualTo(X.shape);
    assertThat(Shapes.of(CONV.of(Kind.KERNEL), X, Y)).isEqualTo(W.shape);
    assertThat(Shapes.dtype(CONV, X, W)).isEqualTo(DType.F32);
  }

  @Test
  void errorsNameTheShapes() {
    fails(
        "CONV: [6, 5] and [6, 2, 3, 2] must both have four axes: [images, channels, height, width], and [out, in/groups, height, width] for kernels",
        CONV,
        f32(6, 5),
        W);
    fails(
        "CONV: the input [7, 4, 5, 5] does not have the height 6 and width 5 of the geometry",
        CONV,
        f32(7, 4, 5, 5),
        W);
    fails(
        "CONV: the kernel [6, 2, 3, 3] does not have the height 3 and width 2 of the geometry",
        CONV.of(Kind.INPUT),
        Y,
        f32(6, 2, 3, 3));
    fails(
        "CONV: the output [7, 6, 6, 3] does not have the height 6 and width 2 of the geometry",
        CONV.of(Kind.KERNEL),
        X,
        f32(7, 6, 6, 3));
    fails(
        "CONV: kernels [6, 2, 3, 2] in 2 groups need 4 channels of the input [7, 5, 6, 5], which has 5",
        CONV,
        f32(7, 5, 6, 5),
        W);
    fails(
        "CONV: kernels [6, 2, 3, 2] in 2 groups need 6 channels of the output [7, 4, 6, 2], which has 4",
        CONV.of(Kind.INPUT),
        f32(7, 4, 6, 2),
        W);
    fails("CONV: 5 output channels cannot be divided into 2 groups", CONV, X, f32(5, 2, 3, 2));
    fails(
        "CONV: 3 input channels cannot be divided into 2 groups",
        CONV.of(Kind.KERNEL),
        f32(7, 3, 6, 5),
        Y);
    fails(
        "CONV: input [8, 4, 6, 5] and output [7, 6, 6, 2] hold 8 and 7 images",
        CONV.of(Kind.KERNEL),
        f32(8, 4, 6, 5),
        Y);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Shapes.dtype(CONV, X, new Tensor(W.shape, DType.F64)))
        .withMessage("CONV: dtypes F32 and F64 differ; convert one with to(...)");
  }

  @Test
  void poolingPutsAWindowInThePlaceOfEachPosition() {
    Op.ArgMaxPool pool = new Op.ArgMaxPool(ROWS, COLUMNS);
    assertThat(Shapes.of(pool, X)).isEqualTo(Shape.of(7, 4, 6, 2));
    assertThat(Shapes.of(pool, f32(6, 5))).isEqualTo(Shape.of(6, 2));
    assertThat(Shapes.dtype(pool, X)).isEqualTo(DType.I64);
    fails(
        "ARG_MAX_POOL: [5, 6] does not end in the height 6 and width 5 of the geometry",
        pool,
        f32(5, 6));
    fails(
        "ARG_MAX_POOL: [5] does not end in the height 6 and width 5 of the geometry", pool, f32(5));
    fails(
        "ARG_MAX_POOL: a window over [6, 5] meets nothing but padding, so it has no largest element",
        new Op.ArgMaxPool(ROWS, new Sliding(5, 2, 4, 1, 1, 2)),
        f32(6, 5));
  }

  @Test
  void windowsMustLieInTheirAxis() {
    Tensor x = f32(2, 5);
    assertThat(Shapes.of(new Op.Windows(1, 2, 2, 2, 1), x)).isEqualTo(Shape.of(2, 2, 2));
    assertThat(Shapes.of(new Op.Windows(0, 2, 1, 1, 9), x)).isEqualTo(Shape.of(2, 5, 1));
    assertThat(Shapes.of(new Op.OverlapAdd(0, 4, 2, 1), f32(2, 5, 2))).isEqualTo(Shape.of(4, 5));
    fails(
        "WINDOWS: 3 windows of 2 elements, step 2, dilation 1, do not lie in the extent 5",
        new Op.Windows(1, 3, 2, 2, 1),
        x);
    fails(
        "WINDOWS: 1 windows of 2 elements, step 0, dilation 1, do not lie in the extent 5",
        new Op.Windows(1, 1, 2, 0, 1),
        x);
    fails(
        "OVERLAP_ADD: 2 windows of 2 elements, step 2, dilation 1, do not lie in the extent 3",
        new Op.OverlapAdd(0, 3, 2, 1),
        f32(2, 2));
    fails(
        "OVERLAP_ADD: [2] needs an axis of windows, and a last one of their elements",
        new Op.OverlapAdd(0, 3, 2, 1),
        f32(2));
    fails("WINDOWS: no axis 2 in shape [2, 5]: axes are -2 to 1", new Op.Windows(2, 1, 1, 1, 1), x);
  }

  private static Tensor f32(int... dims) {
    return new Tensor(Shape.of(dims), DType.F32);
  }

  private static void fails(String message, Op op, Value... in) {
    assertThatIllegalArgumentException().isThrownBy(() -> Shapes.of(op, in)).withMessage(message);
  }
}
