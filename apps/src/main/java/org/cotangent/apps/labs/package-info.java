/// The experiments of the lab reports: their data, networks and training loops.
@NullMarked
package org.cotangent.apps.labs;

import org.jspecify.annotations.NullMarked;
