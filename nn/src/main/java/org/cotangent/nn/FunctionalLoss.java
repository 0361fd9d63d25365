package org.cotangent.nn;

import org.cotangent.autograd.Linalg;
import org.cotangent.autograd.Special;
import org.cotangent.autograd.Statistics;
import org.cotangent.autograd.Tensor;

/// Losses of regression, of distributions and of distances. Part of [Functional].
///
/// Where nothing else is said, output and target have one shape, the shape of the losses.
abstract class FunctionalLoss extends FunctionalClassLoss {
  FunctionalLoss() {}

  private static Tensor difference(String what, Tensor output, Tensor target) {
    requireSame(what, output, target);
    return output.sub(target);
  }

  /// `max(x, 0)` with slope 1 at 0, as PyTorch's hinges have it.
  private static Tensor hinge(Tensor x) {
    return x.clamp(0, Double.POSITIVE_INFINITY);
  }

  // ---- Regression

  /// [#mseLoss(Tensor, Tensor, Reduction)] with the mean.
  public static Tensor mseLoss(Tensor output, Tensor target) {
    return mseLoss(output, target, Reduction.MEAN);
  }

  /// `(y - t)²`
  ///
  /// @throws IllegalArgumentException if the shapes differ
  public static Tensor mseLoss(Tensor output, Tensor target, Reduction reduction) {
    return reduction.of(difference("mseLoss", output, target).square());
  }

  /// [#l1Loss(Tensor, Tensor, Reduction)] with the mean.
  public static Tensor l1Loss(Tensor output, Tensor target) {
    return l1Loss(output, target, Reduction.MEAN);
  }

  /// `|y - t|`; slope 0 at 0.
  ///
  /// @throws IllegalArgumentException if the shapes differ
  public static Tensor l1Loss(Tensor output, Tensor target, Reduction reduction) {
    return reduction.of(difference("l1Loss", output, target).abs());
  }

  /// [#smoothL1Loss(Tensor, Tensor, double, Reduction)] with β 1 and the mean.
  public static Tensor smoothL1Loss(Tensor output, Tensor target) {
    return smoothL1Loss(output, target, 1, Reduction.MEAN);
  }

  /// `d²/(2β)` where `d = |y - t|` is below β, else `d - β/2`; with β 0, d.
  ///
  /// @throws IllegalArgumentException if the shapes differ or β is negative or NaN
  public static Tensor smoothL1Loss(
      Tensor output, Tensor target, double beta, Reduction reduction) {
    if (Optimizer.number("β of smoothL1Loss", beta) == 0) {
      return l1Loss(output, target, reduction);
    }
    Tensor d = difference("smoothL1Loss", output, target);
    return reduction.of(quadraticBelow(beta, d).div(beta));
  }

  /// [#huberLoss(Tensor, Tensor, double, Reduction)] with δ 1 and the mean.
  public static Tensor huberLoss(Tensor output, Tensor target) {
    return huberLoss(output, target, 1, Reduction.MEAN);
  }

  /// `d²/2` where `d = |y - t|` is below δ, else `δ (d - δ/2)`.
  ///
  /// @throws IllegalArgumentException if the shapes differ or δ is not above 0
  public static Tensor huberLoss(Tensor output, Tensor target, double delta, Reduction reduction) {
    if (!(delta > 0)) {
      throw new IllegalArgumentException("huberLoss: δ %s must be above 0".formatted(delta));
    }
    return reduction.of(quadraticBelow(delta, difference("huberLoss", output, target)));
  }

  private static Tensor quadraticBelow(double bound, Tensor d) {
    Tensor size = d.abs();
    return Tensor.where(size.lt(bound), d.square().mul(0.5), size.sub(0.5 * bound).mul(bound));
  }

  // ---- Distributions

  /// [#klDiv(Tensor, Tensor, boolean, Reduction)] of probabilities, with [Reduction#BATCH_MEAN],
  /// which is the divergence a sample; PyTorch's default is the mean over all elements.
  public static Tensor klDiv(Tensor logProbabilities, Tensor target) {
    return klDiv(logProbabilities, target, false, Reduction.BATCH_MEAN);
  }

  /// The terms of the divergence of Kullback and Leibler, `t (log t - y)` for log-probabilities y,
  /// and 0 where t is 0; `eᵗ (t - y)` for targets that are logarithms too. They broadcast.
  public static Tensor klDiv(
      Tensor logProbabilities, Tensor target, boolean logTarget, Reduction reduction) {
    if (logTarget) {
      return reduction.of(target.exp().mul(target.sub(logProbabilities)));
    }
    Tensor t = target.to(logProbabilities.dtype());
    return reduction.of(Special.xlogy(t, t).sub(t.mul(logProbabilities)));
  }

  /// [#poissonNllLoss(Tensor, Tensor, boolean, boolean, double, Reduction)] of logarithms, without
  /// the constant, with the mean.
  public static Tensor poissonNllLoss(Tensor logRate, Tensor count) {
    return poissonNllLoss(logRate, count, true, false, 1e-8, Reduction.MEAN);
  }

  /// The negative log-likelihood of counts under Poisson's distribution: `eʸ - t y` for outputs
  /// that are the logarithm of the rate, else `y - t log(y + ε)`.
  ///
  /// @param full adds Stirling's `t log t - t + log(2πt)/2` for `log t!` where t > 1
  public static Tensor poissonNllLoss(
      Tensor output,
      Tensor count,
      boolean logInput,
      boolean full,
      double epsilon,
      Reduction reduction) {
    Tensor loss =
        logInput
            ? output.exp().sub(count.mul(output))
            : output.sub(count.mul(output.add(epsilon).log()));
    if (full) {
      Tensor t = count.to(loss.dtype());
      Tensor large = t.gt(1);
      Tensor n = Tensor.where(large, t, number(1, t));
      Tensor stirling = n.mul(n.log()).sub(n).add(n.mul(2 * Math.PI).log().mul(0.5));
      loss = loss.add(Tensor.where(large, stirling, number(0, t)));
    }
    return reduction.of(loss);
  }

  /// [#gaussianNllLoss(Tensor, Tensor, Tensor, boolean, double, Reduction)] without the constant, ε
  /// 1e-6, with the mean.
  public static Tensor gaussianNllLoss(Tensor mean, Tensor target, Tensor variance) {
    return gaussianNllLoss(mean, target, variance, false, 1e-6, Reduction.MEAN);
  }

  /// The negative log-likelihood under the normal distribution: `(log v + (y - t)²/v)/2`, where v
  /// is the variance, but at least ε (which gradients do not see). The target broadcasts.
  ///
  /// @param variance of the shape of the mean, or the same along its last axis: that axis missing
  ///   or of extent 1
  /// @param full adds `log(2π)/2`
  /// @throws IllegalArgumentException if the shapes do not fit
  public static Tensor gaussianNllLoss(
      Tensor mean,
      Tensor target,
      Tensor variance,
      boolean full,
      double epsilon,
      Reduction reduction) {
    Tensor given = variance;
    if (!variance.shape().equals(mean.shape())) {
      if (mean.rank() > 0 && variance.shape().equals(mean.shape().without(-1))) {
        given = variance.unsqueeze(-1);
      } else if (mean.rank() == 0 || !variance.shape().equals(mean.shape().with(-1, 1))) {
        throw new IllegalArgumentException(
            "gaussianNllLoss: the variance %s does not fit the mean %s: pass the same shape, or its last axis missing or of extent 1"
                .formatted(variance.shape(), mean.shape()));
      }
    }
    Tensor held = given.detach();
    Tensor v = given.add(held.maximum(epsilon).sub(held));
    Tensor loss = v.log().add(mean.sub(target).square().div(v)).mul(0.5);
    return reduction.of(full ? loss.add(0.5 * Math.log(2 * Math.PI)) : loss);
  }

  // ---- Hinges and distances; targets are 1 or -1

  /// [#hingeEmbeddingLoss(Tensor, Tensor, double, Reduction)] with margin 1 and the mean.
  public static Tensor hingeEmbeddingLoss(Tensor x, Tensor target) {
    return hingeEmbeddingLoss(x, target, 1, Reduction.MEAN);
  }

  /// `x` where the target is 1, `max(margin - x, 0)` where it is -1, their sum elsewhere. They
  /// broadcast.
  public static Tensor hingeEmbeddingLoss(
      Tensor x, Tensor target, double margin, Reduction reduction) {
    Tensor zero = number(0, x);
    Tensor alike = Tensor.where(target.ne(-1), x, zero);
    return reduction.of(alike.add(Tensor.where(target.ne(1), hinge(x.rsub(margin)), zero)));
  }

  /// [#marginRankingLoss(Tensor, Tensor, Tensor, double, Reduction)] with margin 0 and the mean.
  public static Tensor marginRankingLoss(Tensor x1, Tensor x2, Tensor target) {
    return marginRankingLoss(x1, x2, target, 0, Reduction.MEAN);
  }

  /// `max(margin - t (x₁ - x₂), 0)`: t is 1 if x₁ should be larger. They broadcast.
  public static Tensor marginRankingLoss(
      Tensor x1, Tensor x2, Tensor target, double margin, Reduction reduction) {
    return reduction.of(hinge(target.mul(x1.sub(x2)).rsub(margin)));
  }

  /// [#softMarginLoss(Tensor, Tensor, Reduction)] with the mean.
  public static Tensor softMarginLoss(Tensor x, Tensor target) {
    return softMarginLoss(x, target, Reduction.MEAN);
  }

  /// `log(1 + e^(-t x))`, without overflow. They broadcast.
  public static Tensor softMarginLoss(Tensor x, Tensor target, Reduction reduction) {
    return reduction.of(target.neg().mul(x).softplus());
  }

  /// [#cosineEmbeddingLoss(Tensor, Tensor, Tensor, double, Reduction)] with margin 0 and the mean.
  public static Tensor cosineEmbeddingLoss(Tensor x1, Tensor x2, Tensor target) {
    return cosineEmbeddingLoss(x1, x2, target, 0, Reduction.MEAN);
  }

  /// `1 - cos(x₁, x₂)` where the target is 1, `max(cos(x₁, x₂) - margin, 0)` where it is -1. The
  /// vectors lie along the last axis; the target has one number a pair.
  public static Tensor cosineEmbeddingLoss(
      Tensor x1, Tensor x2, Tensor target, double margin, Reduction reduction) {
    double epsilon = 1e-12; // PyTorch's, added to each squared length
    Tensor lengths = x1.square().sum(-1).add(epsilon).mul(x2.square().sum(-1).add(epsilon)).sqrt();
    Tensor cosine = x1.mul(x2).sum(-1).div(lengths);
    Tensor zero = number(0, cosine);
    Tensor alike = Tensor.where(target.eq(1), cosine.rsub(1), zero);
    return reduction.of(alike.add(Tensor.where(target.eq(-1), hinge(cosine.sub(margin)), zero)));
  }

  /// [#tripletMarginLoss(Tensor, Tensor, Tensor, double, double, double, boolean, Reduction)] with
  /// margin 1, Euclid's distance, ε 1e-6, no swap, and the mean.
  public static Tensor tripletMarginLoss(Tensor anchor, Tensor positive, Tensor negative) {
    return tripletMarginLoss(anchor, positive, negative, 1, 2, 1e-6, false, Reduction.MEAN);
  }

  /// `max(margin + d(anchor, positive) - d(anchor, negative), 0)`, where `d(a, b) = ‖a - b + ε‖_p`
  /// along the last axis.
  ///
  /// @param swap takes the smaller of `d(anchor, negative)` and `d(positive, negative)`
  /// @throws IllegalArgumentException if p is not above 0
  public static Tensor tripletMarginLoss(
      Tensor anchor,
      Tensor positive,
      Tensor negative,
      double margin,
      double p,
      double epsilon,
      boolean swap,
      Reduction reduction) {
    Tensor far = distance(anchor, negative, p, epsilon);
    if (swap) {
      far = far.minimum(distance(positive, negative, p, epsilon));
    }
    return reduction.of(hinge(distance(anchor, positive, p, epsilon).sub(far).add(margin)));
  }

  private static Tensor distance(Tensor a, Tensor b, double p, double epsilon) {
    if (!(p > 0)) {
      throw new IllegalArgumentException("the norm's p %s must be above 0".formatted(p));
    }
    return Statistics.norm(a.sub(b).add(epsilon), p, new int[] {-1}, false);
  }

  /// [#pairwiseDistance(Tensor, Tensor, double, double)] with Euclid's distance, ε 1e-6.
  public static Tensor pairwiseDistance(Tensor x1, Tensor x2) {
    return pairwiseDistance(x1, x2, 2, 1e-6);
  }

  /// `‖x₁ - x₂ + ε‖_p` along the last axis. They broadcast.
  ///
  /// @throws IllegalArgumentException if p is not above 0
  public static Tensor pairwiseDistance(Tensor x1, Tensor x2, double p, double epsilon) {
    return distance(x1, x2, p, epsilon);
  }

  /// `x₁ · x₂/(max(‖x₁‖, ε) max(‖x₂‖, ε))` along the second axis, ε 1e-8: PyTorch's defaults. For
  /// others see [Linalg#cosineSimilarity].
  public static Tensor cosineSimilarity(Tensor x1, Tensor x2) {
    return Linalg.cosineSimilarity(x1, x2, 1, 1e-8);
  }
}
