package org.cotangent.nn.train;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.cotangent.autograd.Tensor;

/// One of the things that a run consists of, by name: what it holds, and how to go on from that.
///
/// @param load checks what it is given before it changes anything
record Part(
    String name,
    Supplier<? extends Map<String, Tensor>> state,
    Consumer<Map<String, Tensor>> load) {
  /// What all parts hold, each name after that of its part and a dot.
  static SequencedMap<String, Tensor> stateOf(List<Part> parts) {
    SequencedMap<String, Tensor> all = new LinkedHashMap<>();
    for (Part p : parts) {
      p.state.get().forEach((name, t) -> all.put(p.name + "." + name, t));
    }
    return all;
  }

  /// Lets all parts go on from what [#stateOf] gave.
  ///
  /// @throws IllegalArgumentException if it does not fit; nothing has changed then
  static void load(List<Part> parts, Map<String, Tensor> state) {
    for (String name : state.keySet()) {
      if (parts.stream().noneMatch(p -> name.startsWith(p.name + "."))) {
        throw new IllegalArgumentException(
            "'%s' belongs to nothing here; there are %s"
                .formatted(name, parts.stream().map(Part::name).toList()));
      }
    }
    SequencedMap<String, Tensor> before = stateOf(parts);
    try {
      parts.forEach(p -> p.loadOwn(state));
    } catch (RuntimeException e) {
      parts.forEach(p -> p.loadOwn(before));
      throw e;
    }
  }

  private void loadOwn(Map<String, Tensor> all) {
    SequencedMap<String, Tensor> own = of(all, name);
    try {
      load.accept(own);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(name + ": " + e.getMessage(), e);
    }
  }

  /// What `all` holds of a part, without its name.
  static SequencedMap<String, Tensor> of(Map<String, Tensor> all, String part) {
    String prefix = part + ".";
    SequencedMap<String, Tensor> own = new LinkedHashMap<>();
    all.forEach((name, t) -> {
      if (name.startsWith(prefix)) {
        own.put(name.substring(prefix.length()), t);
      }
    });
    return own;
  }
}
