package org.cotangent.autograd.graph;

import org.cotangent.autograd.op.Value;

/// Something outside that a traced function reads and may assign: a parameter, or what an optimiser
/// remembers.
public interface State {
  /// The numbers it holds now.
  Value get();

  /// Gives it numbers that nobody else can see.
  void set(Value numbers);
}
