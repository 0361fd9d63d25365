package org.cotangent.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import org.cotangent.autograd.Rng;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.api.Test;

class ModuleTest {
  private static final class Mlp extends Module {
    private final Tensor scale = parameter("scale", Tensor.scalar(2));
    private final Linear hidden;
    private final Module body;

    Mlp(Rng rng) {
      hidden = child("hidden", new Linear(2, 4, rng));
      body = child("body", new Sequential(new ReLU(), new Linear(4, 3, rng), new Softmax()));
    }

    @Override
    public Tensor forward(Tensor x) {
      return body.forward(hidden.forward(x).mul(scale));
    }
  }

  @Test
  void parametersHaveDottedNamesInOrder() {
    assertThat(new Mlp(Rng.of(1)).parameters().keySet())
        .containsExactly("scale", "hidden.weight", "hidden.bias", "body.1.weight", "body.1.bias");
    assertThat(new Sequential(new Linear(2, 3, Rng.of(1)), new Tanh()).parameters().keySet())
        .containsExactly("0.weight", "0.bias");
  }

  @Test
  void childrenAreFoundByName() {
    Module net = new Mlp(Rng.of(1));
    assertThat(net.children().keySet()).containsExactly("hidden", "body");
    assertThat(net.children().get("hidden")).isInstanceOf(Linear.class);
  }

  @Test
  void namedLayersGiveTheirNamesToParameters() {
    SequencedMap<String, Module> layers = new LinkedHashMap<>();
    layers.put("layer1", new Linear(2, 3, Rng.of(1)));
    layers.put("act", new Sigmoid());
    assertThat(new Sequential(layers).parameters().keySet())
        .containsExactly("layer1.weight", "layer1.bias");
  }

  @Test
  void generatorsHaveDottedNamesAndAreNoPartOfTheState() {
    Rng rng = Rng.of(1);
    Dropout twice = new Dropout(0.5, rng);
    Module net = new Sequential(twice, new TransformerEncoderBlock(4, 2, 8, rng), twice);
    assertThat(net.generators().keySet()).containsExactly("0.rng", "1.rng", "1.self_attn.rng");
    assertThat(net.state().keySet()).noneMatch(name -> name.contains("rng"));
    assertThat(new Sequential(new LSTM(2, 3, rng)).generators().keySet())
        .containsExactly("0.dropout.rng");
    Rng.State before = twice.generators().firstEntry().getValue().state();
    twice.forward(Tensor.ones(3));
    assertThat(net.generators().firstEntry().getValue().state()).isNotEqualTo(before);
  }

  @Test
  void aSharedParameterIsListedOnce() {
    Linear shared = new Linear(2, 2, Rng.of(1));
    Module net = new Sequential(shared, new ReLU(), shared);
    assertThat(net.parameters().keySet()).containsExactly("0.weight", "0.bias");
    assertThat(net.parameterCount()).isEqualTo(6);
    net.load(net.state());
  }

  @Test
  void parametersAreCounted() {
    assertThat(new Mlp(Rng.of(1)).parameterCount()).isEqualTo(1 + 8 + 4 + 12 + 3);
    assertThat(new ReLU().parameterCount()).isZero();
  }

  @Test
  void zeroGradForgetsAllGradients() {
    Module net = new Mlp(Rng.of(1));
    net.forward(Tensor.ones(1, 2)).log().sum().backward();
    assertThat(net.parameters().values()).allMatch(Tensor::hasGrad);
    net.zeroGrad();
    assertThat(net.parameters().values()).noneMatch(Tensor::hasGrad);
  }

  @Test
  void theModeReachesAllInside() {
    Module net = new Mlp(Rng.of(1));
    Module inner = net.children().values().iterator().next();
    assertThat(net.isTraining()).isTrue();
    net.eval();
    assertThat(net.isTraining()).isFalse();
    assertThat(inner.isTraining()).isFalse();
    net.train();
    assertThat(inner.isTraining()).isTrue();
  }

  @Test
  void stateMakesTheRoundTrip() {
    Module a = new Mlp(Rng.of(1));
    Module b = new Mlp(Rng.of(2));
    Tensor x = Rng.of(3).normal(Shape.of(5, 2), DType.F32);
    assertThat(b.forward(x).toFloatArray()).isNotEqualTo(a.forward(x).toFloatArray());

    b.load(a.state());

    assertThat(b.forward(x).toFloatArray()).isEqualTo(a.forward(x).toFloatArray());
  }

  @Test
  void stateIsNotMovedByLaterSteps() {
    Linear layer = new Linear(Tensor.of(new double[][] {{1, 2}}));
    Map<String, Tensor> before = layer.state();
    layer.forward(Tensor.of(new double[][] {{1}})).sum().backward();
    new SGD(layer, 1).step();
    assertThat(layer.weight().toDoubleArray()).containsExactly(0, 1);
    layer.load(before);
    assertThat(layer.weight().toDoubleArray()).containsExactly(1, 2);
    assertThat(before.get("weight")).matches(t -> !t.isTracked());
  }

  @Test
  void aStateThatDoesNotFitIsRefusedAsAWhole() {
    Linear layer = new Linear(Tensor.zeros(2, 3), Tensor.zeros(3));
    assertThatThrownBy(
            () -> layer.load(Map.of("weight", Tensor.ones(3, 2), "biass", Tensor.ones(3))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "load: missing [bias]; unexpected [biass]; 'weight' has shape [3, 2], but here it is [2, 3]");
    assertThatThrownBy(
            () -> layer.load(Map.of("weight", Tensor.ones(2, 3), "bias", Tensor.of(1.0, 1, 1))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("load: 'bias' is F64, but here it is F32; convert with to(F32)");
    assertThat(layer.weight().abs().sum().item()).isZero();
  }

  @Test
  void namesMustBeFreeAndWithoutDots() {
    assertThatThrownBy(() -> new Named("a", "a"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'a' is taken");
    assertThatThrownBy(() -> new Named("a.b", "c")).hasMessageContaining("no dot");
    assertThatThrownBy(() -> new Named("a", "")).hasMessageContaining("''");
  }

  private static final class Named extends Module {
    Named(String parameter, String child) {
      parameter(parameter, Tensor.ones(1));
      child(child, new ReLU());
    }

    @Override
    public Tensor forward(Tensor x) {
      return x;
    }
  }

  @Test
  void printsItsArchitecture() {
    assertThat(new Mlp(Rng.of(1)))
        .hasToString(
            """
            Mlp(
              (hidden): Linear(in_features=2, out_features=4, bias=true)
              (body): Sequential(
                (0): ReLU()
                (1): Linear(in_features=4, out_features=3, bias=true)
                (2): Softmax(axis=-1)
              )
            )\
            """);
    assertThat(new Sequential()).hasToString("Sequential()");
  }
}
