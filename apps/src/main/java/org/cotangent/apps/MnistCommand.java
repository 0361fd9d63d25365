package org.cotangent.apps;

import static java.util.Locale.ROOT;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.cotangent.apps.labs.Amplitudes;
import org.cotangent.apps.labs.Epochs;
import org.cotangent.apps.labs.History;
import org.cotangent.apps.labs.Instability;
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
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.nn.Loss;
import org.cotangent.nn.ReLU;
import org.cotangent.nn.SGD;
import org.cotangent.nn.Sequential;
import org.cotangent.nn.SoftmaxCrossEntropy;
import org.cotangent.nn.TrainingStep;
import org.cotangent.nn.data.Batch;
import org.cotangent.nn.data.DataLoader;
import org.cotangent.nn.data.Dataset;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// The deep MNIST lab.
@Command(
    name = "mnist",
    mixinStandardHelpOptions = true,
    description = {
      "Trains 784-64-64-64-64-64(ReLU)-10 on handwritten digits, F32, plain gradient descent.",
      "With the defaults about 99.6 %% on the training and 96 %% on the test images."
    })
final class MnistCommand implements Callable<Integer> {
  /// Which form of the same loss to train with.
  enum LossForm {
    /// softmax and cross-entropy in one stable step
    FUSED,
    /// the textbook's softmax, then cross-entropy
    UNSTABLE
  }

  @Spec private CommandSpec spec = CommandSpec.create(); // set by picocli

  @Option(
      names = "--epochs",
      paramLabel = "N",
      defaultValue = "100",
      description = "times through the training images (default: ${DEFAULT-VALUE})")
  private int epochs;

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "3000",
      description = "images in a step (default: ${DEFAULT-VALUE})")
  private int batch;

  @Option(
      names = "--lr",
      paramLabel = "RATE",
      defaultValue = "0.1",
      description = "learning rate (default: ${DEFAULT-VALUE})")
  private double rate;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "of the first weights (default: ${DEFAULT-VALUE})")
  private long seed;

  @Option(
      names = "--every",
      paramLabel = "N",
      defaultValue = "5",
      description = "epochs between two measurements (default: ${DEFAULT-VALUE})")
  private int every;

  @Option(
      names = "--loss",
      paramLabel = "FORM",
      defaultValue = "fused",
      description = {
        "fused, or unstable: softmax, then cross-entropy, to see what goes wrong"
            + " (default: ${DEFAULT-VALUE})"
      })
  private LossForm form = LossForm.FUSED;

  @Option(names = "--no-pictures", description = "do not draw pictures")
  private boolean noPictures;

  @Mixin private MnistOptions files = new MnistOptions();

  @Mixin private EagerOption step = new EagerOption();

  @Mixin private OutputOption out = new OutputOption();

  /// The textbook loss went to infinity or NaN.
  private static final class NotFinite extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final transient Batch batch;

    NotFinite(double loss, Batch batch) {
      super("the loss is " + loss);
      this.batch = batch;
    }
  }

  @Override
  public Integer call() {
    Checks.positive(spec, "--epochs", epochs);
    Checks.positive(spec, "--batch", batch);
    Checks.positive(spec, "--every", every);
    Checks.learningRate(spec, rate);
    OutputFolder folder = out.open();
    Mnist data = Mnist.read(files.find()).standardized();
    Sequential net =
        Mlp.of(Mlp.draw(Rng.of(seed), DType.F32, 784, 64, 64, 64, 64, 64, 10), ReLU::new);
    PrintWriter console = spec.commandLine().getOut();
    if (form == LossForm.UNSTABLE) {
      unstable(net, data, folder, console);
    } else {
      train(net, new SoftmaxCrossEntropy(), data, folder, console);
    }
    console.flush();
    return 0;
  }

  private void unstable(Sequential net, Mnist data, OutputFolder folder, PrintWriter console) {
    try {
      train(net, Instability.textbook(), data, folder, console);
      console.println("\nThis run met no infinity or NaN.");
    } catch (NotFinite e) {
      console.println("\nStopped: " + e.getMessage() + ". The first number that is not finite is");
      console.println(
          Instability.locate(net, e.batch.x(), e.batch.y()).orElse("no longer to be found"));
    }
    var demonstration = Instability.Demonstration.run();
    console.println("\nAt logits [1000, -1000, 0] and [-1000, 1000, 0], both of class 0:");
    console.println("  softmax, then cross-entropy: " + demonstration.textbook());
    console.println("  fused:                       " + demonstration.fused());
  }

  private void train(
      Sequential net, Loss loss, Mnist data, OutputFolder folder, PrintWriter console) {
    var sgd = new SGD(net, rate);
    TrainingStep oneStep = step.step(net, loss, sgd);
    DataLoader loader = DataLoader.of(Dataset.of(data.trainX(), data.trainT()), batch);
    var amplitudes = new Amplitudes(net);
    var history = new History();
    List<double[]> growth = new ArrayList<>();
    console.println("epoch   train loss  accuracy   test loss  accuracy   mean |W| / initial");
    try (var csv = MetricsCsv.create(folder.file("metrics.csv"), columns(amplitudes.layers()));
        var progress = Progress.start("mnist", epochs, "epochs")) {
      for (int epoch = 0; ; epoch++) {
        if (epoch % every == 0 || epoch == epochs) {
          Score train = Score.of(net, loss, data.trainX(), data.trainT());
          Score test = Score.of(net, loss, data.testX(), data.testT());
          history.add(new History.Point(epoch, train, test));
          growth.add(amplitudes.relative());
          progress.clear();
          report(history.last(), growth.getLast(), csv, console);
        }
        if (epoch == epochs) {
          break;
        }
        if (form == LossForm.UNSTABLE) {
          Epochs.watched(net, loss, sgd, loader.batches(epoch), MnistCommand::requireFinite);
        } else {
          Epochs.run(oneStep, loader.batches(epoch), MnistCommand::requireFinite);
        }
        progress.update(
            epoch + 1, "loss " + String.format(ROOT, "%.4f", history.last().train().loss()));
      }
      csv.commit();
    }
    console.printf(ROOT, "%nmetrics: %s%n", folder.file("metrics.csv"));
    if (!noPictures && draw(folder, history, growth)) {
      console.println("picture: " + folder.file("mnist.png"));
    }
  }

  private static void requireFinite(Batch batch, Tensor loss) {
    double l = loss.item();
    if (Double.isNaN(l) || Double.isInfinite(l)) {
      throw new NotFinite(l, batch);
    }
  }

  private static String[] columns(int layers) {
    List<String> names =
        new ArrayList<>(
            List.of("epoch", "train_loss", "train_accuracy", "test_loss", "test_accuracy"));
    for (int i = 1; i <= layers; i++) {
      names.add("amplitude_" + i);
    }
    return names.toArray(String[]::new);
  }

  private static void report(
      History.Point p, double[] growth, MetricsCsv csv, PrintWriter console) {
    List<Object> row =
        new ArrayList<>(
            List.of(
                p.epoch(),
                p.train().loss(),
                p.train().accuracy(),
                p.test().loss(),
                p.test().accuracy()));
    var amplitudes = new StringBuilder();
    for (double g : growth) {
      row.add(g);
      amplitudes.append(String.format(ROOT, " %.3f", g));
    }
    csv.row(row.toArray());
    console.printf(
        ROOT,
        "%5d   %10.4f  %6.2f %%  %10.4f  %6.2f %%  %s%n",
        p.epoch(),
        p.train().loss(),
        100 * p.train().accuracy(),
        p.test().loss(),
        100 * p.test().accuracy(),
        amplitudes);
    console.flush();
  }

  private static boolean draw(OutputFolder folder, History h, List<double[]> growth) {
    double[] epochs = h.epochs();
    Series[] layers = new Series[growth.getFirst().length];
    for (int i = 0; i < layers.length; i++) {
      int layer = i;
      layers[i] =
          Series.of(
              "layer " + (i + 1), epochs, growth.stream().mapToDouble(g -> g[layer]).toArray());
    }
    return Charts.write(
        folder.file("mnist.png"),
        "MNIST: 784-64-64-64-64-64-10",
        Panel.lines(
                "loss",
                "epoch",
                "cross-entropy",
                Series.of("training images", epochs, h.column(p -> p.train().loss())),
                Series.of("test images", epochs, h.column(p -> p.test().loss())).dashed())
            .withLogY(),
        Panel.lines(
            "accuracy",
            "epoch",
            "accuracy",
            Series.of("training images", epochs, h.column(p -> p.train().accuracy())),
            Series.of("test images", epochs, h.column(p -> p.test().accuracy())).dashed()),
        Panel.lines("mean weight amplitude", "epoch", "mean |W| relative to its start", layers));
  }
}
