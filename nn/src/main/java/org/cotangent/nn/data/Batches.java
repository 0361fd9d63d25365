package org.cotangent.nn.data;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.cotangent.autograd.Rng;
import org.cotangent.autograd.Tensor;

/// The samples of a data set in batches; every iteration is one epoch, in which each sample comes
/// once.
///
/// Unshuffled, batches are views of the data: nothing is copied. Shuffled, each epoch draws a new
/// order from the generator, so equal seeds give equal orders epoch by epoch.
///
/// ```java
/// for (Batches.Batch b : Batches.of(x, y, 50).shuffled(Rng.of(1))) {
///   loss.of(net.forward(b.x()), b.y()).backward();
/// }
/// ```
public final class Batches implements Iterable<Batches.Batch> {
  /// Some samples and their targets, along the first axis.
  public record Batch(Tensor x, Tensor y) {
    /// The number of samples.
    public int size() {
      return x.dim(0);
    }
  }

  private final Tensor x;
  private final Tensor y;
  private final int size;
  private final Optional<Rng> rng;
  private final boolean dropLast;

  private Batches(Tensor x, Tensor y, int size, Optional<Rng> rng, boolean dropLast) {
    this.x = x;
    this.y = y;
    this.size = size;
    this.rng = rng;
    this.dropLast = dropLast;
  }

  /// Batches in the order of the data; the last one is smaller if the samples do not divide evenly.
  ///
  /// @param x samples along the first axis
  /// @param y as many targets along the first axis
  /// @param size the number of samples in a batch
  /// @throws IllegalArgumentException if the first axes differ or the size is below 1
  public static Batches of(Tensor x, Tensor y, int size) {
    if (x.rank() == 0 || y.rank() == 0 || x.dim(0) != y.dim(0)) {
      throw new IllegalArgumentException(
          "Batches: samples %s and targets %s must have first axes of one length"
              .formatted(x.shape(), y.shape()));
    }
    if (size < 1) {
      throw new IllegalArgumentException(
          "Batches: the batch size %d must be 1 or more".formatted(size));
    }
    return new Batches(x, y, size, Optional.empty(), false);
  }

  /// The same batches in a new random order each epoch, drawn from `rng`.
  public Batches shuffled(Rng rng) {
    return new Batches(x, y, size, Optional.of(rng), dropLast);
  }

  /// The same batches without a last one that is not full.
  public Batches dropLast() {
    return new Batches(x, y, size, rng, true);
  }

  /// The number of batches in an epoch.
  public int count() {
    int n = x.dim(0);
    return n / size + (dropLast || n % size == 0 ? 0 : 1);
  }

  /// One epoch. A shuffled order is drawn now.
  @Override
  public Iterator<Batch> iterator() {
    Optional<Tensor> order = rng.map(r -> r.permutation(x.dim(0)));
    return new Iterator<>() {
      private int next;

      @Override
      public boolean hasNext() {
        return next < count();
      }

      @Override
      public Batch next() {
        if (!hasNext()) {
          throw new NoSuchElementException(
              "Batches: the epoch is over after %d batches".formatted(count()));
        }
        int start = next++ * size;
        int stop = Math.min(start + size, x.dim(0));
        if (order.isEmpty()) {
          return new Batch(x.slice(0, start, stop), y.slice(0, start, stop));
        }
        Tensor chosen = order.get().slice(0, start, stop);
        return new Batch(x.indexSelect(0, chosen), y.indexSelect(0, chosen));
      }
    };
  }
}
