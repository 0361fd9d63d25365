/// The vocabulary: every operation, and the shape of its result.
@NullMarked
package org.cotangent.autograd.op;

import org.jspecify.annotations.NullMarked;
