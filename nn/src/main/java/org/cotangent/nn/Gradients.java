package org.cotangent.nn;

import java.util.Collection;
import java.util.List;
import org.cotangent.autograd.Grad;
import org.cotangent.autograd.Statistics;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;

/// What is done to gathered gradients between `backward()` and an optimiser's step. Parameters
/// without a gradient are left alone.
public final class Gradients {
  /// PyTorch's: added to the norm before it divides.
  private static final double EPSILON = 1e-6;

  private Gradients() {}

  /// Scales the gradients of a module so that their norm is `largest` at most.
  ///
  /// @return the norm before, a scalar of F64
  public static Tensor clipNorm(Module module, double largest) {
    return clipNorm(module.parameters().values(), largest, 2);
  }

  /// Scales all gradients by one factor, `min(1, largest/(‖g‖_p + 1e-6))`, where the norm is of all
  /// of them as one vector (Pascanu, Mikolov, Bengio, 2013). If it is not finite, all gradients
  /// become 0 or NaN.
  ///
  /// @param p of the norm; 2, or infinity for the largest number
  /// @return the norm before, a scalar of F64
  /// @throws IllegalArgumentException if `largest` is negative or not finite
  public static Tensor clipNorm(Collection<Tensor> parameters, double largest, double p) {
    Optimizer.number("largest norm", largest);
    return Grad.without(() -> {
      List<Tensor> moved = parameters.stream().filter(Tensor::hasGrad).toList();
      Tensor norm = norm(moved, p);
      Tensor factor = norm.add(EPSILON).rdiv(largest).minimum(1);
      moved.forEach(t -> replace(t, t.grad().mul(factor.to(t.dtype()))));
      return norm;
    });
  }

  private static Tensor norm(List<Tensor> parameters, double p) {
    if (parameters.isEmpty()) {
      return Tensor.scalar(0, DType.F64);
    }
    Tensor[] norms =
        parameters.stream()
            .map(t -> Statistics.norm(t.grad(), p).to(DType.F64))
            .toArray(Tensor[]::new);
    return Statistics.norm(Tensor.stack(0, norms), p);
  }

  /// Brings every number of the gradients of a module into `[-largest, largest]`.
  public static void clipValue(Module module, double largest) {
    clipValue(module.parameters().values(), largest);
  }

  /// Brings every number of the gradients into `[-largest, largest]`. NaN stays NaN.
  ///
  /// @throws IllegalArgumentException if `largest` is negative or not finite
  public static void clipValue(Collection<Tensor> parameters, double largest) {
    Optimizer.number("largest value", largest);
    Grad.runWithout(() ->
        parameters.stream()
            .filter(Tensor::hasGrad)
            .forEach(t -> replace(t, t.grad().clamp(-largest, largest))));
  }

  private static void replace(Tensor parameter, Tensor g) {
    parameter.zeroGrad();
    parameter.backward(g);
  }
}
