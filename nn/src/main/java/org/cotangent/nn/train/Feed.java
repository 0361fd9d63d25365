package org.cotangent.nn.train;

import java.util.Iterator;
import org.cotangent.nn.data.Batch;

/// Where a [Trainer] gets its batches.
///
/// What it gives is a function of the epoch and the number of the batch alone. Then a run that goes
/// on from a checkpoint, in the middle of an epoch too, sees what it would have seen.
public interface Feed {
  /// The number of batches in an epoch, 1 or more.
  int count();

  /// The batches of an epoch, from one of them on.
  ///
  /// @param epoch counted from 0
  /// @param firstBatch counted from 0
  Epoch epoch(long epoch, int firstBatch);

  /// What is left of an epoch.
  interface Epoch extends Iterator<Batch>, AutoCloseable {
    @Override
    default void close() {}
  }
}
