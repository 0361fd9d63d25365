/// Files of named arrays, and writing that leaves no half-written file behind.
@NullMarked
package org.cotangent.nn.io;

import org.jspecify.annotations.NullMarked;
