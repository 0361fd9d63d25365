package org.cotangent.autograd.cpu;

import org.cotangent.autograd.backend.Expr;

/// A [Stretch] with room for what is passed to its loop.
final class StretchRun {
  private final Stretch of;
  private final Object[] arrays;
  private final int[] start;
  private final double[] numbers;

  StretchRun(Stretch of) {
    this.of = of;
    arrays = new Object[of.arrays().length];
    start = new int[arrays.length];
    numbers = new double[of.numbers().length];
  }

  /// The first step.
  int first() {
    return of.first();
  }

  /// The last step.
  int last() {
    return of.last();
  }

  /// Does the steps for `n` elements of the registers, which lie in `array` from `at` on.
  void run(int n, Expr program, Operand[] in, Object[] array, int[] at) {
    for (int k = 0; k < arrays.length; k++) {
      arrays[k] = array[of.arrays()[k]];
      start[k] = at[of.arrays()[k]];
    }
    for (int k = 0; k < numbers.length; k++) {
      int r = of.numbers()[k];
      numbers[k] = r < in.length ? in[r].number() : program.constants().get(r - in.length).value();
    }
    of.kernel().run(n, arrays, start, numbers);
  }
}
