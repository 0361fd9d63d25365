package org.cotangent.autograd;

import org.cotangent.autograd.backend.Eager;
import org.cotangent.autograd.op.Interpreter;

/// An interpreter around another that is told of every operation recorded while it is in force.
interface Witness extends Interpreter {
  /// The interpreter that does the work.
  Interpreter beneath();

  /// Called after an operation: `y` has a node of its own if it was recorded.
  void recorded(Tensor[] in, Tensor y);

  /// Whether operations are in the end computed, by one that says itself what it keeps.
  default boolean isEager() {
    return beneath() instanceof Eager || (beneath() instanceof Witness w && w.isEager());
  }

  /// Passes the news on to the next witness, if there is one.
  default void passOn(Tensor[] in, Tensor y) {
    if (beneath() instanceof Witness w) {
      w.recorded(in, y);
    }
  }
}
