package org.cotangent.autograd.cpu;

/// Small calls as code of their own, written at run time by [CallsWriter].
interface Written extends Piece {
  /// Says which arrays to work on from now on, in the order of [Arrays#all].
  void bind(Object[] arrays);
}
