package org.cotangent.autograd;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The ways to a sample's derivatives, as the properties compare them.
final class Walks {
  private Walks() {}

  /// A sample's result with the masked operands as parameters.
  ///
  /// @param in the operands, parameters or not
  /// @param y the result
  /// @param leaves the parameters
  record Recorded(List<Tensor> in, Tensor y, List<Tensor> leaves) {}

  static Recorded record(OpSample s, int mask) {
    List<Tensor> in = s.parameters(mask);
    List<Tensor> leaves = in.stream().filter(Tensor::isTracked).toList();
    return new Recorded(in, s.apply(in), leaves);
  }

  /// All floating operands.
  static int all(OpSample s) {
    return s.floating().stream().mapToInt(i -> 1 << i).sum();
  }

  /// The gradients of the masked operands.
  static List<Tensor> gradients(OpSample s, int mask, Tensor g, Grad.Option... options) {
    Recorded r = record(s, mask);
    return Grad.grad(r.y, g, r.leaves, options);
  }

  /// The gradients of all floating operands.
  static List<Tensor> gradients(OpSample s, Tensor g) {
    return gradients(s, all(s), g);
  }

  /// The tangent of the result along tangents of all floating operands.
  static Tensor tangent(OpSample s, List<Tensor> tangents) {
    List<Integer> floating = s.floating();
    List<Tensor> x = floating.stream().map(s.in()::get).toList();
    return Grad.jvp(
            v -> {
              Tensor[] in = s.in().toArray(Tensor[]::new);
              for (int k = 0; k < v.size(); k++) {
                in[floating.get(k)] = v.get(k);
              }
              return s.apply(Arrays.asList(in));
            },
            x,
            tangents)
        .tangent();
  }

  /// Second-order gradients: of `<vjp(g), w>` by the masked operands and `g`, for random `w`; empty
  /// where the first gradient is constant.
  static List<Tensor> second(OpSample s, int mask, Draw draw) {
    Recorded r = record(s, mask);
    Tensor g = Tensor.parameter(draw.normal(r.y.shape(), r.y.dtype()));
    List<Tensor> first = Grad.grad(r.y, g, r.leaves, Grad.Option.CREATE_GRAPH);
    Tensor sum = Tensor.zeros(r.y.dtype());
    for (Tensor t : first) {
      sum = sum.add(t.mul(draw.normal(t.shape(), t.dtype())).sum());
    }
    List<Tensor> by = new ArrayList<>(r.leaves);
    by.add(g);
    return sum.isTracked() ? Grad.grad(sum, by, Grad.Option.ALLOW_UNUSED) : List.of();
  }

  /// Whether every number is finite.
  static boolean isFinite(Tensor t) {
    return Arrays.stream(t.toDoubleArray()).allMatch(Double::isFinite);
  }
}
