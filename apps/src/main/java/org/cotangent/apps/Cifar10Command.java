package org.cotangent.apps;

import static java.util.Locale.ROOT;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.cotangent.apps.runs.DataConfig;
import org.cotangent.apps.runs.Run;
import org.cotangent.apps.runs.RunConfig;
import org.cotangent.apps.runs.RunOptions;
import org.cotangent.apps.runs.Summary;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// The CIFAR-10 report: a network of layers in a row, and a convolutional one.
@Command(
    name = "cifar10",
    mixinStandardHelpOptions = true,
    description = {
      "Trains one of the CIFAR-10 report's networks on photographs in ten classes.",
      "  mlp   3072-100(ReLU)-10, gradient descent, 1500 steps of 200: 44 to 47 %% of the test images",
      "  cnn   ten 3 x 3 convolutions with batch normalisation, Adam, 5000 steps of 32: about 77 %%",
      "The figures are for all five training batches; it runs with those that the folder has.",
    })
final class Cifar10Command implements Callable<Integer> {
  /// The networks of the report.
  enum Network {
    MLP,
    CNN
  }

  @Spec private CommandSpec spec = CommandSpec.create(); // set by picocli

  @Parameters(index = "0", paramLabel = "NETWORK", description = "mlp or cnn")
  private Network network = Network.MLP;

  @Option(
      names = "--data",
      paramLabel = "PATH",
      description = {
        "folder with data_batch_1.bin and so on, or the archive cifar-10-binary.tar.gz"
            + " (default: found in the folder that COTANGENT_DATA names)"
      })
  private Optional<Path> data = Optional.empty();

  @Option(
      names = "--hidden",
      paramLabel = "N",
      split = ",",
      description = "mlp: the widths of the hidden layers (default: 100)")
  private List<Integer> hidden = new ArrayList<>();

  @Option(
      names = "--input",
      paramLabel = "FORM",
      description = {
        "what is done to pixels: centered (less the mean image), channels (each channel standardized),"
            + " standardized (each pixel), raw (default: centered; channels for an mlp with several"
            + " hidden layers)"
      })
  private Optional<DataConfig.Input> input = Optional.empty();

  @Option(
      names = "--optimizer",
      paramLabel = "NAME",
      description = "sgd, adam, adamw, rmsprop or adagrad (default: sgd for mlp, adam for cnn)")
  private Optional<RunConfig.OptimizerConfig.Kind> optimizer = Optional.empty();

  @Option(
      names = "--lr",
      paramLabel = "RATE",
      description = "learning rate (default: 2e-3 for mlp, 1e-4 for cnn)")
  private Optional<Double> rate = Optional.empty();

  @Option(
      names = "--batch",
      paramLabel = "N",
      description = "images in a step (default: 200 for mlp, 32 for cnn)")
  private Optional<Integer> batch = Optional.empty();

  @Option(
      names = "--steps",
      paramLabel = "N",
      description = "steps in all (default: 1500 for mlp, 5000 for cnn)")
  private Optional<Integer> steps = Optional.empty();

  @Option(
      names = "--eval-every",
      paramLabel = "N",
      description = "steps between two evaluations (default: 50 for mlp, 500 for cnn)")
  private Optional<Integer> evaluateEvery = Optional.empty();

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "of the weights and the order of images (default: ${DEFAULT-VALUE})")
  private long seed;

  @Option(
      names = "--augment",
      description = "shift images by up to 4 pixels and mirror half of them while training")
  private boolean augment;

  @Option(
      names = "--eager",
      description = "do not compile the training step; the numbers are the same")
  private boolean eager;

  @Mixin private RunOptions run = new RunOptions();

  @Override
  public Integer call() throws IOException {
    positive("--steps", steps);
    positive("--batch", batch);
    positive("--eval-every", evaluateEvery);
    rate.ifPresent(r -> Checks.learningRate(spec, r));
    hidden.forEach(h -> Checks.positive(spec, "--hidden", h));
    if (network == Network.CNN && !hidden.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(), "--hidden is for mlp; the cnn is the report's");
    }
    String name = "cifar10-" + network.name().toLowerCase(ROOT);
    PrintWriter console = spec.commandLine().getOut();
    Run.Result result = run.train(name, configuration(), name + ".yaml", console);
    if (result.finished()) {
      tell(result.evaluations(), console);
    }
    return result.exitCode();
  }

  private void positive(String option, Optional<Integer> value) {
    value.ifPresent(v -> Checks.positive(spec, option, v));
  }

  /// The configuration of the run, as a person could have written it.
  private String configuration() {
    boolean mlp = network == Network.MLP;
    List<Integer> widths = hidden.isEmpty() ? List.of(100) : hidden;
    boolean deep = mlp && widths.size() > 1;
    int every = evaluateEvery.orElse(mlp ? 50 : 500);
    return String.format(
        ROOT,
        """
        # ./cotangent cifar10 %s
        model: >-
          %s
        data:
          set: cifar10
        %s  input: %s
        optimizer:
          name: %s
          lr: %s
        steps: %d
        batch: %d
        seed: %d
        augment:
          crop: %d
          flip: %b
        evaluate_every: %d
        checkpoint_every: %d
        eager: %b
        """,
        network.name().toLowerCase(ROOT),
        mlp ? mlp(widths) : cnn(),
        data.map(d -> "  path: " + RunConfig.quoted(d.toString()) + "\n").orElse(""),
        RunConfig.word(input.orElse(deep ? DataConfig.Input.CHANNELS : DataConfig.Input.CENTERED)),
        RunConfig.word(
            optimizer.orElse(
                mlp ? RunConfig.OptimizerConfig.Kind.SGD : RunConfig.OptimizerConfig.Kind.ADAM)),
        rate.orElse(mlp ? 2e-3 : 1e-4),
        steps.orElse(mlp ? 1500 : 5000),
        batch.orElse(mlp ? 200 : 32),
        seed,
        augment ? 4 : 0,
        augment,
        every,
        run.checkpointEvery().orElse(every),
        eager);
  }

  /// The report's plain network starts from tiny weights; through several layers of such weights
  /// hardly anything would pass, so deeper ones start as PyTorch's.
  private static String mlp(List<Integer> widths) {
    String layers =
        widths.stream().map(w -> "linear %d, relu, ".formatted(w)).collect(Collectors.joining());
    String start = widths.size() == 1 ? "weight normal 1e-4 bias 0; " : "";
    return start + "flatten, " + layers + "linear 10";
  }

  private static String cnn() {
    String pool = "maxpool 3 stride 2 padding 1";
    List<String> layers = new ArrayList<>();
    for (String part : "64 M 128 M 256 256 M 512 512 M 512 512 M".split(" ", -1)) {
      layers.add(
          part.equals("M") ? pool : "conv %s 3x3 padding 1, batchnorm, relu".formatted(part));
    }
    return String.join(",\n  ", layers) + ",\n  flatten, linear 10";
  }

  private void tell(List<Summary.Evaluation> evaluations, PrintWriter console) {
    Summary.Evaluation last = evaluations.getLast();
    if (network == Network.MLP) {
      DoubleSummaryStatistics s =
          evaluations.stream()
              .filter(e -> e.step() > last.step() - 500)
              .mapToDouble(e -> 100 * e.accuracy().orElse(Double.NaN))
              .summaryStatistics();
      console.printf(
          ROOT,
          "accuracy along the last 500 steps: %.2f %% to %.2f %%, mean %.2f %%%n",
          s.getMin(),
          s.getMax(),
          s.getAverage());
    } else {
      for (Summary.Evaluation e : evaluations) {
        if (List.of(500L, 1000L, 2000L).contains(e.step()) && e.step() < last.step()) {
          console.printf(ROOT, "accuracy at step %,5d: %s%n", e.step(), percent(e.accuracy()));
        }
      }
      console.printf(ROOT, "accuracy at the end:     %s%n", percent(last.accuracy()));
    }
    console.flush();
  }

  private static String percent(OptionalDouble share) {
    return String.format(ROOT, "%.2f %%", 100 * share.orElse(Double.NaN));
  }
}
