package org.cotangent.autograd;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.cotangent.autograd.backend.Eager;

/// A function that sees, and may replace, the gradient of a tensor on its way: see [Tensor#onGrad].
public final class GradHook {
  private final Node node;
  private final UnaryOperator<Tensor> action;

  GradHook(Node node, UnaryOperator<Tensor> action) {
    this.node = node;
    this.action = action;
    List<GradHook> hooks = new ArrayList<>(node.notes().hooks);
    hooks.add(this);
    node.notes().hooks = List.copyOf(hooks);
  }

  /// Ends it: later walks pass by. Doing it twice changes nothing.
  public void remove() {
    node.notes().hooks = node.notes().hooks.stream().filter(h -> h != this).toList();
  }

  /// What goes on instead of the gradient `g`.
  Tensor apply(Tensor g) {
    Eager.share(g.peek()); // the user may keep it
    Tensor instead = action.apply(g);
    if (!instead.shape().equals(g.shape()) || instead.dtype() != g.dtype()) {
      throw new IllegalStateException(
          "onGrad: the hook returned %s, %s for a gradient of %s, %s; return one like it"
              .formatted(instead.shape(), instead.dtype(), g.shape(), g.dtype()));
    }
    Eager.share(instead.peek());
    return instead;
  }
}
