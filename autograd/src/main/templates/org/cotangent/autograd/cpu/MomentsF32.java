package org.cotangent.autograd.cpu;

import static org.cotangent.autograd.cpu.LanesF32.L;
import static org.cotangent.autograd.cpu.LanesF32.S;

import jdk.incubator.vector.FloatVector;
import org.cotangent.autograd.backend.Buffer;

/// The mean and the mean squared deviation of groups of runs of neighbours: two passes over a group
/// while it is in the cache, added up as in [ReduceF32].
final class MomentsF32 {
  private final float[] x;
  private final float[] y;
  private final int[] begin; // of the runs, group by group
  private final int runs; // of each group
  private final int n; // numbers of each run
  private final int groups;
  private final int to;
  private final Parallel parallel;

  /// Runs must be reduced, of neighbours; `out` holds the means, then the deviations.
  MomentsF32(Buffer x, Buffer out, Nest nest, Parallel parallel) {
    this.x = x.f32(); // F32 only
    this.y = out.f32(); // F32 only
    // F64: this.x = x.f64();
    // F64: this.y = out.f64();
    this.parallel = parallel;
    groups = out.shape().size() / 2;
    runs = nest.runs() / groups;
    n = nest.inner();
    to = out.layout().offset();
    begin = new int[nest.runs()];
    int[] seen = new int[groups];
    nest.runs(
        0,
        begin.length,
        (xo, yo) -> {
          int group = yo - to;
          begin[group * runs + seen[group]++] = xo;
        });
  }

  Piece piece() {
    int each = (int) Math.max(1, MathSize.PIECE / Math.max(1, (long) runs * n));
    return parallel.ready(
        MathSize.pieces(groups, each),
        i -> {
          for (int g = i * each; g < Math.min(groups, (i + 1) * each); g++) {
            float mean = total(g, false, 0) / ((float) runs * n);
            y[to + g] = mean;
            y[to + groups + g] = total(g, true, mean) / ((float) runs * n);
          }
        });
  }

  /// The sum of a group or of its squared deviations, runs added by Kahan's rule.
  private float total(int group, boolean squares, float mean) {
    float sum = 0;
    float lost = 0;
    for (int r = group * runs; r < (group + 1) * runs; r++) {
      float s = squares ? squares(n, x, begin[r], mean) : ReduceF32.sum(n, x, begin[r]);
      float part = s - lost;
      float after = sum + part;
      float error = after - sum - part;
      lost = Float.isFinite(error) ? error : 0;
      sum = after;
    }
    return sum;
  }

  /// Σ (x - mean)² of `n` neighbours, by halves as [ReduceF32#sum].
  private static float squares(int n, float[] x, int xo, float mean) {
    if (n <= ReduceF32.BLOCK) {
      return squaresOfBlock(n, x, xo, mean);
    }
    int half = ReduceF32.half(n);
    return squares(half, x, xo, mean) + squares(n - half, x, xo + half, mean);
  }

  private static float squaresOfBlock(int n, float[] x, int xo, float mean) {
    int i = 0;
    float s = 0;
    if (n >= L) {
      FloatVector s0 = FloatVector.zero(S);
      FloatVector s1 = s0;
      FloatVector s2 = s0;
      FloatVector s3 = s0;
      for (; i <= n - 4 * L; i += 4 * L) {
        s0 = s0.add(square(x, xo + i, mean));
        s1 = s1.add(square(x, xo + i + L, mean));
        s2 = s2.add(square(x, xo + i + 2 * L, mean));
        s3 = s3.add(square(x, xo + i + 3 * L, mean));
      }
      for (; i <= n - L; i += L) {
        s0 = s0.add(square(x, xo + i, mean));
      }
      s = ReduceF32.across(s0.add(s1).add(s2.add(s3)));
    }
    float rest = 0;
    for (; i < n; i++) {
      float d = x[xo + i] - mean;
      rest += d * d;
    }
    return s + rest;
  }

  private static FloatVector square(float[] x, int at, float mean) {
    FloatVector d = FloatVector.fromArray(S, x, at).sub(mean);
    return d.mul(d);
  }
}
