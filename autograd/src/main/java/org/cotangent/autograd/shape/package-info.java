/// Shapes, element types and the rules of broadcasting.
@NullMarked
package org.cotangent.autograd.shape;

import org.jspecify.annotations.NullMarked;
