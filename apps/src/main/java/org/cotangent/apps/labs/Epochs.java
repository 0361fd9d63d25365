package org.cotangent.apps.labs;

import org.cotangent.autograd.Tensor;
import org.cotangent.nn.Loss;
import org.cotangent.nn.Module;
import org.cotangent.nn.Optimizer;
import org.cotangent.nn.TrainingStep;
import org.cotangent.nn.data.Batch;

/// Gradient descent over batches.
public final class Epochs {
  private Epochs() {}

  /// Told of every step.
  @FunctionalInterface
  public interface StepListener {
    /// After a step.
    ///
    /// @param batch what the step learnt from
    /// @param loss its loss, before the parameters moved
    void on(Batch batch, Tensor loss);
  }

  /// Trains for one epoch of batches.
  public static void run(TrainingStep step, Iterable<Batch> batches, StepListener listener) {
    for (Batch b : batches) {
      listener.on(b, step.apply(b.x(), b.y()));
    }
  }

  /// Trains for one epoch of batches with a loss that may fail.
  ///
  /// @param listener told of each loss before the parameters move; what it throws keeps them where
  ///   they are
  public static void watched(
      Module net, Loss loss, Optimizer optimizer, Iterable<Batch> batches, StepListener listener) {
    for (Batch b : batches) {
      optimizer.zeroGrad();
      Tensor l = loss.of(net.forward(b.x()), b.y());
      listener.on(b, l);
      l.backward();
      optimizer.step();
    }
  }
}
