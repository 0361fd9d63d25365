package org.cotangent.autograd.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TransposeTest {
  private static final int L = LanesF32.L;

  /// With columns that follow one another, and with gaps between them, in which the waste of
  /// missing rows stands; behind the last column it ends with the vector.
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 7, 8, 9, 12, 15, 16})
  void rowsOfABlockBecomeColumns(int some) {
    int rows = Math.min(some, L);
    int from = 3;
    int to = 5;
    int step = L + 2;
    float[] x = new float[from + (rows - 1) * step + L];
    Arrays.fill(x, Float.NaN);
    for (int r = 0; r < rows; r++) {
      for (int k = 0; k < L; k++) {
        x[from + r * step + k] = 100 * r + k;
      }
    }
    for (int width : new int[] {rows, L + 3}) {
      float[] y = new float[to + (L - 1) * width + L + 4];
      Arrays.fill(y, -1);
      TransposeF32.block(x, from, step, rows, y, to, width);
      for (int k = 0; k < L; k++) {
        for (int r = 0; r < rows; r++) {
          assertThat(y[to + k * width + r]).isEqualTo(100 * r + k);
        }
        for (int gap = L; gap < width; gap++) {
          assertThat(y[to + k * width + gap]).as("behind column %d", k).isEqualTo(-1);
        }
      }
      for (int around = 0; around < to; around++) {
        assertThat(y[around]).isEqualTo(-1);
      }
      for (int behind = to + (L - 1) * width + L; behind < y.length; behind++) {
        assertThat(y[behind]).isEqualTo(-1);
      }
    }
  }
}
