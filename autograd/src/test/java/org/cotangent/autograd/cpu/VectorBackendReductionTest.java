package org.cotangent.autograd.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.cotangent.autograd.backend.Backend;
import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.backend.Layout;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.api.Test;

class VectorBackendReductionTest {
  private static final Backend FAST = Width.backend();
  private static final Backend EXACT = new ReferenceBackend();
  private static final DType[] NUMBERS = {DType.I32, DType.I64, DType.F32, DType.F64};
  private static final DType[] FLOATS = {DType.F32, DType.F64};

  private static Shape reduced(Buffers some, Shape s) {
    int cut = some.below(4) == 0 ? some.below(s.rank() + 1) : 0;
    int[] d = new int[s.rank() - cut];
    for (int i = 0; i < d.length; i++) {
      d[i] = some.coin() ? 1 : s.dim(i + cut);
    }
    return Shape.of(d);
  }

  @Property(tries = 300)
  void sumsAgreeWithTheReference(@ForAll long seed) {
    Buffers some = new Buffers(seed, false);
    for (DType d : NUMBERS) {
      Shape shape = some.shape();
      Shape to = reduced(some, shape);
      Buffer x = some.view(d, shape);
      Buffer got = Buffer.allocate(d, to);
      Buffer want = Buffer.allocate(d, to);
      FAST.sum(x, got);
      if (d.isFloating()) {
        // 160 roundings on the longest way of a number into a sum, for vectors of two lanes.
        Agreement.near(
            20 * compensatedSum(x, want), "sum of %s to %s".formatted(shape, to), got, want);
      } else {
        EXACT.sum(x, want);
        Agreement.within(0, "sum of %s to %s".formatted(shape, to), got, want);
      }
    }
  }

  /// The sums, with the lost part of each addition carried along (Neumaier); returns the largest
  /// sum of sizes. The reference adds one by one, which is less exact than what is tested.
  private static double compensatedSum(Buffer x, Buffer out) {
    Layout group = Layout.of(out.shape()).expand(x.shape());
    int n = out.shape().size();
    double[] sum = new double[n];
    double[] lost = new double[n];
    double[] size = new double[n];
    for (int i = 0; i < x.shape().size(); i++) {
      double v = x.getDouble(x.layout().at(i));
      int g = group.at(i);
      double after = sum[g] + v;
      lost[g] += Math.abs(sum[g]) >= Math.abs(v) ? sum[g] - after + v : v - after + sum[g];
      sum[g] = after;
      size[g] += Math.abs(v);
    }
    double largest = 0;
    for (int g = 0; g < n; g++) {
      ReferenceBackend.put(out, g, sum[g] + lost[g]);
      largest = Math.max(largest, size[g]);
    }
    return largest;
  }

  @Property(tries = 300)
  void theLargestIsExact(@ForAll long seed) {
    Buffers some = new Buffers(seed, true);
    for (DType d : NUMBERS) {
      Shape shape = some.shape();
      Shape to = reduced(some, shape);
      if (shape.size() == 0 && to.size() > 0) {
        continue;
      }
      Buffer x = some.view(d, shape);
      Buffer got = Buffer.allocate(d, to);
      Buffer want = Buffer.allocate(d, to);
      FAST.max(x, got);
      EXACT.max(x, want);
      Agreement.within(0, "max of %s to %s".formatted(shape, to), got, want);
    }
  }

  @Property(tries = 300)
  void softmaxAndItsKinAgreeWithTheReference(@ForAll long seed) {
    Buffers some = new Buffers(seed, some(seed));
    for (DType d : FLOATS) {
      Shape shape = some.shape();
      Shape to = reduced(some, shape);
      Buffer x = some.view(d, shape);
      Buffer got = Buffer.allocate(d, to);
      Buffer want = Buffer.allocate(d, to);
      FAST.logSumExp(x, got);
      EXACT.logSumExp(x, want);
      Agreement.near(
          1 + 0.05 * shape.size(), "logSumExp of %s to %s".formatted(shape, to), got, want);
      if (shape.rank() == 0) {
        continue;
      }
      int axis = some.below(shape.rank());
      got = Buffer.allocate(d, shape);
      want = Buffer.allocate(d, shape);
      FAST.softmax(x, axis, got);
      EXACT.softmax(x, axis, want);
      Agreement.near(1, "softmax of %s along %d".formatted(shape, axis), got, want);
      if (shape.dim(axis) > 0) {
        got = Buffer.allocate(DType.I64, shape.with(axis, 1));
        want = Buffer.allocate(DType.I64, shape.with(axis, 1));
        FAST.argMax(x, axis, got);
        EXACT.argMax(x, axis, want);
        Agreement.within(0, "argMax of %s along %d".formatted(shape, axis), got, want);
      }
    }
  }

  /// Every other seed has special numbers.
  private static boolean some(long seed) {
    return (seed & 1) == 0;
  }

  @Property(tries = 200)
  void crossEntropyAgreesWithTheReference(@ForAll long seed) {
    for (DType d : FLOATS) {
      Buffers some = new Buffers(seed, false);
      Shape shape = some.shape();
      if (shape.rank() == 0 || shape.dim(-1) == 0) {
        continue;
      }
      Shape to = shape.with(-1, 1);
      Buffer x = some.view(d, shape);
      Buffer weights = some.view(d, shape);
      Buffer got = Buffer.allocate(d, to);
      Buffer want = Buffer.allocate(d, to);
      FAST.softmaxCrossEntropy(x, weights, got);
      EXACT.softmaxCrossEntropy(x, weights, want);
      Agreement.near(30.0 * shape.dim(-1), "cross-entropy, weights, " + shape, got, want);
      Buffer classes = some.indices(shape.without(-1), shape.dim(-1));
      FAST.softmaxCrossEntropy(x, classes, got);
      EXACT.softmaxCrossEntropy(x, classes, want);
      Agreement.near(1, "cross-entropy, classes, " + shape, got, want);
    }
  }

  @Test
  void tenMillionOnesSumToTenMillion() {
    int n = 10_000_000;
    Buffer ones = Buffer.allocate(DType.F32, Shape.of(n));
    Arrays.fill(ones.f32(), 1f);
    for (Shape shape : new Shape[] {Shape.of(n), Shape.of(n, 1), Shape.of(n / 10, 10)}) {
      Buffer x = ones.view(ones.layout().reshape(shape).orElseThrow());
      Buffer all = Buffer.allocate(DType.F32, Shape.SCALAR);
      FAST.sum(x, all);
      assertThat(all.f32()[0]).as("all of %s", shape).isCloseTo(n, within(n * 1e-6f));
      Buffer columns = Buffer.allocate(DType.F32, shape.with(0, 1));
      FAST.sum(x, columns);
      assertThat(columns.f32()[0])
          .as("columns of %s", shape)
          .isCloseTo(shape.dim(0), within(shape.dim(0) * 1e-6f));
    }
  }

  /// The bound that the kernels state for few columns of many rows: ROWS + 6 roundings, here 38,
  /// for any number of rows. Numbers of nearly one size lose most: adding them one by one is 40
  /// times less exact.
  @Test
  void sumsOfFewColumnsAreWithinTheirBound() {
    for (DType d : FLOATS) {
      double unit = d == DType.F32 ? Math.ulp(1f) / 2 : Math.ulp(1.0) / 2;
      for (int columns : new int[] {1, 2, 3, 10, 31, 63}) {
        for (int rows : new int[] {33_000, 200_003}) {
          Buffer x = Buffer.allocate(d, Shape.of(rows, columns));
          for (int i = 0; i < rows * columns; i++) {
            ReferenceBackend.put(x, i, 0.1 + 1e-3 * (i % 7));
          }
          Buffer got = Buffer.allocate(d, Shape.of(1, columns));
          Buffer want = Buffer.allocate(DType.F64, Shape.of(1, columns));
          compensatedSum(x, want);
          FAST.sum(x, got);
          for (int c = 0; c < columns; c++) {
            double exact = want.getDouble(c);
            assertThat(got.getDouble(c))
                .as("%d x %d, column %d, %s", rows, columns, c, d)
                .isCloseTo(exact, within(38 * unit * exact));
          }
        }
      }
    }
  }

  @Test
  void anInfiniteSumStaysInfinite() {
    Buffer x = Buffer.allocate(DType.F32, Shape.of(1000, 40));
    x.f32()[40 * 500 + 3] = Float.POSITIVE_INFINITY;
    x.f32()[39] = Float.NEGATIVE_INFINITY;
    Buffer columns = Buffer.allocate(DType.F32, Shape.of(40));
    FAST.sum(x, columns);
    assertThat(columns.f32()[3]).isEqualTo(Float.POSITIVE_INFINITY);
    assertThat(columns.f32()[39]).isEqualTo(Float.NEGATIVE_INFINITY);
    assertThat(columns.f32()[0]).isEqualTo(0f);
  }
}
