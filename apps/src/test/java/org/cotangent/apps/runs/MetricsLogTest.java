package org.cotangent.apps.runs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.OptionalDouble;
import org.cotangent.nn.data.BadDataException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MetricsLogTest {
  @TempDir private Path folder;

  private static MetricsLog.Row row(long step) {
    return new MetricsLog.Row(
        step, step / 4.0, 0.1, 1.0 / step, OptionalDouble.empty(), OptionalDouble.empty());
  }

  private static void write(MetricsLog log, int from, int to) {
    for (int step = from; step <= to; step++) {
      log.add(row(step));
      if (step % 2 == 0) {
        log.evaluated(2.0 / step, OptionalDouble.of(0.5));
      }
    }
  }

  private String text() throws IOException {
    return Files.readString(folder.resolve("metrics.csv"));
  }

  @Test
  void itHasARowForEachStep() throws IOException {
    try (MetricsLog log = MetricsLog.open(folder, 0)) {
      write(log, 1, 3);
      assertThat(text())
          .isEqualTo(
              """
              step,epoch,learning_rate,train_loss,test_loss,test_accuracy
              1,0.25,0.1,1.0,,
              2,0.5,0.1,0.5,1.0,0.5
              3,0.75,0.1,0.3333333333333333,,
              """);
      assertThat(MetricsLog.read(folder)).isEqualTo(log.rows());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 4, 7})
  void aRunThatGoesOnHasTheBytesOfOneThatWasNotInterrupted(int checkpoint) throws IOException {
    try (MetricsLog log = MetricsLog.open(folder, 0)) {
      write(log, 1, 10);
    }
    String whole = text();
    try (MetricsLog log = MetricsLog.open(folder, 0)) {
      write(log, 1, 7);
    }
    Files.writeString(folder.resolve("metrics.csv"), "8,2.0,0", StandardOpenOption.APPEND);
    try (MetricsLog log = MetricsLog.open(folder, checkpoint)) {
      assertThat(log.rows()).hasSize(checkpoint);
      write(log, checkpoint + 1, 10);
    }
    assertThat(text()).isEqualTo(whole);
  }

  @Test
  void theStepThatIsResumedFromCanStillBeEvaluated() throws IOException {
    try (MetricsLog log = MetricsLog.open(folder, 0)) {
      write(log, 1, 3);
    }
    try (MetricsLog log = MetricsLog.open(folder, 3)) {
      log.evaluated(7, OptionalDouble.empty());
    }
    assertThat(text()).endsWith("\n3,0.75,0.1,0.3333333333333333,7.0,\n");
  }

  @Test
  void missingRowsAreAnError() throws IOException {
    try (MetricsLog log = MetricsLog.open(folder, 0)) {
      write(log, 1, 3);
    }
    assertThatThrownBy(() -> MetricsLog.open(folder, 4))
        .isInstanceOf(BadDataException.class)
        .hasMessageContainingAll("one for each of the 4 steps", "3 of them");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "other,head\n", "HEAD1,2,3\n", "HEAD2,0.5,0.1,1.0,,\n", "HEAD1,0.5,0.1,x,,\n"})
  void whatIsNoLogIsRefused(String text) throws IOException {
    String head = "step,epoch,learning_rate,train_loss,test_loss,test_accuracy\n";
    Files.writeString(folder.resolve("metrics.csv"), text.replace("HEAD", head));
    assertThatThrownBy(() -> MetricsLog.read(folder))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("metrics.csv: line ");
  }

  @Test
  void aFolderWithoutALogHoldsNoRun() {
    assertThatThrownBy(() -> MetricsLog.read(folder))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining("holds no run");
  }
}
