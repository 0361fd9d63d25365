package org.cotangent.nn;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;
import org.cotangent.autograd.Jit;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.cotangent.nn.io.Tensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Losses, optimisers, schedules and clipping against PyTorch 1.13 itself, in F64
/// (`golden-tools/pytorch.py`).
class PyTorchTrainingTest {
  private static final Map<String, Tensor> ALL = read();

  private static Map<String, Tensor> read() {
    String name = "golden/pytorch.safetensors";
    try (InputStream in = PyTorchTrainingTest.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("no resource " + name);
      }
      return Tensors.read(in, name);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Tensor get(String name) {
    Tensor t = ALL.get(name);
    if (t == null) {
      throw new IllegalArgumentException("not recorded: " + name);
    }
    return t;
  }

  /// The names between `prefix/` and the next slash.
  private static Set<String> recorded(String prefix) {
    Set<String> names = new TreeSet<>();
    ALL.keySet().stream()
        .filter(n -> n.startsWith(prefix + "/"))
        .forEach(n -> names.add(n.split("/", -1)[1]));
    return names;
  }

  private static void assertClose(String what, Tensor actual, Tensor expected, double bound) {
    assertThat(actual.shape()).as(what).isEqualTo(expected.shape());
    double scale = Math.max(1, expected.abs().max().item());
    assertThat(actual.sub(expected).abs().max().item() / scale).as(what).isLessThan(bound);
  }

  // ---- Losses

  @FunctionalInterface
  interface Operands {
    Tensor loss(List<Tensor> x);
  }

  private static Arguments loss(String name, Operands f) {
    return Arguments.of(name, f);
  }

  private static ClassOptions weighted(Tensor w, Reduction r) {
    return ClassOptions.DEFAULT.weight(w).reduction(r);
  }

  static Stream<Arguments> losses() {
    List<Arguments> all = new ArrayList<>();
    for (Reduction r : List.of(Reduction.MEAN, Reduction.SUM, Reduction.NONE)) {
      String s = " " + r.name().toLowerCase(Locale.ROOT);
      all.add(
          loss(
              "crossEntropy" + s,
              x -> Functional.crossEntropy(x.get(0), x.get(1), ClassOptions.DEFAULT.reduction(r))));
      all.add(
          loss(
              "crossEntropy weight smoothing" + s,
              x ->
                  Functional.crossEntropy(
                      x.get(0), x.get(1), weighted(x.get(2), r).labelSmoothing(0.1))));
      all.add(
          loss(
              "nllLoss weight" + s,
              x -> Functional.nllLoss(x.get(0), x.get(1), weighted(x.get(2), r))));
      all.add(loss("mseLoss" + s, x -> Functional.mseLoss(x.get(0), x.get(1), r)));
      all.add(loss("l1Loss" + s, x -> Functional.l1Loss(x.get(0), x.get(1), r)));
      all.add(loss("smoothL1Loss" + s, x -> Functional.smoothL1Loss(x.get(0), x.get(1), 1, r)));
      all.add(loss("huberLoss" + s, x -> Functional.huberLoss(x.get(0), x.get(1), 1, r)));
      all.add(
          loss(
              "multilabelSoftMarginLoss" + s,
              x -> Functional.multilabelSoftMarginLoss(x.get(0), x.get(1), r)));
      all.add(
          loss(
              "multiMarginLoss" + s,
              x ->
                  Functional.multiMarginLoss(
                      x.get(0), x.get(1), 1, 1, ClassOptions.DEFAULT.reduction(r))));
      all.add(
          loss(
              "binaryCrossEntropy weight" + s,
              x -> Functional.binaryCrossEntropy(x.get(0), x.get(1), x.get(2), r)));
    }
    all.add(
        loss(
            "crossEntropy ignore 1",
            x -> Functional.crossEntropy(x.get(0), x.get(1), ClassOptions.DEFAULT.ignoreIndex(1))));
    all.add(
        loss(
            "crossEntropy shares weight smoothing",
            x ->
                Functional.crossEntropy(
                    x.get(0), x.get(1), weighted(x.get(2), Reduction.MEAN).labelSmoothing(0.2))));
    all.add(
        loss(
            "crossEntropy image",
            x ->
                Functional.crossEntropy(
                    x.get(0), x.get(1), ClassOptions.DEFAULT.labelSmoothing(0.1))));
    Reduction mean = Reduction.MEAN;
    all.add(loss("smoothL1Loss 0.5", x -> Functional.smoothL1Loss(x.get(0), x.get(1), 0.5, mean)));
    all.add(loss("huberLoss 0.7", x -> Functional.huberLoss(x.get(0), x.get(1), 0.7, mean)));
    all.add(loss("klDiv mean", x -> Functional.klDiv(x.get(0), x.get(1), false, mean)));
    all.add(loss("klDiv batchmean", x -> Functional.klDiv(x.get(0), x.get(1))));
    all.add(loss("klDiv log sum", x -> Functional.klDiv(x.get(0), x.get(1), true, Reduction.SUM)));
    all.add(loss("binaryCrossEntropy", x -> Functional.binaryCrossEntropy(x.get(0), x.get(1))));
    all.add(
        loss(
            "binaryCrossEntropyWithLogits",
            x -> Functional.binaryCrossEntropyWithLogits(x.get(0), x.get(1))));
    all.add(
        loss(
            "binaryCrossEntropyWithLogits weights",
            x ->
                Functional.binaryCrossEntropyWithLogits(
                    x.get(0), x.get(1), x.get(2), x.get(3), mean)));
    all.add(loss("hingeEmbeddingLoss", x -> Functional.hingeEmbeddingLoss(x.get(0), x.get(1))));
    all.add(loss("softMarginLoss", x -> Functional.softMarginLoss(x.get(0), x.get(1))));
    all.add(loss("poissonNllLoss", x -> Functional.poissonNllLoss(x.get(0), x.get(1))));
    all.add(loss("gaussianNllLoss", x -> Functional.gaussianNllLoss(x.get(0), x.get(1), x.get(2))));
    all.add(
        loss("tripletMarginLoss", x -> Functional.tripletMarginLoss(x.get(0), x.get(1), x.get(2))));
    all.add(
        loss(
            "marginRankingLoss",
            x -> Functional.marginRankingLoss(x.get(0), x.get(1), x.get(2), 0.3, mean)));
    all.add(
        loss(
            "cosineEmbeddingLoss",
            x -> Functional.cosineEmbeddingLoss(x.get(0), x.get(1), x.get(2), 0.1, mean)));
    all.add(
        loss(
            "multiMarginLoss 2 weight",
            x -> Functional.multiMarginLoss(x.get(0), x.get(1), 2, 0.5, weighted(x.get(2), mean))));
    all.add(loss("multiMarginLoss one", x -> Functional.multiMarginLoss(x.get(0), x.get(1))));
    return all.stream();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("losses")
  void lossesArePyTorchs(String name, Operands f) {
    String key = "loss/" + name + "/";
    List<Tensor> x = new ArrayList<>();
    Tensor at = Tensor.parameter(get(key + "x0"));
    x.add(at);
    for (int i = 1; ALL.containsKey(key + "x" + i); i++) {
      x.add(get(key + "x" + i));
    }

    Tensor y = f.loss(x);

    assertClose("value", y, get(key + "y"), 1e-14);
    y.backward(get(key + "g"));
    assertClose("gradient", at.grad(), get(key + "dx"), 1e-14);
  }

  @Test
  void everyRecordedLossIsCompared() {
    assertThat(losses().map(a -> String.valueOf(a.get()[0])))
        .containsExactlyInAnyOrderElementsOf(recorded("loss"));
  }

  // ---- Optimisers

  private static Tensor trouble(Tensor p, Tensor q) {
    Tensor bowl = p.square().mul(Tensor.of(1.0, 5.0, 0.1)).sum().mul(0.5);
    return bowl.add(q.sin().sum().mul(p.mean())).add(q.pow(4).sum().mul(0.05));
  }

  private static Arguments optimiser(String name, Function<List<Tensor>, Optimizer> make) {
    return Arguments.of(name, make);
  }

  static Stream<Arguments> optimisers() {
    return Stream.of(
        optimiser("SGD", p -> new SGD(p, 0.1)),
        optimiser("SGD decay", p -> new SGD(p, 0.1).weightDecay(0.05)),
        optimiser("SGD momentum", p -> new SGD(p, 0.1).momentum(0.9)),
        optimiser("SGD dampening", p -> new SGD(p, 0.1).momentum(0.9, 0.3).weightDecay(0.05)),
        optimiser("SGD nesterov", p -> new SGD(p, 0.1).nesterov(0.8).weightDecay(0.05)),
        optimiser("SGD maximize", p -> new SGD(p, 0.1).momentum(0.9).weightDecay(0.1).maximize()),
        optimiser("Adam", p -> new Adam(p, 0.1)),
        optimiser(
            "Adam all", p -> new Adam(p, 0.05).betas(0.7, 0.95).epsilon(1e-3).weightDecay(0.1)),
        optimiser("Adam amsgrad", p -> new Adam(p, 0.1).betas(0.9, 0.8).amsgrad()),
        optimiser("Adam maximize", p -> new Adam(p, 0.1).weightDecay(0.1).maximize()),
        optimiser("AdamW", p -> new AdamW(p, 0.1)),
        optimiser(
            "AdamW amsgrad",
            p -> new AdamW(p, 0.05).betas(0.7, 0.8).epsilon(1e-3).weightDecay(0.2).amsgrad()),
        optimiser("RMSProp", p -> new RMSProp(p, 0.05)),
        optimiser(
            "RMSProp all",
            p ->
                new RMSProp(p, 0.02)
                    .alpha(0.9)
                    .epsilon(1e-3)
                    .weightDecay(0.1)
                    .momentum(0.8)
                    .centred()),
        optimiser("Adagrad", p -> new Adagrad(p, 0.1)),
        optimiser(
            "Adagrad all",
            p -> new Adagrad(p, 0.1).rateDecay(0.05).weightDecay(0.1).start(0.3).epsilon(1e-3)),
        optimiser(
            "AdamW groups",
            p ->
                new AdamW(p.subList(0, 1), 0.1)
                    .weightDecay(0.2)
                    .and(new AdamW(p.subList(1, 2), 0.02).weightDecay(0).betas(0.7, 0.9))));
  }

  private static Tensor startOfP() {
    return Tensor.parameter(Tensor.of(1.0, -2.0, 0.5));
  }

  private static Tensor startOfQ() {
    return Tensor.parameter(Tensor.of(new double[][] {{0.5, -1.5}, {2.0, 0.25}}));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("optimisers")
  void tenStepsArePyTorchs(String name, Function<List<Tensor>, Optimizer> make) {
    double sign = name.endsWith("maximize") ? -1 : 1;
    for (boolean compiled : new boolean[] {false, true}) {
      Tensor p = startOfP();
      Tensor q = startOfQ();
      Optimizer o = make.apply(List.of(p, q));
      Runnable step =
          () -> {
            o.zeroGrad();
            trouble(p, q).mul(sign).backward();
            o.step();
          };
      Jit jit =
          Jit.compile(() -> {
            step.run();
            return Tensor.scalar(0);
          });
      Tensor path = get("optimiser/" + name);
      for (int k = 0; k < path.dim(0); k++) {
        if (compiled) {
          jit.apply();
        } else {
          step.run();
        }
        Tensor at = Tensor.concat(0, p.detach(), q.detach().flatten());
        assertClose("%s, step %d".formatted(name, k), at, path.select(0, k), 1e-13);
      }
    }
  }

  @Test
  void everyRecordedOptimiserIsCompared() {
    assertThat(optimisers().map(a -> String.valueOf(a.get()[0])))
        .containsExactlyInAnyOrderElementsOf(recorded("optimiser"));
  }

  /// The line searches differ, so the ways do; near the minimum the loss is flat, so that places
  /// agree to half of the digits that the loss has.
  @Test
  void lbfgsEndsWherePyTorchsDoes() {
    Tensor p = startOfP();
    Tensor q = startOfQ();
    double loss =
        new LBFGS(List.of(p, q)).iterations(100).tolerances(1e-12, 0).step(() -> trouble(p, q));
    assertThat(Math.abs(loss - get("lbfgs/loss").item())).isLessThan(1e-14);
    Tensor end = Tensor.concat(0, p.detach(), q.detach().flatten());
    assertClose("the end", end, get("lbfgs/end"), 1e-7);
  }

  // ---- Schedules

  static Stream<Arguments> schedules() {
    return Stream.of(
        Arguments.of("step", Schedule.step(0.1, 3, 0.5)),
        Arguments.of("exponential", Schedule.exponential(0.1, 0.9)),
        Arguments.of("linear", Schedule.linear(0.025, 0.1, 5)),
        Arguments.of("cosine", Schedule.cosine(0.1, 8, 0.01)),
        Arguments.of("oneCycle", Schedule.oneCycle(0.5, 20)),
        Arguments.of("oneCycle all", Schedule.oneCycle(0.5, 15, 0.4, 10, 100)),
        Arguments.of("warm-up", Schedule.cosine(0.1, 8, 0).afterWarmUp(4)),
        Arguments.of("multi-step", Schedule.multiStep(0.1, 0.3, 2, 5, 5, 9)),
        Arguments.of("restarts", Schedule.cosineWithRestarts(0.1, 4, 1, 0.01)),
        Arguments.of("restarts doubled", Schedule.cosineWithRestarts(0.1, 3, 2, 0)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("schedules")
  void ratesArePyTorchs(String name, Schedule schedule) {
    double[] expected = get("schedule/" + name).toDoubleArray();
    double[] actual = new double[expected.length];
    for (int k = 0; k < actual.length; k++) {
      actual[k] = schedule.rate(k);
    }
    // PyTorch goes from rate to rate, so its own errors add up.
    assertClose(name, Tensor.of(actual), Tensor.of(expected), 1e-15);
  }

  @Test
  void everyRecordedScheduleIsCompared() {
    assertThat(schedules().map(a -> String.valueOf(a.get()[0])))
        .containsExactlyInAnyOrderElementsOf(recorded("schedule"));
  }

  @Test
  void aPlateauReducesTheRateWherePyTorchDoes() {
    Optimizer sgd = new SGD(List.of(startOfP()), 0.5);
    var plateau = new ReduceOnPlateau(sgd).patience(2).cooldown(1).least(1e-3);
    double[] metrics = get("plateau/metrics").toDoubleArray();
    double[] rates = new double[metrics.length];
    for (int k = 0; k < rates.length; k++) {
      plateau.step(metrics[k]);
      rates[k] = sgd.learningRate();
    }
    assertClose("rates", Tensor.of(rates), get("plateau/rates"), 1e-16);
  }

  // ---- Clipping

  private static List<Tensor> withGradients() {
    List<Tensor> all = new ArrayList<>();
    for (String name : List.of("clip/g0", "clip/g1")) {
      Tensor g = get(name);
      Tensor p = Tensor.parameter(Tensor.zeros(g.shape(), DType.F64));
      p.backward(g);
      all.add(p);
    }
    return all;
  }

  @Test
  void clippingIsPyTorchs() {
    record Clip(String name, double largest, double p) {}
    for (Clip c :
        List.of(
            new Clip("2", 1.5, 2),
            new Clip("inf", 0.5, Double.POSITIVE_INFINITY),
            new Clip("1", 1, 1),
            new Clip("large", 99, 2))) {
      List<Tensor> p = withGradients();
      Tensor norm = Gradients.clipNorm(p, c.largest, c.p);
      String key = "clip/" + c.name + "/";
      assertThat(norm.shape()).isEqualTo(Shape.SCALAR);
      assertClose(key, norm, get(key + "norm"), 1e-15);
      assertClose(key, p.get(0).grad(), get(key + "g0"), 1e-15);
      assertClose(key, p.get(1).grad(), get(key + "g1"), 1e-15);
    }
    List<Tensor> p = withGradients();
    Gradients.clipValue(p, 0.7);
    assertClose("value", p.getFirst().grad(), get("clip/value/g0"), 1e-300);
  }
}
