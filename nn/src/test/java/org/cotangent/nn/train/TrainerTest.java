package org.cotangent.nn.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.stream.IntStream;
import org.cotangent.autograd.Rng;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.cotangent.nn.Adam;
import org.cotangent.nn.BatchNorm;
import org.cotangent.nn.Dropout;
import org.cotangent.nn.Linear;
import org.cotangent.nn.Loss;
import org.cotangent.nn.Module;
import org.cotangent.nn.MovingAverage;
import org.cotangent.nn.Optimizer;
import org.cotangent.nn.ReLU;
import org.cotangent.nn.ReduceOnPlateau;
import org.cotangent.nn.SGD;
import org.cotangent.nn.Schedule;
import org.cotangent.nn.Sequential;
import org.cotangent.nn.SoftmaxCrossEntropy;
import org.cotangent.nn.data.Batch;
import org.cotangent.nn.data.DataLoader;
import org.cotangent.nn.data.Dataset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TrainerTest {
  private static final DataLoader DATA = loader(5, 8);
  private static final Loss LOSS = new SoftmaxCrossEntropy();

  @TempDir private Path folder;

  /// Noisy points of two classes, in a new order each epoch and moved a little.
  private static DataLoader loader(int batches, int size) {
    Rng rng = Rng.of(1);
    int[] classes = new int[batches * size];
    for (int i = 0; i < classes.length; i++) {
      classes[i] = rng.nextInt(2);
    }
    Tensor t = Tensor.of(classes);
    Tensor centre = t.to(DType.F32).mul(2).sub(1).unsqueeze(1);
    Tensor x = rng.normal(Shape.of(classes.length, 4), DType.F32).add(centre);
    return DataLoader.of(Dataset.of(x, t), size)
        .shuffled(1)
        .transform(
            (b, random) -> new Batch(b.x().mul(random.getFirst().nextDouble() + 0.5), b.y()));
  }

  /// With everything that has state.
  private static Module net(long seed) {
    Rng rng = Rng.of(seed);
    return new Sequential(
        new Linear(4, 6, rng),
        new BatchNorm(6),
        new ReLU(),
        new Dropout(0.3, rng),
        new Linear(6, 2, rng));
  }

  private static Trainer trainer(Module net, boolean compiled) {
    Optimizer adam = new Adam(net, 0.01);
    return compiled ? new Trainer(net, LOSS, adam) : Trainer.eager(net, LOSS, adam);
  }

  private static Trainer scheduled(Module net, boolean compiled) {
    return trainer(net, compiled)
        .scheduleSteps(Schedule.cosine(0.01, 30, 0))
        .average(new MovingAverage(net, 0.9))
        .clipNorm(1);
  }

  /// Everything that a checkpoint holds, as bits.
  private static Map<String, List<Double>> numbers(Trainer t) {
    Map<String, List<Double>> all = new HashMap<>();
    t.checkpoint()
        .state()
        .forEach((name, x) -> {
          List<Double> values = new ArrayList<>();
          for (double v : x.to(DType.F64).toDoubleArray()) {
            values.add(v);
          }
          all.put(name, values);
        });
    return all;
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aRunThatIsResumedAnywhereEndsAsIfItHadGoneOn(boolean compiled) throws IOException {
    Trainer whole = scheduled(net(7), compiled);
    whole.runSteps(DATA, 13);
    for (int k = 0; k < 13; k += 3) {
      Checkpoints files = Checkpoints.in(folder.resolve("at" + k));
      Trainer first = scheduled(net(7), compiled).save(files, Every.steps(100));
      assertThat(first.runSteps(DATA, k)).isEqualTo(Outcome.FINISHED);
      Trainer second = scheduled(net(8), compiled).save(files, Every.steps(100)); // another seed
      assertThat(second.resume()).isPresent();
      assertThat(second.progress()).isEqualTo(new Progress(k, k / 5, k % 5));
      second.runSteps(DATA, 13);
      assertThat(numbers(second)).as("after %d steps", k).isEqualTo(numbers(whole));
    }
  }

  @Test
  void compiledAndEagerRunsAreTheSameToTheBit() throws IOException {
    Trainer a = scheduled(net(7), true);
    Trainer b = scheduled(net(7), false);
    a.runEpochs(DATA, 2);
    b.runEpochs(DATA, 2);
    assertThat(numbers(a)).isEqualTo(numbers(b));
  }

  @Test
  void aRunCanGoBackToAnEarlierCheckpointWithTheStepThatIsCompiled() throws IOException {
    Trainer t = scheduled(net(7), true);
    t.runSteps(DATA, 4);
    Checkpoint then = t.checkpoint();
    t.runSteps(DATA, 9);
    Map<String, List<Double>> end = numbers(t);
    t.load(then);
    assertThat(t.progress().step()).isEqualTo(4);
    t.runSteps(DATA, 9);
    assertThat(numbers(t)).isEqualTo(end);
  }

  @Test
  void aRunCanGoBackToItsBeginning() throws IOException {
    Trainer t = scheduled(net(7), true);
    Checkpoint start = t.checkpoint();
    t.runSteps(DATA, 3);
    Map<String, List<Double>> end = numbers(t);
    t.load(start);
    t.runSteps(DATA, 3);
    assertThat(numbers(t)).isEqualTo(end);
  }

  // ---- What is done when

  /// Writes down what it is told.
  private static final class Diary implements TrainingListener {
    final List<String> lines = new ArrayList<>();
    final List<Double> rates = new ArrayList<>();

    @Override
    public void stepped(Step s) {
      lines.add("step " + s.at().step());
      rates.add(s.learningRate());
      assertThat(s.loss()).isFinite();
      assertThat(s.samples()).isEqualTo(8);
    }

    @Override
    public void evaluated(Progress at, SequencedMap<String, Double> metrics) {
      lines.add("evaluated " + metrics);
    }

    @Override
    public void saved(Progress at, Path file) {
      lines.add("saved " + at.step());
    }
  }

  @Test
  void evaluationsComeBeforeCheckpointsAndBothWhenTheyAreDue() throws IOException {
    var diary = new Diary();
    Module net = net(1);
    Checkpoints files = Checkpoints.in(folder).keep(2);
    Outcome end =
        trainer(net, true)
            .evaluate(
                Every.epochs(1),
                () -> {
                  assertThat(net.isTraining()).isFalse();
                  assertThat(net.forward(Tensor.ones(1, 4)).isTracked()).isFalse();
                  return Map.of("m", 0.5);
                })
            .save(files, Every.steps(5))
            .listen(diary)
            .runSteps(DATA, 11);
    assertThat(end).isEqualTo(Outcome.FINISHED);
    assertThat(net.isTraining()).isTrue();
    assertThat(diary.lines)
        .containsExactly(
            "step 1",
            "step 2",
            "step 3",
            "step 4",
            "step 5",
            "evaluated {m=0.5}",
            "saved 5",
            "step 6",
            "step 7",
            "step 8",
            "step 9",
            "step 10",
            "evaluated {m=0.5}",
            "saved 10",
            "step 11",
            "saved 11");
    assertThat(files.files().stream().map(p -> p.getFileName().toString()))
        .containsExactly("step-000000000011.safetensors", "step-000000000010.safetensors");
  }

  @Test
  void schedulesCountStepsOrEpochs() throws IOException {
    Schedule s = k -> 0.001 * (k + 1);
    var steps = new Diary();
    trainer(net(1), true).scheduleSteps(s).listen(steps).runSteps(DATA, 7);
    assertThat(steps.rates).containsExactly(0.001, 0.002, 0.003, 0.004, 0.005, 0.006, 0.007);
    var epochs = new Diary();
    trainer(net(1), true).scheduleEpochs(s).listen(epochs).runSteps(DATA, 7);
    assertThat(epochs.rates).containsExactly(0.001, 0.001, 0.001, 0.001, 0.001, 0.002, 0.002);
  }

  @Test
  void aPlateauIsToldWhatEvaluationsFindAndItsStateIsKept() throws IOException {
    Checkpoints files = Checkpoints.in(folder);
    Trainer whole = flat(Checkpoints.in(folder.resolve("whole")));
    whole.runSteps(DATA, 12);
    flat(files).runSteps(DATA, 5);
    Trainer second = flat(files);
    second.resume();
    second.runSteps(DATA, 12);
    assertThat(numbers(second)).isEqualTo(numbers(whole));
    assertThat(numbers(second).getOrDefault("optimizer.learning_rate", List.of(1.0)).getFirst())
        .isLessThan(0.01);
  }

  private static Trainer flat(Checkpoints files) {
    Module net = net(1);
    Optimizer adam = new Adam(net, 0.01);
    return new Trainer(net, LOSS, adam)
        .plateau(new ReduceOnPlateau(adam).patience(3).factor(0.5), "loss")
        .evaluate(Every.steps(1), () -> Map.of("loss", 1.0))
        .save(files, Every.steps(100));
  }

  @Test
  void generatorsOfTheUserAreKept() throws IOException {
    Checkpoints files = Checkpoints.in(folder);
    Rng mine = Rng.of(5);
    Trainer first = trainer(net(1), true).generator("mixup", mine).save(files, Every.steps(1));
    mine.nextInt();
    first.runSteps(DATA, 1);
    Rng other = Rng.of(6);
    Trainer second = trainer(net(1), true).generator("mixup", other).save(files, Every.steps(1));
    second.resume();
    assertThat(other.state()).isEqualTo(mine.state());
  }

  @Test
  void textsAreKept() throws IOException {
    Checkpoints files = Checkpoints.in(folder);
    Trainer t =
        trainer(net(1), true).metadata(() -> Map.of("best", "0.75")).save(files, Every.steps(1));
    assertThat(t.resume()).isEmpty();
    t.runSteps(DATA, 1);
    assertThat(t.resume().orElseThrow().checkpoint().metadata())
        .containsExactly(Map.entry("best", "0.75"));
  }

  @ParameterizedTest
  @CsvSource({"true, 3", "false, 3", "true, 8", "true, 100"})
  void aBatchInPartsIsTheWholeBatchUpToRounding(boolean compiled, int parts) throws IOException {
    // the last part is smaller; no dropout or batch norm, which see each part alone
    Module a =
        new Sequential(
            new Linear(4, 3, Rng.of(1), DType.F64), new Linear(3, 2, Rng.of(2), DType.F64));
    Module b =
        new Sequential(
            new Linear(4, 3, Rng.of(1), DType.F64), new Linear(3, 2, Rng.of(2), DType.F64));
    DataLoader data = loader(2, 8);
    new Trainer(a, LOSS, new SGD(a, 0.1)).runSteps(data, 6);
    Optimizer sgd = new SGD(b, 0.1);
    (compiled ? new Trainer(b, LOSS, sgd) : Trainer.eager(b, LOSS, sgd))
        .microBatches(parts)
        .runSteps(data, 6);
    a.state()
        .forEach((name, x) ->
            assertThat(x.sub(b.state().getOrDefault(name, x.add(1))).abs().max().item())
                .as(name)
                .isLessThan(1e-14));
  }

  // ---- Stopping

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void anotherThreadMayStopIt(boolean saves) throws Exception {
    Checkpoints files = Checkpoints.in(folder);
    Trainer t = trainer(net(1), true);
    if (saves) {
      t.save(files, Every.steps(1_000_000));
    }
    t.listen(
        new TrainingListener() {
          @Override
          public void stepped(Step s) {
            if (s.at().step() == 3) {
              Thread stopper = Thread.ofPlatform().start(t::stop);
              try {
                stopper.join();
              } catch (InterruptedException e) {
                throw new AssertionError(e);
              }
            }
          }
        });
    assertThat(t.runSteps(DATA, 1_000_000)).isEqualTo(Outcome.STOPPED);
    assertThat(t.progress()).isEqualTo(new Progress(3, 0, 3));
    assertThat(files.files()).hasSize(saves ? 1 : 0);
    assertThat(t.runSteps(DATA, 6)).isEqualTo(Outcome.FINISHED); // it may go on
    t.stop();
    assertThat(t.runSteps(DATA, 9)).isEqualTo(Outcome.STOPPED); // asked before it began
    assertThat(t.progress().step()).isEqualTo(6);
  }

  // ---- What goes wrong

  @Test
  void aLossThatIsNotFiniteEndsTheRunWithTheNumberOfTheStep() throws IOException {
    Dataset data = DATA.dataset();
    Tensor rows = Tensor.arange(data.size()).unsqueeze(1);
    Batch all = data.batch(IntStream.range(0, data.size()).toArray());
    Tensor x = Tensor.where(rows.eq(27), Tensor.scalar(Double.NaN, DType.F32), all.x());
    DataLoader spoilt = DataLoader.of(Dataset.of(x, all.y()), 8);
    Checkpoints files = Checkpoints.in(folder);
    assertThatThrownBy(() -> trainer(net(1), true).save(files, Every.steps(1)).runSteps(spoilt, 10))
        .isInstanceOfSatisfying(
            NotFiniteLossException.class,
            e -> {
              assertThat(e.step()).isEqualTo(3);
              assertThat(e.loss()).isNaN();
            })
        .hasMessageStartingWith("train: the loss is NaN in step 3 (epoch 0, batch 3);");
    assertThat(files.newest().orElseThrow().checkpoint().step()).isEqualTo(3);
    Trainer any = trainer(net(1), true).allowNotFinite();
    assertThat(any.runSteps(spoilt, 10)).isEqualTo(Outcome.FINISHED);
  }

  @Test
  void aCheckpointOfAnotherTrainerIsRefusedAndNothingChanges() throws IOException {
    Checkpoints files = Checkpoints.in(folder);
    scheduled(net(1), true).save(files, Every.steps(1)).runSteps(DATA, 2);
    Trainer without = trainer(net(2), true).save(files, Every.steps(1));
    Map<String, List<Double>> before = numbers(without);
    assertThatThrownBy(without::resume)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(
            "step-000000000002.safetensors does not fit: 'average.0.weight' belongs to nothing");
    assertThat(numbers(without)).isEqualTo(before);

    // the network fits, the optimiser does not
    Module net = net(3);
    Trainer other =
        new Trainer(net, LOSS, new SGD(net, 0.1))
            .average(new MovingAverage(net, 0.9))
            .save(files, Every.steps(1));
    before = numbers(other);
    assertThatThrownBy(other::resume)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("optimizer: load: unexpected");
    assertThat(numbers(other)).isEqualTo(before);
  }

  @Test
  void otherBatchesThanThoseOfTheCheckpointAreRefused() throws IOException {
    Checkpoints files = Checkpoints.in(folder);
    trainer(net(1), true).save(files, Every.steps(1)).runSteps(DATA, 7);
    Trainer t = trainer(net(1), true).save(files, Every.steps(1));
    t.resume();
    assertThatThrownBy(() -> t.runSteps(loader(4, 10), 9))
        .hasMessageContaining(
            "step 7 (epoch 1, batch 2) of epochs of 5 batches, but this loader has 4");
  }

  @Test
  void settingsThatContradictEachOtherAreRefused() {
    Module net = net(1);
    Optimizer sgd = new SGD(net, 0.1);
    Trainer t = new Trainer(net, LOSS, sgd).scheduleSteps(Schedule.constant(0.1));
    assertThatThrownBy(() -> t.plateau(new ReduceOnPlateau(sgd), "loss"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("choose one");
    assertThatThrownBy(t::resume).hasMessageContaining("where from?");
    assertThatThrownBy(() -> Every.steps(0)).hasMessageContaining("0 steps");
    Module other = net(1);
    Optimizer adam = new SGD(other, 0.1);
    Trainer blind =
        new Trainer(other, LOSS, adam)
            .plateau(new ReduceOnPlateau(adam), "loss")
            .evaluate(Every.steps(1), () -> Map.of("accuracy", 1.0));
    assertThatThrownBy(() -> blind.runSteps(DATA, 1))
        .hasMessageContaining("looks at 'loss', but the evaluation gave [accuracy]");
    DataLoader empty = DataLoader.of(loader(1, 8).dataset(), 9).dropLast();
    assertThatThrownBy(() -> trainer(net(1), true).runSteps(empty, 1))
        .hasMessageContaining("no batch");
  }
}
