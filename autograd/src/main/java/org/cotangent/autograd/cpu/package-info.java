/// The backends that run on the CPU.
@NullMarked
package org.cotangent.autograd.cpu;

import org.jspecify.annotations.NullMarked;
