package org.cotangent.autograd.cpu;

import org.cotangent.autograd.backend.Backend;

/// The vectors with which these tests run: the build runs them with several kinds.
final class Width {
  private Width() {}

  private static final boolean VECTORS =
      ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();

  /// How many floats a vector of the Vector API holds; 1 without it.
  static final int LANES = VECTORS ? LanesF32.L : 1;

  /// Loops change their ways at its multiples. Without the Vector API the compiler chooses, 16
  /// floats at most.
  static final int EDGE = VECTORS ? LANES : 16;

  /// How many random cases to draw: a quarter where the build repeats a test for other vectors.
  static int cases(int all) {
    return Integer.getInteger("cotangent.test.lanes") == null ? all : all / 4;
  }

  /// What users get by default.
  static Backend backend() {
    return new CpuBackends().create();
  }
}
