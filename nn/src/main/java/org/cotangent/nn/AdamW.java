package org.cotangent.nn;

import java.util.Collection;
import org.cotangent.autograd.Tensor;

/// [Adam] with decoupled weight decay (Loshchilov, Hutter: Decoupled Weight Decay Regularization;
/// ICLR 2019): before each step `p ← (1 - lr λ) p`, and the gradient is left alone, so that decay
/// is not divided by the gradient's size. With PyTorch's default, λ 0.01.
public final class AdamW extends Adam {
  private static final double DEFAULT_DECAY = 0.01;

  /// AdamW on all parameters of a module: β₁ 0.9, β₂ 0.999, ε 1e-8, weight decay 0.01.
  ///
  /// @throws IllegalArgumentException if there are none or the learning rate is negative or NaN
  public AdamW(Module module, double learningRate) {
    this(module.parameters().values(), learningRate);
  }

  /// AdamW on the given parameters: β₁ 0.9, β₂ 0.999, ε 1e-8, weight decay 0.01.
  ///
  /// @throws IllegalArgumentException if there are none or the learning rate is negative or NaN
  public AdamW(Collection<Tensor> parameters, double learningRate) {
    super(parameters, learningRate, DEFAULT_DECAY);
  }

  @Override
  boolean decoupled() {
    return true;
  }
}
