package org.cotangent.autograd.cpu;

import static org.cotangent.autograd.cpu.LanesF32.L;
import static org.cotangent.autograd.cpu.LanesF32.S;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/// The largest of what the taps of windows meet, a vector of windows at a time.
final class PoolF32 {
  private PoolF32() {}

  /// The tap of the first largest element, or of the first NaN, of windows 0, 1, .. into `which`.
  /// Tap `t` of window `i` meets `x[from + at[t step + i]]`. Returns for how many of the `n`
  /// windows: whole vectors, none where gathering is not of the processor.
  static int largest(int n, int taps, float[] x, int from, int[] at, int step, float[] which) {
    int whole = LanesF32.FUSED ? n / L * L : 0;
    for (int i = 0; i < whole; i += L) {
      FloatVector most = FloatVector.fromArray(S, x, from, at, i);
      FloatVector tap = FloatVector.zero(S);
      for (int t = 1; t < taps; t++) {
        FloatVector v = FloatVector.fromArray(S, x, from, at, t * step + i);
        VectorMask<Float> stays = v.compare(VectorOperators.LE, most);
        VectorMask<Float> isNaN = most.compare(VectorOperators.NE, most);
        VectorMask<Float> larger = stays.or(isNaN).not(); // so is a first NaN
        most = most.blend(v, larger);
        tap = tap.blend(t, larger);
      }
      tap.intoArray(which, i);
    }
    return whole;
  }
}
