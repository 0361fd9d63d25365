package org.cotangent.autograd.cpu;

/// Reads results of an elementwise program while they are in the cache. For one thread at a time.
interface Taker {
  /// Nobody does.
  Taker NONE =
      new Taker() {
        @Override
        public int atOnce() {
          return Integer.MAX_VALUE;
        }

        @Override
        public int first() {
          return 0;
        }

        @Override
        public void reached(int end) {}
      };

  /// How many elements it takes at once at most.
  int atOnce();

  /// The element that stands at the beginning of what results without a place in memory are written
  /// to.
  int first();

  /// Elements before `end` are there.
  void reached(int end);
}
