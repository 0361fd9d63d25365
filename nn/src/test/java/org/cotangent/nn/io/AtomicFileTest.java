package org.cotangent.nn.io;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {
  @TempDir Path folder = Path.of(""); // replaced before each test

  private List<String> names() throws IOException {
    try (var files = Files.list(folder)) {
      return files.map(f -> f.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void theFileAppearsWhenCommitted() throws IOException {
    Path target = folder.resolve("a.txt");
    Files.writeString(target, "old");
    try (var file = AtomicFile.create(target)) {
      file.stream().write("new".getBytes(UTF_8));
      assertThat(Files.readString(target)).isEqualTo("old");
      assertThat(names()).hasSize(2);
      file.commit();
      assertThatThrownBy(file::commit).isInstanceOf(IllegalStateException.class);
    }
    assertThat(Files.readString(target)).isEqualTo("new");
    assertThat(names()).containsExactly("a.txt");
  }

  @Test
  void withoutCommitNothingRemains() throws IOException {
    try (var file = AtomicFile.create(folder.resolve("a.txt"))) {
      file.stream().write(1);
    }
    assertThat(names()).isEmpty();
  }

  @Test
  void aFailedCommitLeavesNothing() throws IOException {
    Path target = folder.resolve("a.txt");
    try (var file = AtomicFile.create(target)) {
      Files.createDirectory(target); // appears after the check
      Files.createFile(target.resolve("full"));
      assertThatThrownBy(file::commit).isInstanceOf(IOException.class);
    }
    assertThat(names()).containsExactly("a.txt");
  }

  @Test
  void aFolderInTheWayAndAMissingFolderAreNamed() {
    assertThatThrownBy(() -> AtomicFile.create(folder))
        .isInstanceOf(FileAlreadyExistsException.class)
        .hasMessageContaining("a folder is in the way");
    assertThatThrownBy(() -> AtomicFile.create(folder.resolve("no/a.txt")))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining("its folder does not exist");
  }

  /// A program that opens a file, says so, and waits.
  static final class Writer {
    private Writer() {}

    public static void main(String[] args) throws Exception {
      try (var file = AtomicFile.create(Path.of(args[0]))) {
        file.stream().write(1);
        System.out.println("ready");
        Thread.sleep(60_000);
      }
    }
  }

  @Test
  void aProgramThatIsStoppedLeavesNothing() throws Exception {
    Process process =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElse("java"),
                "-cp",
                System.getProperty("java.class.path"),
                Writer.class.getName(),
                folder.resolve("a.txt").toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (var out = process.inputReader(UTF_8)) {
      assertThat(out.readLine()).isEqualTo("ready");
      assertThat(names()).hasSize(1);
      process.destroy(); // SIGTERM: the same orderly shutdown as Ctrl-C
      assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    assertThat(names()).isEmpty();
  }
}
