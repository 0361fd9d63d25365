package org.cotangent.apps.docs;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.ToolProvider;

/// A Java block of a Markdown file, and the text block after it if there is one: what the block
/// prints.
///
/// A block is a compact source file (JEP 512), so that a reader can save and run it; one without a
/// `main` of its own is the body of `main`. Our packages are imported. A block that ends in an
/// exception prints the line that Java would.
///
/// @param file the name of the Markdown file
/// @param line the number of the line that opens the block
/// @param code the lines between the fences
/// @param output what running it must print
record Snippet(String file, int line, String code, Optional<String> output) {
  private static final String FENCE = "```";
  private static final Pattern MAIN = Pattern.compile("^void main\\(\\)", Pattern.MULTILINE);
  // On one line, so that line numbers of messages are easily told in lines of the Markdown file.
  // By name: `Module` would be java.lang's too.
  private static final String IMPORTS =
      "import org.cotangent.autograd.*; import org.cotangent.autograd.shape.*;"
          + " import org.cotangent.nn.*; import org.cotangent.nn.Module;"
          + " import org.cotangent.nn.data.*; import org.cotangent.nn.io.*; import org.cotangent.nn.model.*;"
          + " import org.cotangent.nn.train.*;";

  /// All Java blocks of a Markdown file.
  ///
  /// @throws IllegalArgumentException if a block is not closed
  static List<Snippet> in(Path markdown) throws IOException {
    return in(markdown.getFileName().toString(), Files.readAllLines(markdown, UTF_8));
  }

  static List<Snippet> in(String file, List<String> lines) {
    List<Snippet> found = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      if (!lines.get(i).startsWith(FENCE)) {
        continue;
      }
      int end = close(file, lines, i);
      if (lines.get(i).equals(FENCE + "java")) {
        String code = String.join("\n", lines.subList(i + 1, end));
        found.add(new Snippet(file, i + 1, code, outputAfter(file, lines, end)));
      }
      i = end;
    }
    return found;
  }

  private static int close(String file, List<String> lines, int open) {
    for (int i = open + 1; i < lines.size(); i++) {
      if (lines.get(i).equals(FENCE)) {
        return i;
      }
    }
    throw new IllegalArgumentException(
        "%s:%d: this block is not closed by %s".formatted(file, open + 1, FENCE));
  }

  private static Optional<String> outputAfter(String file, List<String> lines, int end) {
    int i = end + 1;
    while (i < lines.size() && lines.get(i).isBlank()) {
      i++;
    }
    if (i == lines.size() || !lines.get(i).equals(FENCE + "text")) {
      return Optional.empty();
    }
    return Optional.of(String.join("\n", lines.subList(i + 1, close(file, lines, i))));
  }

  /// The file's name and the line where the block opens.
  String name() {
    return file + ":" + line;
  }

  private String className() {
    return "Block" + line;
  }

  /// Runs the block and compares what it prints. Compiles it first unless its class is in the
  /// folder.
  ///
  /// @throws AssertionError if it does not compile without warnings, throws what the text block
  ///   does not show, or prints something else
  void check(Path folder) throws IOException, ReflectiveOperationException {
    if (Files.notExists(folder.resolve(className() + ".class"))) {
      List<Diagnostic<?>> problems = compile(List.of(this), folder);
      if (!problems.isEmpty()) {
        throw new AssertionError(
            problems.stream()
                .map(d -> "%s:%d: %s".formatted(file, lineOf(d), d.getMessage(null)))
                .collect(Collectors.joining("\n", name() + " does not compile:\n", "")));
      }
    }
    var printed = new ByteArrayOutputStream();
    Optional<Throwable> thrown = run(folder, printed);
    String text = printed.toString(UTF_8).replace(System.lineSeparator(), "\n");
    String actual =
        asSaved(text + thrown.map(t -> "Exception in thread \"main\" " + t).orElse(""))
            .stripTrailing();
    if (output.isPresent() ? !output.get().equals(actual) : thrown.isPresent()) {
      var error =
          new AssertionError(
              "%s prints\n%s\nbut the document %s"
                  .formatted(
                      name(),
                      actual,
                      output.map(o -> "says\n" + o).orElse("shows no exception after it")));
      thrown.ifPresent(error::initCause);
      throw error;
    }
  }

  /// Places in the block as they would be called if it were saved as Main.java.
  private String asSaved(String text) {
    return Pattern.compile(className() + "\\.java:(\\d+)")
        .matcher(text)
        .replaceAll(m -> "Main.java:" + (Integer.parseInt(m.group(1)) - 1));
  }

  /// Compiles blocks of one file together, which takes a tenth of the time of one by one.
  ///
  /// @return errors and warnings; if there are any, which classes are in the folder is open
  static List<Diagnostic<?>> compile(List<Snippet> blocks, Path folder) throws IOException {
    List<Path> sources = new ArrayList<>();
    for (Snippet b : blocks) {
      sources.add(
          Files.writeString(
              folder.resolve(b.className() + ".java"),
              MAIN.matcher(b.code).find()
                  ? IMPORTS + "\n" + b.code + "\n"
                  : IMPORTS + " void main() throws Exception {\n" + b.code + "\n}\n"));
    }
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    var problems = new DiagnosticCollector<JavaFileObject>();
    try (var files = compiler.getStandardFileManager(problems, null, UTF_8)) {
      List<String> options =
          List.of(
              "-d",
              folder.toString(),
              "-cp",
              System.getProperty("java.class.path"),
              "-proc:none",
              "-Xlint:all,-path");
      var units = files.getJavaFileObjectsFromPaths(sources);
      boolean _ = compiler.getTask(null, files, problems, options, null, units).call();
      return List.copyOf(problems.getDiagnostics());
    }
  }

  /// The line of the Markdown file that a message is about.
  private long lineOf(Diagnostic<?> d) {
    return line + d.getLineNumber() - 1;
  }

  private Optional<Throwable> run(Path folder, ByteArrayOutputStream printed)
      throws IOException, ReflectiveOperationException {
    PrintStream out = System.out;
    try (var loader = new URLClassLoader(new URL[] {folder.toUri().toURL()});
        var capture = new PrintStream(printed, true, UTF_8)) {
      Class<?> program = loader.loadClass(className());
      Constructor<?> constructor = program.getDeclaredConstructor();
      constructor.setAccessible(true);
      Method main = program.getDeclaredMethod("main");
      main.setAccessible(true);
      System.setOut(capture);
      main.invoke(constructor.newInstance());
      return Optional.empty();
    } catch (InvocationTargetException e) {
      return Optional.of(Objects.requireNonNull(e.getCause()));
    } finally {
      System.setOut(out);
    }
  }
}
