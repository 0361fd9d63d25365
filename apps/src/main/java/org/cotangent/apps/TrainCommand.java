package org.cotangent.apps;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.cotangent.apps.runs.Run;
import org.cotangent.apps.runs.RunOptions;
import org.cotangent.apps.support.CommandFailure;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// Training by a configuration file.
@Command(
    name = "train",
    mixinStandardHelpOptions = true,
    description = {
      "Trains a network as a YAML or JSON file says; docs/apps.md lists what it may say.",
      "Ctrl-C finishes the step and saves; a second one ends at once. --resume goes on, after that"
          + " and after a crash, and gives what an uninterrupted run would have given."
    })
final class TrainCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create(); // set by picocli

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "what to do (with --resume and --out: as the run's folder says by itself)")
  private Optional<Path> config = Optional.empty();

  @Mixin private RunOptions run = new RunOptions();

  @Override
  public Integer call() throws IOException {
    PrintWriter console = spec.commandLine().getOut();
    Run.Result result =
        config.isPresent()
            ? run.train(name(config.get()), text(config.get()), config.get().toString(), console)
            : run.resume(console);
    return result.exitCode();
  }

  /// The file's name without its ending.
  private static String name(Path file) {
    return String.valueOf(file.getFileName()).replaceFirst("\\.[A-Za-z]+$", "");
  }

  private static String text(Path file) throws IOException {
    try {
      return Files.readString(file);
    } catch (CharacterCodingException e) {
      throw new CommandFailure(file + ": expected a text in UTF-8", e);
    }
  }
}
