package org.cotangent.apps;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.cotangent.apps.runs.Prediction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// What a trained network says of inputs.
@Command(
    name = "predict",
    mixinStandardHelpOptions = true,
    description = {
      "Shows what a trained network makes of inputs, a line for each.",
      "An input is a CSV with a column for each number, an NPY array [n, ..] or one sample of it,"
          + " or pictures (PNG, JPEG, GIF, BMP) of the size that the network was trained on,"
          + " or of any size with --resize."
    })
final class PredictCommand implements Callable<Integer> {
  /// The forms of the output.
  enum Form {
    CSV,
    JSON
  }

  @Spec private CommandSpec spec = CommandSpec.create(); // set by picocli

  @Parameters(index = "0", paramLabel = "MODEL", description = "a run's folder, or a model's file")
  private Path model = Path.of("");

  @Parameters(index = "1..*", arity = "1..*", paramLabel = "INPUT", description = "files")
  private List<Path> inputs = new ArrayList<>();

  @Option(
      names = "--drop",
      paramLabel = "COLUMN",
      split = ",",
      description = "columns of a CSV to leave out (default: the column that the run predicts)")
  private List<String> drop = new ArrayList<>();

  @Option(
      names = "--resize",
      description = {
        "bring pictures of another size to the network's: stretched to its height and width, averages"
            + " of pixels where there are too many, linearly between them where there are too few"
      })
  private boolean resize;

  @Option(
      names = "--format",
      paramLabel = "FORM",
      description = "csv or json (default: as --out ends, else csv)")
  private Optional<Form> form = Optional.empty();

  @Option(names = "--out", paramLabel = "FILE", description = "write to a file, not the console")
  private Optional<Path> out = Optional.empty();

  @Override
  public Integer call() throws IOException {
    PrintWriter console = spec.commandLine().getOut();
    Prediction p = Prediction.of(model, inputs, drop, resize);
    boolean json =
        form.map(f -> f == Form.JSON)
            .orElse(out.filter(o -> o.toString().endsWith(".json")).isPresent());
    String text = json ? p.json() : p.csv();
    if (out.isPresent()) {
      Prediction.write(out.get(), text);
      console.println("written: " + out.get());
    } else {
      console.print(text);
    }
    console.flush();
    return 0;
  }
}
