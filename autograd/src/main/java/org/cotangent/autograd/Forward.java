package org.cotangent.autograd;

import java.util.IdentityHashMap;
import java.util.List;

/// Forward accumulation over a recorded graph: from leaves to the result, shallowest node first.
final class Forward {
  private Forward() {}

  /// The tangents of all nodes behind the roots that the seeds reach, given those of the seeds.
  static IdentityHashMap<Node, Tensor> tangents(
      List<Node> roots, IdentityHashMap<Node, Tensor> seeds) {
    IdentityHashMap<Node, Tensor> tangents = new IdentityHashMap<>(seeds);
    List<Node> order = Backward.consumersFirst(roots);
    for (int k = order.size() - 1; k >= 0; k--) {
      if (order.get(k) instanceof Node.Step step && !tangents.containsKey(step)) {
        push(step, tangents);
      }
    }
    return tangents;
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
