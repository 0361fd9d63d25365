/// What the programs share: data files, pictures, metrics, progress, output folders, failures.
@NullMarked
package org.cotangent.apps.support;

import org.jspecify.annotations.NullMarked;
