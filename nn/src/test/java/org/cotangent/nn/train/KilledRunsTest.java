package org.cotangent.nn.train;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Real processes that are killed, asked to end, or find no room on the disk; and resumed.
class KilledRunsTest {
  private static final int STEPS = 120;

  @TempDir private Path folder;

  /// Whether the runs use plain loops, which start sooner than the Vector API.
  private boolean isPlain = true;

  private List<String> command(Path checkpoints, int steps, int threads) {
    return List.of(
        ProcessHandle.current().info().command().orElse("java"),
        "-cp",
        System.getProperty("java.class.path"),
        isPlain ? "-Dcotangent.backend=scalar" : "--add-modules=jdk.incubator.vector",
        "-Xmx256m",
        "-XX:+UseSerialGC",
        "-Dcotangent.threads=" + threads,
        "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
        TrainingRun.class.getName(),
        checkpoints.toString(),
        Integer.toString(steps));
  }

  private static Process start(List<String> command) throws IOException {
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }

  /// Lets a run come to its end, and gives what it printed.
  private List<String> finish(Path checkpoints, int steps) throws Exception {
    Process process = start(command(checkpoints, steps, 2));
    try (BufferedReader out = process.inputReader(UTF_8)) {
      List<String> lines = out.readAllLines();
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).as(String.join("\n", lines)).isZero();
      return lines;
    } finally {
      process.destroyForcibly();
    }
  }

  /// The last checkpoint of a run holds all that it is.
  private static void assertEndsAlike(Path a, Path b) throws IOException {
    Path last = Checkpoints.in(a).files().getFirst();
    assertThat(last.getFileName()).hasToString("step-%012d.safetensors".formatted(STEPS));
    assertThat(Checkpoints.in(b).files().getFirst().getFileName()).isEqualTo(last.getFileName());
    assertThat(Files.mismatch(last, Checkpoints.in(b).files().getFirst())).isEqualTo(-1);
  }

  /// How often a run was killed, how often of these it left a file that it was writing, and how
  /// many steps it had made before, those that were lost included.
  private record Kills(int all, int whileWriting, int steps) {}

  /// Kills runs at random moments, half of them while they save, and resumes them.
  private Kills kill(Path checkpoints, int times, Random random) throws Exception {
    int killed = 0;
    int whileWriting = 0;
    int steps = 0;
    for (int k = 0; k < times; k++) {
      boolean inSaving = random.nextBoolean();
      // on average each life makes so many steps that most of the way is behind the last one
      int lines = inSaving ? STEPS / 4 : STEPS + STEPS / 2;
      int left = 1 + random.nextInt(Math.max(1, 3 * lines / (2 * times)));
      Process process = start(command(checkpoints, STEPS, 1 + k % 2));
      try (BufferedReader out = process.inputReader(UTF_8)) {
        for (String line = out.readLine(); line != null; line = out.readLine()) {
          assertThat(line).doesNotContain("Exception");
          if (line.startsWith("resumed")) {
            assertThat(line).as("none is damaged").endsWith(" 0");
          }
          steps += line.startsWith("step") ? 1 : 0;
          left -= line.equals("saving") || !inSaving ? 1 : 0;
          if (left == 0) {
            break;
          }
        }
        LockSupport.parkNanos(random.nextInt(5_000_000));
        killed += process.isAlive() ? 1 : 0;
      } finally {
        process.destroyForcibly();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
      }
      whileWriting += leftovers(checkpoints) ? 1 : 0;
    }
    return new Kills(killed, whileWriting, steps);
  }

  private static boolean leftovers(Path checkpoints) throws IOException {
    if (Files.notExists(checkpoints)) {
      return false;
    }
    try (var files = Files.list(checkpoints)) {
      return files.anyMatch(f -> f.toString().endsWith(".part"));
    }
  }

  private void killAndCompare(int runs, int times) throws Exception {
    Path whole = folder.resolve("whole");
    assertThat(finish(whole, STEPS)).contains("step 1", "step " + STEPS, "FINISHED");
    long seed = System.nanoTime();
    for (int r = 0; r < runs; r++) {
      Path checkpoints = folder.resolve("killed" + r);
      Kills done = kill(checkpoints, times, new Random(seed + r));
      finish(checkpoints, STEPS);
      assertThat(leftovers(checkpoints)).isFalse();
      assertEndsAlike(whole, checkpoints);
      assertThat(done.all).isPositive();
      System.out.println("seed " + (seed + r) + ": " + done);
    }
  }

  @Test
  void aRunThatIsKilledAtAnyMomentAndResumedEndsWithTheSameBits() throws Exception {
    killAndCompare(1, 4);
  }

  @Test
  @Tag("slow")
  void soDoRunsThatAreKilledFiftyTimes() throws Exception {
    isPlain = false;
    killAndCompare(5, 10);
  }

  // ---- Asked to end

  @Test
  void aRunThatIsAskedToEndFinishesItsStepSavesAndGoesOn() throws Exception {
    Path checkpoints = folder.resolve("asked");
    Process process = start(command(checkpoints, 1_000_000, 2));
    try (BufferedReader out = process.inputReader(UTF_8)) {
      long last = 0;
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        if (line.equals("step 6")) {
          // SIGTERM: the same orderly shutdown as Ctrl-C. Not process.destroy(), which closes
          // `out`.
          process.toHandle().destroy();
        }
        last = line.startsWith("step ") ? Long.parseLong(line.substring(5)) : last;
      }
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).isEqualTo(128 + 15); // as for any process that SIGTERM ended
      assertThat(Checkpoints.in(checkpoints).newest().orElseThrow().checkpoint().step())
          .isEqualTo(last);
      assertThat(leftovers(checkpoints)).isFalse();
    } finally {
      process.destroyForcibly();
    }
  }

  // ---- No room on the disk

  @Test
  void whereThereIsNoRoomTheRunSaysSoAndTheCheckpointsBeforeStay() throws Exception {
    assumeThat(Path.of("/bin/sh")).exists();
    Path checkpoints = folder.resolve("full");
    finish(checkpoints, 8);
    List<Path> before = Checkpoints.in(checkpoints).files();
    List<String> limited =
        new ArrayList<>(List.of("/bin/sh", "-c", "ulimit -f 400; exec \"$@\"", "-"));
    limited.addAll(command(checkpoints, 20, 2)); // no file may be larger than 200 KB
    Process process = start(limited);
    try (BufferedReader out = process.inputReader(UTF_8)) {
      List<String> lines = out.readAllLines();
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).isEqualTo(1);
      assertThat(lines)
          .contains("resumed 8 0", "step 12")
          .doesNotContain("step 13")
          .anySatisfy(line ->
              assertThat(line)
                  .matches(
                      ".*IOException: checkpoint: cannot write .*step-000000000012.safetensors: .*;"
                          + " the ones before it are intact"));
    } finally {
      process.destroyForcibly();
    }
    assertThat(Checkpoints.in(checkpoints).files()).isEqualTo(before).hasSize(2);
    assertThat(Checkpoints.in(checkpoints).newest().orElseThrow().skipped()).isEmpty();
    assertThat(leftovers(checkpoints)).isFalse();
  }
}
