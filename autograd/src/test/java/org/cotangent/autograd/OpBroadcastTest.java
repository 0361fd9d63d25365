package org.cotangent.autograd;

import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// Broadcasting an operand means the same as writing its numbers out once for every place.
class OpBroadcastTest {
  @Property(tries = 3, shrinking = ShrinkingMode.OFF)
  void broadcastingGivesTheResultOfTiles(@ForAll long seed) {
    OpSamples.check(
        seed,
        OpBroadcastTest::broadcasts,
        s -> {
          Tensor y = s.apply();
          OpSample tiled = tiled(s, y);
          if (s.op() instanceof Op.MatMul) {
            // Other batches may take another order of sums.
            Numbers.assertWithin("result", y, tiled.apply(), doubled(Bounds.of(s, y)));
          } else {
            Numbers.assertSame("result", y, tiled.apply());
          }
        });
  }

  @Property(tries = 3, shrinking = ShrinkingMode.OFF)
  void theGradientOfABroadcastOperandIsTheSumOverItsTiles(@ForAll long seed) {
    OpSamples.check(
        seed,
        s -> broadcasts(s) && s.isDifferentiable(),
        s -> {
          for (OpSample t : List.of(s, s.in(DType.F32))) {
            Tensor y = t.apply();
            Tensor g = new Draw(seed).normal(y.shape(), y.dtype());
            List<Tensor> gradients = Walks.gradients(t, g);
            List<Tensor> ofTiles = Walks.gradients(tiled(t, y), g);
            double eps = y.dtype() == DType.F32 ? Math.ulp(1f) : Math.ulp(1.0);
            for (int k = 0; k < gradients.size(); k++) {
              Shape shape = t.in().get(t.floating().get(k)).shape();
              Tensor expected = Recording.apply(new Op.Sum(shape), ofTiles.get(k));
              if (t.op() instanceof Op.MatMul) {
                double[] bounds = new double[expected.size()];
                Arrays.fill(bounds, 64 * eps * (1 + Numbers.largest(expected.toDoubleArray())));
                Numbers.assertWithin("gradient " + k, gradients.get(k), expected, bounds);
              } else {
                Numbers.assertSame("gradient " + k, gradients.get(k), expected);
              }
            }
          }
        });
  }

  private static double[] doubled(double[] bounds) {
    double[] twice = new double[bounds.length];
    Arrays.setAll(twice, i -> 2 * bounds[i]);
    return twice;
  }

  private static boolean broadcasts(OpSample s) {
    if (!(s.op() instanceof Op.Elementwise || s.op() instanceof Op.MatMul)) {
      return false;
    }
    Tensor y = s.apply();
    return s.in().stream().anyMatch(x -> !tile(s, x, y).equals(x.shape()));
  }

  /// The operand's shape once written out; a matrix keeps its last two axes.
  private static Shape tile(OpSample s, Tensor x, Tensor y) {
    return s.op() instanceof Op.MatMul
        ? y.shape().with(-2, x.dim(-2)).with(-1, x.dim(-1))
        : y.shape();
  }

  private static OpSample tiled(OpSample s, Tensor y) {
    return s.with(s.in().stream().map(x -> Bounds.copy(x.expand(tile(s, x, y)))).toList());
  }
}
