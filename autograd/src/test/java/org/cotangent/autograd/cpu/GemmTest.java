package org.cotangent.autograd.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The product is compared bit for bit with a triple loop: each element is a chain of fused
/// multiplications and additions in blocks of KC, whatever way and tile computes it. Numbers around
/// the operands are NaN, so that one that is read and used shows.
class GemmTest {
  private static final int L = LanesF32.L;

  private final long budget = ScalarBudget.left();

  @AfterEach
  void restoreTheBudget() {
    ScalarBudget.left(budget);
  }

  private static int[] edges(int unit) {
    return new int[] {1, unit - 1, unit, unit + 1, 2 * unit + 1};
  }

  @Tag("cold")
  @ParameterizedTest
  @CsvSource({"false,false", "false,true", "true,false", "true,true"})
  void everyElementIsTheChainOfItsTerms(boolean transA, boolean transB) {
    List<int[]> sizes = new ArrayList<>();
    for (int m : new int[] {1, 3, 4, 5, 8, 9, 11, 12, 13, 25}) {
      for (int n : edges(L)) {
        for (int k : new int[] {1, 2, L, 2 * L + 3, 65}) {
          sizes.add(new int[] {m, n, k});
          sizes.add(new int[] {m + 24, n + 2 * L, k});
        }
      }
    }
    for (int few : new int[] {1, 2, 3, 4, 5, 8, 9, 12}) {
      for (int many : new int[] {4, L - 1, L, 2 * L + 1, 4 * L}) {
        sizes.add(new int[] {many, few, 3});
        sizes.add(new int[] {many, few, 270}); // two blocks of terms
        sizes.add(new int[] {few, many, 270});
        sizes.add(new int[] {many + 1, many, few});
      }
    }
    sizes.add(new int[] {75, 70, 300}); // B packed, two blocks of terms
    sizes.add(new int[] {50, 330, 257}); // A packed
    sizes.add(new int[] {30, 650, 40}); // A transposed and packed
    sizes.add(new int[] {490, 37, 33}); // two blocks of rows
    sizes.add(new int[] {493, 300, 260}); // of strips that are kept
    sizes.add(new int[] {100, 8 * GemmF32.NR + L + 3, 40}); // two groups of strips
    sizes.add(new int[] {4, GemmF32.NC + L + 1, 3}); // two blocks of columns
    sizes.add(new int[] {0, 3, 2});
    sizes.add(new int[] {3, 0, 2});
    sizes.add(new int[] {3, 5, 0});
    for (int[] s : sizes) {
      for (long terms : new long[] {0, Long.MAX_VALUE}) { // in vectors, and number by number
        ScalarBudget.left(terms);
        check(transA, transB, s[0], s[1], s[2], 0, false);
        check(transA, transB, s[0], s[1], s[2], 3, true);
      }
    }
  }

  @Tag("cold")
  @Test
  void operandsTooLargeForTheCacheAreTransposedAlike() {
    ScalarBudget.left(0);
    check(false, true, 13, 650, 410, 3, false); // B, 16 rows at a time and 10
    check(false, false, 650, 330, 410, 0, true); // A, 12 rows and 2
  }

  static void check(boolean transA, boolean transB, int m, int n, int k, int gap, boolean add) {
    Random random = new Random(m * 31L + n * 7L + k);
    int lda = (transA ? m : k) + gap;
    int ldb = (transB ? k : n) + gap;
    int ldc = n + gap;
    float[] a = matrix(random, 5, transA ? k : m, transA ? m : k, lda);
    float[] b = matrix(random, 7, transB ? n : k, transB ? k : n, ldb);
    float[] c = floats(random, 2 + ldc * m + gap);
    double[] wideA = wide(a);
    double[] wideB = wide(b);
    double[] wideC = wide(c);
    float[] want = c.clone();
    double[] wideWant = wide(c);
    int blocks = Math.max(1, (k + GemmF32.KC - 1) / GemmF32.KC);
    int block = Math.max(1, (k + blocks - 1) / blocks);
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        int at = 2 + i * ldc + j;
        want[at] = add ? want[at] : 0f;
        wideWant[at] = add ? wideWant[at] : 0;
        for (int p = 0; p < k; p += block) {
          float s = 0f;
          double wideS = 0;
          for (int q = p; q < Math.min(k, p + block); q++) {
            int x = 5 + (transA ? q * lda + i : i * lda + q);
            int y = 7 + (transB ? j * ldb + q : q * ldb + j);
            s = LanesF32.fma(a[x], b[y], s);
            wideS = LanesF64.fma(wideA[x], wideB[y], wideS);
          }
          want[at] = p > 0 || add ? want[at] + s : s;
          wideWant[at] = p > 0 || add ? wideWant[at] + wideS : wideS;
        }
      }
    }
    new GemmF32().multiply(transA, transB, m, n, k, a, 5, lda, b, 7, ldb, c, 2, ldc, add);
    new GemmF64()
        .multiply(transA, transB, m, n, k, wideA, 5, lda, wideB, 7, ldb, wideC, 2, ldc, add);
    String what =
        "%d x %d x %d, A%s, B%s, %s"
            .formatted(m, k, n, transA ? "ᵀ" : "", transB ? "ᵀ" : "", add ? "added" : "set");
    assertThat(c).as(what).isEqualTo(want);
    assertThat(wideC).as(what).isEqualTo(wideWant);
  }

  /// Numbers, some of them special, with NaN before and between the rows.
  private static float[] matrix(Random random, int start, int rows, int columns, int step) {
    float[] x = new float[start + rows * step];
    Arrays.fill(x, Float.NaN);
    for (int r = 0; r < rows; r++) {
      for (int q = 0; q < columns; q++) {
        x[start + r * step + q] = number(random);
      }
    }
    return x;
  }

  private static float number(Random random) {
    return switch (random.nextInt(5000)) {
      case 0 -> Float.POSITIVE_INFINITY;
      case 1 -> Float.NaN;
      case 2, 3, 4, 5, 6, 7, 8, 9 -> -0f;
      default -> random.nextFloat() - 0.5f;
    };
  }

  private static float[] floats(Random random, int n) {
    float[] x = new float[n];
    for (int i = 0; i < n; i++) {
      x[i] = random.nextFloat() - 0.5f;
    }
    return x;
  }

  private static double[] wide(float[] x) {
    double[] y = new double[x.length];
    for (int i = 0; i < y.length; i++) {
      y[i] = x[i];
    }
    return y;
  }

  @Test
  void aWorkspaceIsUsedAgainForOtherSizes() {
    GemmF32 gemm = new GemmF32();
    Random random = new Random(1);
    for (int n : new int[] {100, 20, 150, 40}) {
      float[] a = floats(random, n * n);
      float[] b = floats(random, n * n);
      float[] again = new float[n * n];
      float[] fresh = new float[n * n];
      gemm.multiply(false, true, n, n, n, a, 0, n, b, 0, n, again, 0, n, false);
      new GemmF32().multiply(false, true, n, n, n, a, 0, n, b, 0, n, fresh, 0, n, false);
      assertThat(again).isEqualTo(fresh);
    }
  }

  /// A broadcast operand repeats a row, a flipped one has its rows in reverse.
  @ParameterizedTest
  @CsvSource({"false,false", "false,true", "true,false", "true,true"})
  void rowsMayBeAnyDistanceApart(boolean transA, boolean transB) {
    ScalarBudget.left(0);
    Random random = new Random(1);
    for (int[] s : new int[][] {{40, 50, 60}, {40, 3, 60}, {40, 50, 3}, {45, 21, 5}}) {
      int width = Math.max(s[0], Math.max(s[1], s[2]));
      int last = (width - 1) * width;
      float[] x = floats(random, width * width);
      for (int[] steps : new int[][] {{0, width}, {width, 0}, {-width, width}, {width, -width}}) {
        int ao = steps[0] < 0 ? last : 0;
        int bo = steps[1] < 0 ? last : 0;
        float[][] c = new float[2][s[0] * s[1]];
        for (int way = 0; way < 2; way++) {
          ScalarBudget.left(way == 0 ? 0 : Long.MAX_VALUE);
          new GemmF32()
              .multiply(
                  transA, transB, s[0], s[1], s[2], x, ao, steps[0], x, bo, steps[1], c[way], 0,
                  s[1], false);
        }
        assertThat(c[0]).isEqualTo(c[1]);
      }
    }
  }

  @Test
  void aSumThatUnderflowsKeepsItsSign() {
    for (long terms : new long[] {0, Long.MAX_VALUE}) {
      ScalarBudget.left(terms);
      for (int k : new int[] {1, 8}) {
        float[] a = new float[40 * k];
        float[] b = new float[k * 40];
        for (int i = 0; i < 40; i++) {
          a[i * k] = -1e-30f;
          b[i] = 1e-30f;
        }
        float[] c = new float[40 * 40];
        new GemmF32().multiply(false, false, 40, 40, k, a, 0, k, b, 0, 40, c, 0, 40, false);
        // The first term rounds to -0.0; more terms of +0.0 make it +0.0.
        assertThat(c).containsOnly(LanesF32.FUSED && k == 1 ? -0f : 0f);
      }
    }
  }

  /// Higham, "Accuracy and Stability of Numerical Algorithms", section 3.1: an inner product of k
  /// terms in any order is off by at most k u / (1 - k u) times the sum of the terms' sizes, u
  /// being half an ulp of 1, here 2^-24.
  @Test
  void theErrorIsWithinTheBoundOfAnInnerProduct() {
    ScalarBudget.left(0);
    int n = 33;
    for (int k : new int[] {10, 300, 2000}) {
      Random random = new Random(k);
      float[] a = floats(random, n * k);
      float[] b = floats(random, k * n);
      float[] c = new float[n * n];
      new GemmF32().multiply(false, false, n, n, k, a, 0, k, b, 0, n, c, 0, n, false);
      double u = Math.ulp(1f) / 2;
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
          double exact = 0; // in doubles, whose own error is nothing beside this
          double size = 0;
          for (int q = 0; q < k; q++) {
            double term = (double) a[i * k + q] * b[q * n + j];
            exact += term;
            size += Math.abs(term);
          }
          assertThat(Math.abs(c[i * n + j] - exact))
              .isLessThanOrEqualTo(k * u / (1 - k * u) * size);
        }
      }
    }
  }
}
