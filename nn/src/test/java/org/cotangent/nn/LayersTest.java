package org.cotangent.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.cotangent.autograd.GradCheck;
import org.cotangent.autograd.Rng;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.api.Test;

class LayersTest {
  private static Tensor normal(long seed, int... dims) {
    return Rng.of(seed).normal(Shape.of(dims), DType.F64);
  }

  @Test
  void linearIsXTimesWPlusB() {
    Tensor w = Tensor.of(new double[][] {{1, 2, 3}, {4, 5, 6}});
    Tensor b = Tensor.of(10.0, 20.0, 30.0);
    Tensor x = Tensor.of(new double[][] {{1, 0}, {1, -1}});

    assertThat(new Linear(w, b).forward(x).toDoubleArray()).containsExactly(11, 22, 33, 7, 17, 27);
    assertThat(new Linear(w).forward(x).toDoubleArray()).containsExactly(1, 2, 3, -3, -3, -3);
    assertThat(new Linear(w).bias()).isEmpty();
    assertThat(new Linear(w)).hasToString("Linear(in_features=2, out_features=3, bias=false)");
  }

  @Test
  void linearTakesAVectorOrAnyNumberOfBatchAxes() {
    Linear layer = new Linear(4, 3, Rng.of(1), DType.F64);
    assertThat(layer.forward(normal(1, 4)).shape()).isEqualTo(Shape.of(3));
    assertThat(layer.forward(normal(1, 0, 4)).shape()).isEqualTo(Shape.of(0, 3));
    Tensor x = normal(1, 5, 2, 4);
    Tensor y = layer.forward(x);
    assertThat(y.shape()).isEqualTo(Shape.of(5, 2, 3));
    assertThat(y.reshape(10, 3).toDoubleArray())
        .isEqualTo(layer.forward(x.reshape(10, 4)).toDoubleArray());
  }

  @Test
  void linearRefusesWhatDoesNotFit() {
    Linear layer = new Linear(4, 3, Rng.of(1));
    assertThatThrownBy(() -> layer.forward(Tensor.ones(5, 3)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("linear", "[5, 3]", "[4, 3]", "last axis");
    assertThatThrownBy(() -> layer.forward(Tensor.scalar(1))).hasMessageContaining("[]");
    assertThatThrownBy(() -> Functional.linear(Tensor.ones(2), Tensor.ones(2, 3), Tensor.ones(2)))
        .hasMessageContainingAll("[2]", "[2, 3]", "[out]");
    assertThatThrownBy(() -> new Linear(Tensor.ones(3))).hasMessageContaining("[in, out]");
    assertThatThrownBy(() -> new Linear(Tensor.ones(2, 3), Tensor.ones(2)))
        .hasMessageContainingAll("[2], F32", "[3], F32");
    assertThatThrownBy(() -> new Linear(Tensor.ones(2, 3), Tensor.of(1.0, 2, 3)))
        .hasMessageContaining("F64");
    assertThatThrownBy(() -> new Linear(0, 3, Rng.of(1))).hasMessageContaining("0 inputs");
    assertThatThrownBy(() -> new Linear(2, 3, Rng.of(1), DType.I32))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("I32");
  }

  @Test
  void flattenKeepsTheBatch() {
    assertThat(new Flatten().forward(Tensor.ones(5, 2, 3)).shape()).isEqualTo(Shape.of(5, 6));
    assertThat(new Flatten().forward(Tensor.ones(5, 2)).shape()).isEqualTo(Shape.of(5, 2));
    assertThatThrownBy(() -> new Flatten().forward(Tensor.ones(5))).hasMessageContaining("[5]");
  }

  @Test
  void activationsAreTheFunctionsOfTheirNames() {
    Tensor x = Tensor.of(-1.5, 0.0, 2.0);
    assertThat(new ReLU().forward(x).toDoubleArray()).containsExactly(0, 0, 2);
    assertThat(new Tanh().forward(x).toDoubleArray()).isEqualTo(x.tanh().toDoubleArray());
    assertThat(new Sigmoid().forward(x).toDoubleArray()).isEqualTo(x.sigmoid().toDoubleArray());
    // Three numbers, each rounded: their sum is 1 to as many units in the last place.
    assertThat(new Softmax().forward(x).sum().sub(1).abs().item()).isLessThan(4e-16);
    Tensor columns = new Softmax(0).forward(normal(1, 3, 2));
    assertThat(columns.sum(0).sub(1).abs().max().item()).isLessThan(1e-15);
  }

  @Test
  void anEmptySequenceIsTheIdentity() {
    Tensor x = Tensor.ones(2);
    assertThat(new Sequential().forward(x)).isSameAs(x);
    assertThat(new Sequential(new ReLU(), new Tanh()).layers()).hasSize(2);
  }

  /// By the input and by every parameter: the state is the function's further inputs.
  @Test
  void gradientsOfLayersAgreeWithDifferences() {
    Rng rng = Rng.of(7);
    check(new Linear(3, 2, rng, DType.F64), normal(1, 4, 3));
    check(Linear.withoutBias(3, 2, Init.glorotNormal(), rng, DType.F64), normal(1, 2, 2, 3));
    for (Module m : List.of(new ReLU(), new Tanh(), new Sigmoid(), new Softmax(), new Flatten())) {
      check(m, normal(2, 3, 4));
    }
    check(
        new Sequential(
            new Linear(3, 4, rng, DType.F64),
            new Tanh(),
            new Linear(4, 3, rng, DType.F64),
            new Softmax()),
        normal(3, 2, 3));
  }

  private static void check(Module m, Tensor x) {
    GradCheck.standard()
        .order(2)
        .check("input of " + m, in -> m.forward(in.getFirst()), List.of(x))
        .requirePassed();
    // Analytic by backward(), numeric by moving one number of one parameter at a time.
    Tensor w = normal(9, m.forward(x).shape().dims());
    m.zeroGrad();
    if (m.parameters().isEmpty()) {
      return;
    }
    m.forward(x).mul(w).sum().backward();
    m.parameters()
        .forEach((name, p) -> {
          double[] analytic = p.grad().toDoubleArray();
          for (int i = 0; i < p.size(); i++) {
            double h = 1e-6;
            double numeric = (moved(m, name, i, h, x, w) - moved(m, name, i, -h, x, w)) / (2 * h);
            assertThat(analytic[i])
                .as("%s, element %d of %s", m, i, name)
                .isCloseTo(numeric, within(1e-8));
          }
        });
  }

  private static double moved(Module m, String name, int i, double h, Tensor x, Tensor w) {
    Map<String, Tensor> before = m.state();
    Map<String, Tensor> after = new LinkedHashMap<>(before);
    after.computeIfPresent(
        name,
        (_, t) -> {
          double[] data = t.toDoubleArray();
          data[i] += h;
          return Tensor.of(t.shape(), data);
        });
    m.load(after);
    double y = m.forward(x).mul(w).sum().item();
    m.load(before);
    return y;
  }

  @Test
  void aSpiralOfTwoArmsIsLearnt() {
    Rng rng = Rng.of(3);
    List<double[]> points = new ArrayList<>();
    int[] classes = new int[100];
    for (int i = 0; i < 100; i++) {
      double r = i / 100.0 + 0.05;
      double angle = 3 * r + Math.PI * (i % 2);
      points.add(new double[] {r * Math.cos(angle), r * Math.sin(angle)});
      classes[i] = i % 2;
    }
    Tensor x = Tensor.of(points.toArray(double[][]::new)).to(DType.F32);
    Tensor t = Tensor.of(classes);
    Module net = new Sequential(new Linear(2, 16, rng), new ReLU(), new Linear(16, 2, rng));
    Optimizer adam = new Adam(net, 0.05);
    for (int epoch = 0; epoch < 150; epoch++) {
      adam.zeroGrad();
      new SoftmaxCrossEntropy().of(net.forward(x), t).backward();
      adam.step();
    }
    assertThat(Metrics.accuracy(net.forward(x), t)).isGreaterThan(0.98);
  }
}
