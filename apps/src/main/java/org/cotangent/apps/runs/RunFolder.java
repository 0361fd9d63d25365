package org.cotangent.apps.runs;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.cotangent.apps.support.CommandFailure;
import org.cotangent.apps.support.OutputFolder;
import org.cotangent.nn.io.AtomicFile;

/// The folder of a run:
///
/// ```text
/// config.yaml        what was asked for, as it was written (or config.json)
/// metrics.csv        a row for each step
/// checkpoints/       what the run goes on from
/// model.safetensors  the best network so far
/// curves.png         loss and accuracy
/// summary.json       what came out
/// ```
public final class RunFolder {
  /// The name of the best model.
  public static final String MODEL = "model.safetensors";

  private static final List<String> CONFIGS = List.of("config.yaml", "config.json");

  private final Path path;

  private RunFolder(Path path) {
    this.path = path;
  }

  /// Whether there is a run in a folder.
  public static boolean holdsRun(Path path) {
    return config(path).isPresent();
  }

  private static Optional<Path> config(Path path) {
    return CONFIGS.stream().map(path::resolve).filter(Files::isRegularFile).findFirst();
  }

  /// A folder for a run that is to be begun; nothing is written yet.
  ///
  /// @param overwrite whether a run may be there already
  /// @throws CommandFailure if there is one
  static RunFolder fresh(Path path, boolean overwrite) {
    if (holdsRun(path) && !overwrite) {
      throw new CommandFailure(
          "%s holds a run already; --resume goes on with it, --overwrite deletes it, --out names another folder"
              .formatted(path));
    }
    return new RunFolder(path);
  }

  /// Begins the run: makes the folder, deletes a run that is there, and writes the configuration.
  ///
  /// @param text the configuration
  /// @param name the name of its file, of which the ending counts
  /// @throws CommandFailure if the folder cannot be written
  void begin(String text, String name) throws IOException {
    OutputFolder.open(path);
    clear();
    String config = name.endsWith(".json") ? "config.json" : "config.yaml";
    try (var file = AtomicFile.create(path.resolve(config))) {
      file.stream().write(text.getBytes(UTF_8));
      file.commit();
    }
  }

  private void clear() throws IOException {
    for (String name : CONFIGS) {
      Files.deleteIfExists(path.resolve(name));
    }
    for (String name : List.of(MetricsLog.NAME, MODEL, "curves.png", Summary.NAME)) {
      Files.deleteIfExists(path.resolve(name));
    }
    if (Files.isDirectory(checkpoints())) {
      try (DirectoryStream<Path> all =
          Files.newDirectoryStream(checkpoints(), "step-*.safetensors")) {
        for (Path file : all) {
          Files.delete(file);
        }
      }
    }
  }

  /// The folder of a run that was begun before.
  ///
  /// @throws CommandFailure if there is none
  public static RunFolder existing(Path path) {
    if (!holdsRun(path)) {
      throw new CommandFailure(
          "%s holds no run: expected a folder with %s"
              .formatted(path, String.join(" or ", CONFIGS)));
    }
    return new RunFolder(path);
  }

  /// The folder itself, as the user named it.
  public Path path() {
    return path;
  }

  /// What the run was asked to do.
  ///
  /// @throws CommandFailure if the file is damaged
  public RunConfig config() {
    return RunConfig.read(
        config(path).orElseThrow(() -> new CommandFailure(path + ": the configuration is gone")));
  }

  /// Where the checkpoints lie.
  public Path checkpoints() {
    return path.resolve("checkpoints");
  }

  /// The path of a file in the folder.
  public Path file(String name) {
    return path.resolve(name);
  }
}
