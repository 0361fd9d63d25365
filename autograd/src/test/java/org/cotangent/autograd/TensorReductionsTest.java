package org.cotangent.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleBinaryOperator;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// Reductions over every choice of axes, and matrix products of every pair of ranks, against loops.
class TensorReductionsTest {
  private static final Shape SHAPE = Shape.of(2, 3, 4);

  private interface Reduction {
    Tensor of(Tensor x, int[] axes, boolean keepDims);
  }

  /// The axes named by the bits, some of them from the end, in falling order.
  private static int[] axes(int mask) {
    List<Integer> axes = new ArrayList<>();
    for (int a = 2; a >= 0; a--) {
      if ((mask >> a & 1) != 0) {
        axes.add(a == 1 ? a - 3 : a);
      }
    }
    return axes.stream().mapToInt(Integer::intValue).toArray();
  }

  private static void check(
      Reduction reduction, int mask, boolean keep, Tensor x, double start, DoubleBinaryOperator f) {
    Tensor y = reduction.of(x, axes(mask), keep);
    int[] kept = new int[3];
    for (int a = 0; a < 3; a++) {
      kept[a] = (mask >> a & 1) != 0 ? 1 : SHAPE.dim(a);
    }
    double[] expected = new double[Shape.of(kept).size()];
    Arrays.fill(expected, start);
    for (int i = 0; i < 2; i++) {
      for (int j = 0; j < 3; j++) {
        for (int k = 0; k < 4; k++) {
          int at = (i % kept[0] * kept[1] + j % kept[1]) * kept[2] + k % kept[2];
          expected[at] = f.applyAsDouble(expected[at], x.get(i, j, k));
        }
      }
    }
    int[] dropped =
        IntStream.range(0, 3).filter(a -> (mask >> a & 1) == 0).map(SHAPE::dim).toArray();
    assertThat(y.shape()).isEqualTo(keep ? Shape.of(kept) : Shape.of(dropped));
    Numbers.assertClose("result", y.toDoubleArray(), expected, 24 * Math.ulp(1.0));
  }

  @Property
  void reductionsOverAnyAxesAreThoseOfLoops(
      @ForAll @IntRange(min = 0, max = 7) int mask, @ForAll boolean keep) {
    Tensor x = new Draw(mask).uniform(0.5, 2, 2, 3, 4);
    double count = 1;
    for (int a = 0; a < 3; a++) {
      count *= (mask >> a & 1) != 0 ? SHAPE.dim(a) : 1;
    }
    double n = count;
    check(Tensor::sum, mask, keep, x, 0, Double::sum);
    check(Tensor::mean, mask, keep, x, 0, (s, v) -> s + v / n);
    check(Tensor::max, mask, keep, x, Double.NEGATIVE_INFINITY, Math::max);
    check(Tensor::min, mask, keep, x, Double.POSITIVE_INFINITY, Math::min);
    check(Tensor::prod, mask, keep, x, 1, (s, v) -> s * v);
    check((t, axes, k) -> t.logSumExp(axes, k).exp(), mask, keep, x, 0, (s, v) -> s + Math.exp(v));
  }

  @Example
  void shortFormsMeanTheLongOnes() {
    Tensor x = new Draw(1).uniform(-1, 1, 2, 3);
    int[] both = {0, 1};
    Numbers.assertSame("sum", x.sum(), x.sum(both, false));
    Numbers.assertSame("sum", x.sum(1), x.sum(new int[] {1}, false));
    Numbers.assertSame("sum", x.sum(1, true), x.sum(new int[] {1}, true));
    Numbers.assertSame("mean", x.mean(), x.mean(both, false));
    Numbers.assertSame("mean", x.mean(0), x.mean(0, false));
    Numbers.assertSame("max", x.max(), x.max(both, false));
    Numbers.assertSame("max", x.max(0), x.max(0, false));
    Numbers.assertSame("min", x.min(), x.min(both, false));
    Numbers.assertSame("min", x.min(-1), x.min(1, false));
    Numbers.assertSame("prod", x.prod(), x.prod(both, false));
    Numbers.assertSame("prod", x.prod(0), x.prod(0, false));
    Numbers.assertSame("logSumExp", x.logSumExp(), x.logSumExp(both, false));
    Numbers.assertSame("logSumExp", x.logSumExp(0), x.logSumExp(0, false));
    Numbers.assertSame("sum along none", x.sum(new int[0], false), x);
  }

  @Example
  void truthValuesAreCounted() {
    Tensor hits = Tensor.of(true, false, true);
    assertThat(hits.sum().item()).isEqualTo(2);
    assertThat(hits.mean().item()).isEqualTo((double) (2f / 3));
    assertThat(Tensor.of(Integer.MAX_VALUE, 1).sum().toLongArray()).containsExactly(1L << 31);
  }

  @Property(tries = 50)
  void matrixProductsOfAnyRanksAreThoseOfLoops(
      @ForAll @IntRange(min = 0, max = 3) int left, @ForAll @IntRange(min = 0, max = 3) int right) {
    int[][] a = {{3}, {2, 3}, {4, 2, 3}, {5, 1, 2, 3}};
    int[][] b = {{3}, {3, 7}, {4, 3, 7}, {4, 3, 7}};
    Draw draw = new Draw(left);
    Tensor x = draw.uniform(-1, 1, a[left]);
    Tensor y = draw.uniform(-1, 1, b[right]);
    Tensor actual = x.matmul(y);
    // As a sum of products over a common axis, by broadcasting alone.
    Tensor rows = left == 0 ? x.unsqueeze(0) : x;
    Tensor cols = right == 0 ? y.unsqueeze(1) : y;
    Tensor expected = rows.unsqueeze(-1).mul(cols.unsqueeze(-3)).sum(-2);
    expected = right == 0 ? expected.squeeze(-1) : expected;
    expected = left == 0 ? expected.squeeze(right == 0 ? -1 : -2) : expected;
    Numbers.assertClose("product", actual, expected, 8 * Math.ulp(1.0));
  }

  @Example
  void batchesMustBroadcast() {
    assertThatThrownBy(() -> Tensor.zeros(2, 3, 4).matmul(Tensor.zeros(3, 4, 5)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "MATMUL (batches): cannot broadcast [2] with [3]: axis -1 has extents 2 and 3; each pair must be equal or contain a 1");
    assertThatThrownBy(() -> Tensor.zeros(2, 3, 4).matmul(Tensor.zeros(3, 5)))
        .hasMessage(
            "MATMUL: [2, 3, 4] x [3, 5]: inner sizes 4 and 3 differ; transpose one of them?");
  }

  /// The methods that are composed of several operations, as users call them.
  @Example
  void composedMethodsHaveRightDerivativesOfTwoOrders() {
    Tensor x = new Draw(2).uniform(0.5, 2, 2, 3);
    Tensor index = Tensor.of(1, 0, 1);
    List<UnaryOperator<Tensor>> methods =
        List.of(
            t -> t.prod(),
            t -> t.prod(1, true),
            t -> t.mean(0),
            t -> t.min(1),
            t -> t.logSoftmax(1),
            t -> t.softmax(0),
            t -> t.rsqrt(),
            t -> t.pad(1, 1, 2),
            t -> t.pad(0, 1, 1, 5),
            t -> Tensor.stack(1, t, t.square()),
            t -> t.flip(1).sin(),
            t -> t.select(1, -1).exp(),
            t -> t.flatten().matmul(t.flatten()),
            t -> t.matmul(t.select(0, 0)),
            t -> t.select(1, 0).matmul(t),
            t -> t.matmul(t.t()),
            t -> t.expand(4, 2, 3).matmul(t.t()),
            t -> t.indexSelect(0, index).log(),
            t -> t.scatterAdd(1, Tensor.of(new int[][] {{0, 0, 2}, {1, 1, 1}}), t.square()),
            t -> t.clamp(0, 3).square(),
            t -> t.softmaxCrossEntropy(Tensor.of(2, 0)),
            t -> t.softmaxCrossEntropy(t.square()),
            t -> t.add(t.to(DType.F64)).rdiv(1),
            t -> t.rsub(3).pow(t));
    for (int i = 0; i < methods.size(); i++) {
      var f = methods.get(i);
      GradCheck.standard()
          .order(2)
          .check("method " + i, in -> f.apply(in.getFirst()), List.of(x))
          .requirePassed();
    }
  }
}
