package org.cotangent.apps.labs;

import org.cotangent.autograd.Tensor;
import org.cotangent.nn.Loss;
import org.cotangent.nn.Module;
import org.cotangent.nn.Optimizer;
import org.cotangent.nn.data.Batches;

/// Gradient descent over batches.
public final class Epochs {
  private Epochs() {}

  /// Told of every step.
  @FunctionalInterface
  public interface StepListener {
    /// After the loss is known, before the parameters move.
    ///
    /// @param batch what the step learns from
    /// @param loss its loss
    void on(Batches.Batch batch, Tensor loss);
  }

  /// Trains for one epoch.
  public static void run(
      Module net, Loss loss, Optimizer optimizer, Batches batches, StepListener listener) {
    for (Batches.Batch b : batches) {
      optimizer.zeroGrad();
      Tensor l = loss.of(net.forward(b.x()), b.y());
      listener.on(b, l);
      l.backward();
      optimizer.step();
    }
  }
}
