package org.cotangent.apps;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.cotangent.apps.runs.Examination;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// How well a trained network does.
@Command(
    name = "eval",
    mixinStandardHelpOptions = true,
    description = {
      "Measures a trained network on samples whose targets are known.",
      "Of a classifier: accuracy, top-k accuracy, and which classes were taken for which."
    })
final class EvalCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create(); // set by picocli

  @Parameters(index = "0", paramLabel = "MODEL", description = "a run's folder, or a model's file")
  private Path model = Path.of("");

  @Option(
      names = "--data",
      paramLabel = "PATH",
      description = {
        "what to measure on: a CSV or NPZ file, or the folder or archive of CIFAR-10, of which the"
            + " test images are taken (default: what the run was judged by)"
      })
  private Optional<Path> data = Optional.empty();

  @Option(
      names = "--target",
      paramLabel = "COLUMN",
      description = "the column of a CSV with the targets (default: the run's)")
  private Optional<String> target = Optional.empty();

  @Option(
      names = "--top",
      paramLabel = "K",
      defaultValue = "5",
      description = "count a sample also if its class is among the K likeliest (default: 5)")
  private int top;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "write the figures to a JSON file too")
  private Optional<Path> out = Optional.empty();

  @Override
  public Integer call() throws IOException {
    Checks.positive(spec, "--top", top);
    PrintWriter console = spec.commandLine().getOut();
    Examination e = Examination.of(model, data, target, top);
    console.print(e.text());
    if (out.isPresent()) {
      e.write(out.get());
      console.println("written: " + out.get());
    }
    console.flush();
    return 0;
  }
}
