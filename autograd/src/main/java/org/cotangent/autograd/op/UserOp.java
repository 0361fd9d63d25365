package org.cotangent.autograd.op;

/// An operation that a user has registered. Its forward pass is itself made of engine operations,
/// so backends never see it; the walks over the graph do.
public non-sealed interface UserOp extends Recorded {
  /// The name in messages and printed graphs.
  String name();
}
