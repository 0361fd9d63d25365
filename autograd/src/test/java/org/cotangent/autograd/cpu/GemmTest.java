package org.cotangent.autograd.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The product is compared bit for bit with a triple loop: each element is a chain of fused
/// multiplications and additions in blocks of KC, whatever tile computes it.
class GemmTest {
  private static final int L = LanesF32.L;

  private static int[] edges(int unit) {
    return new int[] {1, unit - 1, unit, unit + 1, 2 * unit + 1};
  }

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
    sizes.add(new int[] {75, 70, 300}); // B packed, two blocks of terms
    sizes.add(new int[] {50, 330, 257}); // A packed
    sizes.add(new int[] {30, 650, 40}); // A transposed and packed
    sizes.add(new int[] {490, 37, 33}); // two blocks of rows
    sizes.add(new int[] {4, GemmF32.NC + L + 1, 3}); // two blocks of columns
    sizes.add(new int[] {0, 3, 2});
    sizes.add(new int[] {3, 0, 2});
    sizes.add(new int[] {3, 5, 0});
    for (int[] s : sizes) {
      check(transA, transB, s[0], s[1], s[2], 0, false);
      check(transA, transB, s[0], s[1], s[2], 3, true);
    }
  }

  private static void check(
      boolean transA, boolean transB, int m, int n, int k, int gap, boolean add) {
    Random random = new Random(m * 31L + n * 7L + k);
    int lda = (transA ? m : k) + gap;
    int ldb = (transB ? k : n) + gap;
    int ldc = n + gap;
    float[] a = floats(random, 5 + lda * (transA ? k : m) + gap);
    float[] b = floats(random, 7 + ldb * (transB ? n : k) + gap);
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
}
