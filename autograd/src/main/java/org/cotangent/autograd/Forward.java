package org.cotangent.autograd;

import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;

/// Forward accumulation over a recorded graph: from leaves to the result, shallowest node first.
final class Forward {
  private Forward() {}

  /// The tangent of `y`, given tangents of some of the nodes behind it; empty if none reaches it.
  static Optional<Tensor> tangent(Node y, IdentityHashMap<Node, Tensor> seeds) {
    IdentityHashMap<Node, Tensor> tangents = new IdentityHashMap<>(seeds);
    List<Node> order = Backward.consumersFirst(List.of(y));
    for (int k = order.size() - 1; k >= 0; k--) {
      if (order.get(k) instanceof Node.Step step && !tangents.containsKey(step)) {
        push(step, tangents);
      }
    }
    return Optional.ofNullable(tangents.get(y));
  }

  private static void push(Node.Step step, IdentityHashMap<Node, Tensor> tangents) {
    Tensor[] in = step.in();
    Tensor out = step.out();
    for (int i = 0; i < in.length; i++) {
      Node n = in[i].node();
      Tensor t = n == null ? null : tangents.get(n);
      if (t != null) {
        Tensor part = Derivatives.pushforward(step.op, i, in, out, t);
        tangents.merge(step, part.to(out.dtype()).expand(out.shape()), Tensor::add);
      }
    }
  }
}
