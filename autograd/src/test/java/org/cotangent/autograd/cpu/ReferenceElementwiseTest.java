package org.cotangent.autograd.cpu;

import static java.lang.Double.NEGATIVE_INFINITY;
import static java.lang.Double.NaN;
import static java.lang.Double.POSITIVE_INFINITY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;
import static org.cotangent.autograd.backend.Views.buffer;
import static org.cotangent.autograd.backend.Views.numbers;
import static org.cotangent.autograd.shape.DType.BOOL;
import static org.cotangent.autograd.shape.DType.F32;
import static org.cotangent.autograd.shape.DType.F64;
import static org.cotangent.autograd.shape.DType.I32;
import static org.cotangent.autograd.shape.DType.I64;

import java.util.List;
import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.backend.Eager;
import org.cotangent.autograd.backend.Expr;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.op.Op.Binary;
import org.cotangent.autograd.op.Op.Compare;
import org.cotangent.autograd.op.Op.Logical;
import org.cotangent.autograd.op.Op.Unary;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/// What each elementwise operation gives for numbers whose results are known.
class ReferenceElementwiseTest {
  private static final Eager EAGER = new Eager(new ReferenceBackend());

  @ParameterizedTest
  @CsvSource({
    "NEG, 2, -2",
    "ABS, -2, 2",
    "SIGN, -7, -1",
    "RECIPROCAL, 4, 0.25",
    "SQUARE, -3, 9",
    "SQRT, 2, 1.4142135623730951",
    "EXP, 1, 2.718281828459045",
    "EXPM1, 1e-10, 1.00000000005e-10",
    "LOG, 10, 2.302585092994046",
    "LOG1P, 1e-10, 9.9999999995e-11",
    "SIN, 1, 0.8414709848078965",
    "COS, 1, 0.5403023058681398",
    "TAN, 1, 1.5574077246549023",
    "ASIN, 0.5, 0.5235987755982989",
    "ACOS, 0.5, 1.0471975511965979",
    "ATAN, 1, 0.7853981633974483",
    "SINH, 1, 1.1752011936438014",
    "COSH, 1, 1.5430806348152437",
    "TANH, 0.5, 0.46211715726000975",
    "SIGMOID, 2, 0.8807970779778823",
    "SIGMOID, -2, 0.11920292202211755",
    "SOFTPLUS, 2, 2.1269280110429727",
    "SOFTPLUS, -2, 0.1269280110429725",
    "RELU, 2, 2",
    "RELU, -2, 0",
    "FLOOR, -1.5, -2",
    "CEIL, -1.5, -1",
    "ROUND, 2.5, 2",
    "ROUND, 3.5, 4",
    "ROUND, -0.5, -0.0",
    "ERF, 0.5, 0.5204998778130465",
    "ERF, -1.5, -0.9661051464753107",
    "ERFC, -0.5, 1.5204998778130465",
    "ERFC, 3, 2.209049699858544e-05",
    "ERFC, 26, 5.663192408856143e-296"
  })
  void functionsOfOneNumber(Unary op, double x, double y) {
    double ulp = 2 * Math.ulp(y);
    assertThat(apply(op, vector(F64, x))[0]).isEqualTo(y, within(ulp));
    assertThat(apply(op, vector(F32, x))[0])
        .isEqualTo((float) y, within(2 * (double) Math.ulp((float) y)));
  }

  @ParameterizedTest
  @CsvSource({
    "NEG, 0, -0.0",
    "ABS, -0.0, 0",
    "SIGN, -0.0, -0.0",
    "SIGN, -Infinity, -1",
    "RECIPROCAL, -0.0, -Infinity",
    "SQRT, -0.0, -0.0",
    "SQRT, -1, NaN",
    "EXP, 1000, Infinity",
    "EXP, -1000, 0",
    "EXP, -Infinity, 0",
    "EXPM1, -Infinity, -1",
    "LOG, 0, -Infinity",
    "LOG, -1, NaN",
    "LOG1P, -1, -Infinity",
    "SIN, Infinity, NaN",
    "ASIN, 2, NaN",
    "ATAN, Infinity, 1.5707963267948966",
    "COSH, -1000, Infinity",
    "SINH, -1000, -Infinity",
    "TANH, 1000, 1",
    "SIGMOID, 1000, 1",
    "SIGMOID, -1000, 0",
    "SIGMOID, -Infinity, 0",
    "SIGMOID, Infinity, 1",
    "SOFTPLUS, 1000, 1000",
    "SOFTPLUS, -1000, 0",
    "SOFTPLUS, Infinity, Infinity",
    "SOFTPLUS, -Infinity, 0",
    "RELU, -0.0, 0",
    "RELU, -Infinity, 0",
    "FLOOR, -0.0, -0.0",
    "CEIL, -0.5, -0.0",
    "ROUND, -Infinity, -Infinity",
    "ERF, -0.0, -0.0",
    "ERF, -Infinity, -1",
    "ERF, 1000, 1",
    "ERFC, -1000, 2",
    "ERFC, Infinity, 0"
  })
  void functionsAtTheirHardPoints(Unary op, double x, double y) {
    assertThat(apply(op, vector(F64, x))).containsExactly(y);
    assertThat(apply(op, vector(F32, x))).containsExactly((float) y);
  }

  @ParameterizedTest
  @EnumSource
  void noFunctionOfOneNumberLosesANaN(Unary op) {
    assertThat(apply(op, vector(F64, NaN))).containsExactly(NaN);
    assertThat(apply(op, vector(F32, NaN))).containsExactly(NaN);
  }

  @ParameterizedTest
  @EnumSource
  void floatsAreComputedInDoubleAndRoundedOnce(Unary op) {
    for (float x = -2; x <= 2; x += 0.0371f) {
      assertThat(apply(op, vector(F32, x))).containsExactly((float) apply(op, vector(F64, x))[0]);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "ADD, 1, 2, 3",
    "SUB, 1, 2, -1",
    "MUL, 3, -2, -6",
    "DIV, 1, 4, 0.25",
    "DIV, 1, -0.0, -Infinity",
    "DIV, 0, 0, NaN",
    "POW, 2, 10, 1024",
    "POW, -2, 3, -8",
    "POW, -2, 0.5, NaN",
    "POW, 0, 0, 1",
    "POW, 0, -1, Infinity",
    "POW, NaN, 0, 1",
    "POW, 1, NaN, 1",
    "POW, 1, Infinity, 1",
    "POW, -1, -Infinity, 1",
    "POW, -1, NaN, NaN",
    "MAXIMUM, 2, 3, 3",
    "MAXIMUM, NaN, 3, NaN",
    "MAXIMUM, 3, NaN, NaN",
    "MAXIMUM, -0.0, 0, 0",
    "MINIMUM, 2, 3, 2",
    "MINIMUM, NaN, 3, NaN",
    "MINIMUM, 3, NaN, NaN",
    "MINIMUM, 0, -0.0, -0.0",
    "ATAN2, 1, -1, 2.356194490192345",
    "ATAN2, 0, 0, 0",
    "ATAN2, -0.0, -1, -3.141592653589793"
  })
  void functionsOfTwoNumbers(Binary op, double a, double b, double y) {
    assertThat(apply(op, vector(F64, a), vector(F64, b))).containsExactly(y);
    assertThat(apply(op, vector(F32, a), vector(F32, b))).containsExactly((float) y);
  }

  @Test
  void smallIntegersWrapLikeInt() {
    int max = Integer.MAX_VALUE;
    int min = Integer.MIN_VALUE;
    assertThat(apply(Binary.ADD, vector(I32, max), vector(I32, 1))).containsExactly(min);
    assertThat(apply(Binary.SUB, vector(I32, min), vector(I32, 1))).containsExactly(max);
    assertThat(apply(Binary.MUL, vector(I32, max), vector(I32, max))).containsExactly(1);
    assertThat(apply(Binary.DIV, vector(I32, min), vector(I32, -1))).containsExactly(min);
    assertThat(apply(Unary.SQUARE, vector(I32, 65536))).containsExactly(0);
    assertThat(apply(Unary.NEG, vector(I32, min))).containsExactly(min);
    assertThat(apply(Unary.ABS, vector(I32, min, -3))).containsExactly(min, 3);
    assertThat(apply(Unary.SIGN, vector(I32, min, 0, 9))).containsExactly(-1, 0, 1);
  }

  @Test
  void largeIntegersAreExact() {
    Buffer x = longs(Long.MAX_VALUE, (1L << 53) + 1);
    Buffer one = longs(1);
    assertThat(eager(Binary.ADD, x, one).i64()).containsExactly(Long.MIN_VALUE, (1L << 53) + 2);
    assertThat(eager(Binary.MUL, x, one).i64()).containsExactly(x.i64());
    assertThat(eager(Binary.MAXIMUM, x, longs((1L << 53))).i64()).containsExactly(x.i64());
    assertThat(eager(Binary.MINIMUM, x, x).i64()).containsExactly(x.i64());
    assertThat(eager(Unary.NEG, x).i64()).containsExactly(-x.i64()[0], -x.i64()[1]);
    assertThat(eager(Compare.GT, x, longs(1L << 53)).bool()).containsExactly(true, true);
    assertThat(eager(new Op.Clamp(NEGATIVE_INFINITY, POSITIVE_INFINITY), x).i64())
        .containsExactly(x.i64());
  }

  @Test
  void integerQuotientsTruncateTowardZero() {
    assertThat(apply(Binary.DIV, vector(I64, 7, -7, 7), vector(I64, 2, 2, -2)))
        .containsExactly(3, -3, -3);
  }

  @Test
  void anIntegerDividedByZeroIsAnErrorThatSaysSo() {
    assertThatExceptionOfType(ArithmeticException.class)
        .isThrownBy(() -> apply(Binary.DIV, vector(I32, 1, 7), vector(I32, 1, 0)))
        .withMessage(
            "DIV: 7 / 0: integers have no infinity; convert with to(DType.F32) or mask the zeros");
  }

  @Test
  void comparisonsWithNaNAreFalseButNotEqual() {
    Buffer a = vector(F32, 1, 2, 2, NaN, -0.0);
    Buffer b = vector(F32, 2, 2, 1, NaN, 0.0);
    assertThat(apply(Compare.EQ, a, b)).containsExactly(0, 1, 0, 0, 1);
    assertThat(apply(Compare.NE, a, b)).containsExactly(1, 0, 1, 1, 0);
    assertThat(apply(Compare.LT, a, b)).containsExactly(1, 0, 0, 0, 0);
    assertThat(apply(Compare.LE, a, b)).containsExactly(1, 1, 0, 0, 1);
    assertThat(apply(Compare.GT, a, b)).containsExactly(0, 0, 1, 0, 0);
    assertThat(apply(Compare.GE, a, b)).containsExactly(0, 1, 1, 0, 1);
    assertThat(apply(Compare.LT, vector(BOOL, 0, 1, 1), vector(BOOL, 1, 1, 0)))
        .containsExactly(1, 0, 0);
  }

  @Test
  void logicFollowsItsTruthTables() {
    Buffer a = vector(BOOL, 0, 0, 1, 1);
    Buffer b = vector(BOOL, 0, 1, 0, 1);
    assertThat(apply(Logical.AND, a, b)).containsExactly(0, 0, 0, 1);
    assertThat(apply(Logical.OR, a, b)).containsExactly(0, 1, 1, 1);
    assertThat(apply(Logical.XOR, a, b)).containsExactly(0, 1, 1, 0);
    assertThat(apply(Logical.NOT, a)).containsExactly(1, 1, 0, 0);
  }

  @Test
  void theBranchNotTakenLeavesNoTrace() {
    Buffer c = vector(BOOL, 1, 0);
    assertThat(apply(new Op.Where(), c, vector(F32, 1, NaN), vector(F32, NaN, 2)))
        .containsExactly(1, 2);
    assertThat(eager(new Op.Where(), c, longs(Long.MAX_VALUE), longs(7)).i64())
        .containsExactly(Long.MAX_VALUE, 7);
    assertThat(apply(new Op.Where(), c, vector(BOOL, 1), vector(BOOL, 0))).containsExactly(1, 0);
  }

  @Test
  void clampKeepsNaNAndCutsIntegersExactly() {
    var clamp = new Op.Clamp(-1, 2.5);
    assertThat(apply(clamp, vector(F64, -3, 0.5, 3, NaN, NEGATIVE_INFINITY)))
        .containsExactly(-1, 0.5, 2.5, NaN, -1);
    assertThat(apply(clamp, vector(I32, -3, 0, 3))).containsExactly(-1, 0, 2);
  }

  @Test
  void castsFollowJava() {
    Buffer x = vector(F64, 2.9, -2.9, NaN, 1e300, NEGATIVE_INFINITY, -0.0);
    assertThat(eager(new Op.Cast(I32), x).i32())
        .containsExactly(2, -2, 0, Integer.MAX_VALUE, Integer.MIN_VALUE, 0);
    assertThat(eager(new Op.Cast(I64), x).i64())
        .containsExactly(2, -2, 0, Long.MAX_VALUE, Long.MIN_VALUE, 0);
    assertThat(apply(new Op.Cast(BOOL), x)).containsExactly(1, 1, 1, 1, 1, 0);
    assertThat(apply(new Op.Cast(F32), vector(F64, 0.1, 1e300)))
        .containsExactly(0.1f, POSITIVE_INFINITY);
    assertThat(apply(new Op.Cast(F64), vector(BOOL, 1, 0))).containsExactly(1, 0);
    assertThat(eager(new Op.Cast(I32), longs((1L << 32) + 5)).i32()).containsExactly(5);
    assertThat(apply(new Op.Cast(BOOL), longs(1L << 32))).containsExactly(1);
  }

  @Test
  void aLongBecomesAFloatInOneRounding() {
    long justAboveHalf = (1L << 60) + (1L << 36) + 1; // as a double: exactly half, so to even
    assertThat(eager(new Op.Cast(F32), longs(justAboveHalf)).f32())
        .containsExactly((float) justAboveHalf)
        .doesNotContain((float) (double) justAboveHalf);
  }

  @Test
  void operandsStretchToTheResult() {
    Buffer column = buffer(I32, Shape.of(2, 1), 10, 20);
    assertThat(apply(Binary.ADD, column, vector(I32, 1, 2, 3)))
        .containsExactly(11, 12, 13, 21, 22, 23);
    assertThat(apply(Binary.ADD, Buffer.allocate(F32, Shape.of(0, 1)), vector(F32, 1, 2)))
        .isEmpty();
    assertThat(apply(Binary.ADD, scalar(1), scalar(2))).containsExactly(3);
  }

  @Test
  void aFusedProgramRunsItsStepsInOrder() {
    // max(2 x, y) if x < y, else 1
    var program =
        new Expr(
            2,
            List.of(new Expr.Constant(2, F32), new Expr.Constant(1, F32)),
            List.of(
                new Expr.Step(Binary.MUL, F32, 2, 0, -1),
                new Expr.Step(Binary.MAXIMUM, F32, 4, 1, -1),
                new Expr.Step(Compare.LT, BOOL, 0, 1, -1),
                new Expr.Step(new Op.Where(), F32, 6, 5, 3)));
    Buffer out = Buffer.allocate(F32, Shape.of(2, 2));
    Buffer x = buffer(F32, Shape.of(2, 1), 3, 0.5);
    EAGER.backend().elementwise(program, new Buffer[] {x, vector(F32, 4, 0)}, out);
    assertThat(out.f32()).containsExactly(6, 1, 4, 1);
  }

  @Test
  void eachStepIsRoundedToItsDType() {
    var floats =
        new Expr(
            1,
            List.of(new Expr.Constant(1, F32)),
            List.of(
                new Expr.Step(Binary.ADD, F32, 0, 1, -1),
                new Expr.Step(Binary.SUB, F32, 2, 1, -1)));
    assertThat(run(floats, F32, vector(F32, 1e-8))).containsExactly(0);
    var ints =
        new Expr(
            1,
            List.of(),
            List.of(
                new Expr.Step(Binary.ADD, I32, 0, 0, -1),
                new Expr.Step(new Op.Cast(I64), I64, 1, -1, -1)));
    assertThat(run(ints, I64, vector(I32, Integer.MAX_VALUE))).containsExactly(-2);
    var constant =
        new Expr(
            1,
            List.of(new Expr.Constant(0.1, F32)),
            List.of(
                new Expr.Step(new Op.Cast(F64), F64, 1, -1, -1),
                new Expr.Step(Binary.MUL, F64, 0, 2, -1)));
    assertThat(run(constant, F64, vector(F64, 1))).containsExactly(0.1f);
  }

  @Test
  void aProgramWhoseDTypesDoNotFitIsRefused() {
    var wrongStep = new Expr(1, List.of(), List.of(new Expr.Step(Compare.EQ, F32, 0, 0, -1)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> run(wrongStep, F32, vector(F32, 1)))
        .withMessage("EQ: the result is BOOL, but the step says F32");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> run(Expr.of(Unary.NEG, F32, 1), F64, vector(F32, 1)))
        .withMessage("the program's result is F32, but the output is F64");
  }

  private static double[] run(Expr program, DType dtype, Buffer x) {
    Buffer out = Buffer.allocate(dtype, x.shape());
    EAGER.backend().elementwise(program, new Buffer[] {x}, out);
    return numbers(out);
  }

  private static Buffer scalar(double v) {
    return buffer(F64, Shape.SCALAR, v);
  }

  private static Buffer vector(DType dtype, double... v) {
    return buffer(dtype, Shape.of(v.length), v);
  }

  private static Buffer longs(long... v) {
    Buffer x = Buffer.allocate(I64, Shape.of(v.length));
    System.arraycopy(v, 0, x.i64(), 0, v.length);
    return x;
  }

  private static Buffer eager(Op op, Buffer... in) {
    return Eager.numbers(EAGER.apply(op, in));
  }

  private static double[] apply(Op op, Buffer... in) {
    return numbers(eager(op, in));
  }
}
