/// The compiled step, in processing order: [Trace] writes operations down as a [Graph], [Simplify]
/// makes it smaller, [Fuse] joins operations into kernels, [MemoryPlan] gives every value a place,
/// [Program] runs it.
@NullMarked
package org.cotangent.autograd.graph;

import org.jspecify.annotations.NullMarked;
