package org.cotangent.apps.runs;

import static java.util.Locale.ROOT;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import org.cotangent.apps.support.Charts;
import org.cotangent.apps.support.CommandFailure;
import org.cotangent.apps.support.Panel;
import org.cotangent.apps.support.Progress;
import org.cotangent.autograd.Grad;
import org.cotangent.autograd.shape.Shape;
import org.cotangent.nn.Loss;
import org.cotangent.nn.MovingAverage;
import org.cotangent.nn.Optimizer;
import org.cotangent.nn.Sequential;
import org.cotangent.nn.data.Batch;
import org.cotangent.nn.data.DataLoader;
import org.cotangent.nn.model.Architecture;
import org.cotangent.nn.model.Model;
import org.cotangent.nn.train.Checkpoints;
import org.cotangent.nn.train.Every;
import org.cotangent.nn.train.NotFiniteLossException;
import org.cotangent.nn.train.Outcome;
import org.cotangent.nn.train.Trainer;

/// Trains a network as a configuration says, and keeps a [RunFolder] of it.
///
/// A run that was stopped, by Ctrl-C or by any other end of its process, and resumed, leaves the
/// same metrics and the same network to the bit.
public final class Run {
  /// The loss of a single batch is noise: the mean of this many steps is what is told.
  private static final int RECENT = 100;

  private final RunFolder folder;
  private final RunConfig config;
  private final PrintWriter console;
  private final Architecture network;
  private final Samples samples;
  private final Normalizer input;
  private final Sequential net;
  private final Optional<MovingAverage> average;

  /// What is evaluated and kept: the network, or another one for its moving average.
  private final Sequential judged;

  private final DataLoader loader;
  private final long steps;
  private final Judge judge;
  private final Trainer trainer;

  /// How a run ended.
  ///
  /// @param finished whether it made all its steps; if not, Ctrl-C stopped it
  /// @param evaluations what was measured, in order
  public record Result(boolean finished, List<Summary.Evaluation> evaluations) {
    /// Copies the list.
    public Result {
      evaluations = List.copyOf(evaluations);
    }

    /// The exit code of a command that did the run.
    public int exitCode() {
      return finished ? 0 : Interrupts.EXIT_CODE;
    }
  }

  /// How to run.
  ///
  /// @param resume whether to go on from the last checkpoint
  /// @param draws whether to draw the curves
  public record Manner(boolean resume, boolean draws) {}

  private Run(RunFolder folder, RunConfig config, PrintWriter console) throws IOException {
    this.folder = folder;
    this.config = config;
    this.console = console;
    Recipe recipe = new Recipe(config);
    this.network = Architecture.parse(config.model());
    this.samples = Samples.read(config);
    this.input = Normalizer.measure(samples.train(), config.data().input());
    this.net = network.build(samples.shape(), recipe.weights());
    this.average =
        config.average().isPresent()
            ? Optional.of(new MovingAverage(net, config.average().getAsDouble()))
            : Optional.empty();
    this.judged = average.isPresent() ? network.build(samples.shape(), recipe.weights()) : net;
    this.loader = recipe.loader(samples, input);
    this.steps = config.length().steps(loader.count());
    Loss loss = recipe.loss();
    this.judge =
        new Judge(judged, samples.test(), input, loss, config.classifies(), config.eager());
    Optimizer optimizer = recipe.optimizer(net);
    this.trainer =
        config.eager() ? Trainer.eager(net, loss, optimizer) : new Trainer(net, loss, optimizer);
    recipe.schedule(steps).ifPresent(trainer::scheduleSteps);
    average.ifPresent(trainer::average);
    config.clipNorm().ifPresent(trainer::clipNorm);
    trainer
        .evaluate(Every.steps(config.evaluateEvery(loader.count())), this::measure)
        .save(
            Checkpoints.in(folder.checkpoints()).keep(config.keep()),
            Every.steps(config.checkpointEvery(loader.count())));
  }

  private SequencedMap<String, Double> measure() {
    average.ifPresent(a -> judged.load(a.state()));
    judged.eval();
    try {
      return Grad.without(judge::measure);
    } finally {
      judged.train();
    }
  }

  /// Makes ready what a configuration asks for. Nothing is written.
  ///
  /// @throws CommandFailure if the samples are not to be had, or the network does not fit them
  /// @throws IOException if a file cannot be read
  static Run of(RunFolder folder, RunConfig config, PrintWriter console) throws IOException {
    var run = new Run(folder, config, console);
    run.requireFit();
    return run;
  }

  /// The network must give what the targets are, and images must be there to be shifted.
  private void requireFit() {
    RunConfig.Augment augment = config.augment();
    if ((augment.crop() > 0 || augment.flip()) && samples.shape().rank() != 3) {
      throw new CommandFailure(
          "augment: the samples %s are no images [channels, height, width]"
              .formatted(samples.shape()));
    }
    Batch one = samples.train().batch(0);
    net.eval();
    Shape output = Grad.without(() -> net.forward(input.apply(one.x()))).shape().without(0);
    net.train();
    Shape target =
        config.classifies() ? Shape.of(samples.classes().size()) : one.y().shape().without(0);
    if (!output.equals(target)) {
      throw new CommandFailure(
          "model: it gives %s for a sample, but %s"
              .formatted(
                  output,
                  config.classifies()
                      ? "there are %d classes".formatted(samples.classes().size())
                      : "the target is " + target));
    }
  }

  /// Trains from the beginning, or goes on.
  ///
  /// @throws CommandFailure if the loss is no number any more
  /// @throws IOException if a file cannot be read or written
  Result train(Manner manner) throws IOException {
    if (manner.resume) {
      trainer.resume();
    }
    long begun = System.nanoTime();
    double before = manner.resume ? secondsBefore() : 0;
    tellPlan();
    try (MetricsLog log = MetricsLog.open(folder.path(), trainer.progress().step());
        var progress = Progress.start("train", steps, "steps")) {
      var diary =
          new Diary(
              log,
              progress,
              console,
              loader.count(),
              config.checkpointEvery(loader.count()),
              this::keep);
      trainer.listen(diary);
      Outcome outcome;
      try (var _ = Interrupts.first(this::stop)) {
        outcome = trainer.runSteps(loader, steps);
      } catch (NotFiniteLossException e) {
        throw new CommandFailure(
            "the loss is %s after %d steps; a smaller lr or a clip_norm may help, or input: standardized. Up to there the run is in %s"
                .formatted(e.loss(), e.step(), folder.path()),
            e);
      }
      boolean finished = outcome == Outcome.FINISHED;
      if (finished && !log.rows().isEmpty() && !log.rows().getLast().evaluated()) {
        diary.evaluated(trainer.progress(), measure());
      }
      progress.clear();
      finish(log.rows(), finished, manner.draws, before + (System.nanoTime() - begun) / 1e9);
      return new Result(finished, Summary.evaluations(log.rows()));
    }
  }

  /// Keeps the network that was just judged as the best.
  private void keep() throws IOException {
    Model model = input.of(Model.of(network, samples.shape(), judged));
    (config.classifies() ? model.classes(samples.classes()) : model)
        .save(folder.file(RunFolder.MODEL));
  }

  private void tellPlan() {
    console.println(samples.description());
    console.printf(
        ROOT,
        "%,d parameters; %,d steps of %d samples, %.4g epochs%n",
        net.parameterCount(),
        steps,
        loader.batchSize(),
        (double) steps / loader.count());
    if (trainer.progress().step() > 0) {
      console.printf(ROOT, "going on after step %,d%n", trainer.progress().step());
    }
    console.println("\n" + Diary.HEAD);
    console.flush();
  }

  private void stop() {
    System.err.println("\nfinishing the step and saving; Ctrl-C again ends at once");
    trainer.stop();
  }

  /// Empty time of a run that was killed before it could note it counts as none.
  private double secondsBefore() {
    return Files.exists(folder.file(Summary.NAME)) ? Summary.read(folder.path()).seconds() : 0;
  }

  private void finish(List<MetricsLog.Row> rows, boolean finished, boolean draws, double seconds)
      throws IOException {
    List<Summary.Evaluation> evaluations = Summary.evaluations(rows);
    double recent =
        rows.subList(Math.max(0, rows.size() - RECENT), rows.size()).stream()
            .mapToDouble(MetricsLog.Row::trainLoss)
            .average()
            .orElse(Double.NaN);
    long made = trainer.progress().step();
    new Summary(
            finished,
            made,
            (double) made / loader.count(),
            net.parameterCount(),
            seconds,
            recent,
            evaluations.isEmpty() ? Optional.empty() : Optional.of(evaluations.getLast()),
            Summary.best(evaluations))
        .write(folder.path());
    if (draws && !rows.isEmpty()) {
      draw(rows);
    }
    if (!finished) {
      console.printf(
          ROOT, "%nstopped after step %,d of %,d, and saved; --resume goes on%n", made, steps);
    }
    console.println("\nrun: " + folder.path());
    console.flush();
  }

  private void draw(List<MetricsLog.Row> rows) {
    var curves = new Curves(rows);
    Panel loss =
        Panel.lines(
                "loss",
                "step",
                config.classifies() ? "cross-entropy" : "mean squared error",
                curves.trainLossWithBand("training batches"),
                curves.testLoss("test samples").dashed())
            .withXFrom(0);
    Panel accuracy =
        Panel.lines("accuracy", "step", "accuracy", curves.testAccuracy("test samples"))
            .withXFrom(0);
    Charts.write(
        folder.file("curves.png"),
        String.valueOf(folder.path().toAbsolutePath().getFileName()),
        curves.hasAccuracy() ? new Panel[] {loss, accuracy} : new Panel[] {loss});
  }
}
