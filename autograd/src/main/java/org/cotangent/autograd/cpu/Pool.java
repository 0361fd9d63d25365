package org.cotangent.autograd.cpu;

import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Supplier;

/// A few reusable objects for any number of threads.
///
/// Each is used by one thread at a time: taking one empties its place. When all places are empty a
/// new one is made, and when all are full one given back is dropped, so memory stays bounded.
final class Pool<T> {
  private static final int PLACES = 16;

  private final AtomicReferenceArray<T> places = new AtomicReferenceArray<>(PLACES);
  private final Supplier<T> maker;

  Pool(Supplier<T> maker) {
    this.maker = maker;
  }

  T take() {
    for (int i = 0; i < PLACES; i++) {
      if (places.getPlain(i) != null) {
        T t = places.getAndSet(i, null);
        if (t != null) {
          return t;
        }
      }
    }
    return maker.get();
  }

  void give(T t) {
    for (int i = 0; i < PLACES; i++) {
      if (places.getPlain(i) == null && places.compareAndSet(i, null, t)) {
        return;
      }
    }
  }
}
