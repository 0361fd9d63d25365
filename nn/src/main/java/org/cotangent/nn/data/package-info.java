/// Data sets: the files they come in, and the way from samples to batches.
@NullMarked
package org.cotangent.nn.data;

import org.jspecify.annotations.NullMarked;
