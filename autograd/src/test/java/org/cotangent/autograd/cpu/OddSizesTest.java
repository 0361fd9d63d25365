package org.cotangent.autograd.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.cotangent.autograd.backend.Backend;
import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.backend.Expr;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.op.Shapes;
import org.cotangent.autograd.shape.Axes;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Every kernel on every size around the length of a vector, each special number in every place of
/// it, against the specification.
class OddSizesTest {
  private static final Backend FAST = Width.backend();
  private static final Backend EXACT = new ReferenceBackend();
  private static final int LARGEST = 2 * Width.EDGE + 1;

  private static final double[] SPECIAL = {
    Double.NaN, 1.5, Double.POSITIVE_INFINITY, -0.0, -2.25, 0.0, Double.NEGATIVE_INFINITY, 0.625
  };

  /// Special numbers in turn, the i-th first, one element into an array.
  private static Buffer special(DType d, int n, int first, int step) {
    Buffer x = Buffer.allocate(d, Shape.of(n + 2));
    for (int i = 0; i < n + 2; i++) {
      double v = SPECIAL[Math.floorMod(first + i * step, SPECIAL.length)];
      switch (d) {
        case BOOL -> x.bool()[i] = v > 0;
        case I32 -> x.i32()[i] = i * step - first;
        case I64 -> x.i64()[i] = (long) i * step - first;
        case F32 -> x.f32()[i] = (float) v;
        case F64 -> x.f64()[i] = v;
      }
    }
    return x.view(x.layout().slice(0, 1, n, 1));
  }

  @ParameterizedTest
  @MethodSource("org.cotangent.autograd.cpu.VectorBackendElementwiseTest#operations")
  void anOperationKeepsSpecialNumbersInEveryPlace(Op.Elementwise op) {
    int operands = operands(op);
    for (DType d : new DType[] {DType.F32, DType.F64}) {
      for (int n = 1; n <= LARGEST; n++) {
        for (int first = 0; first < SPECIAL.length; first++) {
          Buffer[] in = new Buffer[operands];
          for (int k = 0; k < operands; k++) {
            boolean isTruth = op instanceof Op.Logical || (op instanceof Op.Where && k == 0);
            // Steps 1 and 3 on different beginnings meet in every pair of numbers.
            in[k] = special(isTruth ? DType.BOOL : d, n, k == 0 ? first : n, k == 1 ? 3 : 1);
          }
          DType dtype = Shapes.dtype(op, in);
          Buffer got = Buffer.allocate(dtype, Shape.of(n));
          Buffer want = Buffer.allocate(dtype, Shape.of(n));
          FAST.elementwise(Expr.of(op, dtype, operands), in, got);
          EXACT.elementwise(Expr.of(op, dtype, operands), in, want);
          double ulps = VectorBackendElementwiseTest.ulps(op);
          Agreement.within(ulps, op + " of " + n, got, want);
        }
      }
    }
  }

  private static int operands(Op.Elementwise op) {
    return switch (op) {
      case Op.Unary _, Op.Clamp _, Op.Cast _ -> 1;
      case Op.Binary _, Op.Compare _ -> 2;
      case Op.Logical f -> f == Op.Logical.NOT ? 1 : 2;
      case Op.Where() -> 3;
    };
  }

  /// Normal numbers, and one special one if `at` is a place.
  private static Buffer normal(DType d, Shape s, int at, double special) {
    Buffer x = new Buffers(s.size() + 31L * at, false).fill(Buffer.allocate(d, s));
    if (at >= 0 && at < s.size()) {
      ReferenceBackend.put(x, at, special);
    }
    return x;
  }

  @ParameterizedTest
  @EnumSource(names = {"F32", "F64"})
  void reductionsOfRowsAndColumnsSeeSpecialNumbersInEveryPlace(DType d) {
    for (int n = 1; n <= LARGEST; n++) {
      for (int at = -1; at < 3 * n; at++) {
        double special = SPECIAL[Math.floorMod(at + n, SPECIAL.length)];
        reductions(normal(d, Shape.of(3, n), at, special), n);
        reductions(normal(d, Shape.of(n, 3), at, special), n);
      }
    }
  }

  private static void reductions(Buffer x, int n) {
    for (int axis = 0; axis < 2; axis++) {
      String what = "of %s along %d, %s".formatted(x.shape(), axis, x.dtype());
      Shape to = x.shape().with(axis, 1);
      Buffer got = Buffer.allocate(x.dtype(), to);
      Buffer want = Buffer.allocate(x.dtype(), to);
      FAST.sum(x, got);
      EXACT.sum(x, want);
      Agreement.near(3 * n, "sum " + what, got, want); // n terms of a size of 3
      FAST.max(x, got);
      EXACT.max(x, want);
      Agreement.within(0, "max " + what, got, want);
      FAST.logSumExp(x, got);
      EXACT.logSumExp(x, want);
      Agreement.near(1, "logSumExp " + what, got, want);
      Buffer place = Buffer.allocate(DType.I64, to);
      Buffer wanted = Buffer.allocate(DType.I64, to);
      FAST.argMax(x, axis, place);
      EXACT.argMax(x, axis, wanted);
      assertThat(place.i64()).as("argMax " + what).isEqualTo(wanted.i64());
      Buffer shares = Buffer.allocate(x.dtype(), x.shape());
      Buffer right = Buffer.allocate(x.dtype(), x.shape());
      FAST.softmax(x, axis, shares);
      EXACT.softmax(x, axis, right);
      Agreement.near(1, "softmax " + what, shares, right);
    }
    Buffer classes = Buffer.allocate(DType.I64, Shape.of(x.shape().dim(0)));
    Arrays.setAll(classes.i64(), row -> row % x.shape().dim(1));
    Buffer got = Buffer.allocate(x.dtype(), x.shape().with(1, 1));
    Buffer want = Buffer.allocate(x.dtype(), x.shape().with(1, 1));
    FAST.softmaxCrossEntropy(x, classes, got);
    EXACT.softmaxCrossEntropy(x, classes, want);
    Agreement.near(10, "cross-entropy of " + x.shape(), got, want);
  }

  @ParameterizedTest
  @EnumSource(names = {"F32", "F64"})
  void productsOfOddSizesSeeSpecialNumbers(DType d) {
    for (int n = 1; n <= LARGEST; n++) {
      for (int m : new int[] {1, 2, 5, 13}) {
        for (int k : new int[] {0, 1, 3, Width.EDGE + 1}) {
          for (int flags = 0; flags < 4; flags++) {
            product(d, m, n, k, (flags & 1) > 0, (flags & 2) > 0);
          }
        }
      }
    }
  }

  private static void product(DType d, int m, int n, int k, boolean transA, boolean transB) {
    double special = SPECIAL[(m + n + k) % SPECIAL.length];
    int place = (7 * n + k) % Math.max(1, m * k);
    Buffer a = normal(d, transA ? Shape.of(k, m) : Shape.of(m, k), place, special);
    Buffer b = normal(d, transB ? Shape.of(n, k) : Shape.of(k, n), n - 1, -0.0);
    Buffer got = Buffer.allocate(d, Shape.of(m, n));
    Buffer want = Buffer.allocate(d, Shape.of(m, n));
    got.poison(); // every element must be written
    FAST.matmul(a, transA, b, transB, got);
    EXACT.matmul(a, transA, b, transB, want);
    String what = "%d x %d x %d, %s, %b, %b".formatted(m, k, n, d, transA, transB);
    Agreement.near(10 * k, what, got, want); // k terms of a size of 3 x 3
  }

  @Test
  void transposedCopiesOfOddSizesAreExact() {
    for (DType d : DType.values()) {
      for (int n = 1; n <= LARGEST; n++) {
        Buffer x = new Buffers(n, true).fill(Buffer.allocate(d, Shape.of(n, LARGEST - n + 1)));
        Buffer turned = x.view(x.layout().permute(Axes.permutation(x.shape(), 1, 0)));
        Buffer got = Buffer.allocate(d, turned.shape());
        Buffer want = Buffer.allocate(d, turned.shape());
        FAST.copy(turned, got);
        EXACT.copy(turned, want);
        Agreement.within(0, "transpose of " + x.shape(), got, want);
      }
    }
  }
}
