package org.cotangent.autograd.backend;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.jspecify.annotations.Nullable;

/// Large arrays that are done with, for the next step to use: fresh memory must be zeroed and is in
/// no cache, which costs a training step up to a third of its time (measured).
///
/// What was given last is taken first. Bounded by a share of the heap; beyond it, arrays are left
/// to the garbage collector.
final class Spares {
  private static final int SHARE_OF_HEAP = 16;

  private record Kind(DType dtype, int length) {}

  private final Map<Kind, Deque<Object>> arrays = new HashMap<>();
  private final long most = Runtime.getRuntime().maxMemory() / SHARE_OF_HEAP;
  private final boolean poison;
  private long bytes;

  /// @param poison whether to overwrite what comes in, so that a test sees who still reads it
  Spares(boolean poison) {
    this.poison = poison;
  }

  /// A buffer in row-major order with arbitrary content, which comes back when it is donated and
  /// all loans have ended.
  Buffer take(DType dtype, Shape shape) {
    Object array = spare(dtype, shape.size());
    return new Buffer(
        array == null ? Buffer.allocate(dtype, shape).array() : array,
        dtype,
        Layout.of(shape),
        this);
  }

  private synchronized @Nullable Object spare(DType dtype, int length) {
    Deque<Object> fitting = arrays.get(new Kind(dtype, length));
    if (fitting == null || fitting.isEmpty()) {
      return null;
    }
    bytes -= (long) length * dtype.bytes();
    return fitting.removeLast();
  }

  /// Takes the array of a buffer that nobody will read or write any more.
  synchronized void give(Buffer b) {
    if (poison) {
      b.poison();
    }
    int n = b.shape().size();
    long size = (long) n * b.dtype().bytes();
    if (bytes + size <= most) {
      bytes += size;
      arrays.computeIfAbsent(new Kind(b.dtype(), n), _ -> new ArrayDeque<>()).addLast(b.array());
    }
  }
}
