package org.cotangent.nn.opinfo;

import java.util.List;
import org.cotangent.autograd.Tensor;

/// How an operator of PyTorch is said with ours: its results, in PyTorch's order, for its
/// arguments.
interface Replay {
  List<Tensor> apply(Args a);

  /// A replay with one result.
  static Replay one(java.util.function.Function<Args, Tensor> f) {
    return a -> List.of(f.apply(a));
  }
}
