package org.cotangent.nn.train;

/// How far a run has come.
///
/// @param step how many steps it has made in all
/// @param epoch the epoch in which it makes the next one, counted from 0
/// @param batch the batch of that epoch with which it does, counted from 0
public record Progress(long step, long epoch, int batch) {
  /// Where every run begins.
  public static final Progress START = new Progress(0, 0, 0);

  /// After one more step, in epochs of so many batches.
  Progress next(int count) {
    return batch + 1 < count
        ? new Progress(step + 1, epoch, batch + 1)
        : new Progress(step + 1, epoch + 1, 0);
  }

  @Override
  public String toString() {
    return "step %d (epoch %d, batch %d)".formatted(step, epoch, batch);
  }
}
