package org.cotangent.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.cotangent.autograd.Rng;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.api.Test;

/// Schedules, clipping, averages: what stands between a gradient and a step.
class TrainingToolsTest {
  // ---- Schedules, against the recursive forms of `golden-tools/layers.py`

  private static void assertFollows(Schedule schedule, String name) {
    double[] expected = Golden.tensor(Golden.get(name)).toDoubleArray();
    for (int t = 0; t < expected.length; t++) {
      assertThat(schedule.rate(t)).as("%s at %d", name, t).isCloseTo(expected[t], within(1e-15));
    }
  }

  @Test
  void schedulesAreTheOnesOfTheirNames() {
    assertFollows(Schedule.step(0.1, 3, 0.5), "StepLR");
    assertFollows(Schedule.exponential(0.1, 0.9), "ExponentialLR");
    assertFollows(Schedule.linear(0.1 / 3, 0.1, 5), "LinearLR");
    assertFollows(Schedule.cosine(0.1, 8, 0.01), "CosineAnnealingLR");
    assertFollows(Schedule.oneCycle(0.5, 20), "OneCycleLR");
    assertThat(Schedule.oneCycle(0.5, 20).rate(25)).isEqualTo(Schedule.oneCycle(0.5, 20).rate(19));
    assertThat(Schedule.constant(0.3).rate(7)).isEqualTo(0.3);
  }

  @Test
  void aWarmUpRisesToWhereTheScheduleBegins() {
    Schedule s = Schedule.exponential(0.5, 0.1).afterWarmUp(4);
    double[] expected = {0.1, 0.2, 0.3, 0.4, 0.5, 0.05};
    for (int t = 0; t < expected.length; t++) {
      assertThat(s.rate(t)).isCloseTo(expected[t], within(1e-15));
    }
  }

  @Test
  void schedulesWithoutStepsAreRefused() {
    assertThatThrownBy(() -> Schedule.step(0.1, 0, 0.5)).hasMessageContaining("0 steps");
    assertThatThrownBy(() -> Schedule.cosine(0.1, -1, 0)).hasMessageContaining("-1 steps");
    assertThatThrownBy(() -> Schedule.oneCycle(0.1, 1)).hasMessageContaining("1 steps");
    assertThatThrownBy(() -> Schedule.oneCycle(0.1, 10, 1, 25, 1e4)).hasMessageContaining("1.0");
    assertThatThrownBy(() -> Schedule.constant(0.1).afterWarmUp(0)).hasMessageContaining("0");
  }

  @Test
  void aPlateauReducesTheRate() {
    double[] metrics = Golden.tensor(Golden.get("metrics")).toDoubleArray();
    double[] rates = Golden.tensor(Golden.get("ReduceLROnPlateau")).toDoubleArray();
    Tensor p = Tensor.parameter(Tensor.of(1.0));
    Optimizer sgd = new SGD(List.of(p), 0.5);
    var plateau = new ReduceOnPlateau(sgd).patience(2).cooldown(1).least(1e-3);
    for (int i = 0; i < metrics.length; i++) {
      double before = sgd.learningRate();
      boolean reduced = plateau.step(metrics[i]);
      assertThat(sgd.learningRate()).as("epoch %d", i).isCloseTo(rates[i], within(1e-15));
      assertThat(reduced).isEqualTo(sgd.learningRate() != before);
      // A copy that goes on from the saved state does the same.
      var next = new ReduceOnPlateau(sgd).patience(2).cooldown(1).least(1e-3);
      next.load(plateau.state());
      plateau = next;
    }
    assertThat(rates[rates.length - 1]).isLessThan(0.5);
  }

  @Test
  void aPlateauBelowZeroIsOneToo() {
    Optimizer sgd = new SGD(List.of(Tensor.parameter(Tensor.of(1.0))), 0.5);
    var plateau = new ReduceOnPlateau(sgd).patience(1).threshold(0.1);
    assertThat(plateau.step(-0.9)).isFalse();
    assertThat(plateau.step(-0.85)).isFalse(); // worse, within a tenth of the best
    assertThat(plateau.step(Double.NaN)).isTrue();
  }

  // ---- Clipping

  @Test
  void clippingByNormScalesAllGradientsByOneFactor() {
    Tensor p = Tensor.parameter(Tensor.of(1.0, 2));
    Tensor q = Tensor.parameter(Tensor.of(3f));
    Tensor still = Tensor.parameter(Tensor.of(1.0));
    List<Tensor> all = List.of(p, q, still);
    p.mul(Tensor.of(3.0, 4)).sum().add(q.mul(12).sum()).backward();

    double before = Gradients.clipNorm(all, 6.5, 2).item();

    assertThat(before).isEqualTo(13);
    assertThat(p.grad().get(0)).isCloseTo(1.5, within(1e-6));
    assertThat(p.grad().get(1)).isCloseTo(2, within(1e-6));
    assertThat(q.grad().get(0)).isCloseTo(6, within(1e-5));
    assertThat(q.grad().dtype()).isEqualTo(DType.F32);
    assertThat(still.hasGrad()).isFalse();
    // Short ones stay to the bit.
    double[] short1 = p.grad().toDoubleArray();
    Gradients.clipNorm(all, 100, 2);
    assertThat(p.grad().toDoubleArray()).isEqualTo(short1);
    assertThat(Gradients.clipNorm(all, 3, Double.POSITIVE_INFINITY).item())
        .isCloseTo(6, within(1e-5));
    assertThat(q.grad().get(0)).isCloseTo(3, within(1e-5));
    assertThat(Gradients.clipNorm(List.of(still), 1, 2).item()).isZero();
    assertThatThrownBy(() -> Gradients.clipNorm(all, -1, 2)).hasMessageContaining("-1.0");
  }

  @Test
  void clippingByValueHoldsEachNumber() {
    Tensor p = Tensor.parameter(Tensor.of(1.0, 2, 3));
    p.mul(Tensor.of(-5.0, 0.5, Double.NaN)).sum().backward();
    Gradients.clipValue(List.of(p), 1);
    assertThat(p.grad().toDoubleArray()).containsExactly(-1, 0.5, Double.NaN);
  }

  @Test
  void clippedGradientsAreWhatTheOptimiserSees() {
    var layer = new Linear(2, 1, Rng.of(1), DType.F64);
    Optimizer sgd = new SGD(layer, 1);
    for (int k = 0; k < 3; k++) {
      sgd.zeroGrad();
      double[] before = layer.weight().toDoubleArray();
      layer.forward(Tensor.ones(Shape.of(1, 2), DType.F64)).mul(1000).sum().backward();
      Gradients.clipNorm(layer, 1);
      sgd.step();
      double moved =
          layer
              .weight()
              .detach()
              .sub(Tensor.of(layer.weight().shape(), before))
              .square()
              .sum()
              .item();
      assertThat(moved).isCloseTo(2.0 / 3, within(1e-5)); // the bias has the third part
    }
  }

  // ---- Averages of weights

  @Test
  void theAverageFollowsTheParameters() {
    Module net =
        new Sequential(new Linear(2, 3, Rng.of(1), DType.F64), new BatchNorm(3, DType.F64));
    var average = new MovingAverage(net, 0.9);
    SequencedMap<String, Tensor> start = net.state();
    Optimizer sgd = new SGD(net, 0.1);
    Map<String, double[]> expected = new LinkedHashMap<>();
    net.parameters().forEach((name, p) -> expected.put(name, p.toDoubleArray()));
    for (int k = 0; k < 5; k++) {
      sgd.zeroGrad();
      net.forward(Rng.of(k).normal(Shape.of(4, 2), DType.F64)).square().sum().backward();
      sgd.step();
      average.update();
      net.parameters()
          .forEach((name, p) -> {
            double[] a = expected.getOrDefault(name, new double[0]);
            for (int i = 0; i < a.length; i++) {
              a[i] = 0.9 * a[i] + (1 - 0.9) * p.toDoubleArray()[i];
            }
          });
    }
    Module copy =
        new Sequential(new Linear(2, 3, Rng.of(2), DType.F64), new BatchNorm(3, DType.F64));
    copy.load(average.state());
    copy.parameters()
        .forEach((name, p) -> assertThat(p.toDoubleArray()).as(name).isEqualTo(expected.get(name)));
    assertThat(copy.buffers().getOrDefault("1.running_mean", Tensor.of(0.0)).toDoubleArray())
        .isEqualTo(net.buffers().getOrDefault("1.running_mean", Tensor.of(1.0)).toDoubleArray());
    // It can go on from what was saved.
    var again = new MovingAverage(net, 0.9);
    again.load(average.state());
    assertThat(again.state().getOrDefault("0.weight", Tensor.of(0.0)).toDoubleArray())
        .isEqualTo(expected.get("0.weight"));
    assertThat(start.keySet()).isEqualTo(average.state().keySet());
  }
}
