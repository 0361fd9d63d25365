package org.cotangent.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.cotangent.autograd.GradCheck;
import org.cotangent.autograd.Rng;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.api.Test;

class FunctionalAttentionTest {
  private static Tensor normal(long seed, int... dims) {
    return Rng.of(seed).normal(Shape.of(dims), DType.F64);
  }

  // ---- Embedding

  @Test
  void embeddingTakesRows() {
    Tensor table = normal(1, 5, 3);
    Tensor index = Tensor.of(new int[][] {{4, 0}, {2, 4}});
    Tensor y = Functional.embedding(index, table);
    assertThat(y.shape()).isEqualTo(Shape.of(2, 2, 3));
    assertThat(y.select(0, 1).select(0, 0).toDoubleArray())
        .isEqualTo(table.select(0, 2).toDoubleArray());
    assertThat(Functional.embedding(Tensor.scalar(1, DType.I64), table).shape())
        .isEqualTo(Shape.of(3));
  }

  @Test
  void rowsUsedTwiceGatherGradientsAndPaddingGetsNone() {
    Tensor table = Tensor.parameter(normal(1, 4, 2));
    Tensor index = Tensor.of(1, 3, 1, 0);
    Functional.embedding(index, table, 3).sum().backward();
    assertThat(table.grad().select(1, 0).toDoubleArray()).containsExactly(1, 2, 0, 0);
    assertThat(Functional.embedding(index, table, 3).toDoubleArray())
        .isEqualTo(Functional.embedding(index, table).toDoubleArray());
    GradCheck.standard()
        .order(2)
        .check(in -> Functional.embedding(index, in.getFirst()).square(), List.of(table.detach()))
        .requirePassed();
  }

  @Test
  void indicesThatAreNoneAreRefused() {
    Tensor table = normal(1, 4, 2);
    assertThatThrownBy(() -> Functional.embedding(Tensor.of(1.0), table))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("embedding", "F64", "[4, 2]");
    assertThatThrownBy(() -> Functional.embedding(Tensor.of(4), table))
        .isInstanceOf(IndexOutOfBoundsException.class)
        .hasMessageContaining("4");
  }

  // ---- Attention

  /// One query after the other, as the paper writes it.
  private static double[] naive(Tensor q, Tensor k, Tensor v, int query, int visible) {
    int width = q.dim(1);
    double[] weight = new double[visible];
    double sum = 0;
    for (int j = 0; j < visible; j++) {
      double score = 0;
      for (int c = 0; c < width; c++) {
        score += q.get(query, c) * k.get(j, c);
      }
      weight[j] = Math.exp(score / Math.sqrt(width));
      sum += weight[j];
    }
    double[] y = new double[v.dim(1)];
    for (int c = 0; c < y.length; c++) {
      for (int j = 0; j < visible; j++) {
        y[c] += weight[j] / sum * v.get(j, c);
      }
    }
    return y;
  }

  @Test
  void attentionIsItsDefinition() {
    Tensor q = normal(1, 2, 3, 4, 5);
    Tensor k = normal(2, 2, 3, 6, 5);
    Tensor v = normal(3, 2, 3, 6, 7);
    Tensor all = Functional.scaledDotProductAttention(q, k, v);
    Tensor causal = Functional.scaledDotProductAttention(q, k, v, Functional.causalMask(4, 6));
    assertThat(all.shape()).isEqualTo(Shape.of(2, 3, 4, 7));
    for (int i = 0; i < 4; i++) {
      Tensor q1 = q.select(0, 1).select(0, 2);
      Tensor k1 = k.select(0, 1).select(0, 2);
      Tensor v1 = v.select(0, 1).select(0, 2);
      assertClose(all.select(0, 1).select(0, 2).select(0, i), naive(q1, k1, v1, i, 6));
      assertClose(causal.select(0, 1).select(0, 2).select(0, i), naive(q1, k1, v1, i, i + 1));
    }
  }

  private static void assertClose(Tensor actual, double[] expected) {
    double[] a = actual.toDoubleArray();
    for (int i = 0; i < expected.length; i++) {
      assertThat(a[i]).isCloseTo(expected[i], within(1e-13));
    }
  }

  @Test
  void aMaskOfNumbersIsAddedToTheScores() {
    Tensor q = normal(1, 4, 5);
    Tensor k = normal(2, 6, 5);
    Tensor v = normal(3, 6, 2);
    Tensor mask = Functional.causalMask(4, 6);
    Tensor added =
        Tensor.where(
            mask, Tensor.scalar(0, DType.F64), Tensor.scalar(Double.NEGATIVE_INFINITY, DType.F64));
    assertThat(Functional.scaledDotProductAttention(q, k, v, added).toDoubleArray())
        .isEqualTo(Functional.scaledDotProductAttention(q, k, v, mask).toDoubleArray());
  }

  @Test
  void gradientsAgreeWithDifferencesAndNothingFlowsThroughTheMask() {
    Tensor q = normal(1, 2, 3, 2);
    Tensor k = normal(2, 2, 3, 2);
    Tensor v = normal(3, 2, 3, 2);
    GradCheck.standard()
        .order(2)
        .projected(4)
        .check(
            in ->
                Functional.scaledDotProductAttention(
                    in.get(0), in.get(1), in.get(2), Functional.causalMask(3, 3)),
            List.of(q, k, v))
        .requirePassed();
    Tensor value = Tensor.parameter(v);
    Functional.scaledDotProductAttention(q, k, value, Functional.causalMask(3, 3))
        .slice(1, 0, 2)
        .sum()
        .backward();
    assertThat(value.grad().select(1, 2).toDoubleArray()).containsOnly(0);
  }

  @Test
  void aQueryThatMayLookNowhereGivesNan() {
    Tensor x = normal(1, 2, 2);
    Tensor mask = Tensor.of(new boolean[][] {{true, false}, {false, false}});
    Tensor y = Functional.scaledDotProductAttention(x, x, x, mask);
    assertThat(y.select(0, 0).isNaN().toBooleanArray()).containsOnly(false);
    assertThat(y.select(0, 1).isNaN().toBooleanArray()).containsOnly(true);
  }

  @Test
  void widthsThatDifferAreRefused() {
    assertThatThrownBy(() ->
            Functional.scaledDotProductAttention(normal(1, 2, 3), normal(1, 2, 4), normal(1, 2, 4)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("[2, 3]", "[2, 4]", "width");
  }
}
