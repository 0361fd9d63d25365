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
  private final boolean[] keepsNothing; // of each

  /// Modules named `0`, `1` and so on.
  public Sequential(Module... layers) {
    this.layers = List.of(layers);
    for (int i = 0; i < layers.length; i++) {
      child(Integer.toString(i), layers[i]);
    }
    keepsNothing = keepNothing(this.layers);
  }

  /// Modules with names of their own, in the order of the map.
  ///
  /// @throws IllegalArgumentException if a name is empty or has a dot
  public Sequential(SequencedMap<String, ? extends Module> layers) {
    this.layers = List.copyOf(layers.values());
    layers.forEach(this::child);
    keepsNothing = keepNothing(this.layers);
  }

  /// The modules in order.
  public List<Module> layers() {
    return layers;
  }

  @Override
  public Tensor forward(Tensor x) {
    Tensor y = x;
    boolean isMine = false; // whether nobody outside has seen y
    for (int i = 0; i < keepsNothing.length; i++) {
      Tensor next = layers.get(i).forward(y);
      if (!isSame(next, y)) {
        if (isMine && keepsNothing[i]) {
          y.donate();
        }
        isMine = keepsNothing[i];
      }
      y = next;
    }
    return y;
  }

  private static boolean[] keepNothing(List<Module> layers) {
    boolean[] all = new boolean[layers.size()];
    for (int i = 0; i < all.length; i++) {
      all[i] = keepsNothing(layers.get(i));
    }
    return all;
  }

  /// Whether a module, and all in it, is one of this library, which keep neither operand nor
  /// result; what others do is not known.
  private static boolean keepsNothing(Module m) {
    return m.getClass().getPackage().equals(Sequential.class.getPackage())
        && !(m instanceof Activation)
        && m.children().values().stream().allMatch(Sequential::keepsNothing);
  }

  @SuppressWarnings("ReferenceEquality") // that tensor, not one with equal numbers
  private static boolean isSame(Tensor a, Tensor b) {
    return a == b;
  }
}
