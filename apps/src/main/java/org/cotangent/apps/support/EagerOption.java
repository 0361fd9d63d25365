package org.cotangent.apps.support;

import org.cotangent.nn.Loss;
import org.cotangent.nn.Module;
import org.cotangent.nn.Optimizer;
import org.cotangent.nn.TrainingStep;
import picocli.CommandLine.Option;

/// The option `--eager`.
public final class EagerOption {
  @Option(
      names = "--eager",
      description = "do not compile the training step; the numbers are the same")
  private boolean eager;

  /// A training step in the form asked for.
  public TrainingStep step(Module net, Loss loss, Optimizer optimizer) {
    return eager
        ? TrainingStep.eager(net, loss, optimizer)
        : TrainingStep.compiled(net, loss, optimizer);
  }
}
