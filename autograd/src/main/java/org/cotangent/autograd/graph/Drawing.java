package org.cotangent.autograd.graph;

import java.util.function.Consumer;
import org.cotangent.autograd.backend.Buffer;

/// Numbers that Java code gives anew at the beginning of each run: a learning rate, random numbers.
///
/// @param fill writes them into memory of the shape and dtype of the vertex
record Drawing(Vertex vertex, Consumer<Buffer> fill) {}
