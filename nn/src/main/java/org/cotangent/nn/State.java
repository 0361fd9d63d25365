package org.cotangent.nn;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.cotangent.autograd.Tensor;

/// Named tensors that are saved and loaded.
final class State {
  private State() {}

  /// Gives every target the numbers of the tensor of its name.
  ///
  /// @throws IllegalArgumentException if a name is missing or unexpected, or a shape or dtype
  ///   differs; the message lists every such fault, and nothing has changed
  static void load(String what, Map<String, Tensor> targets, Map<String, Tensor> state) {
    requireFits(what, targets, state);
    targets.forEach((name, p) -> p.assign(state.getOrDefault(name, p)));
  }

  /// The checks of [#load].
  static void requireFits(String what, Map<String, Tensor> targets, Map<String, Tensor> state) {
    List<String> faults = new ArrayList<>();
    named(faults, "missing", targets.keySet(), state.keySet());
    named(faults, "unexpected", state.keySet(), targets.keySet());
    targets.forEach((name, p) -> {
      Tensor t = state.getOrDefault(name, p);
      if (!t.shape().equals(p.shape())) {
        faults.add("'%s' has shape %s, but here it is %s".formatted(name, t.shape(), p.shape()));
      } else if (t.dtype() != p.dtype()) {
        faults.add(
            "'%s' is %s, but here it is %s; convert with to(%s)"
                .formatted(name, t.dtype(), p.dtype(), p.dtype()));
      }
    });
    if (!faults.isEmpty()) {
      throw new IllegalArgumentException(what + ": " + String.join("; ", faults));
    }
  }

  /// A tensor of a state that is known to be there.
  static Tensor get(Map<String, Tensor> state, String name) {
    Tensor t = state.get(name);
    if (t == null) {
      throw new IllegalArgumentException("load: no '%s' in %s".formatted(name, state.keySet()));
    }
    return t;
  }

  private static void named(
      List<String> faults, String what, Collection<String> names, Set<String> others) {
    List<String> alone = names.stream().filter(n -> !others.contains(n)).toList();
    if (!alone.isEmpty()) {
      faults.add(what + " " + alone);
    }
  }
}
