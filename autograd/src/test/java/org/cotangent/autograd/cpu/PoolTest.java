package org.cotangent.autograd.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class PoolTest {
  private static final int PLACES = 16;

  private final AtomicInteger made = new AtomicInteger();
  private final Pool<AtomicInteger> pool =
      new Pool<>(() -> new AtomicInteger(made.incrementAndGet()));

  private List<AtomicInteger> take(int n) {
    List<AtomicInteger> all = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      all.add(pool.take());
    }
    return all;
  }

  @Test
  void whatIsGivenBackIsTakenAgain() {
    AtomicInteger first = pool.take();
    pool.give(first);
    assertThat(pool.take()).isSameAs(first);
    assertThat(made.get()).isEqualTo(1);
  }

  @Test
  void whatIsTakenIsNotTakenByAnother() {
    List<AtomicInteger> all = take(PLACES);
    all.forEach(pool::give);
    List<AtomicInteger> again = take(PLACES);
    assertThat(again).doesNotHaveDuplicates().containsExactlyInAnyOrderElementsOf(all);
    assertThat(pool.take()).as("with all places empty").isNotIn(all);
    assertThat(made.get()).isEqualTo(PLACES + 1);
  }

  @Test
  void whatFindsNoPlaceIsDropped() {
    List<AtomicInteger> all = take(PLACES + 1);
    all.forEach(pool::give);
    assertThat(take(PLACES)).doesNotContain(all.getLast());
    assertThat(take(1)).doesNotContainAnyElementsOf(all);
  }

  /// Each object has one user at a time, of many threads.
  @Test
  void threadsDoNotShareAnObject() throws InterruptedException {
    Set<AtomicInteger> inUse =
        Collections.synchronizedSet(Collections.newSetFromMap(new IdentityHashMap<>()));
    AtomicInteger shared = new AtomicInteger();
    List<Thread> users = new ArrayList<>();
    for (int u = 0; u < 4; u++) {
      users.add(
          Thread.startVirtualThread(() -> {
            for (int i = 0; i < 2000; i++) {
              AtomicInteger mine = pool.take();
              if (!inUse.add(mine)) {
                shared.incrementAndGet();
              }
              inUse.remove(mine);
              pool.give(mine);
            }
          }));
    }
    for (Thread t : users) {
      t.join();
    }
    assertThat(shared.get()).isZero();
  }
}
