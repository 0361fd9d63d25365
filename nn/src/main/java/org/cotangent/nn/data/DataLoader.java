package org.cotangent.nn.data;

import java.util.Objects;
import java.util.Optional;
import java.util.function.LongFunction;
import java.util.stream.IntStream;
import org.cotangent.autograd.Rng;

/// A data set in batches, epoch by epoch; in each epoch every sample comes once.
///
/// What an epoch yields is a function of the seed, the epoch's number and the batch's number alone:
/// there is no state to save, a run that goes on at epoch 3, batch 17 sees what it would have seen,
/// and neither prefetching nor the number of threads changes a bit. Random choices of transforms
/// depend on a sample's place in the epoch, not on the size of its batch. Immutable.
///
/// ```java
/// DataLoader loader =
///     DataLoader.of(cifar.train(), 32)
///         .shuffled(1)
///         .transform(Transform.randomCrop(4).then(Transform.randomHorizontalFlip()))
///         .prefetch(2);
/// for (Batch b : loader.batches(epoch)) {
///   step.apply(b.x(), b.y());
/// }
/// ```
public final class DataLoader {
  private final Dataset dataset;
  private final int batchSize;
  private final Options options;

  private record Options(
      Optional<LongFunction<int[]>> order,
      long seed,
      Transform transform,
      int prefetch,
      boolean dropLast) {}

  private DataLoader(Dataset dataset, int batchSize, Options options) {
    this.dataset = dataset;
    this.batchSize = batchSize;
    this.options = options;
  }

  /// Batches in the order of the data; the last one is smaller if the samples do not divide evenly.
  ///
  /// @throws IllegalArgumentException if the size is below 1
  public static DataLoader of(Dataset dataset, int batchSize) {
    if (batchSize < 1) {
      throw new IllegalArgumentException(
          "DataLoader: the batch size %d must be 1 or more".formatted(batchSize));
    }
    return new DataLoader(
        dataset, batchSize, new Options(Optional.empty(), 0, (b, _) -> b, 0, false));
  }

  /// The same in a new random order each epoch. Transforms draw from this seed too.
  public DataLoader shuffled(long seed) {
    int n = dataset.size();
    return seeded(seed).ordered(epoch -> Rng.of(seed).child(epoch).permutation(n).toIntArray());
  }

  /// The same, but what transforms draw comes from another seed than 0.
  public DataLoader seeded(long seed) {
    return with(
        new Options(options.order, seed, options.transform, options.prefetch, options.dropLast));
  }

  /// The same in an order of your own, which is asked for once when an epoch begins, by the thread
  /// that begins it: as many numbers of samples as the data set has samples, such as a random
  /// choice in which rare classes come more often. Only if it is a function of the epoch's number
  /// are epochs too.
  public DataLoader ordered(LongFunction<int[]> order) {
    return with(
        new Options(
            Optional.of(order),
            options.seed,
            options.transform,
            options.prefetch,
            options.dropLast));
  }

  /// The same with each batch transformed, after what it is transformed by already.
  public DataLoader transform(Transform transform) {
    return with(
        new Options(
            options.order,
            options.seed,
            options.transform.then(transform),
            options.prefetch,
            options.dropLast));
  }

  /// The same with up to `n` batches made ahead by a thread in the background; 0 for none.
  ///
  /// @throws IllegalArgumentException if the number is negative
  public DataLoader prefetch(int n) {
    if (n < 0) {
      throw new IllegalArgumentException(
          "DataLoader: %d batches to prefetch; expected 0 or more".formatted(n));
    }
    return with(new Options(options.order, options.seed, options.transform, n, options.dropLast));
  }

  /// The same without a last batch that is not full.
  public DataLoader dropLast() {
    return with(
        new Options(options.order, options.seed, options.transform, options.prefetch, true));
  }

  private DataLoader with(Options changed) {
    return new DataLoader(dataset, batchSize, changed);
  }

  /// The samples.
  public Dataset dataset() {
    return dataset;
  }

  /// The number of samples in a batch, but for a last one that is not full.
  public int batchSize() {
    return batchSize;
  }

  /// The number of batches in an epoch.
  public int count() {
    int n = dataset.size();
    return n / batchSize + (options.dropLast || n % batchSize == 0 ? 0 : 1);
  }

  /// One epoch from its first batch on.
  ///
  /// @throws IllegalArgumentException if the epoch is negative
  public BatchIterator epoch(long epoch) {
    return epoch(epoch, 0);
  }

  /// One epoch, but for the batches before `firstBatch`.
  ///
  /// @param firstBatch from 0 to [#count]
  /// @throws IllegalArgumentException if the epoch is negative or has no such batch
  public BatchIterator epoch(long epoch, int firstBatch) {
    if (epoch < 0 || firstBatch < 0 || firstBatch > count()) {
      throw new IllegalArgumentException(
          "DataLoader: no batch %d in epoch %d: epochs count from 0, batches from 0 to %d"
              .formatted(firstBatch, epoch, count()));
    }
    EpochPlan plan =
        new EpochPlan(
            dataset,
            order(epoch),
            batchSize,
            count(),
            epoch,
            Rng.of(options.seed).child(epoch),
            options.transform);
    return new BatchIterator(plan, firstBatch, options.prefetch);
  }

  /// One epoch for a `for` loop. If the loop is left early, a thread that prefetches ends with the
  /// next garbage collections; [#epoch] can be closed at once.
  public Iterable<Batch> batches(long epoch) {
    return () -> epoch(epoch);
  }

  private int[] order(long epoch) {
    int n = dataset.size();
    if (options.order.isEmpty()) {
      return IntStream.range(0, n).toArray();
    }
    int[] order = options.order.get().apply(epoch).clone();
    if (order.length != n) {
      throw new IllegalArgumentException(
          "DataLoader: the order of epoch %d has %d numbers; the data set has %d samples"
              .formatted(epoch, order.length, n));
    }
    for (int i : order) {
      Objects.checkIndex(i, n);
    }
    return order;
  }
}
