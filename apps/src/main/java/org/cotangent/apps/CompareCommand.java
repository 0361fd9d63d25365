package org.cotangent.apps;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.cotangent.apps.runs.Comparison;
import org.cotangent.apps.support.OutputFolder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// Runs side by side.
@Command(
    name = "compare",
    mixinStandardHelpOptions = true,
    description = {
      "Shows runs in a table, the best first; with --out also their curves in one picture."
    })
final class CompareCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create(); // set by picocli

  @Parameters(
      arity = "1..*",
      paramLabel = "RUN",
      description = "folders of runs, finished, stopped or still going on")
  private List<Path> runs = new ArrayList<>();

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "folder for the picture compare.png and the table compare.csv")
  private Optional<Path> out = Optional.empty();

  @Override
  public Integer call() throws IOException {
    PrintWriter console = spec.commandLine().getOut();
    Comparison comparison = Comparison.of(runs);
    console.print(comparison.table());
    if (out.isPresent()) {
      for (Path file : comparison.write(OutputFolder.open(out.get()))) {
        console.println("written: " + file);
      }
    }
    console.flush();
    return 0;
  }
}
