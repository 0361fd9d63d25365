package org.cotangent.nn;

import java.util.function.UnaryOperator;
import org.cotangent.autograd.Tensor;

/// An activation without parameters as a module: `new Activation(Functional::silu)`, or, with a
/// name to be printed, `new Activation("leaky_relu", x -> Functional.leakyRelu(x, 0.2))`.
///
/// [ReLU], [Tanh], [Sigmoid] and [Softmax] have classes of their own, [PReLU] because it learns.
public final class Activation extends Module {
  private final String name;
  private final UnaryOperator<Tensor> function;

  /// A function without a name.
  public Activation(UnaryOperator<Tensor> function) {
    this("", function);
  }

  /// A function under a name.
  public Activation(String name, UnaryOperator<Tensor> function) {
    this.name = name;
    this.function = function;
  }

  @Override
  public Tensor forward(Tensor x) {
    return function.apply(x);
  }

  @Override
  protected String details() {
    return name;
  }
}
