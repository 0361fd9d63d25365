package org.cotangent.apps.labs;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Supplier;
import org.cotangent.autograd.Rng;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.cotangent.nn.Init;
import org.cotangent.nn.Linear;
import org.cotangent.nn.Module;
import org.cotangent.nn.Sequential;

/// The multilayer perceptrons of the labs: linear layers `layer1`, `layer2`, ... with an activation
/// between them, none after the last.
public final class Mlp {
  private Mlp() {}

  /// A network that starts from the given weights: `layer1.weight`, `layer1.bias` and so on.
  public static Sequential of(Map<String, Tensor> start, Supplier<Module> activation) {
    int depth = start.size() / 2;
    SequencedMap<String, Module> layers = new LinkedHashMap<>();
    for (int i = 1; i <= depth; i++) {
      layers.put("layer" + i, new Linear(named(start, i, "weight"), named(start, i, "bias")));
      if (i < depth) {
        layers.put("activation" + i, activation.get());
      }
    }
    return new Sequential(layers);
  }

  private static Tensor named(Map<String, Tensor> start, int layer, String what) {
    Tensor t = start.get("layer%d.%s".formatted(layer, what));
    if (t == null) {
      throw new IllegalArgumentException("no weights for layer%d.%s".formatted(layer, what));
    }
    return t;
  }

  /// The labs' initialisation: He's for the weights, 1 for the biases.
  ///
  /// @param sizes the width of the input, of each hidden layer and of the output
  public static Map<String, Tensor> draw(Rng rng, DType dtype, int... sizes) {
    return draw(rng, dtype, Init.heNormal(), Init.ones(), sizes);
  }

  /// First weights by the given initialisers.
  public static Map<String, Tensor> draw(
      Rng rng, DType dtype, Init weight, Init bias, int... sizes) {
    Map<String, Tensor> start = new LinkedHashMap<>();
    for (int i = 1; i < sizes.length; i++) {
      start.put("layer" + i + ".weight", weight.make(Shape.of(sizes[i - 1], sizes[i]), dtype, rng));
      start.put("layer" + i + ".bias", bias.make(Shape.of(sizes[i]), dtype, rng));
    }
    return start;
  }

  /// The entries `init.layer1.weight` and so on of a lab's file.
  static Map<String, Tensor> startOf(Map<String, Tensor> lab, int depth) {
    Map<String, Tensor> start = new LinkedHashMap<>();
    for (int i = 1; i <= depth; i++) {
      for (String what : new String[] {"weight", "bias"}) {
        String name = "layer%d.%s".formatted(i, what);
        Tensor t = lab.get("init." + name);
        if (t == null) {
          throw new IllegalStateException("the lab's file lacks init." + name);
        }
        start.put(name, t);
      }
    }
    return start;
  }
}
