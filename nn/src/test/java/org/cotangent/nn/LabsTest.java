package org.cotangent.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.cotangent.autograd.Grad;
import org.cotangent.autograd.Tensor;
import org.cotangent.nn.io.Labs;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The experiments of the lab reports, from the recorded initial weights, against what a NumPy run
/// of them gives.
class LabsTest {
  private static final Loss LOSS = new SoftmaxCrossEntropy();

  /// Linear, ReLU, Linear with the recorded initial weights.
  private static Module network(Map<String, Tensor> recorded) {
    SequencedMap<String, Module> layers = new LinkedHashMap<>();
    layers.put("layer1", linear(recorded, "layer1"));
    layers.put("relu", new ReLU());
    layers.put("layer2", linear(recorded, "layer2"));
    return new Sequential(layers);
  }

  private static Linear linear(Map<String, Tensor> recorded, String name) {
    return new Linear(
        tensor(recorded, "init." + name + ".weight"), tensor(recorded, "init." + name + ".bias"));
  }

  private static Tensor tensor(Map<String, Tensor> recorded, String name) {
    assertThat(recorded).containsKey(name);
    return recorded.getOrDefault(name, Tensor.of(0.0));
  }

  private static void assertClose(String what, Tensor actual, Tensor expected, double tolerance) {
    assertThat(actual.shape()).as(what).isEqualTo(expected.shape());
    assertThat(actual.sub(expected).abs().max().item()).as(what).isLessThanOrEqualTo(tolerance);
  }

  /// One set of samples in a recorded row: the loss in the given column, then the accuracy.
  private record Watched(Tensor x, Tensor t, int column) {
    void check(Module net, double[] row) {
      Tensor logits = Grad.without(() -> net.forward(x));
      assertThat(LOSS.of(logits, t).item())
          .as("loss at epoch %s", row[0])
          .isCloseTo(row[column], within(1e-9));
      assertThat(Metrics.accuracy(logits, t))
          .as("accuracy at epoch %s", row[0])
          .isEqualTo(row[column + 1]);
    }
  }

  private static void train(
      Module net, Watched training, double lr, List<double[]> rows, List<Watched> watched) {
    Optimizer sgd = new SGD(net, lr);
    int epoch = 0;
    for (double[] row : rows) {
      for (; epoch < row[0]; epoch++) {
        step(net, training, sgd);
      }
      for (Watched w : watched) {
        w.check(net, row);
      }
    }
  }

  private static void step(Module net, Watched training, Optimizer sgd) {
    sgd.zeroGrad();
    LOSS.of(net.forward(training.x), training.t).backward();
    sgd.step();
  }

  @ParameterizedTest
  @CsvSource({"xor, x, t", "spiral, train.x, train.t"})
  void firstGradientsAreTheRecordedOnes(String experiment, String x, String t) throws Exception {
    Map<String, Tensor> recorded = Labs.tensors(experiment);
    Module net = network(recorded);

    LOSS.of(net.forward(tensor(recorded, x)), tensor(recorded, t)).backward();

    assertThat(net.parameters()).hasSize(4);
    net.parameters()
        .forEach((name, p) -> assertClose(name, p.grad(), tensor(recorded, "grad." + name), 1e-12));
  }

  @Test
  void xorFollowsTheRecordedTrajectory() throws Exception {
    Map<String, Tensor> recorded = Labs.tensors("xor");
    Module net = network(recorded);
    List<double[]> rows = Labs.rows("xor");
    var all = new Watched(tensor(recorded, "x"), tensor(recorded, "t"), 1);

    assertThat(rows).hasSize(21);
    train(net, all, 0.1, rows, List.of(all));

    // The final weights were recorded after the step that follows the last row.
    step(net, all, new SGD(net, 0.1));
    net.parameters()
        .forEach(
            (name, p) -> assertClose(name, p.detach(), tensor(recorded, "final." + name), 1e-9));
  }

  @ParameterizedTest
  @CsvSource({"0.2", "1.0", "5.0"})
  void spiralFollowsTheRecordedTrajectory(double lr) throws Exception {
    Map<String, Tensor> recorded = Labs.tensors("spiral");
    Module net = network(recorded);
    List<double[]> rows = Labs.rows("spiral lr=" + lr);
    var train = new Watched(tensor(recorded, "train.x"), tensor(recorded, "train.t"), 1);
    var test = new Watched(tensor(recorded, "test.x"), tensor(recorded, "test.t"), 3);

    assertThat(rows).hasSize(21);
    train(net, train, lr, rows, List.of(train, test));
  }

  @Test
  void theNetworkOnPaperGivesItsForwardValuesAndGradients() throws Exception {
    String lab = "two-layer";
    var hidden = new Linear(Labs.value(lab, "W"), Labs.value(lab, "b"));
    var out = new Linear(Labs.value(lab, "V"), Labs.value(lab, "c"));
    Module net = new Sequential(hidden, new Sigmoid(), out);
    Tensor x = Labs.value(lab, "x").unsqueeze(0);
    Tensor target = Tensor.of((int) Labs.value(lab, "target").item());

    Tensor loss = LOSS.of(net.forward(x), target);
    loss.backward();

    assertThat(loss.item()).isCloseTo(Labs.value(lab, "loss").item(), within(1e-15));
    assertClose("dW", hidden.weight().grad(), Labs.value(lab, "dW"), 1e-15);
    assertClose("db", hidden.bias().orElseThrow().grad(), Labs.value(lab, "db"), 1e-15);
    assertClose("dV", out.weight().grad(), Labs.value(lab, "dV"), 1e-15);
    assertClose("dc", out.bias().orElseThrow().grad(), Labs.value(lab, "dc"), 1e-15);

    new SGD(net, 0.1).step();
    Tensor after = Labs.value(lab, "V after one step at lr 0.1");
    assertClose("V", out.weight().detach(), after, 1e-15);
    assertClose("c", out.bias().orElseThrow().detach(), Labs.value(lab, "c after"), 1e-15);
  }
}
