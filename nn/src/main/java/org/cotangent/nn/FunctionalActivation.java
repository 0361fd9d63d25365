package org.cotangent.nn;

import java.util.Arrays;
import org.cotangent.autograd.Rng;
import org.cotangent.autograd.Special;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// Activations, with PyTorch's names, defaults and slopes at the kinks. Part of [Functional].
///
/// Where a function is made of pieces, the piece not taken is computed at a harmless number, so
/// that an overflow there cannot reach the gradient.
abstract class FunctionalActivation extends FunctionalConvolution {
  /// The fixed point of Klambauer et al. (2017), equation 14: with these two numbers [#selu] keeps
  /// mean 0 and variance 1. In closed form, with `E = erfc(1/√2) √e`: `α = √(2/π) / (1 - E)`, and λ
  /// makes the second moment 1.
  static final double SELU_ALPHA = 1.6732632423543772;

  static final double SELU_SCALE = 1.0507009873554805;

  /// The coefficient of Hendrycks, Gimpel (2016), fitted by them.
  private static final double GELU_CUBE = 0.044715;

  FunctionalActivation() {}

  static Tensor number(double v, Tensor like) {
    return Tensor.scalar(v, like.dtype().isFloating() ? like.dtype() : DType.F32);
  }

  // ---- Piecewise linear

  /// `max(x, 0)`; slope 0 at 0.
  public static Tensor relu(Tensor x) {
    return x.relu();
  }

  /// `min(max(x, 0), 6)`; slope 0 at 0 and at 6.
  public static Tensor relu6(Tensor x) {
    return hardtanh(x, 0, 6);
  }

  /// [#leakyRelu(Tensor, double)] with slope 0.01.
  public static Tensor leakyRelu(Tensor x) {
    return leakyRelu(x, 0.01);
  }

  /// `x` where positive, else `slope x`, also at 0.
  public static Tensor leakyRelu(Tensor x, double slope) {
    return Tensor.where(x.gt(0), x, x.mul(slope));
  }

  /// `x` where positive, else `w x`, with a slope `w` to be learnt: one number, or one a channel,
  /// the second axis of `x`.
  ///
  /// @throws IllegalArgumentException if there are several slopes, but not one a channel
  public static Tensor prelu(Tensor x, Tensor weight) {
    Tensor w = weight;
    if (weight.size() == 1) {
      w = weight.reshape();
    } else if (weight.rank() == 1 && x.rank() >= 2 && x.dim(1) == weight.dim(0)) {
      w = Channels.along(weight, x);
    } else {
      throw new IllegalArgumentException(
          "prelu: the slopes %s do not fit the input %s: pass one number, or one a channel, the second axis"
              .formatted(weight.shape(), x.shape()));
    }
    return Tensor.where(x.gt(0), x, x.mul(w));
  }

  /// [#hardtanh(Tensor, double, double)] between -1 and 1.
  public static Tensor hardtanh(Tensor x) {
    return hardtanh(x, -1, 1);
  }

  /// `min(max(x, low), high)`, which is `high` if the bounds are not in order; slope 0 at both
  /// bounds, where [Tensor#clamp] has 1.
  public static Tensor hardtanh(Tensor x, double low, double high) {
    Tensor above = x.ge(high);
    Tensor bound = Tensor.where(above, number(high, x), number(Math.min(low, high), x));
    return Tensor.where(above.or(x.le(low)), bound, x);
  }

  /// `min(max(x + 3, 0), 6) / 6`; slope 0 at -3 and 3.
  public static Tensor hardsigmoid(Tensor x) {
    return hardtanh(x, -3, 3).add(3).div(6);
  }

  /// `x min(max(x + 3, 0), 6) / 6`; at -3 and 3 the slope from inside, -0.5 and 1.5.
  public static Tensor hardswish(Tensor x) {
    return x.mul(x.add(3).clamp(0, 6)).div(6);
  }

  /// `x` where above the threshold, else the value.
  public static Tensor threshold(Tensor x, double threshold, double value) {
    return Tensor.where(x.le(threshold), number(value, x), x);
  }

  /// 0 from `-lambda` to `lambda`, both included, else `x`.
  public static Tensor hardshrink(Tensor x, double lambda) {
    return Tensor.where(x.abs().le(lambda), number(0, x), x);
  }

  /// `x` moved by `lambda` towards 0, and 0 where it would cross.
  public static Tensor softshrink(Tensor x, double lambda) {
    return Tensor.where(x.abs().le(lambda), number(0, x), x.sub(x.detach().sign().mul(lambda)));
  }

  // ---- Exponential

  /// [#elu(Tensor, double)] with α 1.
  public static Tensor elu(Tensor x) {
    return elu(x, 1);
  }

  /// `x` where positive, else `α (eˣ - 1)`; slope α at 0.
  public static Tensor elu(Tensor x, double alpha) {
    return Tensor.where(x.gt(0), x, negative(x).expm1().mul(alpha));
  }

  /// [#celu(Tensor, double)] with α 1.
  public static Tensor celu(Tensor x) {
    return celu(x, 1);
  }

  /// `x` where positive, else `α (e^(x/α) - 1)`; slope 1 at 0.
  ///
  /// @throws IllegalArgumentException if α is 0 or NaN
  public static Tensor celu(Tensor x, double alpha) {
    if (!(Math.abs(alpha) > 0)) {
      throw new IllegalArgumentException("celu: α %s must not be 0".formatted(alpha));
    }
    return Tensor.where(x.gt(0), x, negative(x).div(alpha).expm1().mul(alpha));
  }

  /// `λ elu(x, α)` with the α and λ for which layers of it keep mean 0 and variance 1.
  public static Tensor selu(Tensor x) {
    return elu(x, SELU_ALPHA).mul(SELU_SCALE);
  }

  private static Tensor negative(Tensor x) {
    return Tensor.where(x.gt(0), number(0, x), x);
  }

  /// `x/(1 + e⁻ˣ)`, also known as swish.
  public static Tensor silu(Tensor x) {
    return x.mul(x.sigmoid());
  }

  /// `x tanh(log(1 + eˣ))`.
  public static Tensor mish(Tensor x) {
    return x.mul(x.softplus().tanh());
  }

  /// `x Φ(x)`, where Φ is the distribution function of standard normal numbers (Hendrycks, Gimpel,
  /// 2016). As `x erfc(-x/√2)/2` it keeps its digits for negative x too.
  public static Tensor gelu(Tensor x) {
    return x.mul(Special.erfc(x.mul(-Math.sqrt(0.5)))).mul(0.5);
  }

  /// The tanh approximation of [#gelu], `x/2 (1 + tanh u)` with `u = √(2/π) (x + 0.044715 x³)`,
  /// computed as `x sigmoid(2u)`, which keeps its digits where tanh is near -1.
  public static Tensor geluTanh(Tensor x) {
    Tensor u = x.add(x.square().mul(x).mul(GELU_CUBE)).mul(Math.sqrt(2 / Math.PI));
    return x.mul(u.mul(2).sigmoid());
  }

  /// `a sigmoid(b)`, where a and b are the halves of `x` along an axis.
  ///
  /// @throws IllegalArgumentException if the axis does not halve
  public static Tensor glu(Tensor x, int axis) {
    int n = x.dim(axis);
    if (n % 2 != 0) {
      throw new IllegalArgumentException(
          "glu: axis %d of %s has extent %d, which does not halve".formatted(axis, x.shape(), n));
    }
    return x.slice(axis, 0, n / 2).mul(x.slice(axis, n / 2, n).sigmoid());
  }

  /// `log(1/(1 + e⁻ˣ))`, without overflow.
  public static Tensor logsigmoid(Tensor x) {
    return x.neg().softplus().neg();
  }

  /// `log(1 + e^(βx))/β`, without overflow, and without PyTorch's threshold above which it would be
  /// `x`.
  public static Tensor softplus(Tensor x, double beta) {
    return x.mul(beta).softplus().div(beta);
  }

  /// The same, and `x` where `βx` is above the threshold, as PyTorch computes it with 20.
  public static Tensor softplus(Tensor x, double beta, double threshold) {
    return Tensor.where(x.mul(beta).gt(threshold), x, softplus(x, beta));
  }

  /// `x/(1 + |x|)`
  public static Tensor softsign(Tensor x) {
    return x.div(x.abs().add(1));
  }

  /// `x - tanh x`
  public static Tensor tanhshrink(Tensor x) {
    return x.sub(x.tanh());
  }

  /// `exp(x) / Σ exp(x)` along an axis.
  public static Tensor softmax(Tensor x, int axis) {
    return x.softmax(axis);
  }

  /// `exp(-x) / Σ exp(-x)` along an axis.
  public static Tensor softmin(Tensor x, int axis) {
    return x.neg().softmax(axis);
  }

  /// The logarithm of [#softmax], accurate where that would underflow.
  public static Tensor logSoftmax(Tensor x, int axis) {
    return x.logSoftmax(axis);
  }

  // ---- Random

  /// Each element 0 with probability p, else `x/(1 - p)`, so that the mean stays (Srivastava et
  /// al., 2014). For training; when evaluating, leave it out.
  ///
  /// @throws IllegalArgumentException if p is no probability
  public static Tensor dropout(Tensor x, double p, Rng rng) {
    return dropped(x, x.shape(), probability("dropout", p), rng);
  }

  /// The same for whole channels of `[n, channels, ..]`: neighbouring pixels of a channel say
  /// nearly the same, so dropping single ones would hide little (Tompson et al., 2015).
  ///
  /// @throws IllegalArgumentException if p is no probability or `x` has no channels
  public static Tensor channelDropout(Tensor x, double p, Rng rng) {
    if (x.rank() < 2) {
      throw new IllegalArgumentException(
          "channelDropout: the input %s must be [n, channels, ..]".formatted(x.shape()));
    }
    int[] dims = x.shape().dims();
    Arrays.fill(dims, 2, dims.length, 1);
    return dropped(x, Shape.of(dims), probability("channelDropout", p), rng);
  }

  private static Tensor dropped(Tensor x, Shape each, double p, Rng rng) {
    if (p == 0) {
      return x;
    }
    Tensor kept = rng.uniform(each, DType.F32).ge(p);
    return Tensor.where(kept, x.mul(p == 1 ? 0 : 1 / (1 - p)), number(0, x));
  }

  /// Dropout that goes with [#selu]: each element with probability p the number -λα to which `selu`
  /// falls, else `x`, then scaled and moved so that mean 0 and variance 1 stay (Klambauer et al.,
  /// 2017). With p 1 all are 0.
  ///
  /// @throws IllegalArgumentException if p is no probability
  public static Tensor alphaDropout(Tensor x, double p, Rng rng) {
    if (probability("alphaDropout", p) == 0 || p == 1) {
      return dropped(x, x.shape(), p, rng);
    }
    // With q = 1 - p: the mean p l of what replaces the elements is moved to 0, and the variance
    // q (1 + p l²) is scaled to 1.
    double least = -SELU_SCALE * SELU_ALPHA;
    double scale = 1 / Math.sqrt((1 - p) * (1 + p * least * least));
    Tensor kept = rng.uniform(x.shape(), DType.F32).ge(p);
    return Tensor.where(kept, x, number(least, x)).sub(p * least).mul(scale);
  }

  static double probability(String what, double p) {
    if (!(p >= 0 && p <= 1)) {
      throw new IllegalArgumentException("%s: %s is not in [0, 1]".formatted(what, p));
    }
    return p;
  }
}
