package org.cotangent.autograd.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Each way of [GemmF32] on a few sizes, those on both sides of its bounds among them, one by one:
/// [GemmTest] has more of them, at once.
class GemmWaysTest {
  private static final int L = LanesF32.L;

  private final long budget = ScalarBudget.left();

  @AfterEach
  void restoreTheBudget() {
    ScalarBudget.left(budget);
  }

  static List<int[]> sizes() {
    List<int[]> sizes = new ArrayList<>();
    for (int k = 1; k <= 4; k++) { // few terms
      sizes.add(new int[] {63 + k, L - 1 + k, k});
      sizes.add(new int[] {65, 4 * L - 1 + k, k}); // four vectors together, the last over others
    }
    sizes.add(new int[] {19, 16 * L, 3}); // with rows that fight for places in the cache
    for (int n = 1; n <= 4; n++) { // few columns and an odd number of tiles
      sizes.add(new int[] {3 * L - n, n, 12 + n});
    }
    for (int m = 1; m <= 4; m++) { // few rows, or columns of a transposed product
      sizes.add(new int[] {m, 4 * L - 2 + m, 4 + m});
      sizes.add(new int[] {L - 1 + m, m, 4 + m});
    }
    sizes.add(new int[] {4, 2 * L + 3, 271}); // two blocks of terms
    sizes.add(new int[] {2 * L + 3, 3, 271});
    for (int n : new int[] {5, 7, 8, 9, 12, 13}) { // few columns
      sizes.add(new int[] {L, n, 5});
      sizes.add(new int[] {3 * L + n, n, 6});
    }
    sizes.add(new int[] {4 * L, 6, 271});
    for (int m : new int[] {5, 8, 9, 12, 13, 16, 25}) { // tiles of each height
      sizes.add(new int[] {m, L, 5});
      sizes.add(new int[] {m, 2 * L, 6});
      sizes.add(new int[] {m, 3 * L + 1, 7});
      sizes.add(new int[] {m, 3 * L - 1, 7});
    }
    sizes.add(new int[] {14, 2 * L + 3, 301}); // two blocks of terms
    sizes.add(new int[] {26, L - 3, 301}); // of few columns, too many for a way of their own
    sizes.add(new int[] {26, 2 * L - 1, 301});
    sizes.add(new int[] {73, 2 * L + 5, 9}); // B packed
    sizes.add(new int[] {76, L + 5, 261}); // in two blocks of terms
    sizes.add(new int[] {14, 325, 5}); // A packed
    sizes.add(new int[] {15, 641, 6}); // A transposed and packed
    sizes.add(new int[] {41, 641, 6}); // in several panels
    sizes.add(new int[] {490, L + 5, 6}); // two blocks of rows
    sizes.add(new int[] {481, 330, 5}); // of strips that are kept
    sizes.add(new int[] {5, GemmF32.NC + L + 1, 5}); // two blocks of columns
    sizes.add(new int[] {0, 3, 2});
    sizes.add(new int[] {3, 0, 2});
    sizes.add(new int[] {3, 5, 0});
    return sizes;
  }

  @ParameterizedTest
  @MethodSource("sizes")
  void aWayGivesTheChainOfTerms(int[] size) {
    ScalarBudget.left(0);
    check(size[0], size[1], size[2]);
  }

  /// More terms than [GemmF32#KC] are several blocks, the last one shorter.
  @ParameterizedTest
  @CsvSource({"1,1,1", "5,7,3", "7,5,3", "9,4,301", "2,3,514"})
  void soDoesTheWayNumberByNumber(int m, int n, int k) {
    ScalarBudget.left(Long.MAX_VALUE);
    check(m, n, k);
  }

  static List<int[]> smallSizes() {
    return sizes().stream().filter(s -> s[0] * s[1] * s[2] < 40_000).toList();
  }

  /// A bias from the middle of its array, with ReLU or without.
  @ParameterizedTest
  @MethodSource("smallSizes")
  void aWayAddsABias(int[] size) {
    ScalarBudget.left(0);
    int m = size[0];
    int n = size[1];
    int k = size[2];
    Random random = new Random(m + n);
    float[] a = numbers(random, m * k);
    float[] b = numbers(random, k * n);
    float[] bias = numbers(random, n + 5);
    for (int way = 0; way < 4; way++) {
      boolean ta = (way & 1) != 0;
      boolean tb = (way & 2) != 0;
      for (float least : new float[] {0f, Float.NEGATIVE_INFINITY}) {
        float[] want = new float[m * n];
        float[] got = new float[m * n];
        int lda = ta ? m : k;
        int ldb = tb ? k : n;
        GemmF32 gemm = new GemmF32();
        gemm.multiply(ta, tb, m, n, k, a, 0, lda, b, 0, ldb, want, 0, n, false);
        for (int i = 0; i < m * n; i++) {
          want[i] = Math.max(want[i] + bias[2 + i % n], least);
        }
        gemm.then(bias, 2, least);
        gemm.multiply(ta, tb, m, n, k, a, 0, lda, b, 0, ldb, got, 0, n, false);
        assertThat(got).isEqualTo(want);
      }
    }
  }

  /// Who is told of finished rows finds them finished, and hears of each once.
  @ParameterizedTest
  @MethodSource("smallSizes")
  void aWayTellsOfFinishedRows(int[] size) {
    ScalarBudget.left(0);
    int m = size[0];
    int n = size[1];
    int k = size[2];
    Random random = new Random(m + n);
    float[] a = numbers(random, m * k);
    float[] b = numbers(random, k * n);
    float[] c = new float[m * n];
    float[] told = new float[m * n];
    int[] times = new int[m];
    GemmF32 gemm = new GemmF32();
    gemm.tell(
        (first, count) -> {
          for (int i = first - 7; i < first - 7 + count; i++) {
            System.arraycopy(c, i * n, told, i * n, n);
            times[i]++;
          }
        },
        7);
    gemm.multiply(false, false, m, n, k, a, 0, k, b, 0, n, c, 0, n, false);
    assertThat(told).isEqualTo(c);
    if (n > 0) {
      assertThat(Arrays.stream(times)).allMatch(t -> t == 1);
    }
    Arrays.fill(times, 0);
    gemm.multiply(false, false, m, n, k, a, 0, k, b, 0, n, c, 0, n, false); // tells nobody
    assertThat(Arrays.stream(times)).allMatch(t -> t == 0);
  }

  private static float[] numbers(Random random, int n) {
    float[] x = new float[n];
    for (int i = 0; i < n; i++) {
      x[i] = random.nextFloat() - 0.5f;
    }
    return x;
  }

  private static void check(int m, int n, int k) {
    for (int way = 0; way < 4; way++) {
      GemmTest.check((way & 1) != 0, (way & 2) != 0, m, n, k, 0, true);
      GemmTest.check((way & 1) != 0, (way & 2) != 0, m, n, k, 3, false);
      GemmTest.check((way & 1) != 0, (way & 2) != 0, m, n, k, 0, false);
    }
  }
}
