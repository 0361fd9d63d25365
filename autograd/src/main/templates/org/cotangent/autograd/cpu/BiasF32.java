package org.cotangent.autograd.cpu;

import static org.cotangent.autograd.cpu.LanesF32.L;
import static org.cotangent.autograd.cpu.LanesF32.S;

import jdk.incubator.vector.FloatVector;

/// A bias added to rows of a matrix in place, and nothing below a least number: that is ReLU if it
/// is 0, and no change if it is -∞.
final class BiasF32 {
  private BiasF32() {}

  /// `n` numbers in each of `m` rows, which are `step` apart.
  static void rows(
      int m, int n, float[] x, int xo, int step, float[] bias, int biasAt, float least) {
    int whole = n / L * L;
    for (int j = 0; j < whole; j += L) {
      columns(m, x, xo + j, step, FloatVector.fromArray(S, bias, biasAt + j), least);
    }
    plain(m, n - whole, x, xo + whole, step, bias, biasAt + whole, least);
  }

  private static void columns(int m, float[] x, int xo, int step, FloatVector plus, float least) {
    FloatVector floor = FloatVector.broadcast(S, least);
    for (int i = 0; i < m; i++) {
      int at = xo + i * step;
      FloatVector.fromArray(S, x, at).add(plus).max(floor).intoArray(x, at);
    }
  }

  /// The same number by number.
  static void plain(
      int m, int n, float[] x, int xo, int step, float[] bias, int biasAt, float least) {
    for (int j = 0; j < n; j++) {
      float plus = bias[biasAt + j];
      for (int i = 0; i < m; i++) {
        int at = xo + j + i * step;
        x[at] = Math.max(x[at] + plus, least);
      }
    }
  }
}
