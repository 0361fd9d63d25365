package org.cotangent.nn.data;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.ExecutionException;

/// The batches of one epoch ([DataLoader#epoch]).
///
/// Closing it ends the thread that prefetches, after the batch that is being made; at the end of
/// the epoch, after a failure, or if the iterator is forgotten and collected, the thread ends by
/// itself. For one thread, but any may close it.
public final class BatchIterator implements Iterator<Batch>, AutoCloseable {
  private final EpochPlan plan;
  private final Optional<Prefetch> prefetch;
  private int next;
  private volatile boolean closed;

  BatchIterator(EpochPlan plan, int first, int prefetched) {
    this.plan = plan;
    this.next = first;
    this.prefetch =
        prefetched == 0 || first == plan.count()
            ? Optional.empty()
            : Optional.of(Prefetch.start(plan, first, prefetched, this));
  }

  /// Whether the epoch has a batch more; no, once this is closed.
  @Override
  public boolean hasNext() {
    return !closed && next < plan.count();
  }

  /// The next batch.
  ///
  /// @throws NoSuchElementException if the epoch is over, or this was closed
  /// @throws BatchException if the data set or a transform failed, or the thread was interrupted
  ///   while it waited; this is closed then
  @Override
  public Batch next() {
    if (!hasNext()) {
      throw new NoSuchElementException(
          closed
              ? "DataLoader: this epoch was closed"
              : "DataLoader: the epoch is over after %d batches".formatted(plan.count()));
    }
    try {
      Batch batch = prefetch.isPresent() ? prefetch.get().take() : plan.batch(next);
      next++;
      return batch;
    } catch (ExecutionException e) {
      throw failed(e.getCause() == null ? e : e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw failed(e);
    } catch (RuntimeException | Error e) {
      throw failed(e);
    }
  }

  private RuntimeException failed(Throwable cause) {
    if (closed) {
      return new NoSuchElementException("DataLoader: this epoch was closed", cause);
    }
    close();
    return new BatchException(plan.epoch(), next, cause);
  }

  @Override
  public void close() {
    closed = true;
    prefetch.ifPresent(Prefetch::stop);
  }
}
