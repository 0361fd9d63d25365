package org.cotangent.autograd.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReference;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.jspecify.annotations.Nullable;
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

  /// All threads meet in each turn, the caller among them.
  @Test
  @Timeout(60)
  void everyHelperWorksWithTheCallerTurnAfterTurn() {
    for (int threads = 2; threads <= 4; threads++) {
      var parallel = new Parallel(threads);
      assertThat(parallel.threads()).isEqualTo(threads);
      Set<Thread> first = meeting(parallel, threads);
      assertThat(first).hasSize(threads).contains(Thread.currentThread());
      for (int turn = 0; turn < 5; turn++) {
        assertThat(meeting(parallel, threads)).isEqualTo(first);
      }
    }
  }

  /// The threads that work on as many chunks, each waiting for all others.
  private static Set<Thread> meeting(Parallel parallel, int threads) {
    Set<Thread> met = ConcurrentHashMap.newKeySet();
    var all = new CyclicBarrier(threads);
    parallel.run(
        threads,
        _ -> {
          met.add(Thread.currentThread());
          meet(all);
        });
    return met;
  }

  private static void meet(CyclicBarrier all) {
    try {
      all.await(3, TimeUnit.SECONDS); // less than a helper parks
    } catch (InterruptedException | BrokenBarrierException | TimeoutException e) {
      throw new IllegalStateException("the others did not come", e);
    }
  }

  private static Thread helper(Parallel parallel) {
    return meeting(parallel, 2).stream()
        .filter(t -> !t.equals(Thread.currentThread()))
        .findAny()
        .orElseThrow();
  }

  @Test
  @Timeout(60)
  void theCallerWaitsForWhatAHelperHasBegun() {
    var parallel = new Parallel(2);
    Thread caller = Thread.currentThread();
    var both = new CyclicBarrier(2);
    var count = new AtomicInteger();
    Piece work =
        parallel.ready(
            2,
            _ -> {
              meet(both);
              if (!Thread.currentThread().equals(caller)) {
                rest(20);
              }
              count.incrementAndGet();
            });
    for (int turn = 1; turn <= 3; turn++) {
      work.run();
      assertThat(count.get()).isEqualTo(2 * turn);
    }
  }

  @Test
  @Timeout(60)
  void workMadeReadyIsDoneAgainAndAgain() {
    var parallel = new Parallel(3);
    for (int chunks = 0; chunks < 5; chunks++) {
      var counts = new AtomicIntegerArray(chunks);
      Piece work = parallel.ready(chunks, counts::incrementAndGet);
      for (int repeat = 1; repeat <= 3; repeat++) {
        work.run();
        for (int i = 0; i < chunks; i++) {
          assertThat(counts.get(i)).isEqualTo(repeat);
        }
      }
    }
  }

  @Test
  @Timeout(60)
  void anErrorReachesTheCallerAndIsForgottenInTheNextTurn() {
    var parallel = new Parallel(2);
    var turn = new AtomicInteger();
    var ran = new AtomicInteger();
    Piece work =
        parallel.ready(
            3,
            i -> {
              ran.incrementAndGet();
              if (turn.get() == 0 && i == 1) {
                throw new AssertionError("chunk 1");
              }
            });
    assertThatThrownBy(work::run).isInstanceOf(AssertionError.class).hasMessage("chunk 1");
    turn.set(1);
    work.run();
    assertThat(ran.get()).isEqualTo(6);
  }

  /// The other helpers are free, and have time to come.
  @Test
  @Timeout(60)
  void workInAHelperOfOthersRunsInThatHelper() {
    var outer = new Parallel(2);
    var inner = new Parallel(2);
    Thread caller = Thread.currentThread();
    Set<Thread> workers = ConcurrentHashMap.newKeySet();
    var helpers = new AtomicInteger();
    var both = new CyclicBarrier(2);
    outer.run(
        2,
        _ -> {
          meet(both);
          if (!Thread.currentThread().equals(caller)) {
            helpers.incrementAndGet();
            inner.run(
                4,
                _ -> {
                  workers.add(Thread.currentThread());
                  rest(5);
                });
            assertThat(workers).containsExactly(Thread.currentThread());
          }
        });
    assertThat(helpers.get()).isEqualTo(1);
  }

  @Test
  @Timeout(60)
  void aHelperIsADaemonThatParksAndWakesUpAgain() {
    var parallel = new Parallel(2);
    Thread helper = helper(parallel);
    assertThat(helper.isDaemon()).isTrue();
    assertThat(helper.getName()).isEqualTo("cotangent-1");
    for (int turn = 0; turn < 3; turn++) {
      assertThat(parksSoon(helper)).isTrue();
      assertThat(helper(parallel)).isSameAs(helper);
    }
  }

  @Test
  @Timeout(60)
  void aHelperWithoutWorkEndsAfterAWhileAndIsReplaced() throws InterruptedException {
    var parallel = new Parallel(2);
    Thread helper = helper(parallel);
    var failure = new AtomicReference<@Nullable Throwable>();
    helper.setUncaughtExceptionHandler((_, e) -> failure.set(e));
    for (int waits = 0; waits < 80 && helper.isAlive(); waits++) {
      helper.join(Duration.ofMillis(100));
    }
    assertThat(helper.isAlive()).isFalse();
    assertThat(failure.get()).isNull();
    Thread next = helper(parallel);
    assertThat(next).isNotSameAs(helper);
    assertThat(helper(parallel)).isSameAs(next);
  }

  @Test
  void thereIsAtLeastOneThread() {
    assertThat(new Parallel(1).threads()).isEqualTo(1);
    assertThatThrownBy(() -> new Parallel(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("0 threads: at least the caller's own is needed");
  }

  private static boolean parksSoon(Thread t) {
    for (int i = 0; i < 500; i++) {
      if (t.getState() == Thread.State.TIMED_WAITING) {
        return true;
      }
      rest(10);
    }
    return false;
  }

  private static void rest(int millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
