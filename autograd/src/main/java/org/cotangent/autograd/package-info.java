/// The face of the engine: tensors and their gradients.
@NullMarked
package org.cotangent.autograd;

import org.jspecify.annotations.NullMarked;
