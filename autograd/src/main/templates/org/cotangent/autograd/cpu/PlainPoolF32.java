package org.cotangent.autograd.cpu;

/// What [PoolF32] leaves over, and all of it without the Vector API.
final class PlainPoolF32 {
  private PlainPoolF32() {}

  /// The same for windows `first` to `n - 1`.
  static void largest(
      int first, int n, int taps, float[] x, int from, int[] at, int step, float[] which) {
    for (int i = first; i < n; i++) {
      float most = x[from + at[i]];
      int tap = 0;
      for (int t = 1; t < taps; t++) {
        float v = x[from + at[t * step + i]];
        if (!(v <= most) && !Float.isNaN(most)) {
          most = v;
          tap = t;
        }
      }
      which[i] = tap;
    }
  }
}
