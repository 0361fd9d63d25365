package org.cotangent.autograd.cpu;

/// The right operand of a product that lies in no array as it is: its strips are made when the
/// product needs them.
interface StripsF32 {
  /// Terms `p` to `p + kc - 1` of the `nr` columns from `j` on, [GemmF32#NR] apart; anything may
  /// stand in a strip beyond its columns and, up to [GemmPackF32#WASTE], behind its end.
  void fill(int j, int nr, int p, int kc, float[] strip, int to);
}
