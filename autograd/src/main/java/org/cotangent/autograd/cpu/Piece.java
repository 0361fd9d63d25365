package org.cotangent.autograd.cpu;

/// Work that was made ready once, to be done many times. After some runs it allocates nothing.
@FunctionalInterface
interface Piece {
  /// Does it, on the arrays that it was made for.
  void run();
}
