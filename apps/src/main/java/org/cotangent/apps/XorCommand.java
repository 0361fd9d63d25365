package org.cotangent.apps;

import static java.util.Locale.ROOT;

import java.io.PrintWriter;
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
import org.cotangent.apps.support.Series;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// The xor lab.
@Command(
    name = "xor",
    mixinStandardHelpOptions = true,
    description = {
      "Trains 2-4(ReLU)-2 on the four points of exclusive or.",
      "By default from the lab's first weights, which reach 100 %%."
    })
final class XorCommand implements Callable<Integer> {
  private static final int EVERY = 10; // epochs between two measurements
  private static final int SHOWN = 100; // epochs between two lines on the console

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
      defaultValue = "0.1",
      description = "learning rate (default: ${DEFAULT-VALUE})")
  private double rate;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "draw new first weights (default: the lab's)")
  private Optional<Long> seed = Optional.empty();

  @Option(names = "--no-pictures", description = "do not draw pictures")
  private boolean noPictures;

  @Mixin private EagerOption form = new EagerOption();

  @Mixin private OutputOption out = new OutputOption();

  @Override
  public Integer call() {
    Checks.positive(spec, "--epochs", epochs);
    Checks.learningRate(spec, rate);
    Planar data = seed.isPresent() ? Planar.xor(seed.get()) : Planar.labXor();
    OutputFolder folder = out.open();
    PrintWriter console = spec.commandLine().getOut();
    FullBatch.Result result = FullBatch.train(data, rate, epochs, EVERY, form, _ -> {});
    History history = result.history();
    console.println("epoch        loss  accuracy");
    try (var csv = MetricsCsv.create(folder.file("metrics.csv"), "epoch", "loss", "accuracy")) {
      for (History.Point p : history.points()) {
        csv.row(p.epoch(), p.train().loss(), p.train().accuracy());
        if (p.epoch() % SHOWN == 0 || p.epoch() == epochs) {
          console.printf(
              ROOT, "%5d  %10.4f   %5.1f %%%n", p.epoch(), p.train().loss(), accuracy(p));
        }
      }
      csv.commit();
    }
    console.printf(ROOT, "%nmetrics: %s%n", folder.file("metrics.csv"));
    if (!noPictures
        && Charts.write(
            folder.file("xor.png"),
            "Exclusive or",
            Panel.lines(
                    "loss",
                    "epoch",
                    "cross-entropy",
                    Series.of("loss", history.epochs(), losses(history)))
                .withLogY(),
            Panel.regions(
                String.format(ROOT, "decision regions: %.0f %%", accuracy(history.last())),
                Plane.classifier(result.net()),
                Plane.points(data.trainX(), data.trainT(), 2)))) {
      console.println("picture: " + folder.file("xor.png"));
    }
    console.flush();
    return 0;
  }

  private static double[] losses(History history) {
    return history.column(p -> p.train().loss());
  }

  private static double accuracy(History.Point p) {
    return 100 * p.train().accuracy();
  }
}
