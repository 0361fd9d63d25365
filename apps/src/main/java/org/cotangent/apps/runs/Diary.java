package org.cotangent.apps.runs;

import static java.util.Locale.ROOT;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SequencedMap;
import org.cotangent.apps.support.Progress;
import org.cotangent.nn.train.TrainingListener;

/// Writes down what a trainer tells: each step in the log, each evaluation in the log and on the
/// console, and the network where it is the best so far.
final class Diary implements TrainingListener {
  static final String HEAD = "    step     epoch   train loss   test loss   accuracy";

  private final MetricsLog log;
  private final Progress progress;
  private final PrintWriter console;
  private final int batches;
  private final int saveEvery;
  private final Keeper keeper;
  private Optional<Summary.Evaluation> best;
  private int told;

  /// Keeps the best network.
  @FunctionalInterface
  interface Keeper {
    /// The network now is the best so far.
    void keep() throws IOException;
  }

  /// @param log with the rows of the steps that were made before
  /// @param batches of an epoch
  /// @param saveEvery after how many steps there is a checkpoint
  Diary(
      MetricsLog log,
      Progress progress,
      PrintWriter console,
      int batches,
      int saveEvery,
      Keeper keeper) {
    this.log = log;
    this.progress = progress;
    this.console = console;
    this.batches = batches;
    this.saveEvery = saveEvery;
    this.keeper = keeper;
    this.best = Summary.best(Summary.evaluations(log.rows()));
    this.told = lastEvaluated();
  }

  private int lastEvaluated() {
    List<MetricsLog.Row> rows = log.rows();
    int i = rows.size();
    while (i > 0 && !rows.get(i - 1).evaluated()) {
      i--;
    }
    return i;
  }

  @Override
  public void stepped(Step s) {
    long step = s.at().step();
    log.add(
        new MetricsLog.Row(
            step,
            (double) step / batches,
            s.learningRate(),
            s.loss(),
            OptionalDouble.empty(),
            OptionalDouble.empty()));
    if (step % saveEvery == 0) {
      log.force();
    }
    progress.update(step, String.format(ROOT, "loss %.4f", s.loss()));
  }

  @Override
  public void evaluated(org.cotangent.nn.train.Progress at, SequencedMap<String, Double> metrics) {
    double loss = metrics.getOrDefault(Judge.LOSS, Double.NaN);
    Optional<Double> accuracy = Optional.ofNullable(metrics.get(Judge.ACCURACY));
    OptionalDouble share = accuracy.map(OptionalDouble::of).orElseGet(OptionalDouble::empty);
    log.evaluated(loss, share);
    var now = new Summary.Evaluation(at.step(), loss, share);
    if (best.isEmpty() || now.isBetterThan(best.get())) {
      best = Optional.of(now);
      try {
        keeper.keep();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    List<MetricsLog.Row> rows = log.rows();
    double train =
        rows.subList(told, rows.size()).stream()
            .mapToDouble(MetricsLog.Row::trainLoss)
            .average()
            .orElse(Double.NaN);
    told = rows.size();
    progress.clear();
    console.printf(
        ROOT,
        "%8d  %8.2f   %10.4f  %10.4f   %s%n",
        at.step(),
        (double) at.step() / batches,
        train,
        loss,
        accuracy.map(a -> String.format(ROOT, "%6.2f %%", 100 * a)).orElse("       -"));
    console.flush();
  }
}
