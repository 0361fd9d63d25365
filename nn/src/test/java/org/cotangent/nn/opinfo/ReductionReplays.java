package org.cotangent.nn.opinfo;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.cotangent.autograd.Cumulative;
import org.cotangent.autograd.Sorting;
import org.cotangent.autograd.Statistics;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;

/// Reductions, sorting, running sums.
final class ReductionReplays {
  private ReductionReplays() {}

  /// Operators of this topic that are not there yet.
  static final Set<String> PENDING = Set.of();

  /// A reduction along axes.
  private interface Reduction {
    Tensor apply(Tensor x, int[] axes, boolean keepDims);
  }

  static void addTo(Map<String, Replay> table) {
    reduction(table, "sum", Tensor::sum);
    reduction(table, "mean", Tensor::mean);
    reduction(table, "amax", Tensor::max);
    reduction(table, "amin", Tensor::min);
    reduction(table, "nansum", Statistics::nanSum);
    reduction(table, "prod", Tensor::prod);
    reduction(table, "logsumexp", Tensor::logSumExp);
    table.put("max.reduction_no_dim", Replay.one(a -> a.tensor(0, "input").max()));
    table.put("min.reduction_no_dim", Replay.one(a -> a.tensor(0, "input").min()));
    entries(table, "max.reduction_with_dim", Sorting::max);
    entries(table, "min.reduction_with_dim", Sorting::min);
    table.put("median", ReductionReplays::median);
    table.put("var", Replay.one(a -> varMean(a).var()));
    table.put("var_mean", a -> List.of(varMean(a).var(), varMean(a).mean()));
    table.put("std", Replay.one(ReductionReplays::std));
    table.put("norm", Replay.one(ReductionReplays::norm));

    table.put("softmax", along("dim", Tensor::softmax));
    table.put("log_softmax", along("dim", Tensor::logSoftmax));
    table.put("cumsum", along("dim", Cumulative::sum));
    table.put("cumprod", along("dim", Cumulative::prod));
    table.put("logcumsumexp", along("dim", Cumulative::logSumExp));
    table.put("cummax", running(Cumulative::max));
    table.put("cummin", running(Cumulative::min));
    table.put("sort", ReductionReplays::sort);
    table.put("topk", ReductionReplays::topk);
  }

  private static void reduction(Map<String, Replay> table, String name, Reduction f) {
    table.put(
        name,
        Replay.one(a -> {
          Tensor x = a.tensor(0, "input");
          Tensor y = x.to(a.dtype(-1, "dtype", x.dtype()));
          return f.apply(y, Dims.orAll(a, x, 1, "dim"), a.flag(2, "keepdim", false));
        }));
  }

  private interface Chosen {
    Sorting.Entries apply(Tensor x, int axis, boolean keepDims);
  }

  private static void entries(Map<String, Replay> table, String name, Chosen f) {
    table.put(name, a -> chosen(a, f));
  }

  private static List<Tensor> chosen(Args a, Chosen f) {
    Tensor x = a.tensor(0, "input");
    int dim = a.integer(1, "dim");
    boolean keep = a.flag(2, "keepdim", false);
    return Dims.entries(x, dim, v -> f.apply(v, dim, keep));
  }

  private static List<Tensor> median(Args a) {
    return a.has(1, "dim")
        ? chosen(a, Statistics::median)
        : List.of(Statistics.median(a.tensor(0, "input")));
  }

  // ---- Spread and size

  private static double correction(Args a, int unbiasedAt) {
    boolean unbiased = a.flag(unbiasedAt, "unbiased", true);
    return a.number(-1, "correction", unbiased ? 1 : 0);
  }

  /// `var(x, unbiased)` or `var(x, dim, unbiased, keepdim)`.
  private static boolean isWhole(Args a) {
    return a.find(1, "dim").map(d -> d instanceof Arg.Flag).orElse(false);
  }

  private static Statistics.VarMean varMean(Args a) {
    Tensor x = a.tensor(0, "input");
    if (isWhole(a)) {
      return Statistics.varMean(x, Statistics.all(x), correction(a, 1), false);
    }
    int[] axes = Dims.orAll(a, x, 1, "dim");
    return Statistics.varMean(x, axes, correction(a, 2), a.flag(3, "keepdim", false));
  }

  private static Tensor std(Args a) {
    Tensor x = a.tensor(0, "input");
    if (isWhole(a)) {
      return Statistics.std(x, Statistics.all(x), correction(a, 1), false);
    }
    int[] axes = Dims.orAll(a, x, 1, "dim");
    return Statistics.std(x, axes, correction(a, 2), a.flag(3, "keepdim", false));
  }

  private static Tensor norm(Args a) {
    Tensor x = a.tensor(0, "input");
    boolean named = a.find(1, "p").map(p -> p instanceof Arg.Text).orElse(false);
    if (named && !a.text(1, "p").equals("fro")) {
      throw new IllegalArgumentException("the norm '" + a.text(1, "p") + "' is one of matrices");
    }
    double p = named ? 2 : a.number(1, "p", 2);
    boolean keep = a.flag(3, "keepdim", false);
    return Statistics.norm(
        x.to(a.dtype(-1, "dtype", x.dtype())), p, Dims.orAll(a, x, 2, "dim"), keep);
  }

  // ---- Along one axis

  private interface Along {
    Tensor apply(Tensor x, int axis);
  }

  private static Replay along(String dim, Along f) {
    return Replay.one(a -> {
      Tensor x = a.tensor(0, "input");
      DType d = a.dtype(-1, "dtype", x.dtype());
      int axis = a.integer(1, dim);
      return Dims.along(x.to(d), axis, v -> f.apply(v, axis));
    });
  }

  private static Replay running(java.util.function.BiFunction<Tensor, Integer, Sorting.Entries> f) {
    return a -> {
      int axis = a.integer(1, "dim");
      return Dims.entries(a.tensor(0, "input"), axis, v -> f.apply(v, axis));
    };
  }

  private static List<Tensor> sort(Args a) {
    int axis = a.integer(1, "dim", -1);
    boolean descending = a.flag(2, "descending", false);
    a.ignore(3, "stable"); // ours always is
    return Dims.entries(a.tensor(0, "input"), axis, v -> Sorting.sort(v, axis, descending));
  }

  private static List<Tensor> topk(Args a) {
    int k = a.integer(1, "k");
    int axis = a.integer(2, "dim", -1);
    boolean largest = a.flag(3, "largest", true);
    a.ignore(4, "sorted"); // ours always are
    Function<Tensor, Sorting.Entries> f = v -> Sorting.topk(v, k, axis, largest);
    return Dims.entries(a.tensor(0, "input"), axis, f);
  }
}
