package org.cotangent.apps;

import static java.util.Locale.ROOT;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.cotangent.apps.labs.FullBatch;
import org.cotangent.apps.labs.History;
import org.cotangent.apps.labs.Planar;
import org.cotangent.apps.support.Charts;
import org.cotangent.apps.support.EagerOption;
import org.cotangent.apps.support.MetricsCsv;
import org.cotangent.apps.support.OutputFolder;
import org.cotangent.apps.support.OutputOption;
import org.cotangent.apps.support.Panel;
import org.cotangent.apps.support.Progress;
import org.cotangent.apps.support.Series;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// The spiral lab: one network, several learning rates.
@Command(
    name = "spiral",
    mixinStandardHelpOptions = true,
    description = {
      "Trains 2-10(ReLU)-3 on three intertwined spirals, at several learning rates.",
      "By default the lab's own points and first weights, whose results are known:"
          + " 86.0 %%, 98.3 %% and 33.3 %% on the test points."
    })
final class SpiralCommand implements Callable<Integer> {
  private static final int EVERY = 10; // epochs between two measurements

  @Spec private CommandSpec spec = CommandSpec.create(); // set by picocli

  @Option(
      names = "--epochs",
      paramLabel = "N",
      defaultValue = "1000",
      description = "steps of gradient descent on all points (default: ${DEFAULT-VALUE})")
  private int epochs;

  @Option(
      names = "--lr",
      paramLabel = "RATE",
      split = ",",
      defaultValue = "0.2,1,5",
      description = "learning rates, one training each (default: ${DEFAULT-VALUE})")
  private List<Double> rates = new ArrayList<>();

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "draw new spirals and first weights (default: the lab's)")
  private Optional<Long> seed = Optional.empty();

  @Option(names = "--no-pictures", description = "do not draw pictures")
  private boolean noPictures;

  @Mixin private EagerOption form = new EagerOption();

  @Mixin private OutputOption out = new OutputOption();

  @Override
  public Integer call() {
    Checks.positive(spec, "--epochs", epochs);
    rates.forEach(r -> Checks.learningRate(spec, r));
    Planar data = seed.isPresent() ? Planar.spiral(seed.get()) : Planar.labSpiral();
    OutputFolder folder = out.open();
    PrintWriter console = spec.commandLine().getOut();
    List<FullBatch.Result> results = new ArrayList<>();
    console.println("learning rate   train loss  accuracy   test loss  accuracy");
    try (var csv =
            MetricsCsv.create(
                folder.file("metrics.csv"),
                "lr",
                "epoch",
                "train_loss",
                "train_accuracy",
                "test_loss",
                "test_accuracy");
        var progress = Progress.start("spiral", (long) epochs * rates.size(), "epochs")) {
      for (double rate : rates) {
        long before = (long) results.size() * epochs;
        FullBatch.Result r =
            FullBatch.train(
                data, rate, epochs, EVERY, form, e -> progress.update(before + e, "lr " + rate));
        progress.clear();
        results.add(r);
        for (History.Point p : r.history().points()) {
          csv.row(
              rate,
              p.epoch(),
              p.train().loss(),
              p.train().accuracy(),
              p.test().loss(),
              p.test().accuracy());
        }
        console.println(row(rate, r.history().last()));
        console.flush();
      }
      csv.commit();
    }
    console.printf(ROOT, "%nmetrics: %s%n", folder.file("metrics.csv"));
    if (!noPictures) {
      draw(folder, data, results, console);
    }
    console.flush();
    return 0;
  }

  private static String row(double rate, History.Point p) {
    return String.format(
        ROOT,
        "%13s   %10.4f   %5.1f %%  %10.4f   %5.1f %%",
        Numbers.plain(rate),
        p.train().loss(),
        100 * p.train().accuracy(),
        p.test().loss(),
        100 * p.test().accuracy());
  }

  private void draw(
      OutputFolder folder, Planar data, List<FullBatch.Result> results, PrintWriter console) {
    Series[] loss = new Series[results.size()];
    Series[] accuracy = new Series[results.size()];
    Panel[] regions = new Panel[results.size()];
    for (int i = 0; i < results.size(); i++) {
      History h = results.get(i).history();
      String name = "learning rate " + Numbers.plain(rates.get(i));
      loss[i] = Series.of(name, h.epochs(), h.column(p -> p.train().loss()));
      accuracy[i] = Series.of(name, h.epochs(), h.column(p -> p.test().accuracy()));
      regions[i] =
          Panel.regions(
              String.format(ROOT, "%s: %.1f %%", name, 100 * h.last().test().accuracy()),
              Plane.classifier(results.get(i).net()),
              Plane.points(data.testX(), data.testT(), 3));
    }
    var written = new ArrayList<String>();
    if (Charts.write(
        folder.file("convergence.png"),
        "Spiral: convergence of each learning rate",
        Panel.lines("loss on the training points", "epoch", "cross-entropy", loss).withLogY(),
        Panel.lines("accuracy on the test points", "epoch", "accuracy", accuracy)
            .withYRange(0, 1.02))) {
      written.add(folder.file("convergence.png").toString());
    }
    if (Charts.write(
        folder.file("regions.png"), "Spiral: decision regions and test points", regions)) {
      written.add(folder.file("regions.png").toString());
    }
    if (!written.isEmpty()) {
      console.println("pictures: " + String.join(", ", written));
    }
  }
}
