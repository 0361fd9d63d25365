package org.cotangent.autograd.backend;

import org.cotangent.autograd.op.Op;

/// Which method of a backend computes which operation.
final class Primitives {
  private Primitives() {}

  /// `out`, which is zeroed and contiguous, becomes the result.
  static void compute(Backend backend, Op op, Buffer[] in, Buffer out) {
    switch (op) {
      case Op.Sum _ -> backend.sum(in[0], out);
      case Op.Max _ -> backend.max(in[0], out);
      case Op.LogSumExp _ -> backend.logSumExp(in[0], out);
      case Op.SoftmaxCrossEntropy() -> backend.softmaxCrossEntropy(in[0], in[1], out);
      case Op.Softmax(int axis) -> backend.softmax(in[0], axis, out);
      case Op.ArgMax(int axis) -> backend.argMax(in[0], axis, out);
      case Op.MatMul(boolean ta, boolean tb) -> backend.matmul(in[0], ta, in[1], tb, out);
      case Op.Gather(int axis) -> backend.gather(in[0], in[1], axis, false, out);
      case Op.IndexSelect(int axis) -> backend.gather(in[0], in[1], axis, true, out);
      case Op.ScatterAdd(int axis, _) -> backend.scatterAdd(in[0], in[1], axis, false, out);
      case Op.IndexAdd(int axis, _) -> backend.scatterAdd(in[0], in[1], axis, true, out);
      case Op.Embed e ->
          backend.copy(
              in[0],
              out.view(
                  out.layout().slice(e.axis(), e.start(), in[0].shape().dim(e.axis()), e.step())));
      case Op.Concat(int axis) -> {
        int start = 0;
        for (Buffer x : in) {
          int n = x.shape().dim(axis);
          backend.copy(x, out.view(out.layout().slice(axis, start, n, 1)));
          start += n;
        }
      }
      case Op.CumSum(int axis, boolean reverse) -> backend.cumSum(in[0], axis, reverse, out);
      case Op.ArgSort(int axis, boolean descending) ->
          backend.argSort(in[0], axis, descending, out);
      case Op.Factorization f -> backend.factorize(f, in, out);
      case Op.OverlapAdd o -> backend.overlapAdd(in[0], o.axis(), o.step(), o.dilation(), out);
      case Op.Conv c -> backend.conv(c, in[0], in[1], out);
      case Op.ArgMaxPool p -> backend.argMaxPool(in[0], p.rows(), p.columns(), out);
      case Op.Moments _ -> backend.moments(in[0], out);
      case Op.Elementwise _, Op.Reshape _, Op.Permute _, Op.Expand _, Op.Slice _, Op.Windows _ ->
          throw new AssertionError("not computed here: " + op);
    }
  }
}
