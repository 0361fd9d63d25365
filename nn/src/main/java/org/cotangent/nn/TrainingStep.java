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
/// at that moment. The settings return another step, which is traced anew.
public final class TrainingStep {
  /// What a step does.
  ///
  /// @param parts how many parts a batch is taken in
  /// @param before done to gradients before the update
  /// @param after done after it
  private record Plan(
      Module net, Loss loss, Optimizer optimizer, int parts, Runnable before, Runnable after) {
    Tensor run(Tensor x, Tensor t) {
      optimizer.zeroGrad();
      Tensor l = parts == 1 ? part(x, t, 1) : inParts(x, t);
      before.run();
      optimizer.step();
      after.run();
      return l;
    }

    private Tensor part(Tensor x, Tensor t, double share) {
      Tensor l = loss.of(net.forward(x), t);
      if (share != 1) {
        l = l.mul(share);
      }
      l.backward();
      return l.detach();
    }

    private Tensor inParts(Tensor x, Tensor t) {
      int n = x.dim(0);
      int size = Math.ceilDiv(n, Math.min(parts, n));
      Tensor sum = part(x.slice(0, 0, size), t.slice(0, 0, size), (double) size / n);
      for (int from = size; from < n; from += size) {
        int to = Math.min(from + size, n);
        sum = sum.add(part(x.slice(0, from, to), t.slice(0, from, to), (double) (to - from) / n));
      }
      return sum;
    }
  }

  private final Plan plan;
  private final boolean isCompiled;
  private final BinaryOperator<Tensor> step;

  private TrainingStep(Plan plan, boolean isCompiled) {
    this.plan = plan;
    this.isCompiled = isCompiled;
    if (isCompiled) {
      Jit jit = Jit.compile(plan::run);
      this.step = jit::apply;
    } else {
      this.step = plan::run;
    }
  }

  private static void nothing() {}

  /// A step that is compiled.
  public static TrainingStep compiled(Module net, Loss loss, Optimizer optimizer) {
    return new TrainingStep(
        new Plan(net, loss, optimizer, 1, TrainingStep::nothing, TrainingStep::nothing), true);
  }

  /// A step whose operations run one by one.
  public static TrainingStep eager(Module net, Loss loss, Optimizer optimizer) {
    return new TrainingStep(
        new Plan(net, loss, optimizer, 1, TrainingStep::nothing, TrainingStep::nothing), false);
  }

  /// This step with something done between gradients and update, such as `() ->
  /// Gradients.clipNorm(net, 1)`. It is part of what is compiled.
  public TrainingStep beforeUpdate(Runnable r) {
    Plan p = plan;
    return new TrainingStep(new Plan(p.net, p.loss, p.optimizer, p.parts, r, p.after), isCompiled);
  }

  /// This step with something done after the update, such as `average::update` of a
  /// [MovingAverage]. It is part of what is compiled.
  public TrainingStep afterUpdate(Runnable r) {
    Plan p = plan;
    return new TrainingStep(new Plan(p.net, p.loss, p.optimizer, p.parts, p.before, r), isCompiled);
  }

  /// This step with each batch taken in so many parts of equal size (the last may be smaller),
  /// whose gradients are added up: the step of the whole batch, up to rounding, in the memory of a
  /// part. That is so for a loss that is a mean over samples, and layers that look at one sample at
  /// a time; a [BatchNorm] sees each part alone.
  ///
  /// @throws IllegalArgumentException if there is not one part or more
  public TrainingStep microBatches(int parts) {
    if (parts < 1) {
      throw new IllegalArgumentException(
          "microBatches: %d parts; there must be 1 or more".formatted(parts));
    }
    Plan p = plan;
    return new TrainingStep(
        new Plan(p.net, p.loss, p.optimizer, parts, p.before, p.after), isCompiled);
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
