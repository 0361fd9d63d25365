package org.cotangent.nn.opinfo;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.cotangent.autograd.Diagonals;
import org.cotangent.autograd.Indexing;
import org.cotangent.autograd.Rearrange;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// Shapes, indexing, joining.
final class ShapeReplays {
  private ShapeReplays() {}

  /// Operators of this topic that are not there yet.
  static final Set<String> PENDING = Set.of();

  static void addTo(Map<String, Replay> table) {
    shapes(table);
    joining(table);
    diagonals(table);
    indexing(table);
  }

  private static void put(Map<String, Replay> table, String name, Function<Args, Tensor> f) {
    table.put(name, Replay.one(f));
  }

  private static Tensor x(Args a) {
    return a.tensor(0, "input");
  }

  private static void shapes(Map<String, Replay> table) {
    put(table, "reshape", a -> x(a).reshape(a.intsFrom(1, "shape")));
    put(table, "view", a -> x(a).reshape(a.intsFrom(1, "size")));
    put(table, "expand", a -> x(a).expand(a.intsFrom(1, "size")));
    put(table, "broadcast_to", a -> x(a).expand(a.ints(1, "size")));
    put(table, "permute", a -> x(a).permute(a.intsFrom(1, "dims")));
    put(
        table,
        "movedim",
        a -> Rearrange.moveAxes(x(a), a.ints(1, "source"), a.ints(2, "destination")));
    put(table, "t", a -> x(a).rank() < 2 ? x(a) : x(a).t());
    put(table, "transpose", ShapeReplays::transpose);
    put(table, "flatten", ShapeReplays::flatten);
    put(table, "squeeze", ShapeReplays::squeeze);
    put(table, "unsqueeze", a -> x(a).unsqueeze(a.integer(1, "dim")));
    put(table, "flip", a -> Rearrange.flip(x(a), a.intsFrom(1, "dims")));
    put(table, "roll", ShapeReplays::roll);
    put(table, "repeat", a -> Rearrange.repeat(x(a), a.intsFrom(1, "repeats")));
    put(table, "tile", a -> Rearrange.tile(x(a), a.intsFrom(1, "dims")));
    put(table, "repeat_interleave", ShapeReplays::repeatInterleave);
    put(table, "unfold", ShapeReplays::unfold);
    put(
        table,
        "narrow",
        a ->
            Rearrange.narrow(
                x(a), a.integer(1, "dim"), a.integer(2, "start"), a.integer(3, "length")));
    put(table, "select", a -> x(a).select(a.integer(1, "dim"), a.integer(2, "index")));
    put(
        table,
        "slice",
        a ->
            x(a).slice(
                    a.integer(1, "dim", 0),
                    a.integer(2, "start", 0),
                    a.integer(3, "end", Integer.MAX_VALUE),
                    a.integer(4, "step", 1)));
    table.put("chunk", a -> Rearrange.chunk(x(a), a.integer(1, "chunks"), a.integer(2, "dim", 0)));
    table.put("split", ShapeReplays::split);
    table.put("split_with_sizes", ShapeReplays::split);
    table.put("unbind", a -> Rearrange.unbind(x(a), a.integer(1, "dim", 0)));
  }

  private static Tensor transpose(Args a) {
    int i = a.integer(1, "dim0");
    int j = a.integer(2, "dim1");
    return Dims.along(x(a), i, v -> v.transpose(i, j));
  }

  private static Tensor flatten(Args a) {
    Tensor x = x(a).rank() == 0 ? x(a).unsqueeze(0) : x(a);
    int from = Math.floorMod(a.integer(1, "start_dim", 0), x.rank());
    int to = Math.floorMod(a.integer(2, "end_dim", -1), x.rank());
    Shape s = x.shape();
    for (int i = to; i > from; i--) {
      s = s.with(i - 1, s.dim(i - 1) * s.dim(i)).without(i);
    }
    return x.reshape(s);
  }

  private static Tensor squeeze(Args a) {
    Tensor x = x(a);
    if (!a.has(1, "dim")) {
      return Rearrange.squeeze(x);
    }
    int dim = a.integer(1, "dim");
    return x.rank() > 0 && x.dim(dim) == 1 ? x.squeeze(dim) : x;
  }

  private static Tensor roll(Args a) {
    int[] shifts = a.ints(1, "shifts");
    int[] dims = a.ints(2, "dims", new int[0]);
    return dims.length == 0
        ? Rearrange.roll(x(a).flatten(), shifts[0], 0).reshape(x(a).shape())
        : Rearrange.roll(x(a), shifts, dims);
  }

  private static Tensor repeatInterleave(Args a) {
    boolean whole = !a.has(2, "dim");
    Tensor x = whole ? x(a).flatten() : x(a);
    int dim = a.integer(2, "dim", 0);
    a.ignore(-1, "output_size");
    if (a.find(1, "repeats").orElseThrow() instanceof Arg.OfTensor(Tensor times)) {
      return Rearrange.repeatInterleave(x, times.expand(Shape.of(x.dim(dim))), dim);
    }
    return Rearrange.repeatInterleave(x, a.integer(1, "repeats"), dim);
  }

  private static Tensor unfold(Args a) {
    Tensor x = x(a).rank() == 0 ? x(a).unsqueeze(0) : x(a);
    Tensor y =
        Rearrange.unfold(x, a.integer(1, "dimension"), a.integer(2, "size"), a.integer(3, "step"));
    return x(a).rank() == 0 ? y.squeeze(0) : y;
  }

  private static List<Tensor> split(Args a) {
    int dim = a.integer(2, "dim", 0);
    return a.find(1, "split_size").orElseThrow() instanceof Arg.Items
        ? Rearrange.split(x(a), a.ints(1, "split_size"), dim)
        : Rearrange.split(x(a), a.integer(1, "split_size"), dim);
  }

  private static void joining(Map<String, Replay> table) {
    put(table, "cat", a -> Tensor.concat(a.integer(1, "dim", 0), parts(a)));
    put(table, "stack", a -> Tensor.stack(a.integer(1, "dim", 0), parts(a)));
    put(table, "hstack", a -> Rearrange.hstack(parts(a)));
    put(table, "vstack", a -> Rearrange.vstack(parts(a)));
  }

  private static Tensor[] parts(Args a) {
    return a.tensors(0, "tensors").toArray(Tensor[]::new);
  }

  private static void diagonals(Map<String, Replay> table) {
    put(table, "diag", a -> Diagonals.diag(x(a), a.integer(1, "diagonal", 0)));
    put(
        table,
        "diagonal",
        a ->
            Diagonals.diagonal(
                x(a), a.integer(1, "offset", 0), a.integer(2, "dim1", 0), a.integer(3, "dim2", 1)));
    put(
        table,
        "diag_embed",
        a ->
            Diagonals.embed(
                x(a),
                a.integer(1, "offset", 0),
                a.integer(2, "dim1", -2),
                a.integer(3, "dim2", -1)));
    put(table, "tril", a -> Diagonals.tril(x(a), a.integer(1, "diagonal", 0)));
    put(table, "triu", a -> Diagonals.triu(x(a), a.integer(1, "diagonal", 0)));
    put(table, "trace", a -> Diagonals.trace(x(a)));
  }

  private static void indexing(Map<String, Replay> table) {
    put(table, "__getitem__", IndexReplay::get);
    put(table, "gather", ShapeReplays::gather);
    put(table, "take_along_dim", ShapeReplays::takeAlong);
    put(table, "scatter", a -> scattered(a, Indexing::scatter));
    put(table, "scatter_add", a -> scattered(a, Tensor::scatterAdd));
    put(table, "index_add", ShapeReplays::indexAdd);
    put(table, "index_select", ShapeReplays::indexSelect);
    put(table, "masked_select", a -> Indexing.maskedSelect(x(a), a.tensor(1, "mask")));
  }

  private static Tensor vector(Tensor x) {
    return x.rank() == 0 ? x.unsqueeze(0) : x;
  }

  private static Tensor gather(Args a) {
    Tensor index = a.tensor(2, "index");
    a.ignore(3, "sparse_grad");
    return vector(x(a)).gather(a.integer(1, "dim"), vector(index)).reshape(index.shape());
  }

  private static Tensor takeAlong(Args a) {
    Tensor index = a.tensor(1, "indices");
    return a.has(2, "dim")
        ? Indexing.takeAlong(x(a), a.integer(2, "dim"), index)
        : x(a).flatten().gather(0, index.flatten());
  }

  private interface Scatter {
    Tensor apply(Tensor x, int axis, Tensor index, Tensor source);
  }

  private static Tensor scattered(Args a, Scatter f) {
    Tensor x = x(a);
    Tensor index = a.tensor(2, "index");
    Tensor source = a.operand(3, "src", DType.F64);
    Tensor each = source.rank() == 0 ? source.expand(index.shape()) : source;
    return f.apply(vector(x), a.integer(1, "dim"), vector(index), vector(each)).reshape(x.shape());
  }

  private static Tensor indexAdd(Args a) {
    Tensor index = vector(a.tensor(2, "index"));
    Tensor source = vector(a.tensor(3, "source"));
    double alpha = a.number(-1, "alpha", 1);
    return Indexing.add(vector(x(a)), a.integer(1, "dim"), index, source, alpha)
        .reshape(x(a).shape());
  }

  private static Tensor indexSelect(Args a) {
    int dim = a.integer(1, "dim");
    Tensor index = vector(a.tensor(2, "index"));
    return Dims.along(x(a), dim, v -> v.indexSelect(dim, index));
  }
}
