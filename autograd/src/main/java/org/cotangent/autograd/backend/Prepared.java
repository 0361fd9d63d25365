package org.cotangent.autograd.backend;

/// Calls made ready to be run many times, in order, on the arrays that their buffers had.
///
/// Not for two threads at once.
public interface Prepared {
  /// Does all calls. After some runs that warm it up, it should allocate nothing: see
  /// [#mayAllocate].
  void run();

  /// From now on, whatever was to be read from or written to the array of `old` is in the array of
  /// `now`, which has the same dtype and length. Dear: not for every run.
  void rebind(Buffer old, Buffer now);

  /// Whether a run may need memory even after many before it.
  default boolean mayAllocate() {
    return true;
  }
}
