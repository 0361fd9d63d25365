package org.cotangent.autograd.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.backend.Layout;
import org.cotangent.autograd.shape.Axes;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Operands of elementwise programs in each kind of layout: what they say of themselves, and every
/// range of their elements.
class OperandTest {
  private static final Shape SHAPE = Shape.of(2, 3, 4);

  private static Operand operand(DType d, Layout layout) {
    return new Operand(Buffer.allocate(d, Shape.of(100)).view(layout), SHAPE);
  }

  /// Row-major from element 1 of an array on.
  private static Layout of(int... dims) {
    Shape s = Shape.of(dims);
    return Layout.of(Shape.of(100)).slice(0, 1, s.size(), 1).reshape(s).orElseThrow();
  }

  private static void says(
      Layout layout, boolean flat, boolean number, int period, int inner, int placeOfThird) {
    Operand x = operand(DType.F64, layout);
    assertThat(x.isFlat()).as("flat").isEqualTo(flat);
    assertThat(x.isNumber()).as("one number").isEqualTo(number);
    assertThat(x.period()).as("period").isEqualTo(period);
    assertThat(x.inner()).as("inner").isEqualTo(inner);
    assertThat(x.start()).as("start").isEqualTo(layout.offset());
    assertThat(x.placeOf(2, 2)).as("place of elements 2 and 3").isEqualTo(placeOfThird);
  }

  @Test
  void anOperandSaysHowItLies() {
    says(of(2, 3, 4), true, false, 0, 24, 3);
    says(of(2, 1, 4), false, false, 0, 4, 3);
    says(of(1, 3, 4), false, false, 12, 12, 3);
    says(of(3, 4), false, false, 12, 12, 3);
    says(of(4), false, false, 4, 4, 3);
    says(of(1), false, true, 0, 24, -1);
    says(of(3, 1), false, false, 0, 4, -1);
    says(of(2, 1, 1), false, false, 0, 12, -1);
    says(of(2, 3, 6).slice(2, 1, 4, 1), false, false, 0, 4, 4);
    says(of(2, 3, 8).slice(2, 0, 4, 2), false, false, 0, 24, -1);
    Layout turned = of(4, 3, 2).permute(Axes.permutation(Shape.of(4, 3, 2), 2, 1, 0));
    says(turned, false, false, 0, 4, -1);
  }

  @Test
  void oneElementLiesLikeTheResult() {
    Operand x = new Operand(Buffer.full(DType.F32, Shape.of(1, 1), 3), Shape.of(1, 1, 1));
    assertThat(x.isFlat()).isTrue();
    assertThat(x.isNumber()).isFalse();
    assertThat(x.inner()).isEqualTo(1);
    assertThat(x.placeOf(0, 1)).isZero();
  }

  /// Kernels have no form for `int`.
  @Test
  void integersOf32BitsAreNeverUsedInPlace() {
    Operand x = operand(DType.I32, of(2, 3, 4));
    assertThat(x.isFlat()).isFalse();
    assertThat(x.placeOf(0, 1)).isEqualTo(-1);
    assertThat(operand(DType.I64, of(2, 3, 4)).isFlat()).isTrue();
    assertThat(operand(DType.BOOL, of(2, 3, 4)).placeOf(3, 5)).isEqualTo(4);
  }

  @Test
  void aRangeIsUsedInPlaceWithinOneRunOnly() {
    Operand x = operand(DType.F64, of(2, 3, 6).slice(2, 1, 4, 1));
    assertThat(x.placeOf(0, 4)).isEqualTo(2);
    assertThat(x.placeOf(1, 3)).isEqualTo(3);
    assertThat(x.placeOf(1, 4)).isEqualTo(-1);
    assertThat(x.placeOf(4, 4)).isEqualTo(8);
    assertThat(x.placeOf(21, 3)).isEqualTo(33);
  }

  @Test
  void aNumberKeepsItsValue() {
    Buffer f = Buffer.allocate(DType.F32, Shape.of(3));
    f.f32()[2] = 1.5f;
    Buffer d = Buffer.allocate(DType.F64, Shape.of(3));
    d.f64()[2] = 2.5;
    Layout last = f.layout().slice(0, 2, 1, 1);
    assertThat(new Operand(f.view(last), SHAPE).number()).isEqualTo(1.5);
    assertThat(new Operand(d.view(last), SHAPE).number()).isEqualTo(2.5);
  }

  private static Object tile(DType d, int n) {
    return switch (d) {
      case BOOL -> new boolean[n];
      case I32, I64 -> new long[n];
      case F32 -> new float[n];
      case F64 -> new double[n];
    };
  }

  private static double get(Object tile, int i) {
    return switch (tile) {
      case boolean[] z -> z[i] ? 1 : 0;
      case long[] w -> w[i];
      case float[] f -> f[i];
      case double[] d -> d[i];
      default -> throw new AssertionError(tile);
    };
  }

  @ParameterizedTest
  @EnumSource
  void everyRangeIsReadInRowMajorOrder(DType d) {
    for (int seed = 0; seed < 60; seed++) {
      Buffers some = new Buffers(seed, false);
      int[] dims = new int[some.below(4)];
      Arrays.setAll(dims, _ -> 1 + some.below(4));
      Shape shape = Shape.of(dims);
      Buffer x = some.view(d, some.stretching(shape));
      Layout at = x.layout().expand(shape);
      Operand operand = new Operand(x, shape);
      int[] index = operand.index();
      int size = shape.size();
      for (int o = 0; o < size; o++) {
        for (int n = 1; n <= size - o; n++) {
          Object tile = tile(d, n);
          operand.read(o, n, tile, index);
          int place = operand.placeOf(o, n);
          for (int i = 0; i < n; i++) {
            double want = x.getDouble(at.at(o + i));
            if (get(tile, i) != want || (place >= 0 && place + i != at.at(o + i))) {
              assertThat(get(tile, i)).as("%d from %d of %s", n, o, shape).isEqualTo(want);
              assertThat(place + i).as("%d from %d of %s", n, o, shape).isEqualTo(at.at(o + i));
            }
          }
        }
      }
    }
  }
}
