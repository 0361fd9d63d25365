package org.cotangent.nn;

import java.util.List;
import java.util.SequencedMap;
import org.cotangent.autograd.Tensor;

/// Modules one after another: each takes the result of the one before.
///
/// ```java
/// Rng rng = Rng.of(1);
/// Module net = new Sequential(new Linear(2, 10, rng), new ReLU(), new Linear(10, 3, rng));
/// net.parameters().keySet();   // [0.weight, 0.bias, 2.weight, 2.bias]
/// ```
public final class Sequential extends Module {
  private final List<Module> layers;

  /// Modules named `0`, `1` and so on.
  public Sequential(Module... layers) {
    this.layers = List.of(layers);
    for (int i = 0; i < layers.length; i++) {
      child(Integer.toString(i), layers[i]);
    }
  }

  /// Modules with names of their own, in the order of the map.
  ///
  /// @throws IllegalArgumentException if a name is empty or has a dot
  public Sequential(SequencedMap<String, ? extends Module> layers) {
    this.layers = List.copyOf(layers.values());
    layers.forEach(this::child);
  }

  /// The modules in order.
  public List<Module> layers() {
    return layers;
  }

  @Override
  public Tensor forward(Tensor x) {
    Tensor y = x;
    for (Module m : layers) {
      y = m.forward(y);
    }
    return y;
  }
}
