/// The works that Cotangent is measured on beside other engines, and the protocol of measuring.
@NullMarked
package org.cotangent.bench;

import org.jspecify.annotations.NullMarked;
