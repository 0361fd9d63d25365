package org.cotangent.apps;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.cotangent.apps.support.CommandFailure;
import org.cotangent.apps.support.MetricsCsv;
import org.cotangent.apps.support.OutputOption;
import org.cotangent.nn.data.BadDataException;
import org.cotangent.nn.io.Safetensors;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

class MainTest {
  @TempDir Path folder = Path.of(""); // replaced before each test

  /// A command that fails as it is told to, or writes a table and waits.
  @Command(name = "probe", mixinStandardHelpOptions = true, description = "Fails on demand.")
  static final class Probe implements Callable<Integer> {
    @Option(names = "--steps", description = "how many")
    int steps;

    @Option(names = "--fail", description = "how")
    String fail = "";

    @Mixin OutputOption out = new OutputOption();

    @Override
    public Integer call() throws Exception {
      switch (fail) {
        case "data" -> throw new BadDataException("x.idx", "byte 0", "zeros", "ones");
        case "missing" -> throw new NoSuchFileException("gone.txt");
        case "denied" -> throw new UncheckedIOException(new AccessDeniedException("secret.txt"));
        case "argument" -> throw new IllegalArgumentException("--steps 0: expected at least 1");
        case "command" -> throw new CommandFailure("no data; put it there");
        case "bug" -> throw new IllegalStateException("index out of step");
        case "wait" -> {
          try (var csv = MetricsCsv.create(out.open().file("m.csv"), "step")) {
            csv.row(1);
            System.out.println("ready");
            Thread.sleep(60_000);
            csv.commit();
          }
        }
        default -> out.open();
      }
      return 0;
    }
  }

  private record Result(int code, String out, String err) {}

  @Test
  void aCommandAloneIsTheOneAmongAll() {
    CommandLine all = Main.commandLine();
    assertThat(all.getSubcommands())
        .containsOnlyKeys(
            "xor",
            "spiral",
            "two-layer",
            "mnist",
            "mnist-sigmoid",
            "cifar10",
            "train",
            "eval",
            "predict",
            "compare",
            "graph",
            "help");
    for (String name : List.of("xor", "spiral", "two-layer", "mnist", "mnist-sigmoid")) {
      CommandLine alone = Main.commandLine(name, "--epochs", "3");
      assertThat(alone.getSubcommands()).containsOnlyKeys(name);
      assertThat(usage(alone, name)).isEqualTo(usage(all, name));
    }
    assertThat(Main.commandLine("help").getSubcommands()).hasSize(12);
    assertThat(Main.commandLine("spiralx").getSubcommands()).hasSize(12);
  }

  private static String usage(CommandLine line, String name) {
    return Objects.requireNonNull(line.getSubcommands().get(name)).getUsageMessage();
  }

  private static Result execute(String... args) {
    var out = new StringWriter();
    var err = new StringWriter();
    CommandLine main = Main.commandLine().addSubcommand(new Probe());
    main.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    return new Result(main.execute(args), out.toString(), err.toString());
  }

  @Test
  void helpTellsWhatThereIs() {
    Result result = execute("--help");
    assertThat(result.code).isZero();
    assertThat(result.out)
        .contains("Usage: cotangent", "probe", "Fails on demand.", "Exit codes", "--verbose");
    assertThat(execute("help", "probe").out).contains("--steps");
    assertThat(execute("probe", "--help").out)
        .contains("Usage: cotangent probe", "(default: out/probe)");
  }

  @Test
  void versionNamesTheProgramAndItsJava() {
    Result result = execute("--version");
    assertThat(result.code).isZero();
    assertThat(result.out).contains("cotangent ", "Java " + Runtime.version().feature());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "prob",
        "probe --step 3",
        "probe --steps many",
        "probe --steps",
        "probe surplus",
        "--nonsense",
      })
  void wrongArgumentsGiveOneLineAndExitCode2(String line) {
    Result result = execute(line.split(" "));
    assertThat(result.code).isEqualTo(2);
    assertThat(result.err.lines()).hasSize(1);
    assertThat(result.err).matches("cotangent.*: .*; see 'cotangent( probe)? --help'\\R");
    assertThat(result.out).isEmpty();
  }

  @Test
  void aMisspeltCommandIsGuessed() {
    assertThat(execute("prob").err).contains("(did you mean probe");
  }

  @ParameterizedTest
  @CsvSource({
    "data, 'x.idx: byte 0: expected zeros, found ones'",
    "missing, gone.txt: no such file or folder",
    "denied, secret.txt: permission denied",
    "argument, --steps 0: expected at least 1",
    "command, no data; put it there",
  })
  void knownFailuresGiveOneLineAndExitCode1(String failure, String message) {
    Result result = execute("probe", "--fail", failure);
    assertThat(result.code).isEqualTo(1);
    assertThat(result.err).isEqualToIgnoringNewLines("cotangent probe: " + message);
    Result verbose = execute("probe", "--fail", failure, "--verbose");
    assertThat(verbose.code).isEqualTo(1);
    assertThat(verbose.err).contains(message, "\tat org.cotangent.apps.MainTest$Probe.call");
    assertThat(execute("--verbose", "probe", "--fail", failure).err).contains("\tat ");
  }

  @Test
  void aFaultOfTheProgramShowsItsStackTrace() {
    Result result = execute("probe", "--fail", "bug");
    assertThat(result.code).isEqualTo(1);
    assertThat(result.err).contains("fault of the program", "index out of step", "\tat ");
  }

  @Test
  void anOutputFolderThatCannotBeIsAFailure() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    Result result = execute("probe", "--out", file.resolve("below").toString());
    assertThat(result.code).isEqualTo(1);
    assertThat(result.err).contains("the file " + file.toAbsolutePath() + " is in the way");
    assertThat(execute("probe", "--out", folder.resolve("a/b").toString()).code).isZero();
    assertThat(folder.resolve("a/b")).isEmptyDirectory();
  }

  /// The probe as a program of its own.
  static final class Program {
    private Program() {}

    public static void main(String[] args) {
      System.exit(Main.commandLine().addSubcommand(new Probe()).execute(args));
    }
  }

  @Test
  void ctrlCEndsWith130AndLeavesNoHalfWrittenFile() throws Exception {
    Assumptions.assumeTrue(Files.isDirectory(Path.of("/proc/self")), "needs Linux");
    Process process =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElse("java"),
                "-cp",
                System.getProperty("java.class.path"),
                Program.class.getName(),
                "probe",
                "--fail",
                "wait",
                "--out",
                folder.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (var out = process.inputReader(UTF_8)) {
      assertThat(out.readLine()).isEqualTo("ready");
      // A shell that starts this test in the background makes its children deaf to SIGINT.
      long ignored =
          Files.readAllLines(Path.of("/proc", Long.toString(process.pid()), "status")).stream()
              .filter(line -> line.startsWith("SigIgn:"))
              .mapToLong(line -> Long.parseUnsignedLong(line.substring(7).strip(), 16))
              .sum();
      boolean deaf = (ignored & 2) != 0;
      String signal = deaf ? "-TERM" : "-INT";
      new ProcessBuilder("kill", signal, Long.toString(process.pid())).start().waitFor();
      assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).isEqualTo(deaf ? 143 : 130);
    } finally {
      process.destroyForcibly();
    }
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void theLabsDataTravelWithTheProgram() throws IOException {
    for (String name : List.of("xor", "spiral")) {
      try (InputStream in = Main.class.getResourceAsStream("labs/" + name + ".safetensors")) {
        assertThat(in).isNotNull();
        if (in != null) {
          assertThat(Safetensors.read(in, name).entry("init.layer1.weight").dtype())
              .isEqualTo("F64");
        }
      }
    }
  }
}
