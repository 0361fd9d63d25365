package org.cotangent.autograd.cpu;

import java.util.function.Consumer;

/// Some loops to be written, and about how many steps they have.
record LoopBody(int steps, Consumer<LoopWriter> body) {}
