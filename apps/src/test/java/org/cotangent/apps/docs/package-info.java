/// What the documentation shows is compiled and run.
@NullMarked
package org.cotangent.apps.docs;

import org.jspecify.annotations.NullMarked;
