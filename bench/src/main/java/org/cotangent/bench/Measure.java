package org.cotangent.bench;

import java.util.Arrays;

/// The protocol of timing, the same as the peers': warm up for some seconds, then repeat about as
/// many steps as fit into a repeat's time, and report the median, best and worst rate.
///
/// @param warmSeconds how long to warm up; three steps at least
/// @param repeats how many rates to take
/// @param repeatSeconds about how long each repeat takes; one step at least
record Measure(double warmSeconds, int repeats, double repeatSeconds) {
  private static final double ESTIMATE_SECONDS = 0.3;

  /// Rates in steps a second.
  ///
  /// @param steps how many steps were done in all, warm-up included
  record Rates(double median, double best, double worst, int steps) {
    @Override
    public String toString() {
      return "steps_per_s=%.2f best=%.2f worst=%.2f step_us=%.1f steps=%d"
          .formatted(median, best, worst, 1e6 / median, steps);
    }
  }

  Measure {
    if (repeats < 1) {
      throw new IllegalArgumentException("REPS is %d, but must be 1 or more".formatted(repeats));
    }
  }

  /// The protocol with the environment's `WARM_S`, `REPS` and `REP_S`, or 5, 7 and 1.5.
  static Measure fromEnvironment() {
    return new Measure(number("WARM_S", 5), (int) number("REPS", 7), number("REP_S", 1.5));
  }

  private static double number(String name, double otherwise) {
    String s = System.getenv(name);
    return s == null ? otherwise : Double.parseDouble(s);
  }

  /// Times a work.
  Rates of(Work work) {
    int n = 0;
    long start = System.nanoTime();
    while (seconds(start) < warmSeconds || n < 3) {
      work.step(n++);
    }
    // The warm-up's average holds slow first steps, so a second estimate, warm.
    int trial = Math.max(1, (int) (ESTIMATE_SECONDS * n / seconds(start)));
    double stepSeconds = run(work, n, trial) / trial;
    n += trial;
    int steps = Math.max(1, (int) (repeatSeconds / stepSeconds));
    double[] rates = new double[repeats];
    for (int i = 0; i < repeats; i++) {
      rates[i] = steps / run(work, n, steps);
      n += steps;
    }
    Arrays.sort(rates);
    double median = (rates[repeats / 2] + rates[(repeats - 1) / 2]) / 2;
    return new Rates(median, rates[repeats - 1], rates[0], n);
  }

  /// The seconds that `steps` steps from the n-th on take.
  private static double run(Work work, int n, int steps) {
    long start = System.nanoTime();
    for (int i = 0; i < steps; i++) {
      work.step(n + i);
    }
    return seconds(start);
  }

  private static double seconds(long since) {
    return (System.nanoTime() - since) / 1e9;
  }
}
