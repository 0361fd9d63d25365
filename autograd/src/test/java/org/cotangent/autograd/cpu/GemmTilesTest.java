package org.cotangent.autograd.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Each tile by itself, those too that [GemmF32] does not use with the vectors of this machine: on
/// whole numbers, which it computes without error, with NaN around the operands, which shows if it
/// is read, and marks around the result, which show where more than the tile is written.
class GemmTilesTest {
  private static final int L = LanesF32.L;
  private static final int TERMS = 5;
  private static final float MARK = 77f;

  private final Random random = new Random(1);

  /// A matrix in an array: element (r, c) is at `from + r row + c column`.
  private record Matrix(float[] x, int from, int row, int column) {
    int at(int r, int c) {
      return from + r * row + c * column;
    }

    float get(int r, int c) {
      return x[at(r, c)];
    }
  }

  private Matrix matrix(int rows, int columns, int row, int column, float around) {
    int from = 3 + random.nextInt(9);
    float[] x = new float[from + (rows - 1) * row + (columns - 1) * column + 1 + 2 * L];
    Arrays.fill(x, around);
    Matrix m = new Matrix(x, from, row, column);
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        x[m.at(r, c)] = random.nextInt(1, 100);
      }
    }
    return m;
  }

  /// A matrix whose rows are vectors.
  private Matrix rows(int rows, int vectors, float around) {
    return matrix(rows, vectors * L, vectors * L + 3 + random.nextInt(9), 1, around);
  }

  /// What is around C, and D + A B within.
  private static float[] expected(int rows, int columns, Matrix a, Matrix b, Matrix d, Matrix c) {
    float[] want = c.x.clone();
    for (int r = 0; r < rows; r++) {
      for (int j = 0; j < columns; j++) {
        float sum = d.get(r, j);
        for (int k = 0; k < TERMS; k++) {
          sum += a.get(r, k) * b.get(k, j);
        }
        want[c.at(r, j)] = sum;
      }
    }
    return want;
  }

  @ParameterizedTest
  @CsvSource({"4, 1", "4, 2", "8, 1", "8, 2", "12, 1", "12, 2"})
  void aTileAddsTheProductOfPackedRows(int height, int vectors) {
    Matrix a = matrix(height, TERMS, GemmF32.STRIDE, 1, Float.NaN);
    Matrix b = rows(TERMS, vectors, Float.NaN);
    Matrix d = rows(height, vectors, Float.NaN);
    Matrix c = rows(height, vectors, MARK);
    float[] want = expected(height, vectors * L, a, b, d, c);
    GemmRowsF32.run(
        height, vectors, TERMS, a.x, a.from, b.x, b.from, b.row, d.x, d.from, d.row, c.x, c.from,
        c.row);
    assertThat(c.x).isEqualTo(want);
  }

  @ParameterizedTest
  @CsvSource({"4, 1", "4, 2", "8, 1", "8, 2", "12, 1", "12, 2"})
  void aTileAddsTheProductOfAPanel(int height, int vectors) {
    Matrix a = matrix(height, TERMS, 1, height + 3, Float.NaN);
    Matrix b = rows(TERMS, vectors, Float.NaN);
    Matrix d = rows(height, vectors, Float.NaN);
    Matrix c = rows(height, vectors, MARK);
    float[] want = expected(height, vectors * L, a, b, d, c);
    GemmPanelsF32.run(
        height, vectors, TERMS, a.x, a.from, a.column, b.x, b.from, b.row, d.x, d.from, d.row, c.x,
        c.from, c.row);
    assertThat(c.x).isEqualTo(want);
  }

  /// With as many rows as the tile has, or fewer, which it neither reads nor writes.
  @ParameterizedTest
  @CsvSource({
    "2, 1, 1", "2, 1, 2", "2, 4, 1", "2, 4, 2", "4, 1, 3", "4, 1, 4", "4, 2, 3", "4, 2, 4",
    "4, 4, 2", "4, 4, 3", "4, 4, 4"
  })
  void aThinTileAddsTheProductOfItsRows(int height, int vectors, int rows) {
    for (int[] steps : new int[][] {{TERMS + 2, 1}, {1, rows + 2}}) {
      Matrix a = matrix(rows, TERMS, steps[0], steps[1], Float.NaN);
      Matrix b = rows(TERMS, vectors, Float.NaN);
      Matrix d = rows(rows, vectors, Float.NaN);
      Matrix c = rows(rows, vectors, MARK);
      float[] want = expected(rows, vectors * L, a, b, d, c);
      GemmThinF32.run(
          height, vectors, rows - 1, TERMS, a.x, a.from, a.row, a.column, b.x, b.from, b.row, d.x,
          d.from, d.row, c.x, c.from, c.row);
      assertThat(c.x).isEqualTo(want);
    }
  }

  @Test
  void thereAreNoTilesOfOtherHeights() {
    float[] x = new float[8 * L];
    assertThatThrownBy(() -> GemmRowsF32.run(5, 1, 1, x, 0, x, 0, L, x, 0, L, x, 0, L))
        .hasMessage("no tile of height 5");
    assertThatThrownBy(() -> GemmPanelsF32.run(5, 1, 1, x, 0, 1, x, 0, L, x, 0, L, x, 0, L))
        .hasMessage("no tile of height 5");
    assertThatThrownBy(() -> GemmThinF32.run(5, 1, 4, 1, x, 0, 1, 1, x, 0, L, x, 0, L, x, 0, L))
        .hasMessage("no tile of height 5");
  }
}
