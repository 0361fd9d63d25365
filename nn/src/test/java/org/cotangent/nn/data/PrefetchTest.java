package org.cotangent.nn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.NoSuchElementException;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.cotangent.autograd.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The thread behind [DataLoader#prefetch]: how far it goes ahead, and that it always ends.
@Timeout(60)
class PrefetchTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /// A hundred samples; notes who asks for them, and what was asked for.
  private static final class Watched implements Dataset {
    final Set<Thread> threads = ConcurrentHashMap.newKeySet();
    final Queue<Integer> asked = new ConcurrentLinkedQueue<>();

    @Override
    public int size() {
      return 100;
    }

    @Override
    public Batch batch(int... indices) {
      threads.add(Thread.currentThread());
      asked.add(indices[0]);
      Tensor t = Tensor.of(indices);
      return new Batch(t, t);
    }

    Thread thread() throws InterruptedException {
      while (threads.isEmpty()) {
        Thread.sleep(1);
      }
      return threads.iterator().next();
    }
  }

  private static void ends(Thread thread) throws InterruptedException {
    assertThat(thread.join(PATIENCE)).as("the thread ends").isTrue();
  }

  private static void waits(Thread thread) throws InterruptedException {
    while (thread.getState() != Thread.State.WAITING) {
      Thread.sleep(1);
    }
  }

  @Test
  void aDaemonMakesTheBatchesAndEndsWithTheEpoch() throws InterruptedException {
    var data = new Watched();
    try (BatchIterator it = DataLoader.of(data, 10).prefetch(3).epoch(0)) {
      for (int k = 0; k < 10; k++) {
        assertThat(it.next().y().toIntArray()[0]).isEqualTo(10 * k);
      }
      assertThat(it.hasNext()).isFalse();
      assertThat(data.threads).hasSize(1).doesNotContain(Thread.currentThread());
      assertThat(data.thread().isDaemon()).isTrue();
      ends(data.thread());
    }
  }

  @Test
  void itGoesSoManyBatchesAheadAndNoFurther() throws InterruptedException {
    var data = new Watched();
    try (BatchIterator it = DataLoader.of(data, 10).prefetch(3).epoch(0)) {
      waits(data.thread());
      assertThat(data.asked).containsExactly(0, 10, 20);
      it.next();
      while (data.asked.size() < 4) {
        Thread.sleep(1);
      }
      waits(data.thread());
      assertThat(data.asked).containsExactly(0, 10, 20, 30);
    }
  }

  @Test
  void closingEndsTheThreadAndTheEpoch() throws InterruptedException {
    var data = new Watched();
    BatchIterator it = DataLoader.of(data, 10).prefetch(2).epoch(0);
    it.next();
    it.close();
    it.close();
    ends(data.thread());
    assertThat(data.asked).hasSizeLessThan(5);
    assertThat(it.hasNext()).isFalse();
    assertThatThrownBy(it::next)
        .isInstanceOf(NoSuchElementException.class)
        .hasMessage("DataLoader: this epoch was closed");
  }

  @Test
  void aForgottenIteratorEndsItsThread() throws InterruptedException {
    var data = new Watched();
    leaveEarly(data);
    Thread thread = data.thread();
    for (int i = 0; i < 300 && thread.isAlive(); i++) {
      System.gc();
      thread.join(Duration.ofMillis(100));
    }
    assertThat(thread.isAlive()).isFalse();
  }

  private static void leaveEarly(Dataset data) {
    for (Batch b : DataLoader.of(data, 10).prefetch(2).batches(0)) {
      if (b.size() == 10) {
        break;
      }
    }
  }

  @Test
  void whatFailsIsThrownWhereTheBatchIsAskedForPrefetchedOrNot() throws InterruptedException {
    var cause = new ArithmeticException("so");
    for (Throwable thrown : new Throwable[] {cause, new StackOverflowError("deep")}) {
      for (int prefetch = 0; prefetch < 3; prefetch++) {
        var data = new Watched();
        Transform fails =
            (b, _) -> {
              if (b.y().toIntArray()[0] == 20) {
                switch (thrown) {
                  case RuntimeException e -> throw e;
                  case Error e -> throw e;
                  default -> throw new AssertionError(thrown);
                }
              }
              return b;
            };
        BatchIterator it = DataLoader.of(data, 10).transform(fails).prefetch(prefetch).epoch(5);
        it.next();
        it.next();
        assertThatThrownBy(it::next)
            .isInstanceOf(BatchException.class)
            .hasMessage("DataLoader: epoch 5, batch 2: " + thrown)
            .hasCause(thrown);
        assertThat(it.hasNext()).isFalse();
        assertThatThrownBy(it::next).isInstanceOf(NoSuchElementException.class);
        if (prefetch > 0) {
          ends(data.thread());
        }
      }
    }
  }

  /// A data set whose second batch never comes while the latch is shut.
  private static Dataset stuck(CountDownLatch open, AtomicInteger reached) {
    return new Dataset() {
      @Override
      public int size() {
        return 2;
      }

      @Override
      public Batch batch(int... indices) {
        if (indices[0] == 1) {
          reached.incrementAndGet();
          try {
            open.await();
          } catch (InterruptedException e) {
            throw new IllegalStateException("the thread of a data set was interrupted", e);
          }
        }
        return new Batch(Tensor.of(indices), Tensor.of(indices));
      }
    };
  }

  @Test
  void closingWakesWhoWaitsForABatch() throws Exception {
    var open = new CountDownLatch(1);
    BatchIterator it = DataLoader.of(stuck(open, new AtomicInteger()), 1).prefetch(1).epoch(0);
    try (var pool = Executors.newSingleThreadExecutor()) {
      it.next();
      var waiting = new CountDownLatch(1);
      Future<Batch> next =
          pool.submit(() -> {
            waiting.countDown();
            return it.next();
          });
      waiting.await();
      Thread.sleep(20); // most likely inside next() now; right in either case
      it.close();
      assertThatThrownBy(() -> next.get(30, TimeUnit.SECONDS))
          .hasCauseInstanceOf(NoSuchElementException.class);
    } finally {
      open.countDown();
    }
  }

  @Test
  void anInterruptedConsumerGoesOnAndStaysInterrupted() {
    var open = new CountDownLatch(1);
    var reached = new AtomicInteger();
    BatchIterator it = DataLoader.of(stuck(open, reached), 1).prefetch(1).epoch(0);
    it.next();
    Thread.currentThread().interrupt();
    assertThatThrownBy(it::next)
        .isInstanceOf(BatchException.class)
        .hasCauseInstanceOf(InterruptedException.class);
    assertThat(Thread.interrupted()).isTrue();
    assertThat(it.hasNext()).isFalse();
    open.countDown();
  }

  @Test
  void manyEpochsLeaveNoThreadBehind() throws InterruptedException {
    var data = new Watched();
    for (int epoch = 0; epoch < 50; epoch++) {
      try (BatchIterator it = DataLoader.of(data, 30).prefetch(4).epoch(epoch)) {
        for (int k = 0; k < epoch % 5 && it.hasNext(); k++) {
          it.next();
        }
      }
    }
    for (Thread t : data.threads) {
      ends(t);
    }
  }
}
