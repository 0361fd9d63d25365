package org.cotangent.apps;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// Runs in processes of their own that are stopped and killed.
@EnabledOnOs(OS.LINUX) // by `kill`; a shell that runs tests in the background makes them deaf to it
class InterruptTest {
  @TempDir private Path folder;

  private final List<Process> started = new ArrayList<>();

  @BeforeEach
  void configure() throws IOException {
    Files.writeString(
        folder.resolve("run.yaml"),
        """
        model: linear 16, tanh, dropout 0.1, linear 3
        data: {set: spiral}
        optimizer: {name: adam, lr: 1e-2}
        steps: 600
        batch: 50
        evaluate_every: 50
        checkpoint_every: 20
        """);
  }

  @AfterEach
  void end() {
    started.forEach(Process::destroyForcibly);
  }

  private Process train(String out, String... more) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                "env",
                "--default-signal=INT",
                ProcessHandle.current().info().command().orElse("java"),
                "-Dcotangent.backend=scalar",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "train",
                "--no-pictures",
                "--config",
                folder.resolve("run.yaml").toString(),
                "--out",
                folder.resolve(out).toString()));
    command.addAll(List.of(more));
    Process p = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    started.add(p);
    return p;
  }

  /// Waits until the run has been evaluated so many times.
  private static void await(BufferedReader out, int evaluations) throws IOException {
    int seen = 0;
    while (seen < evaluations) {
      String line = out.readLine();
      assertThat(line).isNotNull();
      seen += line != null && line.matches(" +\\d+ +\\d+\\.\\d+ .* %") ? 1 : 0;
    }
  }

  private static void ctrlC(Process p) throws IOException, InterruptedException {
    assertThat(new ProcessBuilder("kill", "-INT", Long.toString(p.pid())).start().waitFor())
        .isZero();
  }

  private static int end(Process p) throws InterruptedException {
    assertThat(p.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return p.exitValue();
  }

  @Test
  void stoppedAndKilledRunsGoOnToTheSameBits() throws Exception {
    Process whole = train("whole");
    whole.inputReader(UTF_8).transferTo(Writer.nullWriter());
    assertThat(end(whole)).isZero();

    Process stopped = train("parts");
    try (BufferedReader out = stopped.inputReader(UTF_8)) {
      await(out, 2);
      ctrlC(stopped);
      String rest = String.join("\n", out.lines().toList());
      assertThat(end(stopped)).isEqualTo(130);
      assertThat(rest).containsPattern("stopped after step \\d+ of 600, and saved; --resume");
    }
    assertThat(folder.resolve("parts/summary.json")).content().contains("\"finished\": false");

    Process killed = train("parts", "--resume");
    try (BufferedReader out = killed.inputReader(UTF_8)) {
      await(out, 3);
      killed.destroyForcibly();
      assertThat(end(killed)).isEqualTo(137);
    }
    Process resumed = train("parts", "--resume");
    resumed.inputReader(UTF_8).transferTo(Writer.nullWriter());
    assertThat(end(resumed)).isZero();
    for (String name : new String[] {"metrics.csv", "model.safetensors"}) {
      assertThat(folder.resolve("parts").resolve(name))
          .hasSameBinaryContentAs(folder.resolve("whole").resolve(name));
    }
  }

  @Test
  void theSecondCtrlCEndsAtOnceAndTheRunGoesOnFromItsLastCheckpoint() throws Exception {
    Files.writeString(
        folder.resolve("run.yaml"),
        """
        model: 10 * (linear 200, relu), linear 3
        data: {set: spiral}
        optimizer: {name: adam, lr: 1e-2}
        steps: 1000000
        batch: 300
        checkpoint_every: 1
        evaluate_every: 1
        """);
    Process p = train("twice");
    try (BufferedReader out = p.inputReader(UTF_8)) {
      await(out, 2);
      ctrlC(p);
      ctrlC(p);
      String rest = String.join("\n", out.lines().toList());
      assertThat(end(p)).isEqualTo(130);
      // Which of the two the process saw as one, or whether it had stopped before, is chance; that
      // nothing half-written stays is not.
      assertThat(rest).doesNotContain("Exception");
    }
    try (Stream<Path> files = Files.walk(folder.resolve("twice"))) {
      assertThat(files.map(f -> f.getFileName().toString())).noneMatch(n -> n.endsWith(".part"));
    }
    assertThat(folder.resolve("twice/checkpoints")).isNotEmptyDirectory();
  }
}
