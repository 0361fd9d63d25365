package org.cotangent.nn;

import org.cotangent.autograd.Tensor;

/// Losses of classifiers. Part of [Functional].
abstract class FunctionalClassLoss extends FunctionalActivation {
  /// The smallest logarithm of [#binaryCrossEntropy], and the smallest number that its gradient
  /// divides by; both are PyTorch's.
  private static final double LEAST_LOG = -100;

  private static final double LEAST_DIVISOR = 1e-12;

  FunctionalClassLoss() {}

  // ---- One class of several

  /// [#crossEntropy(Tensor, Tensor, ClassOptions)] with [ClassOptions#DEFAULT].
  public static Tensor crossEntropy(Tensor logits, Tensor target) {
    return crossEntropy(logits, target, ClassOptions.DEFAULT);
  }

  /// `-Σ_c t_c w_c log softmax(x)_c`, stable at any finite logits.
  ///
  /// The classes are the second axis of the logits, `[n, classes, ..]`, or their only one. A target
  /// is a class index (I32 or I64, shape `[n, ..]`) or a probability a class (shape of the logits).
  /// The mean over index targets divides by the sum of their classes' weights, so it is NaN if all
  /// are ignored; the mean over probabilities divides by the number of samples.
  ///
  /// @throws IllegalArgumentException if the shapes do not fit
  /// @throws IndexOutOfBoundsException if an index is neither a class nor to be ignored
  public static Tensor crossEntropy(Tensor logits, Tensor target, ClassOptions options) {
    checkFits("crossEntropy", logits, target, options);
    if (!target.dtype().isInteger()) {
      return crossEntropyOfProbabilities(logits, target, options);
    }
    Samples s = Samples.of(logits, target, options);
    Tensor x = s.scores;
    Tensor loss = x.softmaxCrossEntropy(s.index).mul(s.weight);
    if (options.labelSmoothing() > 0) {
      // Not with one target of both: an index that is no class must be an error here too.
      double even = options.labelSmoothing() / x.dim(-1);
      Tensor all = options.weight().map(w -> w.to(x.dtype())).orElse(number(1, x)).mul(even);
      Tensor spread = x.softmaxCrossEntropy(all.expand(x.shape()));
      loss = loss.mul(1 - options.labelSmoothing()).add(spread);
    }
    return s.reduced(loss, options);
  }

  private static Tensor crossEntropyOfProbabilities(
      Tensor logits, Tensor target, ClassOptions options) {
    Tensor x = Channels.last(logits);
    Tensor t = Channels.last(target).to(x.dtype());
    double even = options.labelSmoothing() / x.dim(-1);
    Tensor smooth = even == 0 ? t : t.mul(1 - options.labelSmoothing()).add(even);
    Tensor weighted = options.weight().map(w -> smooth.mul(w.to(x.dtype()))).orElse(smooth);
    return options.reduction().of(x.softmaxCrossEntropy(weighted));
  }

  /// [#nllLoss(Tensor, Tensor, ClassOptions)] with [ClassOptions#DEFAULT].
  public static Tensor nllLoss(Tensor logProbabilities, Tensor target) {
    return nllLoss(logProbabilities, target, ClassOptions.DEFAULT);
  }

  /// `-w_c y_c` for the target class c: the negative log-likelihood of log-probabilities `[n,
  /// classes, ..]` or `[classes]`. Reductions are those of [#crossEntropy]; there is no label
  /// smoothing.
  ///
  /// @throws IllegalArgumentException if the shapes do not fit, the target holds no indices, or
  ///   smoothing is asked for
  /// @throws IndexOutOfBoundsException if an index is neither a class nor to be ignored
  public static Tensor nllLoss(Tensor logProbabilities, Tensor target, ClassOptions options) {
    if (!target.dtype().isInteger() || options.labelSmoothing() != 0) {
      throw new IllegalArgumentException(
          "nllLoss: the target is %s, the label smoothing %s: pass class indices (I32, I64) and no smoothing, or use crossEntropy"
              .formatted(target.dtype(), options.labelSmoothing()));
    }
    checkFits("nllLoss", logProbabilities, target, options);
    Samples s = Samples.of(logProbabilities, target, options);
    Tensor chosen = s.scores.gather(-1, s.index.unsqueeze(-1)).squeeze(-1);
    return s.reduced(chosen.neg().mul(s.weight), options);
  }

  private static void checkFits(String what, Tensor scores, Tensor target, ClassOptions options) {
    boolean indexed = target.dtype().isInteger();
    int axis = scores.rank() < 2 ? 0 : 1;
    if (scores.rank() == 0
        || !target.shape().equals(indexed ? scores.shape().without(axis) : scores.shape())) {
      throw new IllegalArgumentException(
          "%s: the target %s, %s does not fit the scores %s: the classes are axis %d; pass class indices (I32, I64) without it, or one number a class of the same shape"
              .formatted(what, target.shape(), target.dtype(), scores.shape(), axis));
    }
    int classes = scores.dim(axis);
    options
        .weight()
        .ifPresent(w -> {
          if (w.rank() != 1 || w.dim(0) != classes) {
            throw new IllegalArgumentException(
                "%s: the weights %s do not fit the scores %s: pass one a class, [%d]"
                    .formatted(what, w.shape(), scores.shape(), classes));
          }
        });
  }

  /// Scores with the classes on the last axis, and which sample counts how much.
  ///
  /// @param scores `[n, .., classes]` or `[classes]`
  /// @param index the class of each sample, 0 where it is ignored
  /// @param counts whether a sample counts
  /// @param weight the weight of its class, 0 where it is ignored
  private record Samples(Tensor scores, Tensor index, Tensor counts, Tensor weight) {
    static Samples of(Tensor scores, Tensor target, ClassOptions options) {
      Tensor x = Channels.last(scores);
      Tensor counts = target.ne(options.ignoreIndex());
      Tensor index = Tensor.where(counts, target, Tensor.scalar(0, target.dtype()));
      Tensor weight =
          options
              .weight()
              .map(w -> w.to(x.dtype()).indexSelect(0, index.flatten()).reshape(index.shape()))
              .orElse(number(1, x));
      return new Samples(x, index, counts, Tensor.where(counts, weight, number(0, x)));
    }

    Tensor reduced(Tensor weighted, ClassOptions options) {
      return options.reduction().of(Tensor.where(counts, weighted, number(0, scores)), weight);
    }
  }

  // ---- Yes or no

  /// [#binaryCrossEntropy(Tensor, Tensor, Reduction)] with the mean.
  public static Tensor binaryCrossEntropy(Tensor p, Tensor target) {
    return binaryCrossEntropy(p, target, Reduction.MEAN);
  }

  /// `-(t log p + (1 - t) log(1 - p))` for probabilities p and targets in `[0, 1]`.
  ///
  /// As in PyTorch the logarithms end at -100, and below probabilities of 1e-12 the slope stays
  /// what it is there. Networks are better trained with [#binaryCrossEntropyWithLogits].
  ///
  /// @throws IllegalArgumentException if the shapes differ
  public static Tensor binaryCrossEntropy(Tensor p, Tensor target, Reduction reduction) {
    return reduction.of(binaryCrossEntropyOf(p, target));
  }

  /// The same with a weight that broadcasts to the losses.
  ///
  /// @throws IllegalArgumentException if the shapes do not fit
  public static Tensor binaryCrossEntropy(
      Tensor p, Tensor target, Tensor weight, Reduction reduction) {
    return reduction.of(binaryCrossEntropyOf(p, target).mul(weight));
  }

  private static Tensor binaryCrossEntropyOf(Tensor p, Tensor target) {
    requireSame("binaryCrossEntropy", p, target);
    Tensor t = target.to(p.dtype());
    Tensor q = p.rsub(1);
    Tensor one = number(1, p);
    Tensor yes = bounded(Tensor.where(p.ge(LEAST_DIVISOR), p, one).log(), p);
    Tensor no = bounded(Tensor.where(q.ge(LEAST_DIVISOR), p.neg(), one).log1p(), q);
    return t.mul(yes).add(t.rsub(1).mul(no)).neg();
  }

  /// `log p` where p is large enough to divide by; below, at least -100, with the slope of there.
  private static Tensor bounded(Tensor log, Tensor p) {
    Tensor slope = p.div(LEAST_DIVISOR);
    Tensor below = p.detach().log().clamp(LEAST_LOG, 0).add(slope.sub(slope.detach()));
    return Tensor.where(p.ge(LEAST_DIVISOR), log, below);
  }

  /// [#binaryCrossEntropyWithLogits(Tensor, Tensor, Reduction)] with the mean.
  public static Tensor binaryCrossEntropyWithLogits(Tensor logits, Tensor target) {
    return binaryCrossEntropyWithLogits(logits, target, Reduction.MEAN);
  }

  /// [#binaryCrossEntropy] of `sigmoid(x)`, without overflow at any finite logit: `(1 - t) x +
  /// log(1 + e⁻ˣ)`.
  ///
  /// @throws IllegalArgumentException if the shapes differ
  public static Tensor binaryCrossEntropyWithLogits(
      Tensor logits, Tensor target, Reduction reduction) {
    Tensor one = number(1, logits);
    return binaryCrossEntropyWithLogits(logits, target, one, one, reduction);
  }

  /// The same with a weight of each loss and one of the positive targets, both broadcast: `w ((1 -
  /// t) x + (1 + (q - 1) t) log(1 + e⁻ˣ))`. Pass 1 for what is not wanted.
  ///
  /// @throws IllegalArgumentException if the shapes do not fit
  public static Tensor binaryCrossEntropyWithLogits(
      Tensor logits, Tensor target, Tensor weight, Tensor positiveWeight, Reduction reduction) {
    requireSame("binaryCrossEntropyWithLogits", logits, target);
    Tensor t = target.to(logits.dtype());
    Tensor factor = positiveWeight.sub(1).mul(t).add(1);
    Tensor loss = t.rsub(1).mul(logits).add(factor.mul(logits.neg().softplus()));
    return reduction.of(loss.mul(weight));
  }

  // ---- Several classes at once, and margins

  /// [#multilabelSoftMarginLoss(Tensor, Tensor, Reduction)] with the mean.
  public static Tensor multilabelSoftMarginLoss(Tensor logits, Tensor target) {
    return multilabelSoftMarginLoss(logits, target, Reduction.MEAN);
  }

  /// [#binaryCrossEntropyWithLogits] of each class, `[.., classes]`, averaged over the classes: a
  /// loss a sample. A target is 1 for each class that a sample has, else 0.
  ///
  /// @throws IllegalArgumentException if the shapes differ
  public static Tensor multilabelSoftMarginLoss(Tensor logits, Tensor target, Reduction reduction) {
    return reduction.of(binaryCrossEntropyWithLogits(logits, target, Reduction.NONE).mean(-1));
  }

  /// [#multiMarginLoss(Tensor, Tensor, double, double, ClassOptions)] with p 1, margin 1 and
  /// [ClassOptions#DEFAULT].
  public static Tensor multiMarginLoss(Tensor scores, Tensor target) {
    return multiMarginLoss(scores, target, 1, 1, ClassOptions.DEFAULT);
  }

  /// `Σ_i (w_c max(margin - x_c + x_i, 0)ᵖ)/C` over all classes i but c, the target, of C: the
  /// hinge of support vector machines. Of the options, weight and reduction count; the mean is over
  /// the samples, not their weights, as in PyTorch.
  ///
  /// @param scores `[n, classes]`, or `[classes]`
  /// @throws IllegalArgumentException if the shapes do not fit, or p is neither 1 nor 2
  /// @throws IndexOutOfBoundsException if an index is not a class
  public static Tensor multiMarginLoss(
      Tensor scores, Tensor target, double p, double margin, ClassOptions options) {
    if ((p != 1 && p != 2) || !target.dtype().isInteger()) {
      throw new IllegalArgumentException(
          "multiMarginLoss: p %s must be 1 or 2, and the target %s class indices (I32, I64)"
              .formatted(p, target.dtype()));
    }
    checkFits("multiMarginLoss", scores, target, options);
    Tensor own = target.unsqueeze(-1);
    Tensor x = Channels.last(scores);
    Tensor hinges = x.sub(x.gather(-1, own)).add(margin).clamp(0, Double.POSITIVE_INFINITY);
    Tensor powers = p == 1 ? hinges : hinges.square();
    Tensor others = Tensor.where(Tensor.arange(x.dim(-1)).eq(own), number(0, x), powers).mean(-1);
    Tensor weighted =
        options
            .weight()
            .map(w ->
                others.mul(
                    w.to(x.dtype()).indexSelect(0, target.flatten()).reshape(target.shape())))
            .orElse(others);
    return options.reduction().of(weighted);
  }

  static void requireSame(String what, Tensor output, Tensor target) {
    if (!output.shape().equals(target.shape())) {
      throw new IllegalArgumentException(
          "%s: the output %s and the target %s must have one shape; reshape one of them"
              .formatted(what, output.shape(), target.shape()));
    }
  }
}
