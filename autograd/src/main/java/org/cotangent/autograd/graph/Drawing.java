package org.cotangent.autograd.graph;

import java.util.function.Supplier;
import org.cotangent.autograd.op.Value;

/// Numbers that Java code gives anew at the beginning of each run: a learning rate, random numbers.
///
/// @param numbers gives them, in the shape and dtype of the vertex
record Drawing(Vertex vertex, Supplier<Value> numbers) {}
