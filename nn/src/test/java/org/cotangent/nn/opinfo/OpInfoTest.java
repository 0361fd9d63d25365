package org.cotangent.nn.opinfo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every recorded call of an operator of PyTorch, said with ours: the same values, first
/// derivatives in both modes, and second derivatives.
///
/// The calls come from the folder that [OpInfoFolder#path] names; without it the test is skipped.
class OpInfoTest {
  private static final Map<String, Replay> TABLE = Replays.table();
  private static final Set<String> PENDING = Replays.pending();

  private static final AtomicInteger passed = new AtomicInteger();
  private static final AtomicInteger failed = new AtomicInteger();
  private static final AtomicInteger unsupported = new AtomicInteger();
  private static final AtomicInteger rough = new AtomicInteger();

  static List<OpInfoFolder.Line> lines() throws IOException {
    return OpInfoFolder.lines(OpInfoFolder.path());
  }

  @BeforeAll
  static void findFolder() {
    Path folder = OpInfoFolder.path();
    assumeTrue(Files.isDirectory(folder), () -> "no folder " + folder + ": nothing to replay");
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("lines")
  void replays(OpInfoFolder.Line line) {
    boolean ok = false;
    boolean known = true;
    try {
      Recorded call = line.parse();
      Replay replay = TABLE.get(call.op());
      known = replay != null;
      assumeTrue(known || !PENDING.contains(call.op()), call.op() + " is to come");
      if (replay == null) {
        throw new AssertionError(call + ": no replay for this operator");
      }
      try {
        Check.run(call, replay);
        ok = true;
        rough.addAndGet(call.isSmooth() ? 0 : 1);
      } catch (AssertionError | RuntimeException e) {
        String what = "%s%s: %s".formatted(call, call.with(call.tensors()), e.getMessage());
        throw new AssertionError(what, e);
      }
    } finally {
      (ok ? passed : known ? failed : unsupported).incrementAndGet();
    }
  }

  @Test
  void whatIsPendingIsNotThere() {
    assertThat(PENDING).noneMatch(TABLE::containsKey);
  }

  @AfterAll
  static void report() {
    if (Files.isDirectory(OpInfoFolder.path())) {
      System.out.printf(
          "%d of the calls that passed are at points where PyTorch's derivative is not that of"
              + " finite differences, or has none%n",
          rough.get());
      System.out.printf(
          "opinfo: %d passed, %d failed, %d unsupported%n",
          passed.get(), failed.get(), unsupported.get());
    }
  }
}
