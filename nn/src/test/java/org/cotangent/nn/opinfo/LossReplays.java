package org.cotangent.nn.opinfo;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.Shape;
import org.cotangent.nn.ClassOptions;
import org.cotangent.nn.Functional;
import org.cotangent.nn.Reduction;

/// Activations, normalisation, losses.
final class LossReplays {
  private LossReplays() {}

  /// Operators of this topic that are not there yet.
  static final Set<String> PENDING = Set.of();

  static void addTo(Map<String, Replay> table) {
    activations(table);
    normalisation(table);
    classes(table);
    regression(table);
    distances(table);
  }

  private static void put(
      Map<String, Replay> table, String name, java.util.function.Function<Args, Tensor> f) {
    table.put("nn.functional." + name, Replay.one(f));
  }

  // ---- Activations

  private static void plain(Map<String, Replay> table, String name, UnaryOperator<Tensor> f) {
    put(
        table,
        name,
        a -> {
          a.ignore(1, "inplace");
          return f.apply(a.tensor(0, "input"));
        });
  }

  /// One number after the input.
  private static void tuned(
      Map<String, Replay> table,
      String name,
      String parameter,
      double absent,
      BiFunction<Tensor, Double, Tensor> f) {
    put(
        table,
        name,
        a -> {
          a.ignore(2, "inplace");
          return f.apply(a.tensor(0, "input"), a.number(1, parameter, absent));
        });
  }

  private static void activations(Map<String, Replay> table) {
    plain(table, "relu", Functional::relu);
    plain(table, "relu6", Functional::relu6);
    plain(table, "selu", Functional::selu);
    plain(table, "silu", Functional::silu);
    plain(table, "mish", Functional::mish);
    plain(table, "hardsigmoid", Functional::hardsigmoid);
    plain(table, "hardswish", Functional::hardswish);
    plain(table, "logsigmoid", Functional::logsigmoid);
    plain(table, "softsign", Functional::softsign);
    plain(table, "tanhshrink", Functional::tanhshrink);
    tuned(table, "leaky_relu", "negative_slope", 0.01, Functional::leakyRelu);
    tuned(table, "elu", "alpha", 1, Functional::elu);
    tuned(table, "celu", "alpha", 1, Functional::celu);
    tuned(table, "hardshrink", "lambd", 0.5, Functional::hardshrink);
    tuned(table, "softshrink", "lambd", 0.5, Functional::softshrink);
    put(
        table,
        "gelu",
        a ->
            a.text(1, "approximate", "none").equals("tanh")
                ? Functional.geluTanh(a.tensor(0, "input"))
                : Functional.gelu(a.tensor(0, "input")));
    put(table, "prelu", a -> Functional.prelu(a.tensor(0, "input"), a.tensor(1, "weight")));
    put(table, "glu", a -> Functional.glu(a.tensor(0, "input"), a.integer(1, "dim", -1)));
    put(table, "softmin", a -> Functional.softmin(a.tensor(0, "input"), a.integer(1, "dim")));
    put(
        table,
        "hardtanh",
        a -> {
          a.ignore(3, "inplace");
          return Functional.hardtanh(
              a.tensor(0, "input"), a.number(1, "min_val", -1), a.number(2, "max_val", 1));
        });
    put(
        table,
        "threshold",
        a -> {
          a.ignore(3, "inplace");
          return Functional.threshold(
              a.tensor(0, "input"), a.number(1, "threshold"), a.number(2, "value"));
        });
    put(
        table,
        "softplus",
        a ->
            Functional.softplus(
                a.tensor(0, "input"), a.number(1, "beta", 1), a.number(2, "threshold", 20)));
  }

  // ---- Normalisation and tables

  /// Running statistics are an output of ours only through the layers, which have their own tests.
  private static void normalisation(Map<String, Replay> table) {
    put(
        table,
        "batch_norm",
        a -> {
          Tensor given = a.tensor(0, "input");
          Tensor mean = a.optionalTensor(1, "running_mean").orElse(given);
          Tensor variance = a.optionalTensor(2, "running_var").orElse(given);
          a.ignore(6, "momentum");
          double eps = a.number(7, "eps", 1e-5);
          // An empty vector is no samples of no channels there.
          Tensor x = given.rank() == 1 ? given.reshape(Shape.of(0, mean.dim(0))) : given;
          Tensor y =
              a.flag(5, "training", false)
                  ? Functional.batchNorm(x, eps)
                  : Functional.batchNormEval(x, mean, variance, eps);
          return perChannel(y, a, 3, 4).reshape(given.shape());
        });
    put(
        table,
        "instance_norm",
        a -> {
          Tensor x = a.tensor(0, "input");
          Tensor mean = a.optionalTensor(1, "running_mean").orElse(x);
          Tensor variance = a.optionalTensor(2, "running_var").orElse(x);
          a.ignore(6, "momentum");
          double eps = a.number(7, "eps", 1e-5);
          return perChannel(
              a.flag(5, "use_input_stats", true)
                  ? Functional.instanceNorm(x, eps)
                  : Functional.batchNormEval(x, mean, variance, eps),
              a,
              3,
              4);
        });
    put(
        table,
        "group_norm",
        a ->
            perChannel(
                Functional.groupNorm(
                    a.tensor(0, "input"), a.integer(1, "num_groups"), a.number(4, "eps", 1e-5)),
                a,
                2,
                3));
    put(
        table,
        "layer_norm",
        a -> {
          Tensor y =
              Functional.layerNorm(
                  a.tensor(0, "input"),
                  Shape.of(a.ints(1, "normalized_shape")),
                  a.number(4, "eps", 1e-5));
          Tensor scaled = a.optionalTensor(2, "weight").map(y::mul).orElse(y);
          return a.optionalTensor(3, "bias").map(scaled::add).orElse(scaled);
        });
    put(
        table,
        "embedding",
        a -> {
          // PyTorch's samples pass the table first.
          Tensor rows = a.tensor(0, "weight");
          Tensor index = a.tensor(1, "input");
          return a.has(2, "padding_idx")
              ? Functional.embedding(
                  index, rows, Math.floorMod(a.integer(2, "padding_idx"), rows.dim(0)))
              : Functional.embedding(index, rows);
        });
  }

  private static Tensor perChannel(Tensor y, Args a, int weight, int bias) {
    Tensor scaled = a.optionalTensor(weight, "weight").map(w -> y.mul(channels(w, y))).orElse(y);
    return a.optionalTensor(bias, "bias").map(b -> scaled.add(channels(b, y))).orElse(scaled);
  }

  private static Tensor channels(Tensor v, Tensor like) {
    int[] dims = new int[like.rank()];
    java.util.Arrays.fill(dims, 1);
    dims[1] = v.dim(0);
    return v.reshape(Shape.of(dims));
  }

  // ---- Losses

  private static Reduction reduction(Args a, int position) {
    return switch (a.text(position, "reduction", "mean")) {
      case "mean" -> Reduction.MEAN;
      case "sum" -> Reduction.SUM;
      case "none" -> Reduction.NONE;
      case "batchmean" -> Reduction.BATCH_MEAN;
      case String other ->
          throw new IllegalArgumentException("a reduction we do not have: " + other);
    };
  }

  private static ClassOptions options(Args a) {
    ClassOptions options =
        ClassOptions.DEFAULT
            .ignoreIndex(a.integer(4, "ignore_index", -100))
            .reduction(reduction(a, 6));
    return a.optionalTensor(2, "weight").map(options::weight).orElse(options);
  }

  private static void classes(Map<String, Replay> table) {
    put(
        table,
        "cross_entropy",
        a ->
            Functional.crossEntropy(
                a.tensor(0, "input"),
                a.tensor(1, "target"),
                options(a).labelSmoothing(a.number(7, "label_smoothing", 0))));
    put(
        table,
        "nll_loss",
        a -> Functional.nllLoss(a.tensor(0, "input"), a.tensor(1, "target"), options(a)));
    put(
        table,
        "binary_cross_entropy",
        a -> {
          Tensor p = a.tensor(0, "input");
          Tensor t = a.tensor(1, "target");
          Reduction r = reduction(a, 5);
          Optional<Tensor> w = a.optionalTensor(2, "weight");
          return w.isPresent()
              ? Functional.binaryCrossEntropy(p, t, w.get(), r)
              : Functional.binaryCrossEntropy(p, t, r);
        });
    put(
        table,
        "binary_cross_entropy_with_logits",
        a -> {
          Tensor x = a.tensor(0, "input");
          Tensor one = Tensor.scalar(1, x.dtype());
          return Functional.binaryCrossEntropyWithLogits(
              x,
              a.tensor(1, "target"),
              a.optionalTensor(2, "weight").orElse(one),
              a.optionalTensor(6, "pos_weight").orElse(one),
              reduction(a, 5));
        });
  }

  private static void regression(Map<String, Replay> table) {
    put(
        table,
        "mse_loss",
        a -> Functional.mseLoss(a.tensor(0, "input"), a.tensor(1, "target"), reduction(a, 4)));
    put(
        table,
        "l1_loss",
        a -> Functional.l1Loss(a.tensor(0, "input"), a.tensor(1, "target"), reduction(a, 4)));
    put(
        table,
        "smooth_l1_loss",
        a ->
            Functional.smoothL1Loss(
                a.tensor(0, "input"),
                a.tensor(1, "target"),
                a.number(5, "beta", 1),
                reduction(a, 4)));
    put(
        table,
        "huber_loss",
        a ->
            Functional.huberLoss(
                a.tensor(0, "input"),
                a.tensor(1, "target"),
                a.number(3, "delta", 1),
                reduction(a, 2)));
    put(
        table,
        "kl_div",
        a ->
            Functional.klDiv(
                a.tensor(0, "input"),
                a.tensor(1, "target"),
                a.flag(5, "log_target", false),
                reduction(a, 4)));
    put(
        table,
        "poisson_nll_loss",
        a ->
            Functional.poissonNllLoss(
                a.tensor(0, "input"),
                a.tensor(1, "target"),
                a.flag(2, "log_input", true),
                a.flag(3, "full", false),
                a.number(5, "eps", 1e-8),
                reduction(a, 7)));
    put(
        table,
        "gaussian_nll_loss",
        a ->
            Functional.gaussianNllLoss(
                a.tensor(0, "input"),
                a.tensor(1, "target"),
                a.tensor(2, "var"),
                a.flag(3, "full", false),
                a.number(4, "eps", 1e-6),
                reduction(a, 5)));
  }

  private static void distances(Map<String, Replay> table) {
    put(
        table,
        "hinge_embedding_loss",
        a ->
            Functional.hingeEmbeddingLoss(
                a.tensor(0, "input"),
                a.tensor(1, "target"),
                a.number(2, "margin", 1),
                reduction(a, 5)));
    put(
        table,
        "margin_ranking_loss",
        a ->
            Functional.marginRankingLoss(
                a.tensor(0, "input1"),
                a.tensor(1, "input2"),
                a.tensor(2, "target"),
                a.number(3, "margin", 0),
                reduction(a, 6)));
    put(
        table,
        "soft_margin_loss",
        a ->
            Functional.softMarginLoss(
                a.tensor(0, "input"), a.tensor(1, "target"), reduction(a, 4)));
    put(
        table,
        "cosine_embedding_loss",
        a ->
            Functional.cosineEmbeddingLoss(
                a.tensor(0, "input1"),
                a.tensor(1, "input2"),
                a.tensor(2, "target"),
                a.number(3, "margin", 0),
                reduction(a, 6)));
    put(
        table,
        "triplet_margin_loss",
        a ->
            Functional.tripletMarginLoss(
                a.tensor(0, "anchor"),
                a.tensor(1, "positive"),
                a.tensor(2, "negative"),
                a.number(3, "margin", 1),
                a.number(4, "p", 2),
                a.number(5, "eps", 1e-6),
                a.flag(6, "swap", false),
                reduction(a, 9)));
  }
}
