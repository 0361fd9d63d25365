/// Training runs: what is asked for, how it goes, and the folder that it leaves.
@NullMarked
package org.cotangent.apps.runs;

import org.jspecify.annotations.NullMarked;
