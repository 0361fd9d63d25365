package org.cotangent.autograd;

import java.util.Arrays;
import java.util.stream.LongStream;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// Elements chosen by position: reading, adding and writing where an index says.
public final class Indexing {
  private Indexing() {}

  /// The part of x that an index names, as `x[...]` in NumPy and PyTorch. Fewer parts than axes
  /// leave the last axes whole.
  ///
  /// Tensors among the parts broadcast with each other and are used together; their axes stand
  /// where theirs stood if those were neighbours, else in front. A mask's result depends on its
  /// numbers, so they are read.
  ///
  /// @throws IndexOutOfBoundsException if a position is on no axis, or there are too many parts
  /// @throws IllegalArgumentException if a mask does not fit or tensors do not broadcast
  public static Tensor get(Tensor x, Index... parts) {
    return IndexWalk.get(x, parts);
  }

  /// [Tensor#gather] where operand and index broadcast on the other axes.
  public static Tensor takeAlong(Tensor x, int axis, Tensor index) {
    int a = x.shape().axis("TAKE_ALONG", axis);
    if (index.rank() != x.rank()) {
      throw new IllegalArgumentException(
          "TAKE_ALONG: x %s and index %s must have as many axes as each other"
              .formatted(x.shape(), index.shape()));
    }
    Shape others = Shape.broadcast("TAKE_ALONG", x.shape().with(a, 1), index.shape().with(a, 1));
    return x.expand(others.with(a, x.dim(a))).gather(a, index.expand(others.with(a, index.dim(a))));
  }

  /// x with `source[.., i, ..]` written to position `index[.., i, ..]` of an axis. The index may be
  /// smaller than x on the other axes; of the source, the part of the index's shape is used. Of
  /// several written to one place the last stays, and it alone gets the gradient.
  ///
  /// @throws IndexOutOfBoundsException if an index is not a position of the axis
  public static Tensor scatter(Tensor x, int axis, Tensor index, Tensor source) {
    int a = x.shape().axis("SCATTER", axis);
    Tensor last = lastOfEach(a, index);
    Tensor zero = Tensor.scalar(0, x.dtype());
    Tensor part = upTo(source, index.shape(), -1).to(x.dtype());
    Tensor written = scattered(x, a, index, Tensor.where(last, part, zero));
    Tensor hit = scattered(x, a, index, last.to(DType.I32)).gt(0);
    return Tensor.where(hit, written, x);
  }

  /// Where an index's number does not come again later along the axis.
  private static Tensor lastOfEach(int axis, Tensor index) {
    int n = index.dim(axis);
    if (n < 2) {
      return Tensor.of(Shape.SCALAR, new boolean[] {true}).expand(index.shape());
    }
    Tensor order = Sorting.argsort(index, axis, false);
    Tensor sorted = index.gather(axis, order);
    Tensor differs = sorted.slice(axis, 0, n - 1).ne(sorted.slice(axis, 1, n)).to(DType.I32);
    Tensor last = differs.pad(axis, 0, 1, 1);
    return last.gather(axis, Sorting.argsort(order, axis, false)).ne(0); // back in their order
  }

  /// Sources summed at the places of an index in zeros of x's shape.
  private static Tensor scattered(Tensor x, int axis, Tensor index, Tensor source) {
    Tensor y = Recording.apply(new Op.ScatterAdd(axis, x.dim(axis)), source, index);
    for (int i = 0; i < x.rank(); i++) {
      y = y.pad(i, 0, x.dim(i) - y.dim(i));
    }
    return y;
  }

  /// The part of x from the start of every axis but one that another shape covers.
  private static Tensor upTo(Tensor x, Shape shape, int but) {
    Tensor y = x;
    for (int i = 0; x.rank() == shape.rank() && i < x.rank(); i++) {
      y = i == but || shape.dim(i) >= x.dim(i) ? y : y.slice(i, 0, shape.dim(i));
    }
    return y;
  }

  static Tensor gather(Tensor x, int axis, Tensor index) {
    int a = x.shape().axis("GATHER", axis);
    return Recording.apply(new Op.Gather(a), upTo(x, index.shape(), a), index);
  }

  static Tensor scatterAdd(Tensor x, int axis, Tensor index, Tensor source) {
    int a = x.shape().axis("SCATTER_ADD", axis);
    return x.add(scattered(x, a, index, upTo(source, index.shape(), -1).to(x.dtype())));
  }

  /// x with `source[.., i, ..]`, times a number, added at position `index[i]` of an axis.
  ///
  /// @throws IndexOutOfBoundsException if an index is not a position of the axis
  public static Tensor add(Tensor x, int axis, Tensor index, Tensor source, double times) {
    int a = x.shape().axis("INDEX_ADD", axis);
    Tensor s = source.to(x.dtype());
    return x.add(
        Recording.apply(new Op.IndexAdd(a, x.dim(a)), times == 1 ? s : s.mul(times), index));
  }

  /// x with v where the mask is true; the mask broadcasts.
  public static Tensor maskedFill(Tensor x, Tensor mask, double v) {
    return Tensor.where(mask, Tensor.scalar(v, x.dtype()), x);
  }

  /// The elements of x where the mask is true, as a vector; both broadcast. Its length depends on
  /// the mask's numbers, so they are read.
  public static Tensor maskedSelect(Tensor x, Tensor mask) {
    Shape s = Shape.broadcast("MASKED_SELECT", x.shape(), mask.shape());
    return x.expand(s).flatten().indexSelect(0, Tensor.of(places(mask.expand(s))));
  }

  /// The row-major places where a mask is true.
  static long[] places(Tensor mask) {
    boolean[] m = mask.toBooleanArray();
    return LongStream.range(0, m.length).filter(i -> m[(int) i]).toArray();
  }

  // ---- Positions, as users write them, brought to the engine's operations

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
