package org.cotangent.apps.support;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProgressTest {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private long nanos;

  private Progress progress(long total, boolean terminal) {
    var out = new PrintStream(bytes, true, UTF_8);
    return new Progress("mnist", total, "epochs", out, terminal, () -> nanos);
  }

  private void pass(double seconds) {
    nanos += (long) (seconds * 1e9);
  }

  private String written() {
    return bytes.toString(UTF_8);
  }

  /// What the terminal shows after the last carriage return.
  private String line() {
    return written().substring(written().lastIndexOf('\r') + 1).stripTrailing();
  }

  @Test
  void theLineTellsShareRateAndTimeLeft() {
    try (var progress = progress(1000, true)) {
      pass(10);
      progress.update(420, "loss 0.1234");
      assertThat(line())
          .isEqualTo(
              "mnist  42% [=====>       ] 420/1000 epochs  42 epochs/s  0:14 left"
                  + "  loss 0.1234");
      assertThat(line()).hasSizeLessThan(80);
      pass(1);
      progress.update(1000, "");
      assertThat(line()).startsWith("mnist 100% [====================] 1000/1000 epochs");
    }
    assertThat(line()).isEmpty();
  }

  @Test
  void anUnknownTotalShowsNoShare() {
    try (var progress = progress(0, true)) {
      pass(1);
      progress.update(5, "");
      assertThat(line()).isEqualTo("mnist  5 epochs  5.0 epochs/s");
    }
  }

  @Test
  void itIsRedrawnAtMostTenTimesASecond() {
    try (var progress = progress(1000, true)) {
      for (int i = 1; i <= 1000; i++) {
        pass(0.001);
        progress.update(i, "");
      }
      assertThat(written().chars().filter(c -> c == '\r').count()).isEqualTo(10);
    }
  }

  @Test
  void theRateForgetsASlowStart() {
    try (var progress = progress(10_000, true)) {
      pass(5);
      progress.update(1, "");
      for (int i = 1; i <= 150; i++) {
        pass(0.1);
        progress.update(1 + 10 * i, "");
      }
      assertThat(line()).contains("  99 epochs/s");
    }
  }

  @Test
  void aShorterLineErasesTheRestOfALongerOne() {
    try (var progress = progress(0, true)) {
      pass(1);
      progress.update(5, "a long message");
      pass(1);
      progress.update(10, "");
      String last = written().substring(written().lastIndexOf('\r') + 1);
      assertThat(last).endsWith(" ".repeat("  a long message".length() - 1));
    }
  }

  @Test
  void itIsSilentWithoutATerminalAndForShortWork() {
    try (var progress = progress(10, false)) {
      pass(10);
      progress.update(5, "");
    }
    try (var progress = progress(10, true)) {
      pass(0.05);
      progress.update(10, "");
    }
    assertThat(written()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"0, 0:00", "8.2, 0:09", "754, 12:34", "3599.5, 1:00:00", "3723, 1:02:03"})
  void durationsReadAsOnAClock(double seconds, String shown) {
    assertThat(Progress.duration(seconds)).isEqualTo(shown);
  }
}
