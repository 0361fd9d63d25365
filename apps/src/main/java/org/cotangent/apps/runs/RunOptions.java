package org.cotangent.apps.runs;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.cotangent.apps.support.CommandFailure;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// The options of a command that trains into a [RunFolder], for the command to mix in.
public final class RunOptions {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec command = CommandSpec.create(); // set by picocli

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = {
        "the run's folder (default: below out/, with a number if there are runs of that name)"
      })
  private Optional<Path> out = Optional.empty();

  @Option(
      names = "--resume",
      description = {
        "go on with the run in the folder, or with the latest of that name, from its last checkpoint"
      })
  private boolean resume;

  @Option(names = "--overwrite", description = "delete a run that is in the folder already")
  private boolean overwrite;

  @Option(
      names = "--checkpoint-every",
      paramLabel = "N",
      description = "steps between two checkpoints (default: as often as the run is evaluated)")
  private Optional<Integer> checkpointEvery = Optional.empty();

  @Option(names = "--no-pictures", description = "do not draw the curves")
  private boolean noPictures;

  /// For picocli.
  public RunOptions() {}

  /// Steps between two checkpoints, if the user says so.
  public Optional<Integer> checkpointEvery() {
    return checkpointEvery;
  }

  /// Trains as a configuration says.
  ///
  /// @param name of the run, for a folder if the user names none
  /// @param text of the configuration
  /// @param file the name of its file
  public Run.Result train(String name, String text, String file, PrintWriter console)
      throws IOException {
    if (resume && overwrite) {
      throw new ParameterException(
          command.commandLine(), "--resume and --overwrite exclude each other");
    }
    if (checkpointEvery.filter(n -> n < 1).isPresent()) {
      throw new ParameterException(
          command.commandLine(), "Invalid value for option '--checkpoint-every': below 1");
    }
    RunConfig config = RunConfig.parse(text, file);
    if (!resume) {
      RunFolder folder = RunFolder.fresh(out.orElseGet(() -> fresh(name)), overwrite);
      Run run = Run.of(folder, config, console); // may fail; a folder is only made for a run
      folder.begin(text, file);
      return run.train(manner());
    }
    RunFolder folder = RunFolder.existing(out.orElseGet(() -> latest(name)));
    List<String> differences = config.differences(folder.config());
    if (!differences.isEmpty()) {
      throw new CommandFailure(
          "--resume: %s was made with another %s; go on with the same, or begin a new run"
              .formatted(folder.path(), String.join(", ", differences)));
    }
    return Run.of(folder, config, console).train(manner());
  }

  /// Goes on with the run in the folder that the user names.
  public Run.Result resume(PrintWriter console) throws IOException {
    if (!resume || out.isEmpty()) {
      throw new ParameterException(
          command.commandLine(),
          "Missing required option: '--config=FILE', unless both --resume and --out are there");
    }
    RunFolder folder = RunFolder.existing(out.get());
    return Run.of(folder, folder.config(), console).train(manner());
  }

  private Run.Manner manner() {
    return new Run.Manner(resume, !noPictures);
  }

  private static Path numbered(String name, int i) {
    return Path.of("out", i == 1 ? name : name + "-" + i);
  }

  /// The first folder of the name that holds no run yet.
  private Path fresh(String name) {
    int i = 1;
    while (!overwrite && RunFolder.holdsRun(numbered(name, i))) {
      i++;
    }
    return numbered(name, i);
  }

  private static Path latest(String name) {
    int i = 1;
    while (RunFolder.holdsRun(numbered(name, i + 1))) {
      i++;
    }
    return numbered(name, i);
  }
}
