package org.cotangent.bench;

/// Something to be done again and again, written as a user would write it.
interface Work {
  /// Does it for the n-th time; what it works on may depend on `n`.
  void step(int n);

  /// How many operations a step is made of, where a step is a chain of small ones.
  default int operations() {
    return 1;
  }

  /// What else to say about it after the measurement, each as ` key=value`.
  ///
  /// @param stepsPerSecond the median rate
  default String facts(double stepsPerSecond) {
    return "";
  }
}
