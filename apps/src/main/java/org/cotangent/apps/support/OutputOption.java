package org.cotangent.apps.support;

import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// The option `--out`, for a command to mix in:
///
/// ```java
/// @Mixin private OutputOption out = new OutputOption();
/// ...
/// OutputFolder folder = out.open();
/// ```
public final class OutputOption {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec command = CommandSpec.create(); // set by picocli

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "folder for pictures and metrics (default: out/${COMMAND-NAME})")
  private Optional<Path> folder = Optional.empty();

  /// For picocli.
  public OutputOption() {}

  /// Creates the chosen folder, `out/` and the command's name by default.
  ///
  /// @throws CommandFailure if it cannot be created or written
  public OutputFolder open() {
    return OutputFolder.open(folder.orElseGet(() -> Path.of("out", command.name())));
  }
}
