import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/// Derives the double twin of every float kernel: `Derive <templates> <output>`.
///
/// `templates/org/.../GemmF32.java` is compiled as it stands; `output/org/.../GemmF64.java` is the
/// same text with `double` for `float`, `Double` for `Float` in any name (`FloatVector`,
/// `reinterpretAsFloats`), `DOUBLE` for `FLOAT`, `F64` for `F32`, and literals `1.5d` for `1.5f`.
/// Where the two must differ otherwise:
///
/// ```java
/// int bits = Float.floatToRawIntBits(x); // F32 only
/// // F64: long bits = Double.doubleToRawLongBits(x);
/// ```
///
/// A line that ends in `// F32 only` has no twin; what follows `// F64:` is the twin's alone. Keep
/// such statements short enough for one line: one that the formatter wrapped is an error here.
class Derive {
  public static void main(String[] args) throws IOException {
    Path from = Path.of(args[0]);
    Path to = Path.of(args[1]);
    Set<Path> derived = new HashSet<>();
    for (Path template : javaFiles(from)) {
      String name = template.getFileName().toString();
      if (!name.contains("F32")) throw new IOException(template + ": needs F32 in its name");
      Path twin = to.resolve(from.relativize(template)).resolveSibling(name.replace("F32", "F64"));
      derived.add(twin);
      String text = derive(Files.readString(template), template);
      // Left alone when nothing changed, so that nothing is compiled again.
      if (!Files.exists(twin) || !Files.readString(twin).equals(text)) {
        Files.createDirectories(twin.getParent());
        Files.writeString(twin, text);
      }
    }
    for (Path old : javaFiles(to)) if (!derived.contains(old)) Files.delete(old);
  }

  static String derive(String template, Path source) throws IOException {
    StringBuilder twin = new StringBuilder("// Derived from " + source.getFileName() + ".\n");
    boolean typeSeen = false;
    String previous = "";
    int number = 0;
    for (String line : template.lines().toList()) {
      number++;
      boolean floatOnly = line.endsWith("// F32 only");
      boolean wrapped =
          floatOnly
              ? !previous.matches("|.*[;{}:]|.*// F32 only|\\s*(//|@).*")
              : previous.matches("\\s*// F64:.*") && line.matches("\\s*//(?! F64:|/).*");
      if (wrapped)
        throw new IOException(
            source + ":" + number + ": a marked statement was wrapped: shorten it");
      previous = line;
      if (floatOnly) continue;
      // The only warning that float code free of it can gain: (float) Math.exp(x).
      if (!typeSeen
          && line.matches("((public|final|abstract|sealed) )*(class|interface|record) .*")) {
        typeSeen = true;
        twin.append("@SuppressWarnings(\"cast\")\n");
      }
      String own = line.replaceFirst("^(\\s*)// F64: ?", "$1");
      twin.append(own.equals(line) ? toDouble(line) : own).append('\n');
    }
    return twin.toString();
  }

  static String toDouble(String line) {
    return line.replaceAll("\\bfloat\\b", "double")
        .replaceAll("Float(?=[A-Z]|s?\\b)", "Double")
        .replaceAll("\\bFLOAT\\b", "DOUBLE")
        .replace("F32", "F64")
        .replaceAll("(?<![\\w.])((\\d[\\d_]*\\.?[\\d_]*|\\.\\d+)([eE][+-]?\\d+)?)[fF]\\b", "$1d")
        .replaceAll("(?<!\\w)(0[xX][\\da-fA-F_.]+[pP][+-]?\\d+)[fF]\\b", "$1d");
  }

  static List<Path> javaFiles(Path root) throws IOException {
    if (!Files.isDirectory(root)) return List.of();
    try (Stream<Path> files = Files.walk(root)) {
      return files.filter(p -> p.toString().endsWith(".java")).sorted().toList();
    }
  }
}
