/// Training runs: what drives them, and files from which they go on to the bit.
@NullMarked
package org.cotangent.nn.train;

import org.jspecify.annotations.NullMarked;
