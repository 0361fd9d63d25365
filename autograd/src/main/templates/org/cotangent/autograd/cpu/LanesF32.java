package org.cotangent.autograd.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/// The widest vectors of this machine. Nothing else knows how many numbers one holds.
final class LanesF32 {
  private LanesF32() {}

  static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;

  /// Numbers in a vector.
  static final int L = S.length();

  /// Whether to multiply and add with one rounding. All machines with vectors of 256 bits or with
  /// ARM's instructions have it in hardware; elsewhere Java would compute it by big decimals.
  static final boolean FUSED =
      S.vectorBitSize() >= 256 || System.getProperty("os.arch", "").equals("aarch64");

  /// `a · b + c`, rounded as everywhere else on this machine.
  static float fma(float a, float b, float c) {
    return FUSED ? Math.fma(a, b, c) : a * b + c;
  }

  /// `a · b + c` in each lane, to the same bits.
  static FloatVector fma(FloatVector a, FloatVector b, FloatVector c) {
    return FUSED ? a.fma(b, c) : a.mul(b).add(c);
  }

  /// The same number in each lane.
  static FloatVector all(float x) {
    return FloatVector.broadcast(S, x);
  }
}
