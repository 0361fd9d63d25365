package org.cotangent.bench;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.cotangent.autograd.shape.DType;

/// What one core can do at most: fused multiplications and additions that touch no memory.
final class Peak {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int CHAINS = 12; // more than latency times units of any processor we know
  private static final int STEPS = 100_000;
  private static final int TRIALS = 60;

  private Peak() {}

  /// Billions of operations a second in the best trial, a fused one counting as two.
  static double gflops(DType dtype) {
    double best = 0;
    float sum = 0;
    for (int i = 0; i < TRIALS; i++) {
      long start = System.nanoTime();
      sum += chains(STEPS);
      double flops = 2.0 * CHAINS * STEPS * S.length();
      best = Math.max(best, flops / (System.nanoTime() - start));
    }
    if (Float.isNaN(sum)) {
      throw new AssertionError("the sums, which are printed nowhere, have to be used");
    }
    return dtype == DType.F64 ? best / 2 : best; // half as many numbers in a vector
  }

  private static float chains(int steps) {
    FloatVector x = FloatVector.broadcast(S, 0.999f);
    FloatVector a = FloatVector.zero(S);
    FloatVector b = a;
    FloatVector c = a;
    FloatVector d = a;
    FloatVector e = a;
    FloatVector f = a;
    FloatVector g = a;
    FloatVector h = a;
    FloatVector i = a;
    FloatVector j = a;
    FloatVector k = a;
    FloatVector l = a;
    for (int n = 0; n < steps; n++) {
      a = a.fma(x, x);
      b = b.fma(x, x);
      c = c.fma(x, x);
      d = d.fma(x, x);
      e = e.fma(x, x);
      f = f.fma(x, x);
      g = g.fma(x, x);
      h = h.fma(x, x);
      i = i.fma(x, x);
      j = j.fma(x, x);
      k = k.fma(x, x);
      l = l.fma(x, x);
    }
    FloatVector left = a.add(b).add(c).add(d).add(e).add(f);
    FloatVector right = g.add(h).add(i).add(j).add(k).add(l);
    return left.add(right).reduceLanes(VectorOperators.ADD);
  }
}
