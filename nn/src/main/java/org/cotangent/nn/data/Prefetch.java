package org.cotangent.nn.data;

import java.lang.ref.Cleaner;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import org.cotangent.autograd.Tensor;

/// A thread that makes the batches of an epoch in order, at most so many ahead.
///
/// It holds no reference to the iterator it works for: when that is collected, it ends. It is never
/// interrupted, as that would close the files that a data set may read from.
final class Prefetch implements Runnable {
  private static final Cleaner CLEANER = Cleaner.create();

  private final EpochPlan plan;
  private final int first;

  /// How many batches may still be begun.
  private final Semaphore room;

  private final BlockingQueue<FutureTask<Batch>> made = new LinkedBlockingQueue<>();
  private volatile boolean stopped;

  private Prefetch(EpochPlan plan, int first, int ahead) {
    this.plan = plan;
    this.first = first;
    this.room = new Semaphore(ahead);
  }

  /// Starts a thread that ends with the epoch, a failure, [#stop] or the owner.
  static Prefetch start(EpochPlan plan, int first, int ahead, Object owner) {
    var prefetch = new Prefetch(plan, first, ahead);
    CLEANER.register(owner, prefetch::stop);
    Thread.ofPlatform().daemon().name("cotangent-prefetch").start(prefetch);
    return prefetch;
  }

  @Override
  public void run() {
    for (int k = first; k < plan.count(); k++) {
      room.acquireUninterruptibly();
      if (stopped) {
        return;
      }
      int number = k;
      var task = new FutureTask<>(() -> computed(plan.batch(number)));
      task.run();
      made.add(task);
      if (task.state() == Future.State.FAILED) {
        return;
      }
    }
  }

  /// Reads a number of both tensors, as large ones wait until they are read: here, not in the
  /// consumer's thread.
  private static Batch computed(Batch batch) {
    compute(batch.x());
    compute(batch.y());
    return batch;
  }

  private static void compute(Tensor t) {
    if (t.size() > 0) {
      t.get(new int[t.rank()]);
    }
  }

  /// Waits for the next batch.
  ///
  /// @throws ExecutionException with the cause, if it could not be made
  /// @throws CancellationException if this was stopped
  Batch take() throws InterruptedException, ExecutionException {
    FutureTask<Batch> next = made.take();
    room.release();
    return next.get();
  }

  /// Lets the thread end after the batch that it is at, and whoever waits for one go on.
  void stop() {
    stopped = true;
    room.release();
    made.clear();
    var none = new FutureTask<Batch>(() -> plan.batch(first));
    none.cancel(false);
    made.add(none);
  }
}
