package org.cotangent.nn.opinfo;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/// The folder of recorded calls: one file an operator, `*.jsonl.gz` or `*.jsonl`, one call a line.
final class OpInfoFolder {
  private OpInfoFolder() {}

  /// A line of a file, or what kept us from reading it.
  record Line(String file, int number, String text, String problem) {
    /// The call of the line.
    ///
    /// @throws IllegalArgumentException that names file and line if there is none
    Recorded parse() {
      if (!problem.isEmpty()) {
        throw new IllegalArgumentException("%s: cannot be read: %s".formatted(file, problem));
      }
      try {
        return Recorded.parse(text);
      } catch (RuntimeException e) {
        throw new IllegalArgumentException(
            "%s, line %d: %s".formatted(file, number, e.getMessage()), e);
      }
    }

    @Override
    public String toString() {
      return file + ":" + number;
    }
  }

  /// What `COTANGENT_OPINFO` names, else the shared folder beside the repository. A relative path
  /// starts at the root of the repository.
  static Path path() {
    String named = System.getenv("COTANGENT_OPINFO");
    return root().resolve(named == null ? "../shared/golden/opinfo" : named).normalize();
  }

  /// The folder that holds this module's, from which tests may or may not be run.
  private static Path root() {
    Path here = Path.of("").toAbsolutePath();
    return Files.isDirectory(here.resolve("nn")) ? here : here.resolve("..").normalize();
  }

  /// All lines of all files.
  static List<Line> lines(Path folder) throws IOException {
    List<Path> files;
    try (Stream<Path> list = Files.list(folder)) {
      files = list.filter(OpInfoFolder::isRecorded).sorted().toList();
    }
    List<Line> lines = new ArrayList<>();
    for (Path file : files) {
      addLines(file, lines);
    }
    return lines;
  }

  private static boolean isRecorded(Path file) {
    String name = file.getFileName().toString();
    return name.endsWith(".jsonl.gz") || name.endsWith(".jsonl");
  }

  private static void addLines(Path file, List<Line> to) {
    String name = file.getFileName().toString();
    int number = 0;
    try (InputStream raw = Files.newInputStream(file);
        InputStream in = name.endsWith(".gz") ? new GZIPInputStream(raw) : raw;
        var reader = new BufferedReader(new InputStreamReader(in, UTF_8))) {
      for (String text = reader.readLine(); text != null; text = reader.readLine()) {
        number++;
        if (!text.isBlank()) {
          to.add(new Line(name, number, text, ""));
        }
      }
    } catch (IOException e) {
      to.add(new Line(name, number + 1, "", e.toString()));
    }
  }
}
