package org.cotangent.autograd.cpu;

/// A loop over whole vectors that computes a program's results, written at run time by
/// [KernelWriter].
interface Kernel {
  /// Computes `n` elements, a multiple of the lanes.
  ///
  /// @param arrays of the flat operands in order, then of the results
  /// @param at where to begin in each
  /// @param numbers the operands that are one number everywhere, then the constants
  void run(int n, Object[] arrays, int[] at, double[] numbers);
}
