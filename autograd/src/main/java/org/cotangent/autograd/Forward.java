package org.cotangent.autograd;

import java.util.IdentityHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Forward accumulation over a recorded graph: from leaves to the result, shallowest node first.
final class Forward {
  private final IdentityHashMap<Node, Tensor> tangents;
  private final Replays replays = new Replays();
  private final @Nullable Anomaly anomaly = Anomaly.current();

  private Forward(IdentityHashMap<Node, Tensor> seeds) {
    tangents = new IdentityHashMap<>(seeds);
  }

  /// The tangents of all nodes behind the roots that the seeds reach, given those of the seeds.
  static IdentityHashMap<Node, Tensor> tangents(
      List<Node> roots, IdentityHashMap<Node, Tensor> seeds) {
    var walk = new Forward(seeds);
    if (walk.anomaly == null) {
      walk.run(roots);
    } else {
      walk.anomaly.quietly(() -> walk.run(roots));
    }
    return walk.tangents;
  }

  private void run(List<Node> roots) {
    List<Node> order = Backward.consumersFirst(roots);
    for (int k = order.size() - 1; k >= 0; k--) {
      if (order.get(k) instanceof Node.Step step && !tangents.containsKey(step)) {
        push(step);
      }
    }
  }

  private void push(Node.Step step) {
    boolean reached = false;
    for (Tensor x : step.in()) {
      Node n = x.node();
      reached |= n != null && tangents.containsKey(n);
    }
    if (!reached) {
      return;
    }
    Tensor[] in = replays.in(step);
    Tensor out = replays.out(step);
    for (int i = 0; i < in.length; i++) {
      Node n = in[i].node();
      Tensor t = n == null ? null : tangents.get(n);
      if (t != null) {
        Tensor part =
            Derivatives.pushforward(step.op, i, in, out, t).to(out.dtype()).expand(out.shape());
        if (anomaly != null) {
          anomaly.checkTangent(step, i, in, out, t, part);
        }
        tangents.merge(step, part, Tensor::add);
      }
    }
    replays.done(step);
  }
}
