package org.cotangent.autograd.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class ParallelTest {
  @Property(tries = 200)
  void everyChunkRunsOnce(
      @ForAll @IntRange(min = 1, max = 7) int threads, @ForAll @IntRange(max = 40) int chunks) {
    var parallel = new Parallel(threads);
    var counts = new AtomicIntegerArray(chunks);
    for (int repeat = 1; repeat <= 5; repeat++) {
      parallel.run(chunks, counts::incrementAndGet);
      for (int i = 0; i < chunks; i++) {
        assertThat(counts.get(i)).isEqualTo(repeat);
      }
    }
  }

  @Test
  @Timeout(60)
  void whatChunksWroteIsVisibleToTheCaller() {
    var parallel = new Parallel(3);
    int[] plain = new int[6];
    for (int repeat = 0; repeat < 20_000; repeat++) {
      int value = repeat;
      parallel.run(plain.length, i -> plain[i] = value + i);
      for (int i = 0; i < plain.length; i++) {
        assertThat(plain[i]).isEqualTo(value + i);
      }
    }
  }

  @Test
  @Timeout(60)
  void workInsideWorkRunsInTheSameThread() {
    var parallel = new Parallel(2);
    var count = new AtomicInteger();
    parallel.run(
        4,
        _ -> {
          Thread outer = Thread.currentThread();
          parallel.run(
              4,
              _ -> {
                count.incrementAndGet();
                if (outer.getName().startsWith("cotangent-")) {
                  assertThat(Thread.currentThread()).isSameAs(outer);
                }
              });
        });
    assertThat(count.get()).isEqualTo(16);
  }

  @Test
  @Timeout(60)
  void manyThreadsMayUseItAtOnce() throws InterruptedException {
    var parallel = new Parallel(3);
    var sum = new AtomicInteger();
    List<Thread> users = new ArrayList<>();
    for (int u = 0; u < 8; u++) {
      users.add(
          Thread.startVirtualThread(() -> {
            for (int i = 0; i < 500; i++) {
              parallel.run(5, sum::addAndGet);
            }
          }));
    }
    for (Thread t : users) {
      assertThat(t.join(Duration.ofSeconds(50))).isTrue();
    }
    assertThat(sum.get()).isEqualTo(8 * 500 * 10);
  }

  @Test
  @Timeout(60)
  void theFirstExceptionReachesTheCallerAndTheNextWorkIsUnharmed() {
    var parallel = new Parallel(2);
    var ran = new AtomicInteger();
    assertThatThrownBy(() ->
            parallel.run(
                6,
                i -> {
                  ran.incrementAndGet();
                  if (i == 3) {
                    throw new IllegalStateException("chunk 3");
                  }
                }))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("chunk 3");
    assertThat(ran.get()).isEqualTo(6);
    parallel.run(6, _ -> ran.incrementAndGet());
    assertThat(ran.get()).isEqualTo(12);
  }

  @Test
  @Timeout(60)
  void helpersAreDaemonsThatPark() throws InterruptedException {
    var parallel = new Parallel(2);
    var started = new CountDownLatch(2);
    parallel.run(
        2,
        _ -> {
          started.countDown();
          awaitQuietly(started); // both threads are in it
        });
    Thread helper =
        Thread.getAllStackTraces().keySet().stream()
            .filter(t -> t.getName().equals("cotangent-1") && t.isDaemon())
            .filter(ParallelTest::parksSoon)
            .findAny()
            .orElseThrow();
    assertThat(helper.isDaemon()).isTrue();
  }

  private static boolean parksSoon(Thread t) {
    for (int i = 0; i < 500; i++) {
      if (t.getState() == Thread.State.TIMED_WAITING) {
        return true;
      }
      awaitNothing();
    }
    return false;
  }

  private static void awaitNothing() {
    try {
      Thread.sleep(10);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
