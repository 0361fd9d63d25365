package org.cotangent.nn;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.cotangent.autograd.GradCheck;
import org.cotangent.autograd.Rng;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Layers against the formulas of PyTorch's documentation, evaluated in NumPy
/// (`golden-tools/layers.py`): values, last states, and gradients by input and every parameter.
class LayersGoldenTest {
  private static final Rng RNG = Rng.of(1);

  /// A layer and what it gives, the output first.
  record Case(String name, Module layer, Function<Tensor, List<Tensor>> run) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Case recurrent(Recurrent layer) {
    return new Case(
        layer.getClass().getSimpleName(),
        layer,
        x -> {
          Recurrent.Result r = layer.run(x);
          return Stream.concat(Stream.of(r.output()), r.state().stream()).toList();
        });
  }

  static Stream<Case> cases() {
    RecurrentOptions options =
        RecurrentOptions.DEFAULT.layers(2).inBothDirections().dtype(DType.F64);
    var attention = new MultiHeadAttention(4, 2, RNG, DType.F64);
    var block = new TransformerEncoderBlock(4, 2, 5, RNG, DType.F64).dropout(0);
    var first = new TransformerEncoderBlock(4, 2, 5, RNG, DType.F64).dropout(0).normFirst();
    return Stream.of(
        recurrent(new RNN(2, 2, RNG, options)),
        recurrent(new LSTM(2, 2, RNG, options)),
        recurrent(new GRU(2, 2, RNG, options)),
        new Case("MultiHeadAttention", attention, x -> List.of(attention.forward(x))),
        new Case(
            "MultiHeadAttention, causal",
            attention,
            x -> List.of(attention.attend(x, x, x, Functional.causalMask(3, 3)))),
        new Case("TransformerEncoderBlock", block, x -> List.of(block.forward(x))),
        new Case("TransformerEncoderBlock, norm first", first, x -> List.of(first.forward(x))));
  }

  private static void assertClose(String what, Tensor actual, Tensor expected) {
    assertThat(actual.shape()).as(what).isEqualTo(expected.shape());
    double scale = Math.max(1, expected.abs().max().item());
    assertThat(actual.sub(expected).abs().max().item() / scale).as(what).isLessThan(1e-13);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void valuesAndGradientsAreThoseOfTheFormulas(Case c) {
    Map<String, Object> golden = Golden.map(Golden.get(c.name));
    c.layer.load(Golden.named(Golden.value(golden, "parameters")));
    Tensor x = Tensor.parameter(Golden.tensor(Golden.value(golden, "x")));

    List<Tensor> out = c.run.apply(x);

    List<Tensor> expected = Golden.tensors(Golden.value(golden, "out"));
    assertThat(out).hasSameSizeAs(expected);
    for (int i = 0; i < out.size(); i++) {
      assertClose("result " + i, out.get(i), expected.get(i));
    }
    c.layer.zeroGrad();
    out.getFirst().backward(Golden.tensor(Golden.value(golden, "cotangent")));
    assertClose("gradient of the input", x.grad(), Golden.tensor(Golden.value(golden, "dx")));
    Map<String, Tensor> gradients = Golden.named(Golden.value(golden, "gradients"));
    c.layer
        .parameters()
        .forEach((name, p) -> {
          Tensor g = gradients.getOrDefault(name, Tensor.of(Double.NaN));
          assertClose("gradient of " + name, p.grad(), g);
        });
  }

  /// Without a mask they are checked in `model.PyTorchLayersTest`.
  static Stream<Case> masked() {
    return cases().filter(c -> c.name.endsWith("causal"));
  }

  @ParameterizedTest
  @MethodSource("masked")
  void secondDerivativesAgreeWithDifferences(Case c) {
    Map<String, Object> golden = Golden.map(Golden.get(c.name));
    c.layer.load(Golden.named(Golden.value(golden, "parameters")));
    GradCheck.standard()
        .projected(5)
        .order(2)
        .check(
            c.name,
            in -> c.run.apply(in.getFirst()).getFirst(),
            List.of(Golden.tensor(Golden.value(golden, "x"))))
        .requirePassed();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void singlePrecisionIsNear(Case c) {
    Map<String, Object> golden = Golden.map(Golden.get(c.name));
    Map<String, Tensor> state = new LinkedHashMap<>();
    Golden.named(Golden.value(golden, "parameters"))
        .forEach((name, t) -> state.put(name, t.to(DType.F32)));
    RecurrentOptions options = RecurrentOptions.DEFAULT.layers(2).inBothDirections();
    Module layer =
        switch (c.layer) {
          case RNN _ -> new RNN(2, 2, RNG, options);
          case LSTM _ -> new LSTM(2, 2, RNG, options);
          case GRU _ -> new GRU(2, 2, RNG, options);
          case MultiHeadAttention _ -> new MultiHeadAttention(4, 2, RNG);
          default -> {
            var block = new TransformerEncoderBlock(4, 2, 5, RNG).dropout(0);
            yield c.name.endsWith("first") ? block.normFirst() : block;
          }
        };
    layer.load(state);
    Tensor x = Golden.tensor(Golden.value(golden, "x"));
    if (!c.name.endsWith("causal")) {
      Tensor y = layer.forward(x.to(DType.F32));
      assertThat(y.dtype()).isEqualTo(DType.F32);
      Tensor expected = Golden.tensors(Golden.value(golden, "out")).getFirst();
      assertThat(y.sub(expected).abs().max().item()).isLessThan(1e-5);
    }
  }

  @Test
  void batchNormKeepsRunningStatistics() {
    Map<String, Object> golden = Golden.map(Golden.get("BatchNorm"));
    for (DType dtype : List.of(DType.F64, DType.F32)) {
      double bound = dtype == DType.F64 ? 1e-14 : 1e-6;
      var layer = new BatchNorm(2, dtype);
      Map<String, Tensor> state = new LinkedHashMap<>(layer.state());
      state.put("weight", Golden.tensor(Golden.value(golden, "weight")).to(dtype));
      state.put("bias", Golden.tensor(Golden.value(golden, "bias")).to(dtype));
      layer.load(state);
      List<Tensor> batches = Golden.tensors(Golden.value(golden, "batches"));
      List<Tensor> outputs = Golden.tensors(Golden.value(golden, "outputs"));
      for (int i = 0; i < 3; i++) {
        Tensor y = layer.forward(batches.get(i).to(dtype));
        assertThat(y.sub(outputs.get(i)).abs().max().item()).isLessThan(10 * bound);
      }
      Map<String, Tensor> after = layer.buffers();
      for (String name : List.of("running_mean", "running_var")) {
        Tensor r = after.getOrDefault(name, Tensor.of(Double.NaN)).detach();
        assertThat(r.sub(Golden.tensor(Golden.value(golden, name))).abs().max().item())
            .as(name)
            .isLessThan(bound);
      }
      layer.eval();
      Tensor y = layer.forward(batches.getFirst().to(dtype));
      assertThat(y.sub(Golden.tensor(Golden.value(golden, "evaluated"))).abs().max().item())
          .isLessThan(10 * bound);
    }
  }
}
