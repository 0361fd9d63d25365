package org.cotangent.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

import java.util.LinkedHashMap;
import java.util.SequencedMap;
import org.cotangent.autograd.Grad;
import org.cotangent.autograd.Rng;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.api.Test;

/// Modules as functions of their parameters: gradients by name, of each example, of higher order.
class FunctionsOfModulesTest {
  private record Sample(Tensor x, Tensor label) {}

  private final Rng rng = Rng.of(1);
  private final Sequential model =
      new Sequential(
          new Linear(5, 8, rng, DType.F64), new Tanh(), new Linear(8, 3, rng, DType.F64));
  private final Sample batch =
      new Sample(rng.normal(Shape.of(4, 5), DType.F64), Tensor.of(0, 2, 1, 2));

  private Tensor loss(Sample s) {
    return model.forward(s.x).softmaxCrossEntropy(s.label).mean();
  }

  @Test
  void gradientsByNameAreThoseOfBackward() {
    var r = Grad.valueAndGrad(() -> loss(batch), model.parameters());
    assertThat(model.parameters().values()).noneMatch(Tensor::hasGrad);
    Tensor y = loss(batch);
    y.backward();
    assertThat(r.value().item()).isEqualTo(y.item());
    assertThat(r.grads().sequencedKeySet())
        .containsExactlyElementsOf(model.parameters().sequencedKeySet());
    model
        .parameters()
        .forEach((name, p) ->
            assertThat(r.grads().getOrDefault(name, p).toDoubleArray())
                .isEqualTo(p.grad().toDoubleArray()));
  }

  /// Sums of at most 8 terms, in the order of the batched product.
  @Test
  void gradientsOfEachExampleAreThoseOfTheLoop() {
    SequencedMap<String, Tensor> all =
        Grad.vmap(s -> Grad.valueAndGrad(() -> loss(s), model.parameters()).grads(), batch);
    for (int b = 0; b < 4; b++) {
      Sample one = new Sample(batch.x.select(0, b), batch.label.select(0, b));
      var expected = Grad.valueAndGrad(() -> loss(one), model.parameters()).grads();
      int example = b;
      all.forEach((name, g) -> {
        Tensor difference = g.select(0, example).sub(expected.getOrDefault(name, g)).abs();
        assertThat(difference.max().item()).as(name).isLessThan(16 * Math.ulp(1.0));
      });
    }
  }

  /// `<u, H v> = <H u, v>` for the Hessian by all parameters.
  @Test
  void secondDerivativesByAllParameters() {
    SequencedMap<String, Tensor> u = direction(2);
    SequencedMap<String, Tensor> v = direction(3);
    assertThat(dot(u, product(v))).isCloseTo(dot(v, product(u)), offset(1e-12));
    assertThat(Math.abs(dot(u, product(v)))).isGreaterThan(1e-6);
  }

  private SequencedMap<String, Tensor> direction(long seed) {
    Rng draw = Rng.of(seed);
    SequencedMap<String, Tensor> m = new LinkedHashMap<>();
    model.parameters().forEach((name, p) -> m.put(name, draw.normal(p.shape(), DType.F64)));
    return m;
  }

  private SequencedMap<String, Tensor> product(SequencedMap<String, Tensor> v) {
    SequencedMap<String, Tensor> parameters = model.parameters();
    return Grad.jvp(
            p ->
                Grad.replacing(
                    parameters, p, () -> Grad.valueAndGrad(() -> loss(batch), parameters).grads()),
            parameters,
            v)
        .tangent();
  }

  private static double dot(SequencedMap<String, Tensor> a, SequencedMap<String, Tensor> b) {
    double sum = 0;
    for (var e : a.entrySet()) {
      sum += e.getValue().mul(b.getOrDefault(e.getKey(), e.getValue())).sum().item();
    }
    return sum;
  }
}
