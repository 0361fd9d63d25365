package org.cotangent.autograd.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.backend.Layout;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Softmax and its kin over rows of every length around the lengths of vectors.
class RowsTest {
  private static final VectorBackend FAST = new VectorBackend(1);
  private static final ReferenceBackend EXACT = new ReferenceBackend();
  private static final float[] SPECIAL = {
    0f,
    -0f,
    100f,
    -100f,
    -1000f,
    3e38f,
    -3e38f,
    Float.NaN,
    Float.POSITIVE_INFINITY,
    Float.NEGATIVE_INFINITY
  };

  private static Buffer random(DType d, int rows, int n, boolean special) {
    Random random = new Random(n);
    Buffer x = Buffer.allocate(d, Shape.of(rows, n));
    for (int i = 0; i < rows * n; i++) {
      boolean odd = special && random.nextInt(20) == 0;
      double v = odd ? SPECIAL[random.nextInt(SPECIAL.length)] : random.nextGaussian() * 5;
      ReferenceBackend.put(x, i, d == DType.F32 ? (float) v : v);
    }
    if (special) { // rows of nothing else
      for (int j = 0; j < n; j++) {
        ReferenceBackend.put(x, j, Double.NEGATIVE_INFINITY);
        ReferenceBackend.put(x, 2 * n + j, Double.POSITIVE_INFINITY);
        ReferenceBackend.put(x, 4 * n + j, -Double.NaN);
      }
    }
    return x;
  }

  @ParameterizedTest
  @ValueSource(
      ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 15, 16, 17, 18, 23, 31, 32, 33, 40, 65})
  void specialNumbersStayInTheirRows(int n) {
    for (DType d : new DType[] {DType.F32, DType.F64}) {
      for (int rows : new int[] {7, 200}) {
        Buffer x = random(d, rows, n, true);
        Buffer got = Buffer.allocate(d, x.shape());
        Buffer want = Buffer.allocate(d, x.shape());
        FAST.softmax(x, 1, got);
        EXACT.softmax(x, 1, want);
        Agreement.near(1, "softmax of %d x %d".formatted(rows, n), got, want);
        got = Buffer.allocate(d, Shape.of(rows, 1));
        want = Buffer.allocate(d, Shape.of(rows, 1));
        FAST.logSumExp(x, got);
        EXACT.logSumExp(x, want);
        Agreement.near(1, "logSumExp of %d x %d".formatted(rows, n), got, want);
        Buffer classes = Buffer.full(DType.I64, Shape.of(rows), n - 1);
        FAST.softmaxCrossEntropy(x, classes, got);
        EXACT.softmaxCrossEntropy(x, classes, want);
        Agreement.near(1, "cross-entropy of %d x %d".formatted(rows, n), got, want);
      }
    }
  }

  /// Short rows share vectors, a few are computed without: it makes no difference to the bits.
  @ParameterizedTest
  @ValueSource(
      ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 15, 16, 17, 18, 23, 31, 32, 33, 40, 65})
  void aRowGivesTheSameBitsAloneAndAmongOthers(int n) {
    for (DType d : new DType[] {DType.F32, DType.F64}) {
      int rows = 200;
      Buffer x = random(d, rows, n, false);
      Buffer together = Buffer.allocate(d, x.shape());
      FAST.softmax(x, 1, together);
      Buffer sums = Buffer.allocate(d, Shape.of(rows, 1));
      FAST.logSumExp(x, sums);
      double[] whole = numbers(together);
      for (int r = 0; r < rows; r += 7) {
        Buffer row = x.view(x.layout().slice(0, r, 1, 1));
        Buffer alone = Buffer.allocate(d, Shape.of(1, n));
        FAST.softmax(row, 1, alone);
        assertThat(numbers(alone))
            .as("softmax, row %d of %d x %d", r, rows, n)
            .isEqualTo(Arrays.copyOfRange(whole, r * n, (r + 1) * n));
        Buffer sum = Buffer.allocate(d, Shape.of(1, 1));
        FAST.logSumExp(row, sum);
        assertThat(numbers(sum)[0])
            .as("logSumExp, row %d of %d x %d", r, rows, n)
            .isEqualTo(numbers(sums)[r]);
      }
    }
  }

  private static double[] numbers(Buffer x) {
    double[] v = new double[x.shape().size()];
    for (int i = 0; i < v.length; i++) {
      v[i] = x.getDouble(x.layout().at(i));
    }
    return v;
  }

  /// By the tables of short rows, the first element of each comes to the sum of all, or to the
  /// largest, and then each to that of its row; what is left of the vector stays.
  @Test
  void foldsTakeInEachElementOfARowOnce() {
    int lanes = LanesF32.L;
    for (int n = 1; n <= lanes; n++) {
      var folds = new RowFoldsF32.Folds(n);
      float[] sums = new float[lanes];
      float[] largest = new float[lanes];
      for (int i = 0; i < lanes; i++) {
        sums[i] = i * i % 29 + 1;
        largest[i] = sums[i];
      }
      float[] x = sums.clone();
      for (int k = 0; k < 4; k++) {
        float[] s = sums.clone();
        float[] m = largest.clone();
        for (int i = 0; i < lanes; i++) {
          int other = folds.lanes[k * lanes + i];
          sums[i] += folds.counts[k * lanes + i] * s[other];
          largest[i] = Math.max(m[i], m[other]);
        }
      }
      int used = lanes / n * n;
      for (int i = 0; i < lanes; i++) {
        float sum = 0;
        float max = 0;
        for (int j = i / n * n; j < i / n * n + n && i < used; j++) {
          sum += x[j];
          max = Math.max(max, x[j]);
        }
        int first = folds.lanes[4 * lanes + i];
        assertThat(sums[first])
            .as("sum, lane %d of rows of %d", i, n)
            .isEqualTo(i < used ? sum : x[i]);
        assertThat(largest[first])
            .as("lane %d of rows of %d", i, n)
            .isEqualTo(i < used ? max : x[i]);
        assertThat(folds.rows[i]).isEqualTo(i / n);
      }
    }
  }

  @Test
  void theFirstOfTheLargestIsFoundAlongAnyAxis() {
    float nan = Float.NaN;
    float[] x = {1, 3, 3, 2, nan, 5, nan, 7, -1, -2, -1, -3};
    Buffer rows = new Buffer(x, DType.F32, Layout.of(Shape.of(3, 4)));
    assertThat(argMax(rows, 1)).containsExactly(1, 0, 0);
    assertThat(argMax(rows, 0)).containsExactly(1, 1, 1, 1);
    Buffer back = rows.view(rows.layout().slice(1, 3, 4, -1));
    assertThat(argMax(back, 1)).containsExactly(1, 1, 1);
    Buffer planes = rows.view(rows.layout().reshape(Shape.of(3, 2, 2)).orElseThrow());
    assertThat(argMax(planes, 1)).containsExactly(1, 0, 0, 1, 0, 0);
  }

  private static long[] argMax(Buffer x, int axis) {
    Buffer y = Buffer.allocate(DType.I64, x.shape().with(axis, 1));
    Arrays.fill(y.i64(), 9);
    FAST.argMax(x, axis, y);
    return y.i64();
  }
}
