package org.cotangent.nn;

import java.util.List;
import org.cotangent.autograd.Fused;
import org.cotangent.autograd.Grad;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// Batch normalisation of `[n, channels, ..]` (Ioffe, Szegedy, 2015), for any number of positions:
/// PyTorch's `BatchNorm1d`, `2d` and `3d` in one.
///
/// In training mode each channel is normalised by mean and variance of the batch, and running means
/// of both are kept, `r ← (1 - m) r + m b` with momentum m, 0.1; of the variance, the unbiased one
/// (divided by n - 1), as in PyTorch. In evaluation mode the running ones are used.
///
/// The state has `weight` and `bias`, which are learnt, and `running_mean` and `running_var`.
public final class BatchNorm extends Module {
  private final Tensor weight;
  private final Tensor bias;
  private final Tensor runningMean;
  private final Tensor runningVar;
  private double epsilon = 1e-5;
  private double momentum = 0.1;

  /// A layer of F32.
  ///
  /// @throws IllegalArgumentException if there are no channels
  public BatchNorm(int channels) {
    this(channels, DType.F32);
  }

  /// A layer with weight 1, bias 0, running mean 0 and running variance 1.
  ///
  /// @throws IllegalArgumentException if there are no channels or the dtype is not floating
  public BatchNorm(int channels, DType dtype) {
    if (channels < 1) {
      throw new IllegalArgumentException(
          "BatchNorm: %d channels; there must be 1 or more".formatted(channels));
    }
    Shape shape = Shape.of(channels);
    weight = parameter("weight", Tensor.ones(shape, dtype));
    bias = parameter("bias", Tensor.zeros(shape, dtype));
    runningMean = buffer("running_mean", Tensor.zeros(shape, dtype));
    runningVar = buffer("running_var", Tensor.ones(shape, dtype));
  }

  /// Sets ε, which is added to the variance.
  public BatchNorm epsilon(double e) {
    epsilon = Optimizer.number("epsilon", e);
    return this;
  }

  /// Sets the weight of each batch in the running statistics, 0 to 1.
  ///
  /// @throws IllegalArgumentException if it is not in [0, 1]
  public BatchNorm momentum(double m) {
    momentum = FunctionalActivation.probability("BatchNorm: momentum", m);
    return this;
  }

  /// @throws IllegalArgumentException if `x` is not `[n, channels, ..]`, or in training mode has a
  ///   single number a channel
  @Override
  public Tensor forward(Tensor x) {
    if (!isTraining()) {
      return Functional.batchNormEval(
          x, runningMean.detach(), runningVar.detach(), weight, bias, epsilon);
    }
    FunctionalNorm.Moments batch = FunctionalNorm.batchMoments(x);
    Tensor y = batch.perChannel("BatchNorm", x, epsilon, weight, bias);
    if (!Grad.isRecomputing()) { // a checkpoint sees each batch twice
      Grad.runWithout(() -> remember(batch, x.size() / x.dim(1)));
    }
    return y;
  }

  private void remember(FunctionalNorm.Moments batch, int count) {
    double unbiased = (double) count / (count - 1);
    Fused.assign(
        List.of(runningMean, runningVar),
        in ->
            List.of(
                in.get(0).mul(1 - momentum).add(in.get(2).mul(momentum)),
                in.get(1).mul(1 - momentum).add(in.get(3).mul(momentum * unbiased))),
        runningMean,
        runningVar,
        batch.mean().detach().flatten(),
        batch.variance().detach().flatten());
  }

  @Override
  protected String details() {
    return "%d, eps=%s, momentum=%s".formatted(weight.dim(0), epsilon, momentum);
  }
}
