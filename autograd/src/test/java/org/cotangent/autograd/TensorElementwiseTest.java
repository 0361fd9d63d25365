package org.cotangent.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.shape.DType;
import org.junit.jupiter.api.Test;

/// The elementwise methods of tensors do what their names say.
class TensorElementwiseTest {
  private static final Tensor X = Tensor.of(0.3, 0.9, 0.5);
  private static final Tensor Y = Tensor.of(0.7, -0.2, 0.5);

  /// Every operation has a method of its name, a rare one in [Special], and the method applies that
  /// operation.
  @Test
  void everyElementwiseOperationIsReachedUnderItsName() throws ReflectiveOperationException {
    List<Op> ops = new ArrayList<>(List.of(Op.Unary.values()));
    for (Op.Unary rare : List.of(Op.Unary.ERF, Op.Unary.ERFC)) {
      ops.remove(rare);
      Method method =
          Special.class.getMethod(Node.name(rare).toLowerCase(Locale.ROOT), Tensor.class);
      Tensor actual = (Tensor) method.invoke(null, X);
      Numbers.assertSame(Node.name(rare), actual, Recording.apply(rare, X));
    }
    ops.addAll(List.of(Op.Binary.values()));
    ops.addAll(List.of(Op.Compare.values()));
    ops.addAll(List.of(Op.Logical.values()));
    for (Op op : ops) {
      boolean logical = op instanceof Op.Logical;
      Tensor x = logical ? X.lt(0.6) : X;
      Tensor y = logical ? Y.lt(0.6) : Y;
      boolean unary = op instanceof Op.Unary || op == Op.Logical.NOT;
      Class<?>[] types = unary ? new Class<?>[0] : new Class<?>[] {Tensor.class};
      Method method = Tensor.class.getMethod(Node.name(op).toLowerCase(Locale.ROOT), types);
      Tensor actual = (Tensor) (unary ? method.invoke(x) : method.invoke(x, y));
      Tensor expected = unary ? Recording.apply(op, x) : Recording.apply(op, x, y);
      Numbers.assertSame(Node.name(op), actual, expected);
    }
  }

  @Test
  void operationsWithANumberAreThoseWithAScalarTensor() {
    double c = 0.5;
    Tensor s = Tensor.scalar(c, DType.F64);
    Numbers.assertSame("add", X.add(c), X.add(s));
    Numbers.assertSame("sub", X.sub(c), X.sub(s));
    Numbers.assertSame("rsub", X.rsub(c), s.sub(X));
    Numbers.assertSame("mul", X.mul(c), X.mul(s));
    Numbers.assertSame("div", X.div(c), X.div(s));
    Numbers.assertSame("rdiv", X.rdiv(c), s.div(X));
    Numbers.assertSame("pow", X.pow(c), X.pow(s));
    Numbers.assertSame("maximum", X.maximum(c), X.maximum(s));
    Numbers.assertSame("minimum", X.minimum(c), X.minimum(s));
    Numbers.assertSame("eq", X.eq(c), X.eq(s));
    Numbers.assertSame("ne", X.ne(c), X.ne(s));
    Numbers.assertSame("lt", X.lt(c), X.lt(s));
    Numbers.assertSame("le", X.le(c), X.le(s));
    Numbers.assertSame("gt", X.gt(c), X.gt(s));
    Numbers.assertSame("ge", X.ge(c), X.ge(s));
  }

  /// The functions themselves, against Java's own: a name could be bound to the wrong function in
  /// every backend alike.
  @Test
  void functionsHaveTheValuesOfJavaMath() {
    double v = 0.3;
    Tensor x = Tensor.of(v);
    double[] actual =
        List.of(
                x.exp(),
                x.expm1(),
                x.log(),
                x.log1p(),
                x.sin(),
                x.cos(),
                x.tan(),
                x.asin(),
                x.acos(),
                x.atan(),
                x.sinh(),
                x.cosh(),
                x.tanh(),
                x.sqrt(),
                x.rsqrt(),
                x.sigmoid(),
                x.softplus(),
                x.reciprocal(),
                x.square(),
                x.neg())
            .stream()
            .mapToDouble(Tensor::item)
            .toArray();
    double[] expected = {
      Math.exp(v),
      Math.expm1(v),
      Math.log(v),
      Math.log1p(v),
      Math.sin(v),
      Math.cos(v),
      Math.tan(v),
      Math.asin(v),
      Math.acos(v),
      Math.atan(v),
      Math.sinh(v),
      Math.cosh(v),
      Math.tanh(v),
      Math.sqrt(v),
      1 / Math.sqrt(v),
      1 / (1 + Math.exp(-v)),
      Math.log1p(Math.exp(v)),
      1 / v,
      v * v,
      -v
    };
    for (int i = 0; i < expected.length; i++) {
      // Java's functions are within 1 or 2 units in the last place, ours within 3.
      assertThat(Math.abs(actual[i] - expected[i]))
          .as("function %d", i)
          .isLessThanOrEqualTo(4 * Math.ulp(expected[i]));
    }
  }

  @Test
  void roundingGoesToEvenAndKeepsSigns() {
    Tensor x = Tensor.of(0.5, 1.5, 2.5, -0.5, -1.5, 2.4, -2.6);
    assertThat(x.round().toDoubleArray()).containsExactly(0, 2, 2, -0.0, -2, 2, -3);
    assertThat(x.floor().toDoubleArray()).containsExactly(0, 1, 2, -1, -2, 2, -3);
    assertThat(x.ceil().toDoubleArray()).containsExactly(1, 2, 3, -0.0, -1, 3, -2);
    assertThat(x.sign().toDoubleArray()).containsExactly(1, 1, 1, -1, -1, 1, -1);
  }

  @Test
  void nanAndInfinityAreFound() {
    Tensor x = Tensor.of(1, Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY);
    assertThat(x.isNaN().toBooleanArray()).containsExactly(false, true, false, false);
    assertThat(x.isFinite().toBooleanArray()).containsExactly(true, false, false, false);
  }

  @Test
  void clampKeepsBoundsInOrder() {
    assertThat(Tensor.of(-2.0, 0.5, 9).clamp(-1, 1).toDoubleArray()).containsExactly(-1, 0.5, 1);
    assertThatThrownBy(() -> X.clamp(1, -1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("CLAMP: the bounds 1.0 and -1.0 must be in order");
    assertThatThrownBy(() -> X.clamp(Double.NaN, 1)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void integersDivideAsFloats() {
    assertThat(Tensor.of(7, -7).div(2).toFloatArray()).containsExactly(3.5f, -3.5f);
    assertThat(Tensor.of(1, 0).div(Tensor.of(0, 0)).toFloatArray())
        .containsExactly(Float.POSITIVE_INFINITY, Float.NaN);
  }

  @Test
  void conversionsCutFractionsAndStopAtTheEnds() {
    Tensor x = Tensor.of(1.9, -1.9, 3e9, Double.NaN);
    assertThat(x.to(DType.I32).toIntArray()).containsExactly(1, -1, Integer.MAX_VALUE, 0);
    assertThat(x.to(DType.BOOL).toBooleanArray()).containsExactly(true, true, true, true);
    assertThat(x.to(DType.F64)).isSameAs(x);
    assertThat(Arrays.equals(Tensor.of(0.1).to(DType.F32).toFloatArray(), new float[] {0.1f}))
        .isTrue();
  }
}
