package org.cotangent.nn.train;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import org.cotangent.autograd.Rng;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// Generators and counters as tensors of I64.
final class Counters {
  private Counters() {}

  /// The state of each generator: seed, stream, counter, used, splits.
  static SequencedMap<String, Tensor> of(Map<String, Rng> generators) {
    SequencedMap<String, Tensor> state = new LinkedHashMap<>();
    generators.forEach((name, rng) -> {
      Rng.State s = rng.state();
      state.put(name, of(s.seed(), s.stream(), s.counter(), s.used(), s.splits()));
    });
    return state;
  }

  /// Gives generators the state that [#of] gave.
  ///
  /// @throws IllegalArgumentException if names or shapes differ; nothing has changed then
  static void restore(Map<String, Rng> generators, Map<String, Tensor> state) {
    if (!generators.keySet().equals(state.keySet())) {
      throw new IllegalArgumentException(
          "saved were %s, but here are %s".formatted(state.keySet(), generators.keySet()));
    }
    Map<Rng, Rng.State> states = new LinkedHashMap<>();
    generators.forEach((name, rng) -> {
      long[] v = read(name, 5, state.getOrDefault(name, Tensor.zeros(0)));
      if (v[3] < 0 || v[3] > 4) {
        throw new IllegalArgumentException("'%s' is no generator's state".formatted(name));
      }
      states.put(rng, new Rng.State(v[0], v[1], v[2], (int) v[3], v[4]));
    });
    states.forEach(Rng::restore);
  }

  static Tensor of(long... values) {
    return Tensor.of(Shape.of(values.length), values);
  }

  /// @throws IllegalArgumentException unless it is I64 of `[n]`
  static long[] read(String name, int n, Tensor t) {
    if (t.dtype() != DType.I64 || !t.shape().equals(Shape.of(n))) {
      throw new IllegalArgumentException(
          "'%s' is %s, %s; expected %s, I64".formatted(name, t.shape(), t.dtype(), Shape.of(n)));
    }
    return t.toLongArray();
  }
}
