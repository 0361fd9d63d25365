package org.cotangent.nn.train;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.cotangent.autograd.Grad;
import org.cotangent.autograd.Rng;
import org.cotangent.autograd.Tensor;
import org.cotangent.nn.Gradients;
import org.cotangent.nn.Loss;
import org.cotangent.nn.Module;
import org.cotangent.nn.MovingAverage;
import org.cotangent.nn.Optimizer;
import org.cotangent.nn.ReduceOnPlateau;
import org.cotangent.nn.Schedule;
import org.cotangent.nn.TrainingStep;
import org.cotangent.nn.data.Batch;
import org.cotangent.nn.data.BatchIterator;
import org.cotangent.nn.data.DataLoader;
import org.cotangent.nn.io.Shutdown;

/// Trains a network on batches: steps, learning rates, evaluations, checkpoints.
///
/// ```java
/// var trainer =
///     new Trainer(net, new SoftmaxCrossEntropy(), new Adam(net, 1e-3))
///         .scheduleSteps(Schedule.cosine(1e-3, 5000, 0))
///         .evaluate(Every.steps(500), () -> Map.of("accuracy", accuracy(net, test)))
///         .save(Checkpoints.in(folder), Every.steps(500));
/// trainer.resume();
/// trainer.runSteps(loader, 5000);
/// ```
///
/// A run that was killed at any moment, made again and resumed, ends with the same bits as one that
/// was not: everything it depends on is in the checkpoint, or a function of what is. The settings
/// are not: make the trainer with the same ones. They return the trainer, and are made before it
/// runs.
///
/// For one thread; only [#stop] may be called from others.
public final class Trainer {
  private final Module net;
  private final Optimizer optimizer;
  private TrainingStep step;
  private Optional<Schedule> schedule = Optional.empty();
  private boolean isScheduledBySteps;
  private Optional<Plateau> plateau = Optional.empty();
  private Optional<MovingAverage> average = Optional.empty();
  private Optional<Evaluation> evaluation = Optional.empty();
  private Optional<Saving> saving = Optional.empty();
  private Optional<Duration> patience = Optional.empty();
  private Supplier<Map<String, String>> metadata = Map::of;
  private boolean allowsNotFinite;
  private final SequencedMap<String, Rng> generators = new LinkedHashMap<>();
  private final List<TrainingListener> listeners = new ArrayList<>();

  private Progress progress = Progress.START;
  private int count; // batches in an epoch; 0 while it is not known
  private long savedStep = -1;
  private volatile boolean isAskedToStop;

  private record Plateau(ReduceOnPlateau reduce, String metric) {}

  private record Evaluation(Every every, Supplier<? extends Map<String, Double>> metrics) {}

  private record Saving(Checkpoints checkpoints, Every every) {}

  /// Trains with a compiled step.
  public Trainer(Module net, Loss loss, Optimizer optimizer) {
    this(net, optimizer, TrainingStep.compiled(net, loss, optimizer));
  }

  private Trainer(Module net, Optimizer optimizer, TrainingStep step) {
    this.net = net;
    this.optimizer = optimizer;
    this.step = step;
  }

  /// Trains with a step whose operations run one by one.
  public static Trainer eager(Module net, Loss loss, Optimizer optimizer) {
    return new Trainer(net, optimizer, TrainingStep.eager(net, loss, optimizer));
  }

  // ---- Settings

  /// Takes the learning rate of each step from a schedule, which is given the number of the step.
  ///
  /// @throws IllegalStateException if the rate is reduced on a plateau
  public Trainer scheduleSteps(Schedule s) {
    return schedule(s, true);
  }

  /// Takes the learning rate of each step from a schedule, which is given the number of the epoch.
  ///
  /// @throws IllegalStateException if the rate is reduced on a plateau
  public Trainer scheduleEpochs(Schedule s) {
    return schedule(s, false);
  }

  private Trainer schedule(Schedule s, boolean bySteps) {
    schedule = Optional.of(s);
    isScheduledBySteps = bySteps;
    return requireOneRate();
  }

  /// Lets the learning rate be reduced when a metric falls no more, which it is told after each
  /// evaluation.
  ///
  /// @throws IllegalStateException if a schedule sets the rate
  public Trainer plateau(ReduceOnPlateau reduce, String metric) {
    plateau = Optional.of(new Plateau(reduce, metric));
    return requireOneRate();
  }

  private Trainer requireOneRate() {
    if (schedule.isPresent() && plateau.isPresent()) {
      throw new IllegalStateException(
          "Trainer: a schedule would set again what the plateau reduces; choose one of them");
    }
    return this;
  }

  /// Scales the gradients of each step so that their norm is `largest` at most.
  public Trainer clipNorm(double largest) {
    return beforeUpdate(() -> Gradients.clipNorm(net, largest));
  }

  /// Brings every number of the gradients of each step into `[-largest, largest]`.
  public Trainer clipValue(double largest) {
    return beforeUpdate(() -> Gradients.clipValue(net, largest));
  }

  /// Does something between gradients and update, once a step; see
  /// [TrainingStep#beforeUpdate(Runnable)]. It replaces what was set before.
  public Trainer beforeUpdate(Runnable r) {
    step = step.beforeUpdate(r);
    return this;
  }

  /// Takes each batch in parts; see [TrainingStep#microBatches(int)].
  public Trainer microBatches(int parts) {
    step = step.microBatches(parts);
    return this;
  }

  /// Keeps a moving average of the weights, which takes in those after each step.
  public Trainer average(MovingAverage a) {
    average = Optional.of(a);
    step = step.afterUpdate(a::update);
    return this;
  }

  /// Measures, with the network in evaluation mode and nothing recorded.
  public Trainer evaluate(Every every, Supplier<? extends Map<String, Double>> metrics) {
    evaluation = Optional.of(new Evaluation(every, metrics));
    return this;
  }

  /// Saves checkpoints, and one at the end of the run and where it is stopped.
  public Trainer save(Checkpoints checkpoints, Every every) {
    saving = Optional.of(new Saving(checkpoints, every));
    return this;
  }

  /// Keeps texts with each checkpoint; they are asked for when one is made.
  public Trainer metadata(Supplier<Map<String, String>> texts) {
    metadata = texts;
    return this;
  }

  /// Keeps the state of a generator in the checkpoints beside those of the network, under `user.`
  /// and its name.
  public Trainer generator(String name, Rng rng) {
    generators.put("user." + name, rng);
    return this;
  }

  /// Tells a listener what happens.
  public Trainer listen(TrainingListener l) {
    listeners.add(l);
    return this;
  }

  /// Goes on also when a loss is NaN or infinite.
  public Trainer allowNotFinite() {
    allowsNotFinite = true;
    return this;
  }

  /// Lets Ctrl-C, SIGTERM and `System.exit` of another thread finish the step and save: the process
  /// waits for that, at most so long, before it ends, after Ctrl-C with exit code 130. No listener
  /// may call `System.exit` then.
  public Trainer stopOnShutdown(Duration longest) {
    patience = Optional.of(longest);
    return this;
  }

  // ---- Running

  /// Trains until so many steps have been made since the beginning, those before [#resume]
  /// included.
  ///
  /// @throws NotFiniteLossException if a loss is NaN or infinite, unless that is allowed
  /// @throws IOException if a checkpoint cannot be written
  public Outcome runSteps(DataLoader loader, long steps) throws IOException {
    return run(loader, p -> p.step() >= steps);
  }

  /// Trains until so many epochs have been made since the beginning, those before [#resume]
  /// included.
  ///
  /// @throws NotFiniteLossException if a loss is NaN or infinite, unless that is allowed
  /// @throws IOException if a checkpoint cannot be written
  public Outcome runEpochs(DataLoader loader, long epochs) throws IOException {
    return run(loader, p -> p.epoch() >= epochs);
  }

  /// Asks the run to finish its step, save and return, or the next run to return at once if there
  /// is none. Any thread may ask; it does not wait.
  public void stop() {
    isAskedToStop = true;
  }

  /// How far the run has come.
  public Progress progress() {
    return progress;
  }

  private Outcome run(DataLoader loader, Predicate<Progress> isDone) throws IOException {
    requireCount(loader.count());
    var done = new CountDownLatch(1);
    Optional<Shutdown.Registration> atEnd =
        patience.map(longest -> Shutdown.first(() -> stopAndWait(done, longest)));
    try {
      net.train();
      while (!isAskedToStop && !isDone.test(progress)) {
        epoch(loader, isDone);
      }
      if (saving.isPresent() && savedStep != progress.step()) {
        save(saving.get());
      }
      return isDone.test(progress) ? Outcome.FINISHED : Outcome.STOPPED;
    } finally {
      isAskedToStop = false;
      done.countDown();
      atEnd.ifPresent(Shutdown.Registration::close);
    }
  }

  private void stopAndWait(CountDownLatch done, Duration longest) {
    stop();
    try {
      done.await(longest.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void requireCount(int batches) {
    if (batches < 1) {
      throw new IllegalArgumentException("Trainer: there is no batch in an epoch");
    }
    if (count != 0 && count != batches && progress.batch() != 0) {
      throw new IllegalArgumentException(
          "Trainer: the run is at %s of epochs of %d batches, but this loader has %d; train with the same data and batch size"
              .formatted(progress, count, batches));
    }
    count = batches;
  }

  /// What is left of an epoch.
  private void epoch(DataLoader loader, Predicate<Progress> isDone) throws IOException {
    long epoch = progress.epoch();
    try (BatchIterator batches = loader.epoch(epoch, progress.batch())) {
      while (progress.epoch() == epoch && !isAskedToStop && !isDone.test(progress)) {
        step(batches.next());
      }
    }
  }

  private void step(Batch batch) throws IOException {
    Progress before = progress;
    schedule.ifPresent(s ->
        optimizer.learningRate(
            s.rate(Math.toIntExact(isScheduledBySteps ? before.step() : before.epoch()))));
    double rate = optimizer.learningRate();
    double loss = step.apply(batch.x(), batch.y()).item();
    if (!allowsNotFinite && !Double.isFinite(loss)) {
      throw new NotFiniteLossException(before, loss);
    }
    progress = before.next(count);
    var made = new TrainingListener.Step(progress, loss, rate, batch.size());
    listeners.forEach(l -> l.stepped(made));
    if (evaluation.isPresent() && evaluation.get().every.isDue(progress)) {
      evaluate(evaluation.get());
    }
    if (saving.isPresent() && saving.get().every.isDue(progress)) {
      save(saving.get());
    }
  }

  private void evaluate(Evaluation e) {
    SequencedMap<String, Double> metrics = new LinkedHashMap<>();
    net.eval();
    try {
      metrics.putAll(Grad.without(e.metrics::get));
    } finally {
      net.train();
    }
    plateau.ifPresent(p -> {
      Double metric = metrics.get(p.metric);
      if (metric == null) {
        throw new IllegalStateException(
            "Trainer: the plateau looks at '%s', but the evaluation gave %s"
                .formatted(p.metric, metrics.keySet()));
      }
      p.reduce.step(metric);
    });
    listeners.forEach(l -> l.evaluated(progress, Collections.unmodifiableSequencedMap(metrics)));
  }

  // ---- Saving and going on

  private void save(Saving s) throws IOException {
    Path file = s.checkpoints.save(checkpoint());
    savedStep = progress.step();
    listeners.forEach(l -> l.saved(progress, file));
  }

  /// All that the run is at this moment.
  public Checkpoint checkpoint() {
    return new Checkpoint(progress.step(), Part.stateOf(parts()), metadata.get());
  }

  /// Goes on from a checkpoint of a trainer with the same settings.
  ///
  /// @throws IllegalArgumentException if it does not fit: names, shapes, dtypes; nothing has
  ///   changed then
  public void load(Checkpoint c) {
    Part.load(parts(), c.state());
    savedStep = -1;
  }

  /// Goes on from the newest usable checkpoint of where this trainer saves; from the beginning if
  /// there is none.
  ///
  /// @return what it goes on from
  /// @throws IllegalStateException if it saves none
  /// @throws IllegalArgumentException if it does not fit, see [#load]
  /// @throws IOException if there are some and none can be used
  public Optional<Checkpoints.Found> resume() throws IOException {
    Saving s =
        saving.orElseThrow(
            () -> new IllegalStateException("Trainer: resume() without save(..): where from?"));
    Optional<Checkpoints.Found> found = s.checkpoints.newest();
    if (found.isPresent()) {
      try {
        load(found.get().checkpoint());
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(
            "resume: %s does not fit: %s".formatted(found.get().file(), e.getMessage()), e);
      }
      savedStep = progress.step();
    }
    return found;
  }

  private List<Part> parts() {
    List<Part> parts = new ArrayList<>();
    parts.add(new Part("net", net::state, net::load));
    parts.add(new Part("optimizer", optimizer::state, optimizer::load));
    plateau.ifPresent(p -> parts.add(new Part("plateau", p.reduce::state, p.reduce::load)));
    average.ifPresent(a -> parts.add(new Part("average", a::state, a::load)));
    SequencedMap<String, Rng> all = new LinkedHashMap<>();
    net.generators().forEach((name, rng) -> all.put("net." + name, rng));
    all.putAll(generators);
    parts.add(
        new Part("generators", () -> Counters.of(all), state -> Counters.restore(all, state)));
    parts.add(new Part("progress", this::progressState, this::loadProgress));
    return parts;
  }

  private SequencedMap<String, Tensor> progressState() {
    SequencedMap<String, Tensor> state = new LinkedHashMap<>();
    state.put("at", Counters.of(progress.step(), progress.epoch(), progress.batch()));
    state.put("count", Counters.of(count));
    return state;
  }

  private void loadProgress(Map<String, Tensor> state) {
    if (!state.keySet().equals(progressState().keySet())) {
      throw new IllegalArgumentException(
          "saved were %s, but here are %s".formatted(state.keySet(), progressState().keySet()));
    }
    long[] at = Counters.read("at", 3, state.getOrDefault("at", Tensor.zeros(0)));
    long[] batches = Counters.read("count", 1, state.getOrDefault("count", Tensor.zeros(0)));
    progress = new Progress(at[0], at[1], Math.toIntExact(at[2]));
    count = Math.toIntExact(batches[0]);
  }
}
