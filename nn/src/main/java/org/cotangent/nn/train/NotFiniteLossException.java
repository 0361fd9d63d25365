package org.cotangent.nn.train;

/// A loss that is NaN or infinite. The step has been made: the parameters are probably of no use
/// any more; the checkpoints are.
public final class NotFiniteLossException extends ArithmeticException {
  private static final long serialVersionUID = 1L;

  private final long step;
  private final double loss;

  NotFiniteLossException(Progress before, double loss) {
    super(
        "train: the loss is %s in %s; a smaller learning rate or clipNorm(..) may help, Anomaly.detecting finds the operation; go on from the last checkpoint"
            .formatted(loss, before));
    this.step = before.step();
    this.loss = loss;
  }

  /// The number of the step, counted from 0.
  public long step() {
    return step;
  }

  /// The loss.
  public double loss() {
    return loss;
  }
}
