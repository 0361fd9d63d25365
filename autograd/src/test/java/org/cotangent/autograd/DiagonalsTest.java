package org.cotangent.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.api.Test;

/// Diagonals and triangles of all shapes and offsets, against loops.
class DiagonalsTest {
  private static final int[][] SIZES = {{3, 3}, {2, 4}, {4, 2}, {1, 3}, {3, 1}, {0, 2}, {2, 0}};

  private static Tensor matrix(int n, int m) {
    return Tensor.arange(1, n * m + 1, 1, DType.F64).reshape(n, m);
  }

  @Test
  void everyDiagonalAndTriangleOfEveryShape() {
    for (int[] s : SIZES) {
      Tensor x = matrix(s[0], s[1]);
      for (int k = -5; k <= 5; k++) {
        double[] d = Diagonals.diagonal(x, k).toDoubleArray();
        Tensor lower = Diagonals.tril(x, k);
        Tensor upper = Diagonals.triu(x, k);
        int next = 0;
        for (int i = 0; i < s[0]; i++) {
          for (int j = 0; j < s[1]; j++) {
            if (j - i == k) {
              assertThat(d[next++]).isEqualTo(x.get(i, j));
            }
            assertThat(lower.get(i, j)).isEqualTo(j - i <= k ? x.get(i, j) : 0);
            assertThat(upper.get(i, j)).isEqualTo(j - i >= k ? x.get(i, j) : 0);
          }
        }
        assertThat(d).hasSize(next);
      }
    }
  }

  @Test
  void embeddingIsTheAdjoint() {
    for (int n : new int[] {0, 1, 3}) {
      Tensor v = Tensor.arange(1, n + 1, 1, DType.F64);
      for (int k = -2; k <= 2; k++) {
        Tensor m = Diagonals.embed(v, k);
        assertThat(m.shape()).isEqualTo(Shape.of(n + Math.abs(k), n + Math.abs(k)));
        Numbers.assertSame("diagonal " + k, Diagonals.diagonal(m, k), v);
        assertThat(m.sum().item()).isEqualTo(v.sum().item());
        Numbers.assertSame("diag " + k, Diagonals.diag(Diagonals.diag(v, k), k), v);
      }
    }
  }

  @Test
  void matricesMayHaveAnyAxes() {
    Tensor x = Tensor.arange(24).to(DType.F64).reshape(2, 3, 4);
    Tensor d = Diagonals.diagonal(x, 1, 0, -1);
    assertThat(d.shape()).isEqualTo(Shape.of(3, 2));
    assertThat(d.get(2, 1)).isEqualTo(x.get(1, 2, 2));
    Tensor e = Diagonals.embed(x, 0, 0, 2);
    assertThat(e.shape()).isEqualTo(Shape.of(4, 2, 4, 3));
    assertThat(e.get(3, 1, 3, 2)).isEqualTo(x.get(1, 2, 3));
    assertThat(Diagonals.trace(x).shape()).isEqualTo(Shape.of(2));
    assertThat(Diagonals.trace(matrix(2, 2)).item()).isEqualTo(5);
    assertThatThrownBy(() -> Diagonals.diag(x, 0))
        .hasMessage(
            "DIAG: shape [2, 3, 4] is neither a vector's nor a matrix's; use diagonal or embed");
  }

  @Test
  void derivativesAreRightToTheSecondOrder() {
    Tensor x = new Draw(1).uniform(-1, 1, 3, 4);
    GradCheck check = GradCheck.standard().order(2);
    check.check(in -> Diagonals.diagonal(in.getFirst(), -1).square(), List.of(x)).requirePassed();
    check.check(in -> Diagonals.embed(in.getFirst(), 1).square(), List.of(x)).requirePassed();
    check.check(in -> Diagonals.triu(in.getFirst(), 1).square(), List.of(x)).requirePassed();
    check.check(in -> Diagonals.trace(in.getFirst()).square(), List.of(x)).requirePassed();
  }
}
