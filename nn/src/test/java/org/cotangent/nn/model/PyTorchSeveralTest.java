package org.cotangent.nn.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.cotangent.nn.model.PyTorchRecords.assertClose;
import static org.cotangent.nn.model.PyTorchRecords.named;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Stream;
import org.cotangent.autograd.Grad;
import org.cotangent.autograd.GradCheck;
import org.cotangent.autograd.Jit;
import org.cotangent.autograd.Rng;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.nn.BatchNorm;
import org.cotangent.nn.BatchNormOptions;
import org.cotangent.nn.Functional;
import org.cotangent.nn.GRUCell;
import org.cotangent.nn.Identity;
import org.cotangent.nn.InterpolateMode;
import org.cotangent.nn.LSTMCell;
import org.cotangent.nn.MaxPoolOptions;
import org.cotangent.nn.Module;
import org.cotangent.nn.MultiHeadAttention;
import org.cotangent.nn.Nonlinearity;
import org.cotangent.nn.RNNCell;
import org.cotangent.nn.TransformerDecoderBlock;
import org.cotangent.nn.Unflatten;
import org.cotangent.nn.Upsample;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Layers and functions that no description can name, as most have several operands, against
/// PyTorch 1.13 (`golden-tools/pytorch.py`): results and all gradients; compiled, in F32, and at
/// second order.
class PyTorchSeveralTest {
  private static final Rng RNG = Rng.of(1);

  /// A module, if there is one, and what is computed with it.
  record Case(
      String name, Function<DType, Module> make, BiFunction<Module, List<Tensor>, Tensor> f) {
    String key() {
      return "several/" + name + "/";
    }

    Module load(DType dtype) {
      Module m = make.apply(dtype);
      Map<String, Tensor> state = new LinkedHashMap<>();
      PyTorchState.converted(m, PyTorchRecords.all(key() + "state/"), n -> n)
          .forEach((n, t) -> state.put(n, t.to(dtype)));
      m.load(state);
      return m;
    }

    List<Tensor> operands() {
      List<Tensor> x = new ArrayList<>();
      while (PyTorchRecords.has(key() + "x" + x.size())) {
        x.add(named(key() + "x" + x.size()));
      }
      return x;
    }

    @Override
    public String toString() {
      return name;
    }
  }

  private static Case attention(
      String name, BiFunction<MultiHeadAttention, List<Tensor>, Tensor> f) {
    return new Case(
        name,
        dtype -> new MultiHeadAttention(4, 2, RNG, dtype),
        (m, x) -> f.apply((MultiHeadAttention) m, x));
  }

  private static Case function(String name, Function<List<Tensor>, Tensor> f) {
    return new Case(name, _ -> new Identity(), (_, x) -> f.apply(x));
  }

  /// Masks are recorded as integers, 1 where PyTorch's are true: where a query may not look.
  private static Tensor may(Tensor mask) {
    return mask.eq(0);
  }

  static List<Case> cases() {
    return List.of(
        attention(
            "attention keys missing",
            (m, x) -> m.attend(x.get(0), x.get(1), x.get(1), Functional.keyMask(may(x.get(2))))),
        attention(
            "attention weights",
            (m, x) -> m.attendWithWeights(x.get(0), x.get(1), x.get(1)).weights()),
        attention(
            "attention mean weights",
            (m, x) -> m.attendWithWeights(x.get(0), x.get(1), x.get(1)).weights().mean(1)),
        attention(
            "attention causal keys missing",
            (m, x) -> {
              Tensor mask = Functional.causalMask(3, 3).and(Functional.keyMask(may(x.get(2))));
              return m.attendWithWeights(x.get(0), x.get(0), x.get(0), mask).output();
            }),
        attention(
            "attention added mask", (m, x) -> m.attend(x.get(0), x.get(0), x.get(0), x.get(1))),
        new Case(
            "decoder",
            dtype -> new TransformerDecoderBlock(4, 2, 6, RNG, dtype).dropout(0),
            (m, x) -> ((TransformerDecoderBlock) m).forward(x.get(0), x.get(1))),
        new Case(
            "decoder norm first gelu masks",
            dtype ->
                new TransformerDecoderBlock(4, 2, 6, RNG, dtype)
                    .dropout(0)
                    .normFirst()
                    .activation(Functional::gelu)
                    .epsilon(1e-3),
            (m, x) ->
                ((TransformerDecoderBlock) m)
                    .forward(x.get(0), x.get(1), may(x.get(2)), Functional.keyMask(may(x.get(3))))),
        new Case("unflatten", _ -> new Unflatten(1, 2, 3), (m, x) -> m.forward(x.get(0))),
        function("cosine similarity", x -> Functional.cosineSimilarity(x.get(0), x.get(1))),
        function("pairwise distance", x -> Functional.pairwiseDistance(x.get(0), x.get(1))),
        function(
            "pairwise distance 1", x -> Functional.pairwiseDistance(x.get(0), x.get(1), 1, 1e-3)),
        function(
            "max unpool",
            x ->
                Functional.maxUnpool2d(
                    Functional.maxPool2dWithIndices(x.get(0), MaxPoolOptions.of(2)), 4, 5)),
        function(
            "max unpool line",
            x ->
                Functional.maxUnpool1d(
                    Functional.maxPool1dWithIndices(x.get(0), MaxPoolOptions.of(2)), 6)),
        new Case(
            "upsample to",
            _ -> Upsample.to(InterpolateMode.LINEAR_ALIGN_CORNERS, 5, 3),
            (m, x) -> m.forward(x.get(0))),
        function("embedding bag", x -> Functional.embedding(x.get(0), x.get(1)).mean(-2)),
        function(
            "adaptive max 3x2",
            x -> Functional.adaptiveMaxPool2dWithIndices(x.get(0), 3, 2).values()),
        new Case(
            "rnn relu cell",
            dtype -> RNNCell.withoutBias(4, 3, Nonlinearity.RELU, RNG, dtype),
            (m, x) -> ((RNNCell) m).step(x.get(0), List.of(x.get(1))).getFirst()),
        new Case(
            "lstm cell",
            dtype -> LSTMCell.withoutBias(4, 3, RNG, dtype),
            (m, x) -> ((LSTMCell) m).step(x.get(0), x.subList(1, 3)).get(1)),
        new Case(
            "gru cell",
            dtype -> GRUCell.withoutBias(4, 3, RNG, dtype),
            (m, x) -> ((GRUCell) m).step(x.get(0), List.of(x.get(1))).getFirst()),
        byTheBatch("batch norm by the batch", false, BatchNormOptions.DEFAULT),
        byTheBatch("batch norm by the batch evaluated", true, BatchNormOptions.DEFAULT),
        byTheBatch(
            "batch norm by the batch plain", false, BatchNormOptions.DEFAULT.withoutAffine()),
        byTheBatch(
            "batch norm by the batch plain evaluated",
            true,
            BatchNormOptions.DEFAULT.withoutAffine()));
  }

  private static Case byTheBatch(String name, boolean evaluated, BatchNormOptions options) {
    return new Case(
        name,
        dtype -> {
          var m = new BatchNorm(3, options.withoutRunningStats().dtype(dtype));
          if (evaluated) {
            m.eval();
          }
          return options.affine() ? m : m.epsilon(0.01);
        },
        (m, x) -> m.forward(x.get(0)));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void resultsAndGradientsArePyTorchs(Case c) {
    Module m = c.load(DType.F64);
    List<Tensor> x =
        c.operands().stream().map(t -> t.dtype().isFloating() ? Tensor.parameter(t) : t).toList();

    Tensor y = c.f.apply(m, x);

    assertClose("result", y, named(c.key() + "y"), PyTorchLayersTest.BOUND);
    y.backward(named(c.key() + "g"));
    for (int i = 0; i < x.size(); i++) {
      if (x.get(i).dtype().isFloating()) {
        Tensor expected = named(c.key() + "dx" + i);
        assertClose("gradient of operand " + i, x.get(i).grad(), expected, PyTorchLayersTest.BOUND);
      }
    }
    Map<String, Tensor> gradients =
        PyTorchState.converted(m, PyTorchRecords.all(c.key() + "grad/"), n -> n);
    assertThat(gradients.keySet()).isEqualTo(m.parameters().keySet());
    m.parameters()
        .forEach((name, p) -> {
          Tensor g = p.hasGrad() ? p.grad() : Tensor.zeros(p.shape(), DType.F64);
          assertClose(
              "gradient of " + name, g, gradients.getOrDefault(name, y), PyTorchLayersTest.BOUND);
        });
  }

  /// As a function of its floating operands and the parameters.
  private static Tensor at(Case c, Module m, List<Tensor> in) {
    List<Tensor> x = new ArrayList<>();
    int used = 0;
    for (Tensor t : c.operands()) {
      x.add(t.dtype().isFloating() ? in.get(used++) : t);
    }
    List<Tensor> by = in.subList(used, in.size());
    return Grad.replacing(List.copyOf(m.parameters().values()), by, () -> c.f.apply(m, x));
  }

  private static List<Tensor> floating(Case c, Module m) {
    return Stream.concat(
            c.operands().stream().filter(t -> t.dtype().isFloating()),
            m.parameters().values().stream().map(Tensor::detach))
        .toList();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void compiledItHasTheSameBits(Case c) {
    Module m = c.load(DType.F64);
    List<Tensor> in = floating(c, m);
    Tensor g = named(c.key() + "g");
    Function<List<Tensor>, List<Tensor>> both =
        a -> {
          var vg = Grad.valueAndGrad((List<Tensor> p) -> at(c, m, p).mul(g).sum(), a);
          List<Tensor> all = new ArrayList<>(vg.grads());
          all.add(vg.value());
          return all;
        };
    List<Tensor> eager = both.apply(in);
    List<Tensor> compiled = Jit.compileAll(both).applyAll(in.toArray(Tensor[]::new));
    for (int i = 0; i < eager.size(); i++) {
      assertThat(compiled.get(i).toDoubleArray())
          .as("%s, result %d", c, i)
          .isEqualTo(eager.get(i).toDoubleArray());
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void singlePrecisionIsNear(Case c) {
    List<Tensor> x =
        c.operands().stream().map(t -> t.dtype().isFloating() ? t.to(DType.F32) : t).toList();
    Tensor y = c.f.apply(c.load(DType.F32), x);
    assertThat(y.dtype()).isEqualTo(DType.F32);
    // Some ten operations, each rounded to 6e-8.
    assertClose("result", y.to(DType.F64), named(c.key() + "y"), 1e-5);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void secondDerivativesAgreeWithDifferences(Case c) {
    Module m = c.load(DType.F64);
    GradCheck.standard()
        .projected(1)
        .order(2)
        .check(c.name, in -> at(c, m, in), floating(c, m))
        .requirePassed();
  }

  @Test
  void everyRecordIsCompared() {
    Set<String> recorded = new TreeSet<>();
    PyTorchRecords.all("several/").keySet().forEach(n -> recorded.add(n.split("/", -1)[0]));
    assertThat(cases().stream().map(Case::name)).containsExactlyInAnyOrderElementsOf(recorded);
  }
}
