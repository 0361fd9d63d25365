package org.cotangent.autograd;

import org.cotangent.autograd.op.Op;

/// Spread, size and middle of the numbers along some axes.
///
/// `axes` are resolved as in [Tensor#sum]; [#all] names all of them. `keepDims` keeps the axes with
/// extent 1.
public final class Statistics {
  private Statistics() {}

  /// All axes of x.
  public static int[] all(Tensor x) {
    return Reduce.all(x.shape());
  }

  // ---- Spread

  /// A variance and its mean.
  public record VarMean(Tensor var, Tensor mean) {}

  /// The variance of all elements, `Σ(x - mean)²/(n - 1)`.
  public static Tensor var(Tensor x) {
    return var(x, all(x), 1, false);
  }

  /// `Σ(x - mean)²/(n - correction)`; NaN where n is the correction.
  public static Tensor var(Tensor x, int[] axes, double correction, boolean keepDims) {
    return varMean(x, axes, correction, keepDims).var();
  }

  /// [#var] and the mean that it needed.
  public static VarMean varMean(Tensor x, int[] axes, double correction, boolean keepDims) {
    Tensor mean = x.mean(axes, true);
    double n = Reduce.count("VAR", x.shape(), axes);
    Tensor squares = x.sub(mean).square().sum(axes, keepDims);
    Tensor var = squares.div(Math.max(0, n - correction));
    return new VarMean(var, keepDims ? mean : mean.reshape(var.shape()));
  }

  /// The mean along some axes, kept at extent 1, and the mean of the squared deviations from it.
  public record Moments(Tensor mean, Tensor variance) {}

  /// Both moments in one operation: `Σx/n` and `Σ(x - mean)²/n`, of floating numbers.
  public static Moments moments(Tensor x, int... axes) {
    Tensor both = Reduce.over("MOMENTS", x, axes, true, Op.Moments::new);
    return new Moments(both.select(0, 0), both.select(0, 1));
  }

  /// The standard deviation of all elements, the root of [#var].
  public static Tensor std(Tensor x) {
    return std(x, all(x), 1, false);
  }

  /// The root of [#var]; where all numbers are equal its gradient is 0.
  public static Tensor std(Tensor x, int[] axes, double correction, boolean keepDims) {
    return root(var(x, axes, correction, keepDims));
  }

  /// √x for x ≥ 0 that is a norm: at 0 its gradient is 0, also at second order.
  static Tensor root(Tensor x) {
    Tensor zero = x.eq(0);
    Tensor nothing = Tensor.scalar(0, x.dtype());
    return Tensor.where(zero, nothing, Tensor.where(zero, Tensor.scalar(1, x.dtype()), x).sqrt());
  }

  // ---- Norms

  /// `‖x‖_p = (Σ|x|ᵖ)^(1/p)` of all elements.
  public static Tensor norm(Tensor x, double p) {
    return norm(x, p, all(x), false);
  }

  /// `‖x‖_p = (Σ|x|ᵖ)^(1/p)`; for p = ∞ the largest |x|, for -∞ the smallest, for 0 the number of
  /// elements that are not 0.
  ///
  /// Elements that are 0 get gradient 0, and so do all where the norm is 0, also at second order.
  ///
  /// @throws IllegalArgumentException if p is NaN, or infinite and there are no elements
  public static Tensor norm(Tensor x, double p, int[] axes, boolean keepDims) {
    Tensor v = x.to(Promotion.floating(x.dtype()));
    if (Double.isNaN(p)) {
      throw new IllegalArgumentException("NORM: the order p is NaN; it must be a number");
    }
    if (p == 2) {
      return root(v.square().sum(axes, keepDims));
    }
    if (p == 1) {
      return v.abs().sum(axes, keepDims);
    }
    if (p == 0) {
      return v.ne(0).to(v.dtype()).sum(axes, keepDims);
    }
    if (Double.isInfinite(p)) {
      return p > 0 ? v.abs().max(axes, keepDims) : v.abs().min(axes, keepDims);
    }
    return power(power(v.abs(), p).sum(axes, keepDims), 1 / p);
  }

  /// xᵖ for x ≥ 0, with gradient 0 at 0.
  private static Tensor power(Tensor x, double p) {
    Tensor zero = x.eq(0);
    Tensor there = Tensor.scalar(p > 0 ? 0 : Double.POSITIVE_INFINITY, x.dtype());
    return Tensor.where(zero, there, Tensor.where(zero, Tensor.scalar(1, x.dtype()), x).pow(p));
  }

  // ---- Sums without NaN

  /// The sum of all elements that are numbers; NaN counts as 0 and gets gradient 0.
  public static Tensor nanSum(Tensor x) {
    return nanSum(x, all(x), false);
  }

  /// The sum of those elements along some axes.
  public static Tensor nanSum(Tensor x, int[] axes, boolean keepDims) {
    return Tensor.where(x.isNaN(), Tensor.scalar(0, x.dtype()), x).sum(axes, keepDims);
  }

  // ---- The middle

  /// The median of all elements, of an even number the lower of the two in the middle; NaN if one
  /// is. Equal ones share the gradient evenly, as in [Tensor#max()].
  public static Tensor median(Tensor x) {
    Tensor flat = x.flatten();
    Tensor m = median(flat, 0, false).values().detach();
    if (!x.dtype().isFloating()) {
      return m;
    }
    // 0 in value; as a function of x, the mean of what equals the median.
    Tensor hit = flat.eq(m).or(m.isNaN().and(flat.isNaN()));
    Tensor apart = Tensor.where(hit, flat.sub(m), Tensor.scalar(0, x.dtype()));
    return m.add(apart.sum().div(hit.sum().to(x.dtype())));
  }

  /// The medians along an axis and their positions; a NaN is the median of its row. The gradient
  /// goes to the position.
  public static Sorting.Entries median(Tensor x, int axis, boolean keepDims) {
    int a = x.shape().axis("MEDIAN", axis);
    Tensor sorted = Sorting.argsort(x, a, false);
    int n = x.dim(a);
    if (n == 0) {
      throw new IllegalArgumentException(
          "MEDIAN: axis %d of %s is empty: there is no middle".formatted(axis, x.shape()));
    }
    Tensor middle = sorted.slice(a, (n - 1) / 2, (n - 1) / 2 + 1);
    Tensor firstNaN = Recording.apply(new Op.ArgMax(a), x); // a NaN counts as the largest
    Tensor spoilt = Recording.apply(new Op.Max(x.shape().with(a, 1)), x).isNaN();
    return Sorting.at(x, a, Tensor.where(spoilt, firstNaN, middle), keepDims);
  }
}
