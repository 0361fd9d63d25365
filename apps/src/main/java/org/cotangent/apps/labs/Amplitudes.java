package org.cotangent.apps.labs;

import java.util.ArrayList;
import java.util.List;
import org.cotangent.autograd.Grad;
import org.cotangent.autograd.Tensor;
import org.cotangent.nn.Module;

/// How far the weights of each layer have grown: mean |W| relative to its start.
public final class Amplitudes {
  private final List<Tensor> weights = new ArrayList<>();
  private final double[] start;

  /// Takes the present weights of a network (not its biases) as the start.
  public Amplitudes(Module net) {
    net.parameters()
        .forEach((name, p) -> {
          if (name.endsWith("weight")) {
            weights.add(p);
          }
        });
    start = means();
  }

  /// The number of layers.
  public int layers() {
    return start.length;
  }

  /// mean |W| / initial mean |W| of each layer.
  public double[] relative() {
    double[] now = means();
    for (int i = 0; i < now.length; i++) {
      now[i] /= start[i];
    }
    return now;
  }

  private double[] means() {
    return Grad.without(
        () -> weights.stream().mapToDouble(w -> w.detach().abs().mean().item()).toArray());
  }
}
