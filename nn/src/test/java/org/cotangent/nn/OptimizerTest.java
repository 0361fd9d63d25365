package org.cotangent.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleBinaryOperator;
import java.util.function.Function;
import java.util.stream.Stream;
import org.cotangent.autograd.Jit;
import org.cotangent.autograd.Rng;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.cotangent.nn.io.Tensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class OptimizerTest {
  private static final Tensor CURVATURE = Tensor.of(1.0, 5.0, 0.1);

  // ---- Against PyTorch

  /// Five steps on `½ Σ c p² + q p₀`, c = (1, 5, 0.1), from p = (1, -2, 0.5), q = 3, in F64; in the
  /// second step q has no gradient. The expected p and q are PyTorch 1.13's.
  static Stream<Arguments> recorded() {
    return Stream.of(
        of("SGD", p -> new SGD(p, 0.1), -0.3800200000000001, -0.0625, 0.47549502495, 2.83722),
        of(
            "SGD, momentum",
            p -> new SGD(p, 0.1).momentum(0.9),
            -2.2527399999999997,
            1.0435999999999996,
            0.43581701294999997,
            2.8386599999999995),
        of(
            "SGD, momentum, dampening",
            p -> new SGD(p, 0.1).momentum(0.9, 0.3),
            -1.8075416620000002,
            1.58571875,
            0.44878721497249496,
            2.744104812),
        of(
            "SGD, Nesterov",
            p -> new SGD(p, 0.1).nesterov(0.9),
            -2.5886998048,
            0.022274375000000023,
            0.41922038166025044,
            3.2325237708000003),
        of(
            "SGD, momentum, decay",
            p -> new SGD(p, 0.1).momentum(0.9).weightDecay(0.05),
            -2.244883431378125,
            1.0173504323812501,
            0.40486434105781244,
            2.7160733304375),
        of(
            "SGD, Nesterov, decay",
            p -> new SGD(p, 0.1).nesterov(0.8).weightDecay(0.05),
            -2.0853590435126894,
            0.02973166965469796,
            0.3992276993816465,
            2.97433263106326),
        of(
            "Adam",
            p -> new Adam(p, 0.1),
            0.540421258097231,
            -1.5029557805162277,
            0.0278145494131503,
            2.6062748368958815),
        of(
            "Adam, all set",
            p -> new Adam(p, 0.05).betas(0.7, 0.95).epsilon(1e-3).weightDecay(0.1),
            0.7675943190577009,
            -1.751674013117632,
            0.26107723164410057,
            2.802175424023915),
        of(
            "AdamW",
            p -> new AdamW(p, 0.1),
            0.5364124981181838,
            -1.4940456932824224,
            0.02652829967139514,
            2.5949932543051117),
        of(
            "AdamW, all set",
            p -> new AdamW(p, 0.05).betas(0.7, 0.95).epsilon(1e-3).weightDecay(0.1),
            0.7463415914160441,
            -1.7050029994696956,
            0.25411531779178237,
            2.744971891158009));
  }

  private static Arguments of(
      String name, Function<List<Tensor>, Optimizer> make, double... expected) {
    return Arguments.of(name, make, expected);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("recorded")
  void stepsArePyTorchs(String name, Function<List<Tensor>, Optimizer> make, double[] expected) {
    Tensor p = Tensor.parameter(Tensor.of(1.0, -2.0, 0.5));
    Tensor q = Tensor.parameter(Tensor.of(3.0));
    Optimizer optimizer = make.apply(List.of(p, q));

    for (int k = 0; k < 5; k++) {
      optimizer.zeroGrad();
      Tensor loss = p.square().mul(CURVATURE).sum().mul(0.5);
      if (k != 1) {
        loss = loss.add(q.mul(p.select(0, 0)).sum());
      }
      loss.backward();
      optimizer.step();
    }

    double[] actual = Tensor.concat(0, p, q).toDoubleArray();
    for (int i = 0; i < expected.length; i++) {
      assertThat(actual[i]).as("%s, element %d", name, i).isCloseTo(expected[i], within(1e-14));
    }
  }

  /// Six steps on the same function without q, against PyTorch's documented formulas in NumPy
  /// (`golden-tools/layers.py`).
  static Stream<Arguments> documented() {
    return Stream.of(
        of("RMSProp", p -> new RMSProp(p, 0.01)),
        of(
            "RMSProp, all set",
            p ->
                new RMSProp(p, 0.02)
                    .alpha(0.9)
                    .epsilon(1e-3)
                    .weightDecay(0.1)
                    .momentum(0.8)
                    .centred()),
        of("Adagrad", p -> new Adagrad(p, 0.01)),
        of(
            "Adagrad, all set",
            p -> new Adagrad(p, 0.1).rateDecay(0.05).weightDecay(0.1).start(0.3).epsilon(1e-3)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("documented")
  void stepsFollowTheDocumentation(
      String name, Function<List<Tensor>, Optimizer> make, double[] nothing) {
    assertThat(nothing).isEmpty();
    Tensor p = Tensor.parameter(Tensor.of(1.0, -2.0, 0.5));
    Optimizer optimizer = make.apply(List.of(p));
    for (Tensor expected : Golden.tensors(Golden.get(name))) {
      optimizer.zeroGrad();
      p.square().mul(CURVATURE).sum().mul(0.5).backward();
      optimizer.step();
      assertThat(p.detach().sub(expected).abs().max().item()).as(name).isLessThan(1e-14);
    }
  }

  // ---- Saving and loading

  static Stream<Arguments> all() {
    return Stream.of(
            recorded(),
            documented(),
            Stream.of(of("amsgrad", p -> new Adam(p, 0.1).betas(0.9, 0.8).amsgrad().maximize())),
            Stream.of(of("groups", OptimizerTest::groups)))
        .flatMap(s -> s);
  }

  private static Optimizer groups(List<Tensor> p) {
    Optimizer adam = new AdamW(p.subList(0, 1), 0.1);
    return p.size() == 1
        ? adam
        : adam.and(new SGD(p.subList(1, p.size()), 0.03).momentum(0.9).maximize());
  }

  private static void run(Optimizer o, Tensor p, Tensor q, int from, int to) {
    for (int k = from; k < to; k++) {
      o.zeroGrad();
      Tensor loss = p.square().mul(CURVATURE).sum().mul(0.5);
      (k < 3 ? loss : loss.add(q.sin().mul(p.select(0, 0)).sum())).backward();
      o.learningRate(o.learningRate() * 0.9);
      o.step();
    }
  }

  /// q has no gradient before step 3, and so no state when it is saved first.
  @ParameterizedTest(name = "{0}")
  @MethodSource("all")
  void aRunGoesOnFromASavedStateToTheBit(
      String name, Function<List<Tensor>, Optimizer> make, double[] unused) {
    for (int stop : new int[] {0, 2, 5}) {
      Tensor p = Tensor.parameter(Tensor.of(1.0, -2.0, 0.5));
      Tensor q = Tensor.parameter(Tensor.of(3.0));
      Optimizer whole = make.apply(List.of(p, q));
      run(whole, p, q, 0, stop);
      Map<String, Tensor> saved = whole.state();
      Tensor p2 = Tensor.parameter(p.detach());
      Tensor q2 = Tensor.parameter(q.detach());
      Map<String, double[]> numbers = new LinkedHashMap<>();
      saved.forEach((n, t) -> numbers.put(n, t.toDoubleArray()));
      run(whole, p, q, stop, 8);
      saved.forEach((n, t) -> assertThat(t.toDoubleArray()).as(n).isEqualTo(numbers.get(n)));

      Optimizer resumed = make.apply(List.of(p2, q2));
      resumed.load(saved);
      run(resumed, p2, q2, stop, 8);
      assertThat(p2.toDoubleArray()).as("%s, %d", name, stop).isEqualTo(p.toDoubleArray());
      assertThat(q2.toDoubleArray()).as("%s, %d", name, stop).isEqualTo(q.toDoubleArray());
      assertThat(resumed.state().keySet()).isEqualTo(whole.state().keySet());
    }
    assertThat(unused).isNotNull();
  }

  /// The compiled step knows the tensors of the state, so loading must keep these.
  @ParameterizedTest(name = "{0}")
  @MethodSource("all")
  void aCompiledStepGoesBackToASavedState(
      String name, Function<List<Tensor>, Optimizer> make, double[] unused) {
    for (int stop : new int[] {0, 1, 2}) {
      Tensor p = Tensor.parameter(Tensor.of(1.0, -2.0, 0.5));
      Optimizer o = make.apply(List.of(p));
      Jit step =
          Jit.compile(() -> {
            o.zeroGrad();
            Tensor loss = p.square().mul(CURVATURE).sum().mul(0.5);
            loss.backward();
            o.step();
            return loss;
          });
      for (int k = 0; k < stop; k++) {
        step.run();
      }
      Map<String, Tensor> then = o.state();
      Tensor from = p.detach();
      double[][] ends = new double[2][];
      for (int time = 0; time < 2; time++) {
        for (int k = 0; k < 3; k++) {
          step.run();
        }
        ends[time] = p.toDoubleArray();
        o.load(then);
        p.assign(from);
      }
      assertThat(ends[1]).as("%s, from %d", name, stop).isEqualTo(ends[0]);
    }
    assertThat(unused).isNotNull();
  }

  @Test
  void theStateOfAdamIsNamed() {
    Tensor p = Tensor.parameter(Tensor.of(1.0, 2));
    Optimizer adam = new Adam(List.of(Tensor.parameter(Tensor.of(0.0)), p), 0.1);
    assertThat(adam.state().keySet()).containsExactly("learning_rate");
    p.sum().backward();
    adam.step();
    adam.step();
    Map<String, Tensor> state = adam.state();
    assertThat(state.keySet()).containsExactly("learning_rate", "1.mean", "1.variance", "1.step");
    Tensor step = state.getOrDefault("1.step", p);
    assertThat(step.dtype()).isEqualTo(DType.I64);
    assertThat(step.item()).isEqualTo(2);
  }

  @Test
  void statesSurviveAFile(@TempDir Path folder) throws IOException {
    var net = new Sequential(new Linear(3, 2, Rng.of(1)), new BatchNorm(2));
    Optimizer adam = new Adam(net, 0.1);
    for (int k = 0; k < 3; k++) {
      adam.zeroGrad();
      net.forward(Rng.of(k).normal(Shape.of(5, 3), DType.F32)).square().sum().backward();
      adam.step();
    }
    Path file = folder.resolve("state.safetensors");
    for (Map<String, Tensor> state : List.of(adam.state(), net.state())) {
      Tensors.write(file, state);
      Map<String, Tensor> read = Tensors.read(file);
      assertThat(read.keySet()).containsExactlyElementsOf(state.keySet());
      state.forEach((name, t) -> {
        Tensor r = read.getOrDefault(name, Tensor.of(Double.NaN));
        assertThat(r.dtype()).as(name).isEqualTo(t.dtype());
        assertThat(r.shape()).as(name).isEqualTo(t.shape());
        assertThat(r.toDoubleArray()).as(name).isEqualTo(t.toDoubleArray());
      });
    }
  }

  @Test
  void aStateThatDoesNotFitIsRefusedAsAWhole() {
    Tensor p = Tensor.parameter(Tensor.of(1.0, 2));
    Optimizer adam = new Adam(List.of(p), 0.1);
    p.sum().backward();
    adam.step();
    Map<String, Tensor> state = new LinkedHashMap<>(adam.state());
    state.put("0.mean", Tensor.of(1.0, 2, 3));
    state.remove("0.step");
    state.put("learning_rate", Tensor.scalar(0.7, DType.F64));
    assertThatThrownBy(() -> adam.load(state))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("missing [0.step]", "'0.mean' has shape [3], but here it is [2]");
    assertThat(adam.learningRate()).isEqualTo(0.1);
    Map<String, Tensor> other = new LinkedHashMap<>(adam.state());
    other.put("1.mean", Tensor.of(1.0));
    assertThatThrownBy(() -> adam.load(other)).hasMessageContaining("unexpected [1.mean]");
  }

  // ---- Against the formulas, on one number

  /// The gradient in step k of the formulas below.
  private static double gradient(double p, int k) {
    return p * p * p - Math.sin(k);
  }

  private static void assertFollows(
      Function<List<Tensor>, Optimizer> make, DoubleBinaryOperator formula) {
    Tensor p = Tensor.parameter(Tensor.of(0.8));
    Optimizer optimizer = make.apply(List.of(p));
    double expected = 0.8;
    for (int k = 1; k <= 20; k++) {
      double g = gradient(expected, k);
      expected = formula.applyAsDouble(expected, g);
      optimizer.zeroGrad();
      p.mul(gradient(p.item(), k)).sum().backward();
      optimizer.step();
      assertThat(p.item()).as("step %d", k).isCloseTo(expected, within(1e-13));
    }
  }

  @Test
  void plainDescentSubtractsTheGradientTimesTheRate() {
    assertFollows(p -> new SGD(p, 0.05), (p, g) -> p - 0.05 * g);
  }

  @Test
  void momentumAddsUpGradients() {
    double[] v = {0};
    assertFollows(
        p -> new SGD(p, 0.05).momentum(0.9),
        (p, g) -> {
          v[0] = 0.9 * v[0] + g;
          return p - 0.05 * v[0];
        });
  }

  @Test
  void nesterovLooksAhead() {
    double[] v = {0};
    assertFollows(
        p -> new SGD(p, 0.05).nesterov(0.9).weightDecay(0.02),
        (p, g) -> {
          double d = g + 0.02 * p;
          v[0] = 0.9 * v[0] + d;
          return p - 0.05 * (d + 0.9 * v[0]);
        });
  }

  @Test
  void adamIsAlgorithmOne() {
    double[] mvk = {0, 0, 0};
    assertFollows(
        p -> new Adam(p, 0.05),
        (p, g) -> {
          mvk[0] = 0.9 * mvk[0] + 0.1 * g;
          mvk[1] = 0.999 * mvk[1] + 0.001 * g * g;
          mvk[2]++;
          double m = mvk[0] / (1 - Math.pow(0.9, mvk[2]));
          double v = mvk[1] / (1 - Math.pow(0.999, mvk[2]));
          return p - 0.05 * m / (Math.sqrt(v) + 1e-8);
        });
  }

  // ---- What all share

  @Test
  void theFirstStepOfAdamHasTheLengthOfTheRate() {
    Tensor p = Tensor.parameter(Tensor.of(1.0, 1.0));
    Optimizer adam = new Adam(List.of(p), 0.01);
    p.mul(Tensor.of(1e6, -1e-3)).sum().backward();
    adam.step();
    assertThat(p.get(0)).isCloseTo(0.99, within(1e-6));
    assertThat(p.get(1)).isCloseTo(1.01, within(1e-6));
  }

  @Test
  void theLearningRateCanBeSet() {
    Tensor p = Tensor.parameter(Tensor.of(1.0));
    Optimizer sgd = new SGD(List.of(p), 0.5);
    p.sum().backward();
    sgd.step();
    sgd.learningRate(0.25);
    sgd.step();
    assertThat(p.item()).isEqualTo(0.25);
    assertThat(sgd.learningRate()).isEqualTo(0.25);
    sgd.learningRate(0);
    sgd.step();
    assertThat(p.item()).isEqualTo(0.25);
  }

  @Test
  void groupsKeepTheirKindTheirSettingsAndTheRatioOfTheirRates() {
    Tensor p = Tensor.parameter(Tensor.of(2.0));
    Tensor q = Tensor.parameter(Tensor.of(2.0));
    Tensor r = Tensor.parameter(Tensor.of(2.0));
    Optimizer o =
        new SGD(List.of(p), 0.1)
            .and(new SGD(List.of(q), 0.01).maximize())
            .and(new SGD(List.of(r), 0.2).weightDecay(0.5));
    o.learningRate(0.05);
    p.add(q).add(r).sum().backward(); // all gradients are 1
    o.step();
    assertThat(p.item()).isCloseTo(2 - 0.05, within(1e-15));
    assertThat(q.item()).isCloseTo(2 + 0.005, within(1e-15));
    assertThat(r.item()).isCloseTo(2 - 0.1 * (1 + 0.5 * 2), within(1e-15));
    o.zeroGrad();
    assertThat(List.of(p, q, r)).noneMatch(Tensor::hasGrad);
    Optimizer more = new Adam(List.of(q), 0.1);
    assertThatThrownBy(() -> o.and(more))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("[1], F64", "both groups");
    assertThatThrownBy(() -> new SGD(List.of(p), 0).and(more)).hasMessageContaining("ratio");
  }

  @Test
  void parametersWithoutGradientStay() {
    Tensor p = Tensor.parameter(Tensor.of(1.0));
    Tensor q = Tensor.parameter(Tensor.of(2.0));
    for (Optimizer o :
        List.of(new SGD(List.of(p, q), 0.1).weightDecay(1), new AdamW(List.of(p, q), 0.1))) {
      o.zeroGrad();
      p.square().sum().backward();
      o.step();
      assertThat(q.item()).isEqualTo(2);
      o.zeroGrad();
      assertThat(p.hasGrad()).isFalse();
    }
  }

  @Test
  void updatesLeaveNoHistoryAndKeepTheDtype() {
    var layer = new Linear(3, 2, Rng.of(1));
    for (Optimizer o :
        List.of(new SGD(layer, 0.1).nesterov(0.9), new Adam(layer, 0.1), new AdamW(layer, 0.1))) {
      o.zeroGrad();
      layer.forward(Tensor.ones(4, 3)).square().sum().backward();
      o.step();
      assertThat(layer.weight().isLeaf()).isTrue();
      assertThat(layer.weight().dtype()).isEqualTo(DType.F32);
    }
  }

  @Test
  void aParameterListedTwiceMovesOnce() {
    Tensor p = Tensor.parameter(Tensor.of(1.0));
    Optimizer sgd = new SGD(List.of(p, p), 0.5);
    p.sum().backward();
    sgd.step();
    assertThat(p.item()).isEqualTo(0.5);
  }

  @Test
  void whatCannotBeOptimisedIsRefused() {
    List<Tensor> one = List.of(Tensor.parameter(Tensor.of(1.0)));
    assertThatThrownBy(() -> new SGD(List.of(), 0.1)).hasMessageContaining("got none");
    assertThatThrownBy(() -> new SGD(new ReLU(), 0.1)).hasMessageContaining("got none");
    assertThatThrownBy(() -> new SGD(List.of(Tensor.of(1.0)), 0.1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("[1], F64", "Tensor.parameter");
    assertThatThrownBy(() -> new SGD(one, -1)).hasMessageContaining("learning rate -1.0");
    assertThatThrownBy(() -> new SGD(one, Double.NaN)).hasMessageContaining("learning rate NaN");
    assertThatThrownBy(() -> new SGD(one, 1).momentum(-1)).hasMessageContaining("momentum");
    assertThatThrownBy(() -> new SGD(one, 1).weightDecay(-1)).hasMessageContaining("decay");
    assertThatThrownBy(() -> new Adam(one, 1).betas(1, 0.9)).hasMessageContaining("β₁ 1.0");
    assertThatThrownBy(() -> new Adam(one, 1).betas(0, -0.1)).hasMessageContaining("β₂ -0.1");
    assertThatThrownBy(() -> new AdamW(one, 1).epsilon(-1)).hasMessageContaining("epsilon");
  }
}
