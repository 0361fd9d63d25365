package org.cotangent.nn;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.cotangent.autograd.Fused;
import org.cotangent.autograd.Grad;
import org.cotangent.autograd.Tensor;

/// An exponential moving average of a module's parameters, `a ← d a + (1 - d) p` with decay d; it
/// often does better than the parameters themselves (Polyak, Juditsky, 1992).
///
/// ```java
/// var average = new MovingAverage(net, 0.999);
/// ..                            // after each step of the optimiser:
/// average.update();
/// ..                            // to evaluate:
/// copy.load(average.state());
/// ```
public final class MovingAverage {
  private final Module module;
  private final double decay;
  private final SequencedMap<String, Tensor> averages = new LinkedHashMap<>();

  /// An average that starts from the parameters as they are.
  ///
  /// @throws IllegalArgumentException unless the decay is 0 or more and below 1
  public MovingAverage(Module module, double decay) {
    this.module = module;
    this.decay = Optimizer.fraction("decay", decay);
    module.parameters().forEach((name, p) -> averages.put(name, Tensor.parameter(p)));
  }

  /// Takes the parameters of now into the average.
  public void update() {
    Map<String, Tensor> parameters = module.parameters();
    Grad.runWithout(() ->
        averages.forEach((name, a) -> {
          Tensor p = parameters.getOrDefault(name, a);
          Fused.assign(
              List.of(a), in -> List.of(in.get(0).mul(decay).add(in.get(1).mul(1 - decay))), a, p);
        }));
  }

  /// The averages by name, and the module's buffers of now: a state that [Module#load] takes.
  public SequencedMap<String, Tensor> state() {
    SequencedMap<String, Tensor> state = new LinkedHashMap<>();
    averages.forEach((name, a) -> state.put(name, a.detach()));
    module.buffers().forEach((name, b) -> state.put(name, b.detach()));
    return Collections.unmodifiableSequencedMap(state);
  }

  /// Goes on from averages that [#state] gave; buffers in it are ignored.
  ///
  /// @throws IllegalArgumentException if a name is missing or unexpected, or a shape or dtype
  ///   differs
  public void load(Map<String, Tensor> state) {
    Map<String, Tensor> own = new LinkedHashMap<>(state);
    own.keySet().removeAll(module.buffers().keySet());
    State.load("load", averages, own);
  }
}
