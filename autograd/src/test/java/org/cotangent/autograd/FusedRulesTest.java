package org.cotangent.autograd;

import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.IntRange;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// Rules of elementwise operations run as one kernel unless the walk is recorded: two paths, one
/// table.
class FusedRulesTest {
  @Property(tries = 3, shrinking = ShrinkingMode.OFF)
  void fusedAndComposedGradientsAgreeToTheBit(@ForAll long seed) {
    OpSamples.check(
        seed,
        s -> s.op() instanceof Op.Elementwise && s.isDifferentiable(),
        s -> {
          for (DType dtype : List.of(DType.F64, DType.F32)) {
            OpSample t = s.in(dtype);
            Tensor y = t.apply();
            Tensor g = new Draw(seed).normal(y.shape(), y.dtype());
            List<Tensor> fused = Walks.gradients(t, Walks.all(t), g);
            List<Tensor> composed = Walks.gradients(t, Walks.all(t), g, Grad.Option.CREATE_GRAPH);
            for (int k = 0; k < fused.size(); k++) {
              Numbers.assertSame("gradient " + k, fused.get(k), composed.get(k));
            }
          }
        });
  }

  /// The kernel of the logits' gradient rounds in another order than the rule written out.
  @Property(tries = 20, shrinking = ShrinkingMode.OFF)
  void theCrossEntropysKernelAgreesWithItsRule(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 70) int rows,
      @ForAll @IntRange(min = 1, max = 40) int classes) {
    for (DType d : List.of(DType.F64, DType.F32)) {
      Draw draw = new Draw(seed);
      Tensor x = Tensor.parameter(draw.normal(Shape.of(rows, classes), d));
      Tensor weights = draw.normal(Shape.of(rows, classes), d).abs();
      Tensor indices = weights.argmax(-1);
      for (Tensor t : List.of(weights, indices)) {
        Tensor loss = x.softmaxCrossEntropy(t);
        Tensor g = draw.normal(loss.shape(), d);
        List<Tensor> in = List.of(x);
        Tensor kernel = Grad.grad(loss, g, in, Grad.Option.RETAIN_GRAPH).getFirst();
        Tensor rule = Grad.grad(loss, g, in, Grad.Option.CREATE_GRAPH).getFirst();
        double[] bounds = new double[x.size()];
        double size = g.abs().max().item() * weights.sum(-1, false).max().item();
        Arrays.fill(bounds, 16 * (1 + size) * (d == DType.F32 ? 0x1p-23 : 0x1p-52));
        Numbers.assertWithin("gradient of the logits", kernel, rule, bounds);
      }
    }
  }
}
