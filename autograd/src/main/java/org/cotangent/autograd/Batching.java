package org.cotangent.autograd;

import java.util.Arrays;
import java.util.function.Function;
import java.util.function.IntFunction;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.shape.Axes;
import org.cotangent.autograd.shape.Shape;

/// The table of batching rules: what an operation on each example is on all of them, which lie
/// along axis 0. Beside the table of derivatives, a line an operation.
///
/// A rule gives a tensor with the examples along axis 0. It is written in tensor operations, so
/// that it can be differentiated, traced and batched again. Where an operation lets leading axes
/// pass, the rule is [#leading]. Each rule applies as many operations for many examples as for one.
final class Batching {
  private Batching() {}

  /// `op` on each of `size` examples, of which at least one operand differs.
  static Tensor apply(Op op, int size, Example... x) {
    return switch (op) {
      case Op.Elementwise f -> broadcasting(f, x);
      case Op.Sum(Shape to) -> reduced(Op.Sum::new, to, x[0]);
      case Op.Max(Shape to) -> reduced(Op.Max::new, to, x[0]);
      case Op.LogSumExp(Shape to) -> reduced(Op.LogSumExp::new, to, x[0]);
      case Op.Expand(Shape to) ->
          Recording.apply(new Op.Expand(to.inserted(0, size)), x[0].aligned(to.rank()));
      case Op.Reshape(Shape to) -> leading(new Op.Reshape(to.inserted(0, size)), x);
      case Op.Permute(Axes order) -> leading(new Op.Permute(shifted(order, x[0])), x);
      case Op.Slice(int axis, int start, int length, int step) ->
          leading(new Op.Slice(axis + 1, start, length, step), x);
      case Op.Embed(int axis, int start, int step, int extent) ->
          leading(new Op.Embed(axis + 1, start, step, extent), x);
      case Op.Concat(int axis) -> leading(new Op.Concat(axis + 1), x);
      case Op.Gather(int axis) -> leading(new Op.Gather(axis + 1), x);
      case Op.ScatterAdd(int axis, int extent) -> leading(new Op.ScatterAdd(axis + 1, extent), x);
      case Op.IndexSelect(int axis) ->
          indexed(Op.IndexSelect::new, Op.Gather::new, axis, x[0], x[1]);
      case Op.IndexAdd(int axis, int extent) ->
          indexed(
              a -> new Op.IndexAdd(a, extent), a -> new Op.ScatterAdd(a, extent), axis, x[0], x[1]);
      case Op.MatMul m -> matmul(m, x[0], x[1]);
      case Op.SoftmaxCrossEntropy f -> leading(f, x);
      case Op.Softmax(int axis) -> leading(new Op.Softmax(axis + 1), x);
      case Op.ArgMax(int axis) -> leading(new Op.ArgMax(axis + 1), x);
      case Op.Solve f -> solve(f, x);
      case Op.Factorization f -> broadcasting(f, x);
      case Op.CumSum(int axis, boolean reverse) -> leading(new Op.CumSum(axis + 1, reverse), x);
      case Op.ArgSort(int axis, boolean descending) ->
          leading(new Op.ArgSort(axis + 1, descending), x);
      case Op.Windows(int axis, int count, int extent, int step, int dilation) ->
          leading(new Op.Windows(axis + 1, count, extent, step, dilation), x);
      case Op.OverlapAdd(int axis, int extent, int step, int dilation) ->
          leading(new Op.OverlapAdd(axis + 1, extent, step, dilation), x);
      case Op.Conv f -> ConvBatching.apply(f, size, x[0], x[1]);
      case Op.ArgMaxPool f -> leading(f, x);
      case Op.Moments(Shape to) -> moments(to, x[0]);
    };
  }

  /// An operation that does not mind one leading axis more, once its axes are counted anew.
  private static Tensor leading(Op op, Example... x) {
    Tensor[] in = new Tensor[x.length];
    Arrays.setAll(in, i -> x[i].batch());
    return Recording.apply(op, in);
  }

  /// Ranks are made equal, so that the batch meets the batch.
  private static Tensor broadcasting(Op op, Example... x) {
    int rank = Arrays.stream(x).mapToInt(Example::rank).max().orElse(0);
    Tensor[] in = new Tensor[x.length];
    Arrays.setAll(in, i -> x[i].aligned(rank));
    return Recording.apply(op, in);
  }

  /// A matrix and its factors must have the same batches, also where one of them is shared.
  private static Tensor solve(Op.Solve op, Example... x) {
    Example[] in = x.clone();
    if (x[0].isMapped() != x[1].isMapped()) {
      for (int i = 0; i < 2; i++) {
        in[i] = new Example(x[i].vmap(), x[i].batch(), true);
      }
    }
    return broadcasting(op, in);
  }

  /// A shape to reduce to is aligned with the operand's at the last axis.
  private static Tensor reduced(Function<Shape, Op> op, Shape to, Example x) {
    Shape kept = to;
    while (kept.rank() < x.rank()) {
      kept = kept.inserted(0, 1);
    }
    int size = x.vmap().size();
    Tensor y = Recording.apply(op.apply(kept.inserted(0, size)), x.all());
    return y.reshape(to.inserted(0, size));
  }

  /// Both moments of all examples come first, and change places with these.
  private static Tensor moments(Shape to, Example x) {
    Shape kept = to;
    while (kept.rank() < x.rank()) {
      kept = kept.inserted(0, 1);
    }
    int size = x.vmap().size();
    Tensor y = Recording.apply(new Op.Moments(kept.inserted(0, size)), x.all());
    return y.transpose(0, 1).reshape(to.inserted(0, 2).inserted(0, size));
  }

  private static Axes shifted(Axes order, Example x) {
    int[] o = new int[order.rank() + 1];
    for (int i = 1; i < o.length; i++) {
      o[i] = order.get(i - 1) + 1;
    }
    return Axes.permutation(x.batch().shape(), o);
  }

  /// Whole slices at the positions of one index for all examples, or element by element at those of
  /// one index each.
  private static Tensor indexed(
      IntFunction<Op> slices, IntFunction<Op> elements, int axis, Example x, Example index) {
    if (!index.isMapped()) {
      return Recording.apply(slices.apply(axis + 1), x.all(), index.all());
    }
    Tensor in = x.batch();
    int size = x.vmap().size();
    int positions = index.dim(0);
    Shape along = in.shape().collapsed(Reduce.all(in.shape()));
    Tensor places = index.all().reshape(along.with(0, size).with(axis + 1, positions));
    Shape each = in.shape().with(axis + 1, positions);
    return Recording.apply(elements.apply(axis + 1), in, places.expand(each));
  }

  /// With one matrix for all examples, the product of all rows at once; of columns by rows, as in
  /// the gradients of weights, a multiplication; else a product an example.
  private static Tensor matmul(Op.MatMul m, Example a, Example b) {
    if (a.rank() == 2 && b.rank() == 2) {
      if (a.isMapped() && b.isMapped() && a.dim(m.transA() ? 0 : 1) == 1) {
        Tensor columns = a.all().reshape(a.vmap().size(), a.dim(m.transA() ? 1 : 0), 1);
        return columns.mul(b.all().reshape(b.vmap().size(), 1, b.dim(m.transB() ? 0 : 1)));
      }
      if (!b.isMapped() && isByRows(a, m.transA())) {
        int rows = a.dim(m.transA() ? 1 : 0);
        return ofRows(a, rows, b.all(), m.transB());
      }
      if (!a.isMapped() && isByRows(b, !m.transB())) { // (A B)ᵀ = Bᵀ Aᵀ
        int rows = b.dim(m.transB() ? 0 : 1);
        return ofRows(b, rows, a.all(), !m.transA()).t();
      }
    }
    return broadcasting(m, a, b);
  }

  /// Whether the rows of op(x) follow one another: not transposed, or a single row or column.
  private static boolean isByRows(Example x, boolean transposed) {
    return !transposed || x.dim(0) == 1 || x.dim(1) == 1;
  }

  private static Tensor ofRows(Example x, int rows, Tensor matrix, boolean transposed) {
    int size = x.vmap().size();
    int inner = matrix.dim(transposed ? 1 : 0);
    Tensor y =
        Recording.apply(
            new Op.MatMul(false, transposed), x.all().reshape(size * rows, inner), matrix);
    return y.reshape(size, rows, matrix.dim(transposed ? 0 : 1));
  }
}
