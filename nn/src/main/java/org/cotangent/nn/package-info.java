/// Layers, losses and optimisers.
@NullMarked
package org.cotangent.nn;

import org.jspecify.annotations.NullMarked;
