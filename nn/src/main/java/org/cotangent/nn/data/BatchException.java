package org.cotangent.nn.data;

/// A batch that could not be made; the cause says why. Prefetched or not, it is thrown where the
/// batch is asked for.
public final class BatchException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  BatchException(long epoch, int batch, Throwable cause) {
    super("DataLoader: epoch %d, batch %d: %s".formatted(epoch, batch, cause), cause);
  }
}
