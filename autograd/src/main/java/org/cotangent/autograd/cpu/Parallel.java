package org.cotangent.autograd.cpu;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/// A few threads that help a caller through independent chunks of work.
///
/// Handing work to a thread that sleeps costs tens of microseconds, to one that still spins a tenth
/// of one (measured), so helpers spin for a moment before they park. The caller works too and takes
/// every chunk that nobody has begun, so it never waits for a helper to wake up.
///
/// Chunks are the caller's choice and may not depend on the number of threads where results would:
/// which thread runs a chunk is left to chance, what it computes is not.
///
/// Work begun inside other work, or while another thread has the helpers, runs in the thread that
/// asks for it. Helpers are daemons; they start with the first work, use no processor time when
/// there is none, and end when there has been none for a while.
final class Parallel {
  /// Polls before a helper lets others have the core: about 50 microseconds.
  private static final int SPINS = 2000;

  /// How often it then only offers the core, and a caller that waits too: about a millisecond. On
  /// virtual machines it may take that long to wake who has parked.
  private static final int YIELDS = 2000;

  private static final long KEEP_ALIVE_NANOS = 5_000_000_000L;

  private static final Work NONE = new Work(0, _ -> {});

  private final int threads;
  private final AtomicBoolean taken = new AtomicBoolean();
  private volatile Work job = NONE;
  private int turns; // touched only by who has taken
  private final @Nullable Helper[] helpers; // touched only by who has taken

  /// Chunks to be done, perhaps many times; claimed in ascending order, each by one thread.
  ///
  /// A helper may come so late that it finds the next turn of the same work under way: it takes
  /// part in that.
  static final class Work {
    private final int chunks;
    private final IntConsumer body;
    private volatile int turn; // tells a helper whether it has seen this turn; never 0 under way
    private final AtomicInteger next;
    private final AtomicInteger done = new AtomicInteger();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

    /// `body` for 0 to `chunks - 1`.
    Work(int chunks, IntConsumer body) {
      this.chunks = chunks;
      this.body = body;
      next = new AtomicInteger(chunks);
    }

    /// Everything as before the first turn; only while nobody works.
    private void begin(int number) {
      failure.setPlain(null);
      done.setPlain(0);
      turn = number;
      next.set(0); // from now on chunks can be claimed
    }

    void work() {
      for (int i = next.getAndIncrement(); i < chunks; i = next.getAndIncrement()) {
        try {
          body.accept(i);
        } catch (Throwable t) {
          failure.compareAndSet(null, t);
        } finally {
          done.incrementAndGet();
        }
      }
    }
  }

  private final class Helper extends Thread {
    private final int place;
    volatile boolean parked;

    Helper(int place) {
      super("cotangent-" + (place + 1));
      this.place = place;
      setDaemon(true);
    }

    @Override
    public void run() {
      for (int seen = serve(0); seen != 0; ) {
        seen = serve(seen);
      }
    }

    /// Helps with the next job and says which turn that was, or 0 if this helper has retired. When
    /// it has returned, nothing here holds the job any more.
    private int serve(int seen) {
      Work current = await(seen);
      int turn = current.turn;
      current.work();
      return turn;
    }

    /// The next job, or [#NONE] if this helper has retired.
    @SuppressWarnings({
      "ReferenceEquality", // a job is itself, whatever it holds
      "ThreadPriorityCheck" // yielding is for speed: no result depends on it
    })
    private Work await(int seen) {
      for (int spins = 0; ; spins++) {
        Work current = job;
        if (current != NONE && current.turn != seen) {
          return current;
        }
        if (spins < SPINS) {
          Thread.onSpinWait();
        } else if (spins < SPINS + YIELDS) {
          Thread.yield();
        } else {
          parked = true;
          long since = System.nanoTime();
          if (isIdle(seen)) {
            LockSupport.parkNanos(Parallel.this, KEEP_ALIVE_NANOS);
          }
          parked = false;
          spins = 0;
          if (System.nanoTime() - since >= KEEP_ALIVE_NANOS && retire()) {
            return NONE;
          }
        }
      }
    }

    @SuppressWarnings("ReferenceEquality")
    private boolean isIdle(int seen) {
      Work current = job;
      return current == NONE || current.turn == seen;
    }

    private boolean retire() {
      if (!taken.compareAndSet(false, true)) {
        return false; // work is beginning
      }
      helpers[place] = null;
      taken.set(false);
      return true;
    }
  }

  /// Helpers for `threads` threads in all, the caller included.
  Parallel(int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException(
          "%d threads: at least the caller's own is needed".formatted(threads));
    }
    this.threads = threads;
    helpers = new Helper[threads - 1];
  }

  /// How many threads may work at once.
  int threads() {
    return threads;
  }

  /// Runs `body` for 0 to `chunks - 1`, each once, and returns when all are done; what they wrote
  /// is then visible to the caller. The first exception of any chunk is thrown here, after all have
  /// ended.
  void run(int chunks, IntConsumer body) {
    if (chunks < 2 || threads == 1) {
      for (int i = 0; i < chunks; i++) {
        body.accept(i);
      }
    } else {
      run(new Work(chunks, body));
    }
  }

  /// The same made ready to be run many times.
  Staged ready(int chunks, IntConsumer body) {
    return new Staged(this, chunks, body);
  }

  /// The same for work that was made before, which must not be under way: nothing is allocated.
  void run(Work mine) {
    int chunks = mine.chunks;
    if (chunks < 2
        || threads == 1
        || Thread.currentThread() instanceof Helper
        || !taken.compareAndSet(false, true)) {
      for (int i = 0; i < chunks; i++) {
        mine.body.accept(i);
      }
      return;
    }
    try {
      turns = turns == -1 ? 1 : turns + 1;
      mine.begin(turns);
      job = mine;
      wake();
      mine.work();
      await(mine);
    } finally {
      job = NONE;
      taken.set(false);
    }
    Throwable t = mine.failure.get();
    if (t instanceof RuntimeException e) {
      throw e;
    }
    if (t instanceof Error e) {
      throw e;
    }
  }

  /// Waits for chunks that helpers have begun. They may wait for this very core, so it is offered
  /// soon; a thread that parks comes back tens of microseconds late, so that comes last.
  @SuppressWarnings("ThreadPriorityCheck") // yielding is for speed: no result depends on it
  private static void await(Work mine) {
    for (int polls = 0; mine.done.get() < mine.chunks; polls++) {
      if (polls < SPINS) {
        Thread.onSpinWait();
      } else if (polls < SPINS + YIELDS) {
        Thread.yield();
      } else {
        LockSupport.parkNanos(10_000);
      }
    }
  }

  private void wake() {
    for (int i = 0; i < helpers.length; i++) {
      Helper h = helpers[i];
      if (h == null) {
        h = new Helper(i);
        try {
          h.start();
        } catch (OutOfMemoryError e) {
          return; // no thread to be had: fewer share the work, and the next call tries again
        }
        helpers[i] = h;
      } else if (h.parked) {
        LockSupport.unpark(h);
      }
    }
  }
}
