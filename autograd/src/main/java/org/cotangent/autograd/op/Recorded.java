package org.cotangent.autograd.op;

/// What a graph remembers of how a tensor came to be: an operation of the engine, or a user's.
public sealed interface Recorded permits Op, UserOp {}
