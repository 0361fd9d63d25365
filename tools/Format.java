import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.FormatterException;
import com.google.googlejavaformat.java.ImportOrderer;
import com.google.googlejavaformat.java.JavaFormatterOptions;
import com.google.googlejavaformat.java.RemoveUnusedImports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/// Names every Java source of the project that is not formatted (`check`), or formats it (`write`).
/// Started by the root pom in the root folder, in the JVM that compiles the sources.
class Format {
  static final JavaFormatterOptions.Style STYLE = JavaFormatterOptions.Style.GOOGLE;

  static final Formatter FORMATTER =
      new Formatter(JavaFormatterOptions.builder().style(STYLE).build());

  public static void main(String[] args) throws IOException {
    boolean write = args.length == 1 && args[0].equals("write");
    if (!write && !(args.length == 1 && args[0].equals("check"))) {
      System.err.println("-Dformat=check or -Dformat=write");
      System.exit(2);
    }
    List<String> complaints =
        sources().parallelStream().map(p -> examine(p, write)).filter(Objects::nonNull).toList();
    complaints.forEach(System.err::println);
    if (!complaints.isEmpty()) {
      if (complaints.stream().anyMatch(c -> c.startsWith("not formatted")))
        System.err.println("to format: mvn -q -N process-sources -Dformat=write");
      System.exit(1);
    }
  }

  /// `*/src/**.java` and `tools/*.java`: what git tracks, and nothing that a build made.
  static List<Path> sources() throws IOException {
    List<Path> found = new ArrayList<>();
    try (Stream<Path> modules = Files.list(Path.of(""))) {
      for (Path root : modules.map(m -> m.resolve("src")).filter(Files::isDirectory).toList()) {
        try (Stream<Path> files = Files.walk(root)) {
          files.filter(p -> p.toString().endsWith(".java")).forEach(found::add);
        }
      }
    }
    try (Stream<Path> tools = Files.list(Path.of("tools"))) {
      tools.filter(p -> p.toString().endsWith(".java")).forEach(found::add);
    }
    found.sort(null);
    return found;
  }

  /// What is wrong with this file and was not put right, or null.
  static String examine(Path file, boolean write) {
    try {
      String old = Files.readString(file, UTF_8);
      String now =
          FORMATTER.formatSource(
              RemoveUnusedImports.removeUnusedImports(ImportOrderer.reorderImports(old, STYLE)));
      String broken = brokenComment(old);
      if (broken != null) return file + ":" + broken;
      broken = brokenComment(now);
      if (broken != null) return file + ": formatted, line " + broken;
      if (now.equals(old)) return null;
      if (!write) return "not formatted: " + file;
      Files.writeString(file, now, UTF_8);
      System.out.println("formatted: " + file);
      return null;
    } catch (FormatterException e) {
      return file + ": " + e.getMessage();
    } catch (IOException e) {
      return file + ": " + e;
    }
  }

  /// The formatter wraps a long `///` line into a `//` line, which silently ends the doc comment.
  static String brokenComment(String text) {
    List<String> lines = text.lines().map(String::strip).toList();
    for (int i = 1; i < lines.size(); i++) {
      if (lines.get(i - 1).startsWith("///")
          && lines.get(i).startsWith("//")
          && !lines.get(i).startsWith("///")) {
        return (i + 1) + ": a /// comment goes on as a // line; wrap the /// line by hand";
      }
    }
    return null;
  }
}
