package org.cotangent.apps.labs;

import org.cotangent.autograd.Grad;
import org.cotangent.autograd.Tensor;
import org.cotangent.nn.Loss;
import org.cotangent.nn.Metrics;
import org.cotangent.nn.Module;

/// How well a network does on some samples.
///
/// @param loss the mean loss
/// @param accuracy the share classified right, 0 to 1
public record Score(double loss, double accuracy) {
  /// Measures a network, in evaluation mode and without recording.
  public static Score of(Module net, Loss loss, Tensor x, Tensor t) {
    boolean training = net.isTraining();
    net.eval();
    try {
      return Grad.without(() -> {
        Tensor y = net.forward(x);
        return new Score(loss.of(y, t).item(), Metrics.accuracy(y, t));
      });
    } finally {
      if (training) {
        net.train();
      }
    }
  }
}
