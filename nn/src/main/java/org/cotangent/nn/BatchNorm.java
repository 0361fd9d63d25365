package org.cotangent.nn;

import java.util.List;
import java.util.Optional;
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
/// The state has `weight` and `bias`, which are learnt, and `running_mean` and `running_var`, as
/// far as the options ask for them; with [#cumulativeAverage], also `num_batches_tracked`.
public final class BatchNorm extends Module {
  private record Affine(Tensor weight, Tensor bias) {}

  private record Running(Tensor mean, Tensor variance) {}

  private final int channels;
  private final Optional<Affine> affine;
  private final Optional<Running> running;
  private Optional<Tensor> batches = Optional.empty();
  private double epsilon = 1e-5;
  private double momentum = 0.1;

  /// A layer of F32.
  ///
  /// @throws IllegalArgumentException if there are no channels
  public BatchNorm(int channels) {
    this(channels, BatchNormOptions.DEFAULT);
  }

  /// A layer with weight 1, bias 0, running mean 0 and running variance 1.
  ///
  /// @throws IllegalArgumentException if there are no channels or the dtype is not floating
  public BatchNorm(int channels, DType dtype) {
    this(channels, BatchNormOptions.DEFAULT.dtype(dtype));
  }

  /// The same, of which the options may leave out one or the other.
  ///
  /// @throws IllegalArgumentException if there are no channels or the dtype is not floating
  public BatchNorm(int channels, BatchNormOptions options) {
    if (channels < 1) {
      throw new IllegalArgumentException(
          "BatchNorm: %d channels; there must be 1 or more".formatted(channels));
    }
    this.channels = channels;
    Shape shape = Shape.of(channels);
    Tensor zeros = Tensor.zeros(shape, options.dtype());
    Tensor ones = Tensor.ones(shape, options.dtype());
    affine =
        options.affine()
            ? Optional.of(new Affine(parameter("weight", ones), parameter("bias", zeros)))
            : Optional.empty();
    running =
        options.trackRunningStats()
            ? Optional.of(new Running(buffer("running_mean", zeros), buffer("running_var", ones)))
            : Optional.empty();
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

  /// Takes the plain mean over all batches for running statistics, PyTorch's `momentum=None`: the
  /// weight of the k-th batch is `1/k`. The buffer `num_batches_tracked` counts them, in the
  /// layer's dtype: in F32 the weight falls no further than to `2⁻²⁴`.
  ///
  /// @throws IllegalStateException if the layer keeps no running statistics
  public BatchNorm cumulativeAverage() {
    Running r =
        running.orElseThrow(() ->
            new IllegalStateException(
                "BatchNorm: a cumulative average of running statistics, but the options leave them out"));
    if (batches.isEmpty()) {
      Tensor none = Tensor.zeros(Shape.SCALAR, r.mean().dtype());
      batches = Optional.of(buffer("num_batches_tracked", none));
    }
    return this;
  }

  /// @throws IllegalArgumentException if `x` is not `[n, channels, ..]`, or is normalised by its
  ///   own statistics and has a single number a channel
  @Override
  public Tensor forward(Tensor x) {
    if (x.rank() < 2 || x.dim(1) != channels) {
      throw new IllegalArgumentException(
          "BatchNorm: the input %s must be [n, %d, ..]".formatted(x.shape(), channels));
    }
    if (running.isPresent() && !isTraining()) {
      return evaluated(x, running.get());
    }
    FunctionalNorm.Moments batch = FunctionalNorm.batchMoments(x);
    Tensor y =
        affine
            .map(a -> batch.perChannel("BatchNorm", x, epsilon, a.weight, a.bias))
            .orElseGet(() -> batch.normalised(x, epsilon));
    if (running.isPresent() && !Grad.isRecomputing()) { // a checkpoint sees each batch twice
      Grad.runWithout(() -> remember(running.get(), batch, x.size() / channels));
    }
    return y;
  }

  private Tensor evaluated(Tensor x, Running r) {
    Tensor mean = r.mean.detach();
    Tensor variance = r.variance.detach();
    return affine
        .map(a -> Functional.batchNormEval(x, mean, variance, a.weight, a.bias, epsilon))
        .orElseGet(() -> Functional.batchNormEval(x, mean, variance, epsilon));
  }

  private void remember(Running r, FunctionalNorm.Moments batch, int count) {
    double unbiased = (double) count / (count - 1);
    Tensor mean = batch.mean().detach().flatten();
    Tensor variance = batch.variance().detach().flatten();
    if (batches.isPresent()) {
      Tensor k = batches.get().detach().add(1);
      batches.get().assign(k);
      Fused.assign(
          List.of(r.mean, r.variance),
          in -> {
            Tensor share = in.get(4);
            Tensor left = share.rsub(1);
            return List.of(
                in.get(0).mul(left).add(in.get(2).mul(share)),
                in.get(1).mul(left).add(in.get(3).mul(share.mul(unbiased))));
          },
          r.mean,
          r.variance,
          mean,
          variance,
          k.reciprocal());
      return;
    }
    Fused.assign(
        List.of(r.mean, r.variance),
        in ->
            List.of(
                in.get(0).mul(1 - momentum).add(in.get(2).mul(momentum)),
                in.get(1).mul(1 - momentum).add(in.get(3).mul(momentum * unbiased))),
        r.mean,
        r.variance,
        mean,
        variance);
  }

  @Override
  protected String details() {
    return "%d, eps=%s, momentum=%s%s%s"
        .formatted(
            channels,
            epsilon,
            batches.isPresent() ? "cumulative" : momentum,
            affine.isPresent() ? "" : ", affine=false",
            running.isPresent() ? "" : ", track_running_stats=false");
  }
}
