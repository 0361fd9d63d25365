/// Networks as text, and trained ones in files: what programs that do not know the network in
/// advance need.
@NullMarked
package org.cotangent.nn.model;

import org.jspecify.annotations.NullMarked;
