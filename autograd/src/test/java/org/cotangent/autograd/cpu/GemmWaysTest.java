package org.cotangent.autograd.cpu;

import java.util.ArrayList;
import java.util.List;
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
    }
    for (int m = 1; m <= 4; m++) { // few rows, or columns of a transposed product
      sizes.add(new int[] {m, 4 * L - 2 + m, 4 + m});
      sizes.add(new int[] {L - 1 + m, m, 4 + m});
    }
    sizes.add(new int[] {4, 2 * L + 3, 270}); // two blocks of terms
    sizes.add(new int[] {2 * L + 3, 3, 270});
    for (int n : new int[] {5, 7, 8, 9, 12, 13}) { // few columns
      sizes.add(new int[] {L, n, 5});
      sizes.add(new int[] {3 * L + n, n, 6});
    }
    sizes.add(new int[] {2 * L, 6, 270});
    for (int m : new int[] {5, 8, 9, 12, 13, 16, 25}) { // tiles of each height
      sizes.add(new int[] {m, L, 5});
      sizes.add(new int[] {m, 2 * L, 6});
      sizes.add(new int[] {m, 3 * L + 1, 7});
      sizes.add(new int[] {m, 3 * L - 1, 7});
    }
    sizes.add(new int[] {14, 2 * L + 3, 300}); // two blocks of terms
    sizes.add(new int[] {73, 2 * L + 5, 9}); // B packed
    sizes.add(new int[] {76, L + 5, 260}); // in two blocks of terms
    sizes.add(new int[] {14, 325, 5}); // A packed
    sizes.add(new int[] {15, 641, 6}); // A transposed and packed
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

  /// Twice as many terms as [GemmF32#KC] and one more are three blocks.
  @ParameterizedTest
  @CsvSource({"1,1,1", "5,7,3", "7,5,3", "9,4,300", "2,3,513"})
  void soDoesTheWayNumberByNumber(int m, int n, int k) {
    ScalarBudget.left(Long.MAX_VALUE);
    check(m, n, k);
  }

  private static void check(int m, int n, int k) {
    for (int way = 0; way < 4; way++) {
      GemmTest.check((way & 1) != 0, (way & 2) != 0, m, n, k, 0, false);
      GemmTest.check((way & 1) != 0, (way & 2) != 0, m, n, k, 3, true);
    }
  }
}
