/// What a backend must do, and the buffers it works on.
@NullMarked
package org.cotangent.autograd.backend;

import org.jspecify.annotations.NullMarked;
