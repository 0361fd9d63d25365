package org.cotangent.autograd;

import java.util.Arrays;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// Positions, as users write them, brought to the engine's operations.
final class Indexing {
  private Indexing() {}

  /// A shape in which one extent may be -1.
  static Shape inferred(Shape from, int... dims) {
    int hole = -1;
    long known = 1;
    for (int i = 0; i < dims.length; i++) {
      if (dims[i] == -1 && hole < 0) {
        hole = i;
      } else {
        known *= dims[i];
      }
    }
    if (hole < 0) {
      return Shape.of(dims);
    }
    if (known <= 0 || from.size() % known != 0) {
      throw new IllegalArgumentException(
          "RESHAPE: %s to %s: %d elements do not divide evenly; the -1 has no value"
              .formatted(from, Arrays.toString(dims), from.size()));
    }
    int[] d = dims.clone();
    d[hole] = (int) (from.size() / known);
    return Shape.of(d);
  }

  static Tensor slice(Tensor x, int axis, int start, int stop, int step) {
    int a = x.shape().axis("SLICE", axis);
    int n = x.shape().dim(a);
    if (step <= 0) {
      throw new IllegalArgumentException(
          "SLICE: the step %d must be positive; use flip to reverse".formatted(step));
    }
    int from = Math.clamp(start < 0 ? (long) start + n : start, 0, n);
    int to = Math.clamp(stop < 0 ? (long) stop + n : stop, 0, n);
    int length = to <= from ? 0 : (to - from - 1) / step + 1;
    if (length == n) {
      return x;
    }
    return Recording.apply(new Op.Slice(a, length == 0 ? 0 : from, length, step), x);
  }

  static Tensor select(Tensor x, int axis, int position) {
    int a = x.shape().axis("SELECT", axis);
    int n = x.shape().dim(a);
    int p = position < 0 ? position + n : position;
    if (p < 0 || p >= n) {
      throw new IndexOutOfBoundsException(
          "SELECT: no position %d on axis %d of %s: positions are %d to %d"
              .formatted(position, axis, x.shape(), -n, n - 1));
    }
    return slice(x, a, p, p + 1, 1).squeeze(a);
  }

  static Tensor unfold(Tensor x, int axis, int size, int step, int dilation) {
    int a = x.shape().axis("UNFOLD", axis);
    int n = x.shape().dim(a);
    long reach = (size - 1L) * dilation + 1;
    if (size < 0 || step < 1 || dilation < 1 || reach > n) {
      throw new IllegalArgumentException(
          "UNFOLD: windows of %d elements, step %d, dilation %d, do not fit axis %d of %s: size, step and dilation must be positive and reach over %d elements at most"
              .formatted(size, step, dilation, axis, x.shape(), n));
    }
    int count = (int) ((n - Math.max(1, reach)) / step) + 1;
    return Recording.apply(new Op.Windows(a, count, size, step, dilation), x);
  }

  static Tensor pad(Tensor x, int axis, int before, int after, double v) {
    int a = x.shape().axis("PAD", axis);
    if (before < 0 || after < 0) {
      throw new IllegalArgumentException(
          "PAD: %d before and %d after: neither can be negative; use slice to cut"
              .formatted(before, after));
    }
    if (before + after == 0) {
      return x;
    }
    if (v == 0) {
      int size = Math.addExact(Math.addExact(x.dim(a), before), after);
      return Recording.apply(new Op.Embed(a, before, 1, size), x);
    }
    Tensor left = Tensor.full(x.shape().with(a, before), v, x.dtype());
    Tensor right = Tensor.full(x.shape().with(a, after), v, x.dtype());
    return concat(a, left, x, right);
  }

  static Tensor oneHot(Tensor index, int classes, DType dtype) {
    if (!index.dtype().isInteger()) {
      throw new IllegalArgumentException(
          "ONE_HOT: the index must be I32 or I64, but this is %s".formatted(index.dtype()));
    }
    Tensor positions = Tensor.arange(0, classes, 1, index.dtype());
    return index.unsqueeze(-1).eq(positions).to(dtype);
  }

  static Tensor concat(int axis, Tensor... parts) {
    if (parts.length == 0) {
      throw new IllegalArgumentException("CONCAT: no tensors given; one or more are needed");
    }
    int a = parts[0].shape().axis("CONCAT", axis);
    if (parts.length == 1) {
      return parts[0];
    }
    DType d = parts[0].dtype();
    for (Tensor p : parts) {
      d = DType.promote(d, p.dtype());
    }
    DType common = d;
    Tensor[] in = new Tensor[parts.length];
    Arrays.setAll(in, i -> parts[i].to(common));
    return Recording.apply(new Op.Concat(a), in);
  }
}
