package org.cotangent.nn;

import java.util.function.BinaryOperator;
import org.cotangent.autograd.Jit;
import org.cotangent.autograd.Tensor;

/// One step of training on a batch: forward, loss, backward, update.
///
/// ```java
/// TrainingStep step = TrainingStep.compiled(net, new SoftmaxCrossEntropy(), new SGD(net, 0.1));
/// for (Batch b : loader.batches(epoch)) {
///   Tensor loss = step.apply(b.x(), b.y());
/// }
/// ```
///
/// Compiled and eager steps give the same bits. A compiled one is traced when it sees the shapes of
/// a batch for the first time ([Jit]); layers do then what their mode, training or evaluation, was
/// at that moment.
public final class TrainingStep {
  private final BinaryOperator<Tensor> step;

  private TrainingStep(BinaryOperator<Tensor> step) {
    this.step = step;
  }

  /// A step that is compiled.
  public static TrainingStep compiled(Module net, Loss loss, Optimizer optimizer) {
    Jit jit = Jit.compile(plain(net, loss, optimizer));
    return new TrainingStep(jit::apply);
  }

  /// A step whose operations run one by one.
  public static TrainingStep eager(Module net, Loss loss, Optimizer optimizer) {
    return new TrainingStep(plain(net, loss, optimizer));
  }

  private static BinaryOperator<Tensor> plain(Module net, Loss loss, Optimizer optimizer) {
    return (x, t) -> {
      optimizer.zeroGrad();
      Tensor l = loss.of(net.forward(x), t);
      l.backward();
      optimizer.step();
      return l.detach();
    };
  }

  /// Moves the parameters by one step.
  ///
  /// @param x the inputs of the batch
  /// @param t their targets
  /// @return the loss before the step
  public Tensor apply(Tensor x, Tensor t) {
    return step.apply(x, t);
  }
}
