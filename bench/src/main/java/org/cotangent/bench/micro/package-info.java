/// Single operations under JMH: to see what a change of a kernel did.
@NullMarked
package org.cotangent.bench.micro;

import org.jspecify.annotations.NullMarked;
