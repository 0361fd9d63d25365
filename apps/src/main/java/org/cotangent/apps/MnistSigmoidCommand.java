package org.cotangent.apps;

import static java.util.Locale.ROOT;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.IntConsumer;
import java.util.function.ToDoubleFunction;
import org.cotangent.apps.labs.Epochs;
import org.cotangent.apps.labs.History;
import org.cotangent.apps.labs.Mlp;
import org.cotangent.apps.labs.Mnist;
import org.cotangent.apps.labs.Score;
import org.cotangent.apps.support.Charts;
import org.cotangent.apps.support.EagerOption;
import org.cotangent.apps.support.MetricsCsv;
import org.cotangent.apps.support.MnistOptions;
import org.cotangent.apps.support.OutputFolder;
import org.cotangent.apps.support.OutputOption;
import org.cotangent.apps.support.Panel;
import org.cotangent.apps.support.Progress;
import org.cotangent.apps.support.Series;
import org.cotangent.autograd.Rng;
import org.cotangent.autograd.shape.DType;
import org.cotangent.nn.Init;
import org.cotangent.nn.SGD;
import org.cotangent.nn.Sequential;
import org.cotangent.nn.Sigmoid;
import org.cotangent.nn.SoftmaxCrossEntropy;
import org.cotangent.nn.TrainingStep;
import org.cotangent.nn.data.DataLoader;
import org.cotangent.nn.data.Dataset;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// The learning-rate lab: one hidden layer of sigmoids, several rates, several seeds.
@Command(
    name = "mnist-sigmoid",
    mixinStandardHelpOptions = true,
    description = {
      "Finds the best learning rate of 784-300(sigmoid)-10 on handwritten digits.",
      "Every rate is tried from several seeds, judged by images held back from the training set;"
          + " then the best one trains on all images and is judged by the test set."
    })
final class MnistSigmoidCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create(); // set by picocli

  @Option(
      names = "--epochs",
      paramLabel = "N",
      defaultValue = "10",
      description = "times through the training images (default: ${DEFAULT-VALUE})")
  private int epochs;

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "50",
      description = "images in a step (default: ${DEFAULT-VALUE})")
  private int batch;

  @Option(
      names = "--lr",
      paramLabel = "RATE",
      split = ",",
      defaultValue = "0.01,0.03,0.1,0.3",
      description = "learning rates to try (default: ${DEFAULT-VALUE})")
  private List<Double> rates = new ArrayList<>();

  @Option(
      names = "--repeats",
      paramLabel = "N",
      defaultValue = "3",
      description = "seeds for every rate (default: ${DEFAULT-VALUE})")
  private int repeats;

  @Option(
      names = "--validation",
      paramLabel = "N",
      defaultValue = "10000",
      description = "training images held back to judge the rates (default: ${DEFAULT-VALUE})")
  private int validation;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "the first seed; repeats take the next ones (default: ${DEFAULT-VALUE})")
  private long seed;

  @Option(names = "--no-pictures", description = "do not draw pictures")
  private boolean noPictures;

  @Mixin private MnistOptions files = new MnistOptions();

  @Mixin private EagerOption step = new EagerOption();

  @Mixin private OutputOption out = new OutputOption();

  /// All runs of one learning rate.
  private record Trial(double rate, List<History> runs) {
    double meanAccuracy() {
      return runs.stream().mapToDouble(h -> h.last().test().accuracy()).average().orElseThrow();
    }

    double spread() {
      double mean = meanAccuracy();
      double squares =
          runs.stream().mapToDouble(h -> Math.pow(h.last().test().accuracy() - mean, 2)).sum();
      return runs.size() < 2 ? 0 : Math.sqrt(squares / (runs.size() - 1));
    }

    Series series(String name, ToDoubleFunction<History.Point> of) {
      double[][] values = runs.stream().map(h -> h.column(of)).toArray(double[][]::new);
      return Series.ofRuns(name, runs.getFirst().epochs(), values);
    }
  }

  @Override
  public Integer call() {
    Checks.positive(spec, "--epochs", epochs);
    Checks.positive(spec, "--batch", batch);
    Checks.positive(spec, "--repeats", repeats);
    Checks.positive(spec, "--validation", validation);
    rates.forEach(r -> Checks.learningRate(spec, r));
    OutputFolder folder = out.open();
    Mnist all = Mnist.read(files.find());
    Checks.below(spec, "--validation", validation, all.trainX().dim(0));
    Mnist held = all.withValidation(validation);
    PrintWriter console = spec.commandLine().getOut();
    List<Trial> trials = new ArrayList<>();
    console.println("learning rate   validation accuracy (mean and spread of the seeds)");
    try (var csv =
            MetricsCsv.create(
                folder.file("metrics.csv"),
                "lr",
                "seed",
                "epoch",
                "train_loss",
                "train_accuracy",
                "validation_loss",
                "validation_accuracy");
        var progress =
            Progress.start("mnist-sigmoid", (long) rates.size() * repeats * epochs, "epochs")) {
      long done = 0;
      for (double rate : rates) {
        List<History> runs = new ArrayList<>();
        for (int k = 0; k < repeats; k++) {
          long before = done;
          History h = train(held, rate, seed + k, e -> progress.update(before + e, "lr " + rate));
          done += epochs;
          runs.add(h);
          for (History.Point p : h.points()) {
            csv.row(
                rate,
                seed + k,
                p.epoch(),
                p.train().loss(),
                p.train().accuracy(),
                p.test().loss(),
                p.test().accuracy());
          }
        }
        trials.add(new Trial(rate, runs));
        progress.clear();
        console.printf(
            ROOT,
            "%13s   %6.2f %% \u00b1 %.2f%n",
            Numbers.plain(rate),
            100 * trials.getLast().meanAccuracy(),
            100 * trials.getLast().spread());
        console.flush();
      }
      csv.commit();
    }
    Trial best =
        trials.stream()
            .max((a, b) -> Double.compare(a.meanAccuracy(), b.meanAccuracy()))
            .orElseThrow();
    History last;
    try (var progress = Progress.start("final run", epochs, "epochs")) {
      last = train(all, best.rate, seed, e -> progress.update(e, ""));
    }
    console.printf(
        ROOT,
        "%nbest rate %s, trained on all images: training accuracy %.2f %%, test accuracy %.2f %%%n",
        Numbers.plain(best.rate),
        100 * last.last().train().accuracy(),
        100 * last.last().test().accuracy());
    console.printf(ROOT, "%nmetrics: %s%n", folder.file("metrics.csv"));
    if (!noPictures) {
      draw(folder, trials, last, best.rate, console);
    }
    console.flush();
    return 0;
  }

  private History train(Mnist data, double rate, long seed, IntConsumer progress) {
    Rng rng = Rng.of(seed);
    Sequential net =
        Mlp.of(
            Mlp.draw(rng.split(), DType.F32, Init.glorotUniform(), Init.zeros(), 784, 300, 10),
            Sigmoid::new);
    var loss = new SoftmaxCrossEntropy();
    TrainingStep oneStep = step.step(net, loss, new SGD(net, rate));
    Rng order = rng.split();
    int n = data.trainX().dim(0);
    DataLoader loader =
        DataLoader.of(Dataset.of(data.trainX(), data.trainT()), batch)
            .ordered(_ -> order.permutation(n).toIntArray());
    var history = new History();
    for (int epoch = 0; ; epoch++) {
      history.add(
          new History.Point(
              epoch,
              Score.of(net, loss, data.trainX(), data.trainT()),
              Score.of(net, loss, data.testX(), data.testT())));
      if (epoch == epochs) {
        return history;
      }
      Epochs.run(oneStep, loader.batches(epoch), (_, _) -> {});
      progress.accept(epoch + 1);
    }
  }

  private static void draw(
      OutputFolder folder, List<Trial> trials, History last, double rate, PrintWriter console) {
    List<Series> loss = new ArrayList<>();
    List<Series> accuracy = new ArrayList<>();
    for (Trial t : trials) {
      String name = "learning rate " + Numbers.plain(t.rate);
      loss.add(t.series(name, p -> p.train().loss()));
      loss.add(t.series(name + ", validation", p -> p.test().loss()).dashed());
      accuracy.add(t.series(name, p -> p.train().accuracy()));
      accuracy.add(t.series(name + ", validation", p -> p.test().accuracy()).dashed());
    }
    List<String> written = new ArrayList<>();
    if (Charts.write(
        folder.file("rates.png"),
        "MNIST, 784-300(sigmoid)-10: mean over the seeds, band of one standard deviation",
        Panel.lines("loss", "epoch", "cross-entropy", loss.toArray(Series[]::new)).withLogY(),
        Panel.lines("accuracy", "epoch", "accuracy", accuracy.toArray(Series[]::new))
            .withYRange(0.8, 1))) {
      written.add(folder.file("rates.png").toString());
    }
    double[] epochs = last.epochs();
    if (Charts.write(
        folder.file("final.png"),
        "MNIST, 784-300(sigmoid)-10: final run at learning rate " + Numbers.plain(rate),
        Panel.lines(
                "loss",
                "epoch",
                "cross-entropy",
                Series.of("training images", epochs, last.column(p -> p.train().loss())),
                Series.of("test images", epochs, last.column(p -> p.test().loss())).dashed())
            .withLogY(),
        Panel.lines(
                "accuracy",
                "epoch",
                "accuracy",
                Series.of("training images", epochs, last.column(p -> p.train().accuracy())),
                Series.of("test images", epochs, last.column(p -> p.test().accuracy())).dashed())
            .withYRange(0.8, 1))) {
      written.add(folder.file("final.png").toString());
    }
    if (!written.isEmpty()) {
      console.println("pictures: " + String.join(", ", written));
    }
  }
}
