/// Data sets: the files they come in and how they are read.
@NullMarked
package org.cotangent.nn.data;

import org.jspecify.annotations.NullMarked;
