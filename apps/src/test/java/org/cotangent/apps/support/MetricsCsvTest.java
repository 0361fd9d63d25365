package org.cotangent.apps.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetricsCsvTest {
  @TempDir Path folder = Path.of(""); // replaced before each test

  @Test
  void theTableAppearsWhenCommitted() throws IOException {
    Path path = folder.resolve("m.csv");
    try (var csv = MetricsCsv.create(path, "epoch", "loss", "a \"note\", quoted")) {
      csv.row(0, 0.1, "plain");
      csv.row(1, 0.1f, "with, comma");
      csv.row(2, Double.NaN, "");
      assertThat(path).doesNotExist();
      try (var files = Files.list(folder)) { // rows can be followed while it runs
        assertThat(files).hasSize(1).allSatisfy(f -> assertThat(f).content().contains("2,NaN"));
      }
      csv.commit();
    }
    assertThat(path)
        .hasContent(
            """
            epoch,loss,"a ""note"", quoted"
            0,0.1,plain
            1,0.1,"with, comma"
            2,NaN,""
            """);
  }

  @Test
  void withoutCommitTheOldTableStays() throws IOException {
    Path path = folder.resolve("m.csv");
    Files.writeString(path, "old");
    try (var csv = MetricsCsv.create(path, "a")) {
      csv.row(1);
    }
    assertThat(path).hasContent("old");
    try (var files = Files.list(folder)) {
      assertThat(files).containsExactly(path);
    }
  }

  @Test
  void wrongRowsAndPathsAreNamed() {
    try (var csv = MetricsCsv.create(folder.resolve("m.csv"), "a", "b")) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> csv.row(1))
          .withMessage("a row of 1 values in a table of 2 columns");
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MetricsCsv.create(folder.resolve("m.csv")));
    assertThatThrownBy(() -> MetricsCsv.create(folder.resolve("no/m.csv"), "a"))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("m.csv");
  }
}
