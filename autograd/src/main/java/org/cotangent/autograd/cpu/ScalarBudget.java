package org.cotangent.autograd.cpu;

/// Which products are computed number by number. The bits do not depend on it, the time does.
///
/// Until the vector kernels are compiled, which takes about a second in all, they are a hundred
/// times slower than scalar loops, and afterwards ten times faster. A program that multiplies small
/// matrices is better off with scalar loops if it is short, and with vectors if it is long; which
/// one it is shows only in the end. So small products are scalar until they have cost about as much
/// as the compiler would: whatever the length, no program then takes much more than twice its best.
final class ScalarBudget {
  private ScalarBudget() {}

  /// Products of so few terms are sooner done than vectors are set up.
  static final int TINY = 1024;

  /// Products of more terms are never scalar: a single one takes a tenth of a millisecond.
  static final int LARGE = 1 << 17;

  /// Terms that small products may take before they go to the vector kernels: some 0.3 seconds. Not
  /// counted exactly where threads meet.
  private static long left = 1_500_000_000L;

  static boolean covers(long terms) {
    if (terms > LARGE || left <= 0) {
      return terms <= TINY;
    }
    left -= terms;
    return true;
  }

  /// The budget that remains; for tests, which need both ways.
  static long left() {
    return left;
  }

  static void left(long terms) {
    left = terms;
  }
}
