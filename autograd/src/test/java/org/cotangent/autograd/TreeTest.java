package org.cotangent.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;
import org.cotangent.autograd.shape.DType;
import org.junit.jupiter.api.Test;

/// Structures of tensors as inputs and results.
class TreeTest {
  private record Layer(Tensor w, Optional<Tensor> b, int units) {}

  private record Net(List<Layer> layers, Map<String, Tensor> scales, DType dtype) {}

  private static final Net NET =
      new Net(
          List.of(
              new Layer(Tensor.of(1.0, 2.0), Optional.of(Tensor.of(3.0)), 2),
              new Layer(Tensor.of(4.0, 5.0), Optional.empty(), 2)),
          Map.of("b", Tensor.of(7.0), "a", Tensor.of(6.0)),
          DType.F64);

  @Test
  void leavesAreFoundInOrderAndPutBack() {
    Tree<Net> tree = Tree.of("test", NET);
    assertThat(tree.leaves().stream().map(t -> t.get(0))).containsExactly(1.0, 3.0, 4.0, 6.0, 7.0);
    assertThat(tree.path(1)).isEqualTo(".layers[0].b");
    assertThat(tree.path(3)).isEqualTo(".scales.a");
    Net twice = tree.map(t -> t.mul(2));
    assertThat(twice.layers.get(1).w.toDoubleArray()).containsExactly(8, 10);
    assertThat(twice.layers.get(1).b).isEmpty();
    assertThat(twice.layers.get(0).units).isEqualTo(2);
    assertThat(twice.scales.keySet()).containsExactlyElementsOf(NET.scales.keySet());
    assertThat(twice.dtype).isEqualTo(DType.F64);
  }

  @Test
  void gradientsComeInTheStructureOfTheInput() {
    var r =
        Grad.valueAndGrad(
            net ->
                net.layers
                    .getFirst()
                    .w
                    .square()
                    .sum()
                    .add(net.layers.getFirst().b.orElseThrow().mul(Tensor.of(10.0)).sum())
                    .add(net.layers.getLast().w.sum()),
            NET);
    assertThat(r.value().item()).isEqualTo(44);
    Net g = r.grads();
    assertThat(g.layers.get(0).w.toDoubleArray()).containsExactly(2, 4);
    assertThat(g.layers.get(0).b.orElseThrow().item()).isEqualTo(10);
    assertThat(g.layers.get(1).w.toDoubleArray()).containsExactly(1, 1);
    assertThat(g.layers.get(1).units).isEqualTo(2);
  }

  @Test
  void aMapKeepsItsOrderAndIsVisitedByKey() {
    SequencedMap<String, Tensor> at = new LinkedHashMap<>();
    at.put("w", Tensor.of(2.0));
    at.put("a", Tensor.of(3.0));
    Map<String, Tensor> along = new TreeMap<>(Map.of("w", Tensor.of(1.0), "a", Tensor.of(0.0)));
    var grads = Grad.valueAndGrad(p -> p.firstEntry().getValue().square().sum(), at).grads();
    assertThat(grads.sequencedKeySet()).containsExactly("w", "a");
    assertThat(grads.firstEntry().getValue().item()).isEqualTo(4);
    Map<String, Tensor> start = at;
    var t = Grad.jvp(p -> Tree.of("test", p).map(x -> x.mul(x)), start, along);
    assertThat(t.tangent()).hasSize(2);
    assertThat(Tree.of("test", t.tangent()).leaves().stream().map(Tensor::item))
        .containsExactly(0.0, 4.0);
  }

  @Test
  void resultsMayBeStructuresToo() {
    var back = Grad.vjp(net -> net.layers.getFirst(), NET);
    assertThat(back.value().units).isEqualTo(2);
    Net g = back.pull().apply(new Layer(Tensor.of(10.0, 20.0), Optional.of(Tensor.of(30.0)), 0));
    assertThat(g.layers.get(0).w.toDoubleArray()).containsExactly(10, 20);
    assertThat(g.layers.get(0).b.orElseThrow().item()).isEqualTo(30);
    assertThat(g.layers.get(1).w.toDoubleArray()).containsExactly(0, 0);
  }

  @Test
  void structuresMustMatch() {
    assertThatThrownBy(() -> Grad.jvp(x -> x.getFirst(), List.of(Tensor.of(1.0)), List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "jvp: tensors at [] where [[0]] are expected; give one for each, in the same structure");
  }

  private static final class Holder {
    final Tensor t = Tensor.of(1.0);
  }

  private record Positive(Tensor x) {
    Positive {
      if (x.min().item() <= 0) {
        throw new IllegalArgumentException("not positive");
      }
    }
  }

  @Test
  void whatIsNoStructureIsRefused() {
    assertThatThrownBy(() -> Grad.valueAndGrad(h -> h.t.sum(), new Holder()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "valueAndGrad: a Holder holds no tensors that could be found; use a Tensor, or a record, List or Map of them");
    assertThatThrownBy(() -> Grad.valueAndGrad(_ -> Tensor.of(1.0), List.of(List.of(new Holder()))))
        .hasMessageStartingWith("valueAndGrad: a Holder at [0][0] holds no tensors");
    assertThatThrownBy(() -> Grad.valueAndGrad(p -> p.x.neg().sum(), new Positive(Tensor.of(1.0))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageEndingWith(
            "does not take these tensors: java.lang.IllegalArgumentException: not positive");
    Map<Object, Tensor> mixed = new LinkedHashMap<>();
    mixed.put("a", Tensor.of(1.0));
    mixed.put(1, Tensor.of(1.0));
    assertThatThrownBy(() -> Grad.valueAndGrad(_ -> Tensor.of(1.0), mixed))
        .hasMessage("valueAndGrad: the keys of the map cannot be sorted; use strings or numbers");
  }

  // ---- What comes along, and parameters in place

  @Test
  void whatComesAlongIsGivenWithoutHistory() {
    Tensor x = Tensor.of(1.0, 2.0);
    var r =
        Grad.valueAndGradWithAux(
            t -> {
              Tensor y = t.square();
              return new Grad.WithAux<>(y.sum(), Map.of("y", y));
            },
            x);
    assertThat(r.value().item()).isEqualTo(5);
    assertThat(r.grads().toDoubleArray()).containsExactly(2, 4);
    Tensor y = Optional.ofNullable(r.aux().get("y")).orElseThrow();
    assertThat(y.toDoubleArray()).containsExactly(1, 4);
    assertThat(y.isTracked()).isFalse();
  }

  @Test
  void gradientsByParametersInPlaceNest() {
    Tensor w = Tensor.parameter(Tensor.of(2.0, 3.0));
    List<Tensor> parameters = List.of(w);
    var r = Grad.valueAndGrad(() -> w.pow(3).sum(), parameters);
    assertThat(r.value().item()).isEqualTo(35);
    assertThat(r.grads().getFirst().toDoubleArray()).containsExactly(12, 27);
    assertThat(w.hasGrad() || r.value().isTracked()).isFalse();
    var hvp =
        Grad.jvp(
            p ->
                Grad.replacing(
                    parameters,
                    p,
                    () -> Grad.valueAndGrad(() -> w.pow(3).sum(), parameters).grads()),
            parameters,
            List.of(Tensor.of(1.0, 10.0)));
    assertThat(hvp.tangent().getFirst().toDoubleArray()).containsExactly(12, 180);
  }

  @Test
  void whileReplacedAParameterIsTheOtherTensorEverywhere() {
    Tensor w = Tensor.parameter(Tensor.of(2.0, 3.0));
    List<Object> seen = new ArrayList<>();
    Tensor y =
        Grad.replacing(
            w,
            Tensor.of(5.0, 7.0),
            () -> {
              seen.add(w.sum().item());
              seen.add(w.get(0));
              seen.add(w.toString());
              seen.add(w.detach().get(1));
              return w.mul(2);
            });
    assertThat(seen).containsExactly(12.0, 5.0, "[5.0, 7.0]", 7.0);
    assertThat(y.toDoubleArray()).containsExactly(10, 14);
    assertThat(w.get(0)).isEqualTo(2);
    assertThatThrownBy(() -> Grad.replacing(w, Tensor.of(1.0), () -> w))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "replacing: tensor 0 is [2], F64, but its replacement is [1], F64; both must be alike");
    assertThatThrownBy(
            () -> Grad.replacing(w, Tensor.of(5.0, 7.0), () -> Grad.grad(w.sum(), List.of(w))))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("inside vmap or replacing this tensor");
  }
}
