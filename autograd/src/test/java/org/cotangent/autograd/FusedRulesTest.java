package org.cotangent.autograd;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.shape.DType;

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
}
