package org.cotangent.apps.support;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// The folder into which a command writes its pictures and metrics.
public final class OutputFolder {
  private final Path path;

  private OutputFolder(Path path) {
    this.path = path;
  }

  /// Creates the folder where it is missing. To be called before the work begins, so that a run of
  /// an hour does not end in an error.
  ///
  /// @throws CommandFailure if something else is in the way, or the folder cannot be written
  public static OutputFolder open(Path path) {
    Path absolute = path.toAbsolutePath().normalize();
    for (Path part = absolute; part != null; part = part.getParent()) {
      if (Files.exists(part)) {
        if (!Files.isDirectory(part)) {
          throw new CommandFailure(
              "output folder %s: the file %s is in the way; remove it or choose another --out"
                  .formatted(path, part));
        }
        break;
      }
    }
    try {
      Files.createDirectories(absolute);
      // Asking whether a folder is writable can lie (access lists, network, root): try it.
      Files.delete(Files.createTempFile(absolute, ".writable", ".part"));
    } catch (IOException e) {
      throw new CommandFailure(
          "output folder %s cannot be written (%s); choose another --out"
              .formatted(path, Failures.describe(e)),
          e);
    }
    return new OutputFolder(path);
  }

  /// The folder, as the user named it.
  public Path path() {
    return path;
  }

  /// The path of a file in the folder.
  public Path file(String name) {
    return path.resolve(name);
  }
}
