package org.cotangent.autograd.op;

import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// The shape and the dtype of every operation's result, and the errors of operands that do not fit.
///
/// Both switches are exhaustive without a default, so a new operation does not compile until it is
/// here.
public final class Shapes {
  private Shapes() {}

  /// The shape of `op` applied to `in`.
  ///
  /// @throws IllegalArgumentException naming the operation, the shapes and the rule, if they do not
  ///   fit
  public static Shape of(Op op, Value... in) {
    Shape x = first(op, in).shape();
    return switch (op) {
      case Op.Unary _, Op.Clamp _, Op.Cast _ -> x;
      case Op.Binary f -> Shape.broadcast(f.name(), x, in[1].shape());
      case Op.Compare f -> Shape.broadcast(f.name(), x, in[1].shape());
      case Op.Logical f -> f == Op.Logical.NOT ? x : Shape.broadcast(f.name(), x, in[1].shape());
      case Op.Where() ->
          Shape.broadcast("WHERE", Shape.broadcast("WHERE", x, in[1].shape()), in[2].shape());
      case Op.Sum(Shape to) -> reduced("SUM", x, to);
      case Op.Max(Shape to) -> nonEmptyReduced("MAX", x, to);
      case Op.LogSumExp(Shape to) -> reduced("LOG_SUM_EXP", x, to);
      case Op.Expand(Shape to) -> {
        if (!x.broadcastsTo(to)) {
          throw new IllegalArgumentException(
              "EXPAND: %s does not stretch to %s: aligned at the last axis, each extent must be equal or 1"
                  .formatted(x, to));
        }
        yield to;
      }
      case Op.Reshape(Shape to) -> {
        if (x.size() != to.size()) {
          throw new IllegalArgumentException(
              "RESHAPE: %s to %s: %d elements cannot become %d"
                  .formatted(x, to, x.size(), to.size()));
        }
        yield to;
      }
      case Op.Permute(var order) -> {
        if (order.rank() != x.rank()) {
          throw new IllegalArgumentException(
              "PERMUTE: the order %s must name each axis of %s once".formatted(order, x));
        }
        yield order.apply(x);
      }
      case Op.Slice s -> slice(s, x);
      case Op.Embed e -> embed(e, x);
      case Op.Concat(int axis) -> concat(axis, in);
      case Op.Gather(int axis) -> {
        axis("GATHER", axis, x);
        sameButOn("GATHER", axis, x, in[1].shape());
        yield in[1].shape();
      }
      case Op.ScatterAdd(int axis, int size) -> {
        axis("SCATTER_ADD", axis, x);
        if (!x.equals(in[1].shape())) {
          throw new IllegalArgumentException(
              "SCATTER_ADD: source %s and index %s must have one shape"
                  .formatted(x, in[1].shape()));
        }
        yield x.with(axis, size);
      }
      case Op.IndexSelect(int axis) -> {
        axis("INDEX_SELECT", axis, x);
        indexVector("INDEX_SELECT", in[1].shape());
        yield x.with(axis, in[1].shape().size());
      }
      case Op.IndexAdd(int axis, int size) -> {
        axis("INDEX_ADD", axis, x);
        indexVector("INDEX_ADD", in[1].shape());
        if (x.dim(axis) != in[1].shape().size()) {
          throw new IllegalArgumentException(
              "INDEX_ADD: axis %d of source %s needs one index a slice, but there are %d"
                  .formatted(axis, x, in[1].shape().size()));
        }
        yield x.with(axis, size);
      }
      case Op.MatMul m -> matmul(m, x, in[1].shape());
      case Op.SoftmaxCrossEntropy() -> crossEntropy(x, in[1]);
      case Op.Softmax(int axis) -> {
        axis("SOFTMAX", axis, x);
        yield x;
      }
      case Op.ArgMax(int axis) -> {
        axis("ARG_MAX", axis, x);
        yield nonEmptyReduced("ARG_MAX", x, x.with(axis, 1));
      }
      case Op.Factorization f -> MatrixShapes.of(f, in);
      case Op.CumSum(int axis, _) -> {
        axis("CUM_SUM", axis, x);
        yield x;
      }
      case Op.ArgSort(int axis, _) -> {
        axis("ARG_SORT", axis, x);
        yield x;
      }
      case Op.Windows w -> {
        axis("WINDOWS", w.axis(), x);
        windows("WINDOWS", w.count(), w.size(), w.step(), w.dilation(), x.dim(w.axis()));
        yield x.with(w.axis(), w.count()).inserted(x.rank(), w.size());
      }
      case Op.OverlapAdd o -> {
        if (x.rank() < 2) {
          throw new IllegalArgumentException(
              "OVERLAP_ADD: %s needs an axis of windows, and a last one of their elements"
                  .formatted(x));
        }
        axis("OVERLAP_ADD", o.axis(), x.without(-1));
        int count = x.dim(o.axis());
        windows("OVERLAP_ADD", count, x.dim(-1), o.step(), o.dilation(), o.extent());
        yield x.without(-1).with(o.axis(), o.extent());
      }
      case Op.Conv c -> ConvShapes.of(c, x, in[1].shape());
      case Op.ArgMaxPool p -> ConvShapes.pooled(p, x);
      case Op.Moments(Shape to) -> reduced("MOMENTS", x, to).inserted(0, 2);
    };
  }

  /// The dtype of `op` applied to `in`.
  ///
  /// @throws IllegalArgumentException naming the operation and the dtypes, if they do not fit
  public static DType dtype(Op op, Value... in) {
    DType x = first(op, in).dtype();
    return switch (op) {
      case Op.Unary f ->
          switch (f) {
            case NEG, ABS, SIGN, SQUARE -> numeric(f.name(), x);
            default -> floating(f.name(), x);
          };
      case Op.Binary f ->
          switch (f) {
            case POW, ATAN2 -> floating(f.name(), same(f.name(), x, in[1].dtype()));
            default -> numeric(f.name(), same(f.name(), x, in[1].dtype()));
          };
      case Op.Compare f -> {
        same(f.name(), x, in[1].dtype());
        yield DType.BOOL;
      }
      case Op.Logical f -> {
        bool(f.name(), x);
        yield in.length == 1 ? x : bool(f.name(), in[1].dtype());
      }
      case Op.Where() -> {
        bool("WHERE", x);
        yield same("WHERE", in[1].dtype(), in[2].dtype());
      }
      case Op.Clamp _ -> numeric("CLAMP", x);
      case Op.Cast(DType to) -> to;
      case Op.Sum _ -> numeric("SUM", x);
      case Op.Max _ -> numeric("MAX", x);
      case Op.LogSumExp _ -> floating("LOG_SUM_EXP", x);
      case Op.Expand _, Op.Reshape _, Op.Permute _, Op.Slice _, Op.Embed _ -> x;
      case Op.Concat _ -> {
        for (Value v : in) {
          same("CONCAT", x, v.dtype());
        }
        yield x;
      }
      case Op.Gather _ -> indexed("GATHER", x, in[1]);
      case Op.ScatterAdd _ -> numeric("SCATTER_ADD", indexed("SCATTER_ADD", x, in[1]));
      case Op.IndexSelect _ -> indexed("INDEX_SELECT", x, in[1]);
      case Op.IndexAdd _ -> numeric("INDEX_ADD", indexed("INDEX_ADD", x, in[1]));
      case Op.MatMul _ -> floating("MATMUL", same("MATMUL", x, in[1].dtype()));
      case Op.SoftmaxCrossEntropy() -> {
        if (!in[1].dtype().isInteger()) {
          same("SOFTMAX_CROSS_ENTROPY", x, in[1].dtype());
        }
        yield floating("SOFTMAX_CROSS_ENTROPY", x);
      }
      case Op.Softmax _ -> floating("SOFTMAX", x);
      case Op.ArgMax _ -> {
        numeric("ARG_MAX", x);
        yield DType.I64;
      }
      case Op.Factorization f -> {
        String name = MatrixShapes.name(f);
        for (Value v : in) {
          same(name, x, v.dtype());
        }
        yield floating(name, x);
      }
      case Op.CumSum _ -> numeric("CUM_SUM", x);
      case Op.ArgSort _ -> {
        numeric("ARG_SORT", x);
        yield DType.I64;
      }
      case Op.Windows _ -> x;
      case Op.OverlapAdd _ -> numeric("OVERLAP_ADD", x);
      case Op.Conv _ -> floating("CONV", same("CONV", x, in[1].dtype()));
      case Op.ArgMaxPool _ -> {
        numeric("ARG_MAX_POOL", x);
        yield DType.I64;
      }
      case Op.Moments _ -> floating("MOMENTS", x);
    };
  }

  private static Value first(Op op, Value... in) {
    if (in.length == 0) {
      throw new IllegalArgumentException("%s: needs one operand or more".formatted(op));
    }
    return in[0];
  }

  /// An operation knows its axis: whoever makes it resolves numbers that count from the end.
  private static void axis(String op, int axis, Shape x) {
    if (axis < 0) {
      throw new IllegalArgumentException(
          "%s: the axis %d of an operation must be 0 or more; resolve it with Shape.axis"
              .formatted(op, axis));
    }
    x.axis(op, axis);
  }

  private static Shape reduced(String op, Shape x, Shape to) {
    if (!to.broadcastsTo(x)) {
      throw new IllegalArgumentException(
          "%s: %s does not reduce to %s: aligned at the last axis, each extent must be kept or become 1"
              .formatted(op, x, to));
    }
    return to;
  }

  private static Shape nonEmptyReduced(String op, Shape x, Shape to) {
    reduced(op, x, to);
    if (x.size() == 0 && to.size() != 0) {
      throw new IllegalArgumentException(
          "%s: %s to %s: the largest of no elements does not exist".formatted(op, x, to));
    }
    return to;
  }

  private static Shape slice(Op.Slice s, Shape x) {
    axis("SLICE", s.axis(), x);
    int n = x.dim(s.axis());
    long last = s.start() + (long) (s.length() - 1) * s.step();
    if (s.length() < 0
        || s.step() == 0
        || (s.length() > 0 && (s.start() < 0 || s.start() >= n || last < 0 || last >= n))) {
      throw new IllegalArgumentException(
          "SLICE: %d elements from %d by %d do not lie in axis %d (extent %d) of %s"
              .formatted(s.length(), s.start(), s.step(), s.axis(), n, x));
    }
    return x.with(s.axis(), s.length());
  }

  private static Shape embed(Op.Embed e, Shape x) {
    axis("EMBED", e.axis(), x);
    int n = x.dim(e.axis());
    long last = e.start() + (long) (n - 1) * e.step();
    if (e.step() == 0
        || (n > 0 && (e.start() < 0 || e.start() >= e.size() || last < 0 || last >= e.size()))) {
      throw new IllegalArgumentException(
          "EMBED: axis %d of %s, from %d by %d, does not fit into the extent %d"
              .formatted(e.axis(), x, e.start(), e.step(), e.size()));
    }
    return x.with(e.axis(), e.size());
  }

  private static void windows(String op, int count, int size, int step, int dilation, int extent) {
    long last = (count - 1L) * step + (size - 1L) * dilation;
    if (count < 0
        || size < 0
        || step < 1
        || dilation < 1
        || (count > 0 && size > 0 && last >= extent)) {
      throw new IllegalArgumentException(
          "%s: %d windows of %d elements, step %d, dilation %d, do not lie in the extent %d"
              .formatted(op, count, size, step, dilation, extent));
    }
  }

  private static Shape concat(int axis, Value... in) {
    Shape x = in[0].shape();
    axis("CONCAT", axis, x);
    long n = 0;
    for (Value v : in) {
      sameButOn("CONCAT", axis, x, v.shape());
      n += v.shape().dim(axis);
    }
    return x.with(axis, Math.toIntExact(n));
  }

  private static void sameButOn(String op, int axis, Shape x, Shape y) {
    boolean fits = x.rank() == y.rank();
    for (int i = 0; fits && i < x.rank(); i++) {
      fits = i == axis || x.dim(i) == y.dim(i);
    }
    if (!fits) {
      throw new IllegalArgumentException(
          "%s: shapes %s and %s may differ on axis %d only".formatted(op, x, y, axis));
    }
  }

  private static void indexVector(String op, Shape index) {
    if (index.rank() != 1) {
      throw new IllegalArgumentException(
          "%s: the index has shape %s; it must have one axis".formatted(op, index));
    }
  }

  private static Shape matmul(Op.MatMul m, Shape a, Shape b) {
    if (a.rank() < 2 || b.rank() < 2) {
      throw new IllegalArgumentException(
          "MATMUL: %s x %s: both operands need two axes or more".formatted(a, b));
    }
    int rows = a.dim(m.transA() ? -1 : -2);
    int inner = a.dim(m.transA() ? -2 : -1);
    int inner2 = b.dim(m.transB() ? -1 : -2);
    int cols = b.dim(m.transB() ? -2 : -1);
    if (inner != inner2) {
      throw new IllegalArgumentException(
          "MATMUL: %s%s x %s%s: inner sizes %d and %d differ; transpose one of them?"
              .formatted(a, m.transA() ? "ᵀ" : "", b, m.transB() ? "ᵀ" : "", inner, inner2));
    }
    if (a.rank() == 2 && b.rank() == 2) {
      return Shape.of(rows, cols);
    }
    Shape batch =
        Shape.broadcast("MATMUL (batches)", a.without(-1).without(-1), b.without(-1).without(-1));
    return batch.inserted(batch.rank(), rows).inserted(batch.rank() + 1, cols);
  }

  private static Shape crossEntropy(Shape x, Value target) {
    if (x.rank() == 0 || x.dim(-1) == 0) {
      throw new IllegalArgumentException(
          "SOFTMAX_CROSS_ENTROPY: logits %s need a last axis with one class or more".formatted(x));
    }
    Shape expected = target.dtype().isInteger() ? x.without(-1) : x;
    if (!target.shape().equals(expected)) {
      throw new IllegalArgumentException(
          "SOFTMAX_CROSS_ENTROPY: logits %s need targets of shape %s (%s), but these have %s"
              .formatted(
                  x,
                  expected,
                  target.dtype().isInteger() ? "class indices" : "one weight a class",
                  target.shape()));
    }
    return x.with(-1, 1);
  }

  private static DType same(String op, DType a, DType b) {
    if (a != b) {
      throw new IllegalArgumentException(
          "%s: dtypes %s and %s differ; convert one with to(...)".formatted(op, a, b));
    }
    return a;
  }

  private static DType numeric(String op, DType x) {
    if (x == DType.BOOL) {
      throw new IllegalArgumentException(
          "%s: not defined on BOOL; convert with to(DType.F32) or use and, or, not".formatted(op));
    }
    return x;
  }

  private static DType floating(String op, DType x) {
    if (!x.isFloating()) {
      throw new IllegalArgumentException(
          "%s: needs F32 or F64, but this is %s; convert with to(...)".formatted(op, x));
    }
    return x;
  }

  private static DType bool(String op, DType x) {
    if (x != DType.BOOL) {
      throw new IllegalArgumentException(
          "%s: needs BOOL, but this is %s; compare with ne(0)".formatted(op, x));
    }
    return x;
  }

  private static DType indexed(String op, DType x, Value index) {
    if (!index.dtype().isInteger()) {
      throw new IllegalArgumentException(
          "%s: the index must be I32 or I64, but this is %s".formatted(op, index.dtype()));
    }
    return x;
  }
}
