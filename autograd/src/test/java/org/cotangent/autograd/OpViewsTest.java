package org.cotangent.autograd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import org.cotangent.autograd.backend.Eager;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.shape.DType;
import org.junit.jupiter.api.Test;

/// How numbers lie in memory makes no difference.
class OpViewsTest {
  @Test
  void disguisesKeepTheNumbersButNotTheLayout() {
    Tensor x = Tensor.arange(24).to(DType.F64).reshape(2, 3, 4);
    for (Disguise d : Disguise.values()) {
      Tensor view = d.of(x);
      Numbers.assertSame(d.name(), view, x);
      var layout = Eager.numbers(view.value()).layout();
      assertThat(layout.isContiguous() && layout.offset() == 0).as(d.name()).isFalse();
    }
  }

  @Property(tries = 1, shrinking = ShrinkingMode.OFF)
  void resultsOfViewsAreThoseOfCopies(@ForAll long seed) {
    OpSamples.check(
        seed,
        _ -> true,
        s -> {
          for (OpSample t : List.of(s, s.in(DType.F32))) {
            Tensor expected = t.apply();
            for (Disguise d : Disguise.values()) {
              same(d + " result", t, t.apply(d.of(t.in())), expected, 1);
            }
          }
        });
  }

  /// Operands and cotangents both.
  @Property(tries = 1, shrinking = ShrinkingMode.OFF)
  void gradientsOfViewsAreThoseOfCopies(@ForAll long seed) {
    OpSamples.check(
        seed,
        OpSample::isDifferentiable,
        s -> {
          for (OpSample t : List.of(s, s.in(DType.F32))) {
            Tensor y = t.apply();
            Tensor g = new Draw(seed).normal(y.shape(), y.dtype());
            List<Tensor> expected = Walks.gradients(t, g);
            for (Disguise d : Disguise.values()) {
              List<Tensor> actual = Walks.gradients(t.with(d.of(t.in())), d.of(g));
              for (int k = 0; k < expected.size(); k++) {
                same(d + " gradient " + k, t, actual.get(k), expected.get(k), 2);
              }
            }
          }
        });
  }

  @Property(tries = 1, shrinking = ShrinkingMode.OFF)
  void repeatedNumbersHeldOnceAreLikeCopies(@ForAll long seed) {
    OpSamples.check(
        seed,
        // A matrix of equal numbers has no factors: see LinalgTest.
        s -> !(s.op() instanceof Op.Factorization) && s.in().stream().allMatch(x -> x.size() > 0),
        s -> {
          for (boolean all : new boolean[] {true, false}) {
            List<Tensor> views = s.in().stream().map(x -> repeated(x, all)).toList();
            List<Tensor> copies = views.stream().map(Bounds::copy).toList();
            Tensor expected = s.apply(copies);
            same("result", s.with(copies), s.apply(views), expected, 1);
            if (s.isDifferentiable()) {
              Tensor g = repeated(new Draw(seed).normal(expected.shape(), expected.dtype()), all);
              List<Tensor> ofViews = Walks.gradients(s.with(views), g);
              List<Tensor> ofCopies = Walks.gradients(s.with(copies), Bounds.copy(g));
              for (int k = 0; k < ofViews.size(); k++) {
                same("gradient " + k, s, ofViews.get(k), ofCopies.get(k), 2);
              }
            }
          }
        });
  }

  /// Of the shape of `x`, with its first number along all axes, or along the last one.
  private static Tensor repeated(Tensor x, boolean all) {
    Tensor y = x;
    for (int axis = all ? 0 : Math.max(0, x.rank() - 1); axis < x.rank(); axis++) {
      y = x.dim(axis) == 0 ? y : y.slice(axis, 0, 1);
    }
    return y.expand(x.shape());
  }

  /// To the bit, where one rounding decides; sums may run in another order.
  private static void same(String what, OpSample s, Tensor actual, Tensor expected, int factor) {
    if (!expected.dtype().isFloating() || !hasSums(s.op(), factor > 1)) {
      Numbers.assertSame(what, actual, expected);
      return;
    }
    double eps = expected.dtype() == DType.F32 ? Math.ulp(1f) : Math.ulp(1.0);
    double[] bounds = new double[expected.size()];
    Arrays.fill(bounds, factor * 64 * eps * Math.max(1, largestFinite(s)));
    Numbers.assertWithin(what, actual, expected, bounds);
  }

  private static double largestFinite(OpSample s) {
    List<Double> sizes = new ArrayList<>(List.of(1.0));
    s.in().forEach(x -> sizes.add(Numbers.largest(x.toDoubleArray())));
    return sizes.stream().mapToDouble(Double::doubleValue).max().orElse(1);
  }

  private static boolean hasSums(Op op, boolean backward) {
    return switch (op) {
      case Op.Elementwise f -> backward && broadcasts(f);
      case Op.Expand _, Op.IndexSelect _, Op.Gather _ -> backward;
      case Op.Sum _, Op.MatMul _, Op.LogSumExp _, Op.Softmax _, Op.SoftmaxCrossEntropy _ -> true;
      case Op.ScatterAdd _, Op.IndexAdd _ -> !backward;
      case Op.Max _ -> backward; // ties are counted
      case Op.Windows _ -> backward;
      case Op.OverlapAdd _ -> !backward;
      case Op.Conv _ -> true;
      case Op.ArgMaxPool _ -> false;
      case Op.Moments _ -> true;
      case Op.Reshape _, Op.Permute _, Op.Slice _, Op.Embed _, Op.Concat _, Op.ArgMax _ -> false;
      case Op.Factorization _ -> backward; // rules multiply matrices
      case Op.CumSum _, Op.ArgSort _ -> false;
    };
  }

  /// Whether operands may be broadcast, so that their gradients are sums.
  private static boolean broadcasts(Op.Elementwise op) {
    return switch (op) {
      case Op.Binary _, Op.Where _ -> true;
      case Op.Unary _, Op.Compare _, Op.Logical _, Op.Clamp _, Op.Cast _ -> false;
    };
  }
}
