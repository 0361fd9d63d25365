package org.cotangent.autograd.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector; // F32 only
// F64: import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorSpecies;

/// The widest vectors of this machine. Nothing else knows how many numbers one holds.
final class LanesF32 {
  private LanesF32() {}

  static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;

  /// As many integers of the same size.
  static final VectorSpecies<Integer> WHOLE = IntVector.SPECIES_PREFERRED; // F32 only

  // F64: static final VectorSpecies<Long> WHOLE = LongVector.SPECIES_PREFERRED;

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

  /// Runs shorter than this are computed number by number; all are where [#FUSED] is not.
  static final int MATH_FROM = FUSED ? MathSize.VECTORS : Integer.MAX_VALUE;
}
