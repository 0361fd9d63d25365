package org.cotangent.nn.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.cotangent.autograd.Grad;
import org.cotangent.autograd.Jit;
import org.cotangent.autograd.Rng;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.cotangent.nn.Module;
import org.cotangent.nn.Sequential;
import org.cotangent.nn.data.BadDataException;
import org.cotangent.nn.io.Tensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModelTest {
  private static final Architecture CNN =
      Architecture.parse(
          "conv 6 3x3 padding 1, batchnorm, relu, maxpool 2, dropout 0.5, residual(conv 6 3 padding same, tanh), flatten, linear 3");
  private static final Shape IMAGE = Shape.of(2, 6, 6);
  private static final List<String> NAMES = List.of("cat", "dog", "fish");

  @TempDir Path folder;

  private static Tensor images(int n, DType dtype) {
    return Rng.of(n).normal(Shape.of(2, 6, 6).inserted(0, n), DType.F64).mul(30).add(100).to(dtype);
  }

  /// A network whose running statistics are not those of the beginning.
  private static Sequential trained(DType dtype) {
    Sequential net = CNN.build(IMAGE, Rng.of(1), dtype);
    net.forward(images(20, dtype).sub(100).div(30));
    return net;
  }

  private static Model model(DType dtype) {
    return Model.of(CNN, IMAGE, trained(dtype))
        .standardised(
            Tensor.of(new float[] {90, 110}).reshape(2, 1, 1), Tensor.of(30.0, 0).reshape(2, 1, 1))
        .classes(NAMES);
  }

  private static Tensor expected(Module net, Tensor x) {
    net.eval();
    Tensor mean = Tensor.of(90.0, 110).reshape(2, 1, 1);
    Tensor std = Tensor.of(30.0, 1).reshape(2, 1, 1);
    DType dtype = net.parameters().firstEntry().getValue().dtype();
    return Grad.without(() -> net.forward(x.to(DType.F64).sub(mean).div(std).to(dtype)));
  }

  private static void assertClose(Tensor a, Tensor b, double bound) {
    assertThat(a.shape()).isEqualTo(b.shape());
    assertThat(a.dtype()).isEqualTo(b.dtype());
    if (a.size() > 0) {
      assertThat(a.sub(b).abs().max().item()).isLessThan(bound);
    }
  }

  // ---- Predicting

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 5, 13, 37, 63, 64, 65, 129, 200})
  void aPredictionIsTheNetworksInEvaluationModeForAnyBatch(int n) {
    for (DType dtype : List.of(DType.F32, DType.F64)) {
      // Sums of some 50 products of numbers below 10, in another order.
      double bound = dtype == DType.F32 ? 1e-4 : 1e-12;
      Tensor x = images(n, DType.F64);
      assertClose(model(dtype).predict(x), expected(trained(dtype), x), bound);
    }
  }

  /// Options that change what a file holds, or how a network is made for it.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "embedding 9 4 padding 0, rnn 5 nonlinearity relu no-bias bidirectional, last",
        "embedding 9 4 padding 8, attention 2 no-bias, layernorm no-affine, lstm 3 no-bias, mean",
        "embedding 9 6, reshape 6x5x1, conv 4 3x1 padding 2x0 padding-mode circular, batchnorm cumulative no-affine, upsample 2, channel-dropout 0.5, flatten",
      })
  void aSavedNetworkIsTheSameWithAnyOption(String text) throws IOException {
    Architecture a = Architecture.parse(text);
    Shape sample = Shape.of(5);
    Sequential net = a.build(sample, Rng.of(1), DType.F64);
    Tensor x = Rng.of(2).uniform(Shape.of(3, 5), 0, 9, DType.F64).floor().to(DType.I64);
    net.forward(x); // statistics that are not those of the beginning
    Path file = folder.resolve("model.safetensors");
    Model.of(a, sample, net).save(file);
    net.eval();
    Tensor expected = Grad.without(() -> net.forward(x));
    assertClose(Model.load(file).predict(x), expected, 1e-12);
    Path plain = folder.resolve("state.safetensors");
    Tensors.write(plain, net.state());
    assertClose(Model.load(plain, a, sample).predict(x), expected, 1e-12);
  }

  @Test
  void aSampleDoesNotSeeItsBatch() {
    Model m = model(DType.F64);
    Tensor x = images(70, DType.F64);
    Tensor all = m.predict(x);
    Tensor spoilt =
        Tensor.concat(
            0, x.slice(0, 0, 69), Tensor.full(Shape.of(1, 2, 6, 6), Double.NaN, DType.F64));
    assertClose(m.predict(spoilt).slice(0, 0, 69), all.slice(0, 0, 69), 1e-300);
    assertThat(m.predict(spoilt).get(69, 0)).isNaN();
    for (int i : new int[] {0, 63, 64, 69}) {
      assertClose(m.predict(x.slice(0, i, i + 1)), all.slice(0, i, i + 1), 1e-12);
    }
  }

  @Test
  void pixelsOfAnyTypeAreConverted() {
    Model m = model(DType.F32);
    Tensor x = images(4, DType.F64).round();
    Tensor y = m.predict(x);
    for (DType d : List.of(DType.F32, DType.I32, DType.I64)) {
      assertClose(m.predict(x.to(d)), y, 1e-300);
    }
  }

  @Test
  void trainingOnDoesNotChangeAModel() {
    Sequential net = trained(DType.F64);
    Model m = Model.of(CNN, IMAGE, net);
    Tensor x = images(3, DType.F64);
    Tensor before = m.predict(x);
    net.parameters().values().forEach(p -> p.assign(p.detach().add(1)));
    net.forward(x);
    assertClose(m.predict(x), before, 1e-300);
    assertThat(Model.of(CNN, IMAGE, net).predict(x).sub(before).abs().max().item()).isPositive();
    assertThat(net.isTraining()).isTrue();
  }

  @Test
  void aResultHasNoHistoryWhateverIsRecordedOutside() {
    Model m = model(DType.F64);
    Tensor x = Tensor.parameter(images(2, DType.F64));
    Tensor y = m.predict(x);
    assertThatThrownBy(() -> y.sum().backward()).isInstanceOf(IllegalStateException.class);
    assertClose(Grad.without(() -> m.predict(x)), y, 1e-300);
  }

  @Test
  void probabilitiesAndNames() {
    Model m = model(DType.F64);
    Tensor x = images(5, DType.F64);
    Tensor p = m.probabilities(x);
    assertClose(p, m.predict(x).softmax(1), 1e-15);
    List<Model.Guess> guesses = m.classify(x);
    assertThat(guesses).hasSize(5);
    for (int i = 0; i < 5; i++) {
      Model.Guess g = guesses.get(i);
      assertThat(g.name()).isEqualTo(NAMES.get(g.index()));
      assertThat(g.probability())
          .isEqualTo(p.get(i, g.index()))
          .isEqualTo(p.select(0, i).max().item());
    }
    assertThat(m.classify(images(0, DType.F64))).isEmpty();
    Model nameless = Model.of(CNN, IMAGE, trained(DType.F64));
    assertThat(nameless.classify(x).getFirst().name()).matches("[012]");
  }

  /// However the last layer ends, probabilities are the same.
  @Test
  void aSoftmaxAtTheEndIsNotAppliedTwice() {
    Sequential net = Architecture.parse("linear 4").build(Shape.of(3), Rng.of(1), DType.F64);
    Tensor x = Rng.of(2).normal(Shape.of(6, 3), DType.F64);
    Tensor p = net.forward(x).softmax(1).detach();
    for (String end : List.of("", ", softmax", ", log-softmax", ", 1 * log-softmax")) {
      Architecture a = Architecture.parse("linear 4" + end);
      assertClose(Model.of(a, Shape.of(3), net).probabilities(x), p, 1e-14);
    }
  }

  @Test
  void indicesGoToATable() {
    Architecture a = Architecture.parse("embedding 10 4, gru 5, last, linear 2");
    Sequential net = a.build(Shape.of(6), Rng.of(1));
    Model m = Model.of(a, Shape.of(6), net);
    Tensor x = Tensor.of(new int[][] {{1, 2, 3, 4, 5, 9}, {0, 0, 0, 0, 0, 0}, {9, 8, 7, 6, 5, 4}});
    net.eval();
    assertClose(m.predict(x), net.forward(x).detach(), 1e-5);
    assertThatThrownBy(() -> m.predict(x.to(DType.F32))).hasMessageContainingAll("indices", "F32");
    assertThatThrownBy(() -> m.standardised(Tensor.scalar(0), Tensor.scalar(1)))
        .hasMessageContaining("indices");
  }

  @Test
  void aModelMayBePartOfSomethingCompiledOrBatched() {
    Model m = model(DType.F64);
    Tensor x = images(5, DType.F64);
    Tensor y = m.predict(x);
    assertClose(Jit.compile(in -> m.predict(in).mul(2)).apply(x), y.mul(2), 1e-12);
    assertClose(Grad.vmap((Tensor one) -> m.predict(one.unsqueeze(0)).squeeze(0), x), y, 1e-12);
  }

  // ---- Threads

  @Test
  void eightThreadsPredictAtOnce() throws Exception {
    Model m = model(DType.F32);
    int threads = 8;
    List<Tensor> inputs = new ArrayList<>();
    List<float[]> alone = new ArrayList<>();
    for (int t = 0; t < threads; t++) {
      inputs.add(images(10 * t + 1, DType.F32));
      alone.add(m.predict(inputs.get(t)).toFloatArray());
    }
    CyclicBarrier start = new CyclicBarrier(threads);
    try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
      List<Future<Integer>> all = new ArrayList<>();
      for (int t = 0; t < threads; t++) {
        int first = t;
        all.add(
            pool.submit(() -> {
              start.await();
              int equal = 0;
              for (int i = 0; i < 20; i++) {
                int k = (first + i) % threads;
                assertThat(m.predict(inputs.get(k)).toFloatArray()).isEqualTo(alone.get(k));
                equal++;
              }
              return equal;
            }));
      }
      for (Future<Integer> f : all) {
        assertThat(f.get()).isEqualTo(20);
      }
    }
  }

  // ---- Files

  @Test
  void whatIsSavedIsLoaded() throws IOException {
    for (DType dtype : List.of(DType.F32, DType.F64)) {
      Path file = folder.resolve(dtype + ".safetensors");
      Model m = model(dtype);
      m.save(file);
      Model again = Model.load(file);
      assertThat(again.architecture()).isEqualTo(CNN);
      assertThat(again.input()).isEqualTo(IMAGE);
      assertThat(again.output()).isEqualTo(Shape.of(3));
      assertThat(again.dtype()).isEqualTo(dtype);
      assertThat(again.classes()).isEqualTo(NAMES);
      assertThat(again).hasToString(CNN.table(IMAGE));
      Tensor x = images(9, dtype);
      assertThat(again.predict(x).toDoubleArray()).isEqualTo(m.predict(x).toDoubleArray());
    }
  }

  @Test
  void aModelMayHaveNoParametersNoNamesAndAnyShape() throws IOException {
    Path file = folder.resolve("m.safetensors");
    Model.of(Architecture.parse("tanh"), Shape.SCALAR, Map.of()).save(file);
    Model m = Model.load(file);
    assertThat(m.input()).isEqualTo(Shape.SCALAR);
    assertThat(m.classes()).isEmpty();
    assertThat(m.predict(Tensor.of(0f, 1f)).get(1)).isCloseTo(Math.tanh(1), within(1e-6));
    assertThatThrownBy(() -> m.probabilities(Tensor.of(1f))).hasMessageContaining("[classes]");
  }

  @Test
  void parametersAloneAreLoadedForAGivenNetwork() throws IOException {
    Sequential net = trained(DType.F32);
    Path file = folder.resolve("net.safetensors");
    Tensors.write(file, net.state());
    Tensor x = images(3, DType.F32);
    assertThat(Model.load(file, CNN, IMAGE).predict(x).toDoubleArray())
        .isEqualTo(Model.of(CNN, IMAGE, net).predict(x).toDoubleArray());
    assertThatThrownBy(() -> Model.load(file))
        .isInstanceOf(BadDataException.class)
        .hasMessageContainingAll(
            "metadata 'format'", "Model.load(file, architecture, input)", "found none");
    Architecture other = Architecture.parse("flatten, linear 3");
    assertThatThrownBy(() -> Model.load(file, other, IMAGE))
        .isInstanceOf(BadDataException.class)
        .hasMessageContainingAll(
            file.toString(), "those of the network", "unexpected [0.weight", "unexpected");
  }

  private Path written(Map<String, String> change) throws IOException {
    Path good = folder.resolve("good.safetensors");
    model(DType.F32).save(good);
    var file = org.cotangent.nn.io.Safetensors.read(good);
    Map<String, String> metadata = new LinkedHashMap<>(file.metadata());
    change.forEach((k, v) -> {
      if (v.isEmpty()) {
        metadata.remove(k);
      } else {
        metadata.put(k, v);
      }
    });
    Path bad = folder.resolve("bad.safetensors");
    Tensors.write(bad, Tensors.of(file), metadata);
    return bad;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      textBlock =
          """
          format; ''; metadata 'format'; found none
          format; pt; cotangent-model 1; found 'pt'
          network; ''; 'network'; only [
          network; linaer 3; metadata 'network'; no layer 'linaer'
          network; flatten, linear 3; the tensors; unexpected
          network; flatten, linear 999999999; the tensors; 2^31
          network; flatten, 5000 * linear 4000; the tensors; the state has 633 left
          network; reshape 2x36, lstm 1000000; the tensors; but the state has 633 left
          network; reshape 2x36, transformer 6 999999999; the tensors; but the state has 633 left
          network; reshape 2x36, embedding 999999 99999; the tensors; but the state has 633 left
          input; 3x6x6; the tensors; 123 left
          input; 0x3; metadata 'input'; '0x3'
          input; 99999x99999; metadata 'input'; 2^31
          dtype; F16; F32 or F64; 'F16'
          dtype; F64; tensor '0.weight'; F64
          classes; cat; metadata 'classes'; 1 names
          """)
  void aModelThatDoesNotHoldTogetherIsRefused(String key, String value, String first, String second)
      throws IOException {
    Path bad = written(Map.of(key, value));
    assertThatThrownBy(() -> Model.load(bad))
        .isInstanceOf(BadDataException.class)
        .hasMessageContainingAll(bad.toString(), first, second);
  }

  @Test
  void halfAStandardisationAndAMissingFileAreNamed() throws IOException {
    Path good = folder.resolve("good.safetensors");
    model(DType.F32).save(good);
    var file = org.cotangent.nn.io.Safetensors.read(good);
    Map<String, Tensor> tensors = new LinkedHashMap<>(Tensors.of(file));
    tensors.remove("standardise.std");
    Path bad = folder.resolve("bad.safetensors");
    Tensors.write(bad, tensors, file.metadata());
    assertThatThrownBy(() -> Model.load(bad))
        .hasMessageContainingAll("standardise.mean", "one of them");
    tensors.put("standardise.std", Tensor.of(1.0, 2));
    Tensors.write(bad, tensors, file.metadata());
    assertThatThrownBy(() -> Model.load(bad)).hasMessageContainingAll("[2]", "[2, 6, 6]");
    assertThatThrownBy(() -> Model.load(folder.resolve("none")))
        .isInstanceOf(NoSuchFileException.class);
  }

  /// Bytes turned at random: read, or refused as bad data, never anything else.
  @Test
  void damagedFilesAreRefusedAsSuch() throws IOException {
    Path good = folder.resolve("good.safetensors");
    model(DType.F32).save(good);
    byte[] bytes = Files.readAllBytes(good);
    int header = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("}}") + 2;
    Random r = new Random(1);
    int refused = 0;
    for (int i = 0; i < 120; i++) {
      byte[] damaged = bytes.clone();
      damaged[r.nextInt(header)] = (byte) r.nextInt(32, 127);
      Path bad = folder.resolve("bad.safetensors");
      Files.write(bad, damaged);
      try {
        Model.load(bad).predict(images(1, DType.F32));
      } catch (BadDataException e) {
        assertThat(e).hasMessageStartingWith(bad.toString());
        refused++;
      }
    }
    assertThat(refused).isGreaterThan(80);
  }

  // ---- What does not fit

  @Test
  void anInputOfAnotherShapeSaysWhichIsExpected() {
    Model m = model(DType.F32);
    assertThatThrownBy(() -> m.predict(Tensor.ones(2, 6, 6)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("[2, 6, 6]", "[n, ..]", "unsqueeze(0)");
    assertThatThrownBy(() -> m.predict(Tensor.ones(1, 3, 6, 6)))
        .hasMessageContaining("[1, 3, 6, 6]");
    assertThatThrownBy(() -> m.predict(Tensor.scalar(1))).hasMessageContaining("[]");
  }

  @Test
  void namesAndStandardisationMustFit() {
    Model m = model(DType.F32);
    assertThatThrownBy(() -> m.classes(List.of("a"))).hasMessageContainingAll("1 names", "[3]");
    assertThatThrownBy(() -> m.classes(List.of("a", "b", "a"))).hasMessageContaining("twice");
    assertThatThrownBy(() -> m.classes(List.of("a", "b", "c\nd"))).hasMessageContaining("line");
    Tensor one = Tensor.scalar(1);
    assertThatThrownBy(() -> m.standardised(Tensor.of(1f, 2f), one))
        .hasMessageContaining("mean [2]");
    assertThatThrownBy(() -> m.standardised(one, Tensor.scalar(-1)))
        .hasMessageContaining("std holds -1");
    assertThatThrownBy(() -> m.standardised(Tensor.scalar(Double.NaN), one))
        .hasMessageContaining("NaN");
  }
}
