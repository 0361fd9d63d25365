/// The programs that a person runs.
@NullMarked
package org.cotangent.apps;

import org.jspecify.annotations.NullMarked;
