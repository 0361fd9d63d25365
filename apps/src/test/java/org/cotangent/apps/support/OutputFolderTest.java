package org.cotangent.apps.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutputFolderTest {
  @TempDir Path folder = Path.of(""); // replaced before each test

  @Test
  void itIsCreatedWithItsParents() {
    Path path = folder.resolve("a/b");
    OutputFolder out = OutputFolder.open(path);
    assertThat(path).isEmptyDirectory();
    assertThat(out.path()).isEqualTo(path);
    assertThat(out.file("x.png")).isEqualTo(path.resolve("x.png"));
    OutputFolder.open(path); // again: it may exist
  }

  @Test
  void aFileInTheWayIsNamed() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    assertThatThrownBy(() -> OutputFolder.open(file.resolve("a/b")))
        .isInstanceOf(CommandFailure.class)
        .hasMessageEndingWith(
            "the file %s is in the way; remove it or choose another --out"
                .formatted(file.toAbsolutePath()));
  }

  @Test
  void aFolderThatCannotBeWrittenIsNamed() throws IOException {
    Path locked = Files.createDirectory(folder.resolve("locked"));
    assertThat(locked.toFile().setWritable(false)).isTrue();
    Assumptions.assumeFalse(Files.isWritable(locked), "this user may write everywhere");
    assertThatThrownBy(() -> OutputFolder.open(locked))
        .isInstanceOf(CommandFailure.class)
        .hasMessageContaining("cannot be written")
        .hasMessageContaining("permission denied");
  }
}
