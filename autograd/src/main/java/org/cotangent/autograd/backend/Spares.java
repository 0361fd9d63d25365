package org.cotangent.autograd.backend;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

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

  /// A buffer in row-major order with arbitrary content, if there is a spare one.
  synchronized Optional<Buffer> take(DType dtype, Shape shape) {
    Deque<Object> fitting = arrays.get(new Kind(dtype, shape.size()));
    if (fitting == null || fitting.isEmpty()) {
      return Optional.empty();
    }
    bytes -= (long) shape.size() * dtype.bytes();
    return Optional.of(new Buffer(fitting.removeLast(), dtype, Layout.of(shape)));
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
