package org.cotangent.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.cotangent.autograd.Rng;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.api.Test;

/// Activations, dropout, tables, normalisation, residuals, recurrent networks as modules; their
/// numbers are those of [Functional], or of [LayersGoldenTest].
class LayersMoreTest {
  private static Tensor normal(long seed, int... dims) {
    return Rng.of(seed).normal(Shape.of(dims), DType.F64);
  }

  // ---- Modes and buffers

  @Test
  void dropoutWorksInTrainingModeOnlyAndReachesNestedModules() {
    Tensor x = Tensor.ones(100);
    Module net = new Sequential(new Residual(new Dropout(0.5, Rng.of(1))));
    assertThat(net.forward(x).eq(2).sum().item()).isLessThan(100);
    net.eval();
    assertThat(net.forward(x).eq(2).sum().item()).isEqualTo(100);
    net.train();
    assertThat(net.forward(x).eq(2).sum().item()).isLessThan(100);
  }

  @Test
  void equalSeedsDropTheSameAndLayersDropDifferently() {
    Tensor x = Tensor.ones(100);
    Rng rng = Rng.of(7);
    var a = new Dropout(0.5, rng);
    var b = new Dropout(0.5, rng);
    var again = new Dropout(0.5, Rng.of(7));
    double[] first = a.forward(x).toDoubleArray();
    assertThat(again.forward(x).toDoubleArray()).isEqualTo(first);
    assertThat(b.forward(x).toDoubleArray()).isNotEqualTo(first);
    assertThat(a.forward(x).toDoubleArray()).isNotEqualTo(first);
  }

  @Test
  void buffersAreSavedAndLoadedButNotLearnt() {
    Module net = new Sequential(new Linear(2, 3, Rng.of(1)), new BatchNorm(3));
    assertThat(net.parameters().keySet())
        .containsExactly("0.weight", "0.bias", "1.weight", "1.bias");
    assertThat(net.buffers().keySet()).containsExactly("1.running_mean", "1.running_var");
    assertThat(net.state().keySet())
        .containsExactly(
            "0.weight", "0.bias", "1.weight", "1.bias", "1.running_mean", "1.running_var");
    assertThat(net.parameterCount()).isEqualTo(6 + 3 + 3 + 3);

    Map<String, Tensor> before = net.state();
    net.forward(Rng.of(2).normal(Shape.of(8, 2), DType.F32)).sum().backward();
    assertThat(net.state().get("1.running_mean")).isNotNull();
    assertThat(net.state().getOrDefault("1.running_mean", Tensor.of(0f)).toDoubleArray())
        .isNotEqualTo(before.getOrDefault("1.running_mean", Tensor.of(0f)).toDoubleArray());
    net.buffers().values().forEach(b -> assertThat(b.hasGrad()).isFalse());

    net.load(before);
    assertThat(net.state().getOrDefault("1.running_mean", Tensor.of(1f)).toDoubleArray())
        .containsOnly(0);
    Map<String, Tensor> incomplete = new LinkedHashMap<>(before);
    incomplete.remove("1.running_var");
    assertThatThrownBy(() -> net.load(incomplete))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("load: missing", "1.running_var");
  }

  @Test
  void evaluationOfABatchNormIsConstantInItsStatistics() {
    var layer = new BatchNorm(2, DType.F64);
    layer.eval();
    Tensor x = Tensor.parameter(normal(1, 3, 2));
    layer.forward(x).sum().backward();
    layer.buffers().values().forEach(b -> assertThat(b.hasGrad()).isFalse());
    assertThat(x.grad().get(0, 0)).isCloseTo(1 / Math.sqrt(1 + 1e-5), within(1e-15));
    assertThat(layer.buffers().getOrDefault("running_mean", Tensor.of(1.0)).toDoubleArray())
        .containsOnly(0);
  }

  @Test
  void momentumOfTheRunningStatistics() {
    Tensor x = normal(1, 16, 2);
    var layer = new BatchNorm(2, DType.F64).momentum(1).epsilon(1e-3);
    layer.forward(x);
    Tensor mean = x.mean(0);
    Tensor variance = x.sub(mean).square().sum(0).div(15);
    Map<String, Tensor> state = layer.state();
    assertThat(state.getOrDefault("running_mean", x).sub(mean).abs().max().item())
        .isLessThan(1e-15);
    assertThat(state.getOrDefault("running_var", x).sub(variance).abs().max().item())
        .isLessThan(1e-15);
    assertThatThrownBy(() -> layer.momentum(2)).hasMessageContaining("2.0");
  }

  // ---- Layers are the functions

  @Test
  void layersComputeTheirFunctions() {
    Tensor x = normal(1, 4, 6, 3);
    same(new Activation(Functional::silu).forward(x), Functional.silu(x));
    same(new PReLU(1, DType.F64).forward(x), Functional.leakyRelu(x, 0.25));
    same(new PReLU(6, DType.F64).forward(x), Functional.leakyRelu(x, 0.25));
    same(
        new LayerNorm(Shape.of(6, 3), DType.F64).forward(x),
        Functional.layerNorm(x, Shape.of(6, 3), 1e-5));
    same(new GroupNorm(2, 6, DType.F64).epsilon(0.1).forward(x), Functional.groupNorm(x, 2, 0.1));
    same(new InstanceNorm().forward(x), Functional.instanceNorm(x, 1e-5));
    same(new Residual(new ReLU(), new Tanh()).forward(x), Functional.relu(x).add(x.tanh()));
    var table = new Embedding(5, 3, Init.normal(0, 1), Rng.of(1), DType.F64);
    same(table.forward(Tensor.of(4, 0)), Functional.embedding(Tensor.of(4, 0), table.weight()));
  }

  private static void same(Tensor a, Tensor b) {
    assertThat(a.sub(b).abs().max().item()).isLessThan(1e-15);
  }

  @Test
  void layersPrintAsPyTorchsDo() {
    assertThat(new Activation("gelu", Functional::gelu)).hasToString("Activation(gelu)");
    assertThat(new BatchNorm(3)).hasToString("BatchNorm(3, eps=1.0E-5, momentum=0.1)");
    assertThat(new LayerNorm(4)).hasToString("LayerNorm([4], eps=1.0E-5)");
    assertThat(new GroupNorm(2, 4)).hasToString("GroupNorm(2, 4, eps=1.0E-5)");
    assertThat(new InstanceNorm()).hasToString("InstanceNorm(eps=1.0E-5)");
    assertThat(new Embedding(5, 3, Rng.of(1))).hasToString("Embedding(5, 3)");
    assertThat(new Dropout(0.5, Rng.of(1))).hasToString("Dropout(p=0.5)");
    assertThat(new PReLU()).hasToString("PReLU(num_parameters=1)");
    assertThat(new LSTM(2, 3, Rng.of(1)))
        .hasToString("LSTM(\n  (l0): LSTMCell(2, 3)\n  (dropout): Dropout(p=0.0)\n)");
  }

  // ---- Recurrent

  @Test
  void aSequenceInTwoPartsIsTheWholeOne() {
    for (Recurrent layer :
        List.of(
            new RNN(2, 3, Rng.of(1), RecurrentOptions.DEFAULT.layers(2).dtype(DType.F64)),
            new LSTM(2, 3, Rng.of(1), RecurrentOptions.DEFAULT.layers(2).dtype(DType.F64)),
            new GRU(2, 3, Rng.of(1), RecurrentOptions.DEFAULT.layers(2).dtype(DType.F64)))) {
      Tensor x = normal(2, 4, 7, 2);
      Recurrent.Result whole = layer.run(x);
      Recurrent.Result first = layer.run(x.slice(1, 0, 5));
      Recurrent.Result second = layer.run(x.slice(1, 5, 7), first.state());
      same(Tensor.concat(1, first.output(), second.output()), whole.output());
      for (int i = 0; i < whole.state().size(); i++) {
        same(second.state().get(i), whole.state().get(i));
      }
      assertThat(whole.output().shape()).isEqualTo(Shape.of(4, 7, 3));
      assertThat(whole.state().getFirst().shape()).isEqualTo(Shape.of(2, 4, 3));
      same(whole.output().select(1, 6), whole.state().getFirst().select(0, 1));
    }
  }

  @Test
  void aCellIsAStepOfTheNetwork() {
    var lstm = new LSTM(2, 3, Rng.of(1), RecurrentOptions.DEFAULT.dtype(DType.F64));
    RecurrentCell cell = lstm.cells().getFirst();
    Tensor x = normal(2, 4, 2, 2);
    List<Tensor> state = cell.start(4);
    for (int t = 0; t < 2; t++) {
      state = cell.step(x.select(1, t), state);
    }
    same(state.get(1), lstm.run(x).state().get(1).select(0, 0));
    same(cell.forward(x.select(1, 0)), lstm.forward(x).select(1, 0));
    assertThat(cell.hidden()).isEqualTo(3);
  }

  /// As PyTorch: all uniform in ±1/√hidden.
  @Test
  void recurrentWeightsStartWithinTheirBound() {
    var gru = new GRU(10, 16, Rng.of(1));
    gru.parameters()
        .forEach((name, p) -> {
          double most = p.abs().max().item();
          assertThat(most).as(name).isBetween(0.2, 0.25);
        });
  }

  @Test
  void dropoutBetweenLayersNeedsTrainingMode() {
    var net = new GRU(2, 8, Rng.of(1), RecurrentOptions.DEFAULT.layers(2).dropout(0.5));
    Tensor x = Rng.of(2).normal(Shape.of(1, 3, 2), DType.F32);
    assertThat(net.forward(x).toDoubleArray()).isNotEqualTo(net.forward(x).toDoubleArray());
    net.eval();
    assertThat(net.forward(x).toDoubleArray()).isEqualTo(net.forward(x).toDoubleArray());
  }

  // ---- Attention

  @Test
  void attentionToAnotherSequence() {
    var layer = new MultiHeadAttention(4, 2, Rng.of(1), DType.F64);
    Tensor q = normal(1, 2, 3, 4);
    Tensor k = normal(2, 2, 5, 4);
    assertThat(layer.attend(q, k, k).shape()).isEqualTo(Shape.of(2, 3, 4));
    // A key that a mask hides may be anything.
    Tensor mask = Tensor.arange(5).lt(4);
    Tensor other = Tensor.concat(1, k.slice(1, 0, 4), normal(3, 2, 1, 4));
    same(layer.attend(q, k, k, mask), layer.attend(q, other, other, mask));
  }

  @Test
  void aCausalBlockDoesNotSeeTheFuture() {
    var block = new TransformerEncoderBlock(4, 2, 8, Rng.of(1), DType.F64);
    block.eval();
    Tensor x = normal(1, 1, 5, 4);
    Tensor mask = Functional.causalMask(5, 5);
    Tensor changed = Tensor.concat(1, x.slice(1, 0, 3), normal(2, 1, 2, 4));
    same(block.forward(x, mask).slice(1, 0, 3), block.forward(changed, mask).slice(1, 0, 3));
    assertThat(block.forward(x).sub(block.forward(changed)).slice(1, 0, 3).abs().min().item())
        .isPositive();
  }

  @Test
  void dropoutInABlockNeedsTrainingMode() {
    var block = new TransformerEncoderBlock(4, 2, 8, Rng.of(1)).dropout(0.5);
    Tensor x = Rng.of(2).normal(Shape.of(1, 5, 4), DType.F32);
    assertThat(block.forward(x).toDoubleArray()).isNotEqualTo(block.forward(x).toDoubleArray());
    block.eval();
    assertThat(block.forward(x).toDoubleArray()).isEqualTo(block.forward(x).toDoubleArray());
  }

  /// The whole chain in one: a sequence is to be summed, which only works if gradients flow through
  /// time.
  @Test
  void aRecurrentNetworkLearnsToAdd() {
    Rng rng = Rng.of(5);
    Tensor x = rng.normal(Shape.of(64, 6, 1), DType.F32).mul(0.3);
    Tensor y = x.sum(1);
    var gru = new GRU(1, 12, rng);
    var out = new Linear(12, 1, rng);
    List<Tensor> all =
        java.util.stream.Stream.concat(
                gru.parameters().values().stream(), out.parameters().values().stream())
            .toList();
    Optimizer adam = new Adam(all, 0.02);
    double loss = Double.NaN;
    for (int k = 0; k < 60; k++) {
      adam.zeroGrad();
      Tensor l = Functional.mseLoss(out.forward(gru.forward(x).select(1, 5)), y);
      l.backward();
      Gradients.clipNorm(all, 1, 2);
      adam.step();
      loss = l.item();
    }
    assertThat(loss).isLessThan(0.05 * y.square().mean().item());
  }

  // ---- Errors

  @Test
  void whatDoesNotFitIsRefused() {
    Rng rng = Rng.of(1);
    assertThatThrownBy(() -> new Dropout(-0.1, rng)).hasMessageContaining("-0.1");
    assertThatThrownBy(() -> new Embedding(0, 3, rng)).hasMessageContaining("0 rows");
    assertThatThrownBy(() -> new BatchNorm(0)).hasMessageContaining("0 channels");
    assertThatThrownBy(() -> new GroupNorm(2, 5)).hasMessageContaining("2 groups");
    assertThatThrownBy(() -> new LayerNorm(Shape.SCALAR, DType.F32)).hasMessageContaining("axes");
    assertThatThrownBy(() -> new MultiHeadAttention(5, 2, rng)).hasMessageContaining("2 heads");
    assertThatThrownBy(() -> new MultiHeadAttention(4, 2, rng).forward(Tensor.ones(3, 4)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("[3, 4]", "[n, time, 4]");
    assertThatThrownBy(() -> new LSTM(2, 0, rng)).hasMessageContaining("0 hidden");
    assertThatThrownBy(() -> RecurrentOptions.DEFAULT.layers(0)).hasMessageContaining("0 layers");
    var lstm = new LSTM(2, 3, rng);
    assertThatThrownBy(() -> lstm.forward(Tensor.ones(4, 5, 3)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("LSTM", "[4, 5, 3]", "[n, time, 2]");
    assertThatThrownBy(() -> lstm.run(Tensor.ones(4, 5, 2), List.of(Tensor.ones(1, 4, 3))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("[[1, 4, 3]]", "2 of [1, n, hidden]");
    assertThatThrownBy(
            () -> lstm.cells().getFirst().step(Tensor.ones(4, 2), List.of(Tensor.ones(4, 3))))
        .hasMessageContaining("must have 2");
    assertThatThrownBy(() -> new Residual(new Linear(3, 2, rng)).forward(Tensor.ones(4, 3)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("[4, 2]", "[4, 3]", "shortcut");
  }
}
