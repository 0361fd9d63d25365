/// Replays recorded operator samples of PyTorch.
@NullMarked
package org.cotangent.nn.opinfo;

import org.jspecify.annotations.NullMarked;
