package org.cotangent.autograd.cpu;

import java.util.Arrays;
import java.util.Comparator;
import org.cotangent.autograd.backend.Backend;
import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.backend.Expr;
import org.cotangent.autograd.backend.Layout;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.cotangent.autograd.shape.Sliding;

/// The specification: every operation in plain loops, written to be obviously right.
///
/// The faster backends are held to its results. `F32` is computed in double and rounded to float
/// once: an elementwise step after each operation, a sum, product or normalisation at its end.
/// Integers are exact and wrap. Elements are visited in row-major order.
public final class ReferenceBackend implements Backend {
  /// The specification has no settings.
  public ReferenceBackend() {}

  @Override
  public String name() {
    return "reference";
  }

  @Override
  public void elementwise(Expr program, Buffer[] in, Buffer... out) {
    var registers = new ScalarProgram(program, in, out);
    Shape shape = out[0].shape();
    Layout[] stretched = new Layout[in.length];
    for (int k = 0; k < in.length; k++) {
      stretched[k] = in[k].layout().expand(shape);
    }
    for (int i = 0; i < shape.size(); i++) {
      for (int k = 0; k < in.length; k++) {
        registers.load(k, in[k], stretched[k].at(i));
      }
      registers.run();
      for (int k = 0; k < out.length; k++) {
        registers.store(k, out[k], out[k].layout().at(i));
      }
    }
  }

  @Override
  public void copy(Buffer from, Buffer to) {
    for (int i = 0; i < to.shape().size(); i++) {
      if (from.dtype().isFloating()) {
        put(to, to.layout().at(i), get(from, i));
      } else {
        putWhole(to, to.layout().at(i), getWhole(from, i));
      }
    }
  }

  @Override
  public void sum(Buffer x, Buffer out) {
    Layout group = groups(x, out);
    if (x.dtype().isFloating()) {
      double[] sum = new double[out.shape().size()];
      for (int i = 0; i < x.shape().size(); i++) {
        sum[group.at(i)] += get(x, i);
      }
      putAll(out, sum);
    } else {
      long[] sum = new long[out.shape().size()];
      for (int i = 0; i < x.shape().size(); i++) {
        sum[group.at(i)] += getWhole(x, i);
      }
      for (int i = 0; i < sum.length; i++) {
        putWhole(out, out.layout().at(i), sum[i]);
      }
    }
  }

  @Override
  public void max(Buffer x, Buffer out) {
    if (x.dtype().isFloating()) {
      putAll(out, largest(x, out));
      return;
    }
    Layout group = groups(x, out);
    long[] max = new long[out.shape().size()];
    Arrays.fill(max, Long.MIN_VALUE);
    for (int i = 0; i < x.shape().size(); i++) {
      max[group.at(i)] = Math.max(max[group.at(i)], getWhole(x, i));
    }
    for (int i = 0; i < max.length; i++) {
      putWhole(out, out.layout().at(i), max[i]);
    }
  }

  @Override
  public void logSumExp(Buffer x, Buffer out) {
    Layout group = groups(x, out);
    double[] y = largest(x, out);
    double[] sum = new double[y.length];
    for (int i = 0; i < x.shape().size(); i++) {
      int g = group.at(i);
      sum[g] += StrictMath.exp(get(x, i) - finiteOrZero(y[g]));
    }
    for (int g = 0; g < y.length; g++) {
      y[g] = finiteOrZero(y[g]) + StrictMath.log(sum[g]);
    }
    putAll(out, y);
  }

  @Override
  public void moments(Buffer x, Buffer out) {
    Layout group = Layout.of(Moments.shape(out)).expand(x.shape());
    int size = out.shape().size() / 2;
    double[] y = new double[2 * size];
    double n = (double) x.shape().size() / size;
    for (int i = 0; i < x.shape().size(); i++) {
      y[group.at(i)] += get(x, i) / n;
    }
    for (int i = 0; i < x.shape().size(); i++) {
      y[size + group.at(i)] += Math.pow(get(x, i) - y[group.at(i)], 2) / n;
    }
    if (x.shape().size() == 0) {
      Arrays.fill(y, Double.NaN); // of no numbers
    }
    putAll(out, y);
  }

  @Override
  public void argMax(Buffer x, int axis, Buffer out) {
    int n = x.shape().dim(axis);
    int stride = stride(x.shape(), axis);
    for (int row = 0; row < out.shape().size(); row++) {
      int first = firstOfRow(row, n, stride);
      int best = 0;
      for (int j = 1; j < n; j++) {
        if (isLarger(x, first + j * stride, first + best * stride)) {
          best = j;
        }
      }
      putWhole(out, out.layout().at(row), best);
    }
  }

  @Override
  public void cumSum(Buffer x, int axis, boolean reverse, Buffer out) {
    int n = x.shape().dim(axis);
    int stride = stride(x.shape(), axis);
    for (int row = 0; n > 0 && row < x.shape().size() / n; row++) {
      double sum = 0;
      long whole = 0;
      for (int j = 0; j < n; j++) {
        int i = firstOfRow(row, n, stride) + (reverse ? n - 1 - j : j) * stride;
        if (x.dtype().isFloating()) {
          sum += get(x, i);
          put(out, out.layout().at(i), sum);
        } else {
          whole += getWhole(x, i);
          putWhole(out, out.layout().at(i), whole);
        }
      }
    }
  }

  @Override
  public void argSort(Buffer x, int axis, boolean descending, Buffer out) {
    int n = x.shape().dim(axis);
    int stride = stride(x.shape(), axis);
    Integer[] order = new Integer[n];
    for (int row = 0; n > 0 && row < x.shape().size() / n; row++) {
      int first = firstOfRow(row, n, stride);
      Arrays.setAll(order, j -> j);
      Comparator<Integer> rising =
          (a, b) ->
              isLarger(x, first + a * stride, first + b * stride)
                  ? 1
                  : isLarger(x, first + b * stride, first + a * stride) ? -1 : 0;
      Arrays.sort(order, descending ? rising.reversed() : rising);
      for (int j = 0; j < n; j++) {
        putWhole(out, out.layout().at(first + j * stride), order[j]);
      }
    }
  }

  /// Whether element `i` is larger than element `j`, where a NaN is larger than all but a NaN.
  private static boolean isLarger(Buffer x, int i, int j) {
    if (!x.dtype().isFloating()) {
      return getWhole(x, i) > getWhole(x, j);
    }
    double a = get(x, i);
    double b = get(x, j);
    return a > b || (Double.isNaN(a) && !Double.isNaN(b));
  }

  @Override
  public void softmax(Buffer x, int axis, Buffer out) {
    if (x.shape().size() == 0) {
      return;
    }
    int n = x.shape().dim(axis);
    int stride = stride(x.shape(), axis);
    for (int row = 0; row < x.shape().size() / n; row++) {
      int first = firstOfRow(row, n, stride);
      double max = Double.NEGATIVE_INFINITY;
      for (int j = 0; j < n; j++) {
        max = Math.max(max, get(x, first + j * stride));
      }
      double sum = 0;
      for (int j = 0; j < n; j++) {
        sum += StrictMath.exp(get(x, first + j * stride) - max);
      }
      for (int j = 0; j < n; j++) {
        int i = first + j * stride;
        put(out, out.layout().at(i), StrictMath.exp(get(x, i) - max) / sum);
      }
    }
  }

  @Override
  public void softmaxCrossEntropy(Buffer x, Buffer t, Buffer out) {
    int classes = x.shape().dim(-1);
    for (int row = 0; row < out.shape().size(); row++) {
      int first = row * classes;
      double shift = Double.NEGATIVE_INFINITY;
      for (int c = 0; c < classes; c++) {
        shift = Math.max(shift, get(x, first + c));
      }
      shift = finiteOrZero(shift);
      double sum = 0;
      for (int c = 0; c < classes; c++) {
        sum += StrictMath.exp(get(x, first + c) - shift);
      }
      double logSum = StrictMath.log(sum);
      double loss = 0;
      if (t.dtype().isInteger()) {
        loss = shift - get(x, first + classIndex(t, row, classes)) + logSum;
      } else {
        for (int c = 0; c < classes; c++) {
          double weight = get(t, first + c);
          if (weight != 0) { // 0 · ∞ is 0 here: a class that cannot occur costs nothing
            loss += weight * (shift - get(x, first + c) + logSum);
          }
        }
      }
      put(out, out.layout().at(row), loss);
    }
  }

  @Override
  public void softmaxCrossEntropyGrad(Buffer x, Buffer t, Buffer g, Buffer out) {
    Buffer p = Buffer.allocate(x.dtype(), x.shape());
    int classes = x.shape().dim(-1);
    if (x.shape().size() > 0) {
      softmax(x, x.shape().rank() - 1, p);
    }
    for (int row = 0; row < g.shape().size(); row++) {
      double[] weight = new double[classes];
      double total = 0;
      for (int c = 0; c < classes; c++) {
        weight[c] =
            t.dtype().isInteger()
                ? c == classIndex(t, row, classes) ? 1 : 0
                : get(t, row * classes + c);
        total += weight[c];
      }
      for (int c = 0; c < classes; c++) {
        int i = row * classes + c;
        put(out, out.layout().at(i), (get(p, i) * total - weight[c]) * get(g, row));
      }
    }
  }

  static int classIndex(Buffer t, int row, int classes) {
    long index = getWhole(t, row);
    if (index < 0 || index >= classes) {
      throw new IndexOutOfBoundsException(
          "SOFTMAX_CROSS_ENTROPY: the target of row %d is class %d, but there are %d classes: it must be 0 or more and less than %d"
              .formatted(row, index, classes, classes));
    }
    return (int) index;
  }

  @Override
  public void matmul(Buffer a, boolean transA, Buffer b, boolean transB, Buffer out) {
    Shape y = out.shape();
    if (y.size() == 0) {
      return;
    }
    int rows = y.dim(-2);
    int cols = y.dim(-1);
    int inner = a.shape().dim(transA ? -2 : -1);
    int aRow = fromLast(a, transA ? 1 : 2);
    int aInner = fromLast(a, transA ? 2 : 1);
    int bInner = fromLast(b, transB ? 1 : 2);
    int bCol = fromLast(b, transB ? 2 : 1);
    Layout aMatrices = matrices(a, y);
    Layout bMatrices = matrices(b, y);
    for (int m = 0; m < y.size() / (rows * cols); m++) {
      for (int i = 0; i < rows; i++) {
        for (int j = 0; j < cols; j++) {
          double sum = 0;
          for (int k = 0; k < inner; k++) {
            sum +=
                a.getDouble(aMatrices.at(m) + i * aRow + k * aInner)
                    * b.getDouble(bMatrices.at(m) + k * bInner + j * bCol);
          }
          put(out, out.layout().at((m * rows + i) * cols + j), sum);
        }
      }
    }
  }

  private static int fromLast(Buffer x, int axis) {
    return x.layout().stride(x.shape().rank() - axis);
  }

  /// Where the first elements of the matrices of `x` lie, one for each matrix of `y`.
  private static Layout matrices(Buffer x, Shape y) {
    int rank = x.shape().rank();
    return x.layout()
        .slice(rank - 2, 0, 1, 1)
        .slice(rank - 1, 0, 1, 1)
        .expand(y.with(-2, 1).with(-1, 1));
  }

  @Override
  public void gather(Buffer x, Buffer index, int axis, boolean slices, Buffer out) {
    String op = slices ? "INDEX_SELECT" : "GATHER";
    int[] chosen = indices(op, index, x.shape(), axis);
    int stride = stride(x.shape(), axis);
    for (int i = 0; i < out.shape().size(); i++) {
      int from = moved(i, out.shape(), axis, stride, slices, chosen, x.shape());
      if (x.dtype().isFloating()) {
        put(out, out.layout().at(i), get(x, from));
      } else {
        putWhole(out, out.layout().at(i), getWhole(x, from));
      }
    }
  }

  @Override
  public void scatterAdd(Buffer x, Buffer index, int axis, boolean slices, Buffer out) {
    String op = slices ? "INDEX_ADD" : "SCATTER_ADD";
    int[] chosen = indices(op, index, out.shape(), axis);
    int stride = stride(x.shape(), axis);
    for (int i = 0; i < x.shape().size(); i++) {
      int to = moved(i, x.shape(), axis, stride, slices, chosen, out.shape());
      if (x.dtype().isFloating()) {
        put(out, out.layout().at(to), get(out, to) + get(x, i));
      } else {
        putWhole(out, out.layout().at(to), getWhole(out, to) + getWhole(x, i));
      }
    }
  }

  @Override
  public void factorize(Op.Factorization op, Buffer[] in, Buffer out) {
    Factor.run(op, in, out);
  }

  @Override
  public void overlapAdd(Buffer x, int axis, int step, int dilation, Buffer out) {
    int size = x.shape().dim(-1);
    Layout places = // where each element of each window belongs in row-major order
        Layout.of(out.shape()).windows(axis, x.shape().dim(axis), size, step, dilation);
    for (int i = 0; i < x.shape().size(); i++) {
      int to = places.at(i);
      if (x.dtype().isFloating()) {
        put(out, out.layout().at(to), get(out, to) + get(x, i));
      } else {
        putWhole(out, out.layout().at(to), getWhole(out, to) + getWhole(x, i));
      }
    }
  }

  @Override
  public void conv(Op.Conv op, Buffer a, Buffer b, Buffer out) {
    ReferenceConvolution.run(op, a, b, out);
  }

  @Override
  public void argMaxPool(Buffer x, Sliding rows, Sliding columns, Buffer out) {
    int plane = rows.input() * columns.input();
    for (int i = 0; i < out.shape().size(); i++) {
      int row = i / columns.output() % rows.output();
      int first = i / columns.output() / rows.output() * plane;
      int best = -1;
      for (int p = 0; p < rows.kernel(); p++) {
        for (int q = 0; q < columns.kernel(); q++) {
          int h = rows.at(row, p);
          int w = columns.at(i % columns.output(), q);
          if (h >= 0 && h < rows.input() && w >= 0 && w < columns.input()) {
            int at = h * columns.input() + w;
            best = best < 0 || isLarger(x, first + at, first + best) ? at : best;
          }
        }
      }
      putWhole(out, out.layout().at(i), best);
    }
  }

  /// The row-major number, in the shape `to`, of element `i` of the shape `from` with its position
  /// on the axis replaced by the chosen one. The shapes differ on that axis only.
  private static int moved(
      int i, Shape from, int axis, int stride, boolean slices, int[] chosen, Shape to) {
    int position = i / stride % from.dim(axis);
    int outer = i / stride / from.dim(axis);
    int index = slices ? chosen[position] : chosen[i];
    return (outer * to.dim(axis) + index) * stride + i % stride;
  }

  /// All indices in row-major order, each checked against the extent of the axis.
  static int[] indices(String op, Buffer index, Shape x, int axis) {
    int[] all = new int[index.shape().size()];
    for (int i = 0; i < all.length; i++) {
      long v = getWhole(index, i);
      if (v < 0 || v >= x.dim(axis)) {
        throw new IndexOutOfBoundsException(
            "%s: index %d at %s does not lie in axis %d of %s: it must be 0 or more and less than %d"
                .formatted(op, v, position(index.shape(), i), axis, x, x.dim(axis)));
      }
      all[i] = (int) v;
    }
    return all;
  }

  /// The coordinates of element `i`, as in `[1, 2]`.
  private static String position(Shape shape, int i) {
    int[] at = new int[shape.rank()];
    int rest = i;
    for (int axis = at.length - 1; axis >= 0; axis--) {
      at[axis] = rest % shape.dim(axis);
      rest /= shape.dim(axis);
    }
    return Arrays.toString(at);
  }

  /// For each element of `x` the row-major number of the element of `out` to which it reduces.
  private static Layout groups(Buffer x, Buffer out) {
    return Layout.of(out.shape()).expand(x.shape());
  }

  /// The largest element of each group; NaN if one is, -∞ if there are none.
  private static double[] largest(Buffer x, Buffer out) {
    Layout group = groups(x, out);
    double[] max = new double[out.shape().size()];
    Arrays.fill(max, Double.NEGATIVE_INFINITY);
    for (int i = 0; i < x.shape().size(); i++) {
      max[group.at(i)] = Math.max(max[group.at(i)], get(x, i));
    }
    return max;
  }

  /// By which exponents are shifted: an infinite one would leave ∞ - ∞.
  private static double finiteOrZero(double max) {
    return Double.isFinite(max) ? max : 0;
  }

  /// The distance, in row-major numbers, of neighbours along an axis.
  private static int stride(Shape shape, int axis) {
    int n = 1;
    for (int i = axis + 1; i < shape.rank(); i++) {
      n *= shape.dim(i);
    }
    return n;
  }

  /// The row-major number of the first element of a row of `n` elements along an axis.
  private static int firstOfRow(int row, int n, int stride) {
    return row / stride * n * stride + row % stride;
  }

  private static double get(Buffer x, int i) {
    return x.getDouble(x.layout().at(i));
  }

  private static long getWhole(Buffer x, int i) {
    return x.getLong(x.layout().at(i));
  }

  private static void putAll(Buffer out, double[] v) {
    for (int i = 0; i < v.length; i++) {
      put(out, out.layout().at(i), v[i]);
    }
  }

  /// Writes a floating number to a place of the array.
  static void put(Buffer out, int at, double v) {
    if (out.dtype() == DType.F32) {
      out.f32()[at] = (float) v;
    } else {
      out.f64()[at] = v;
    }
  }

  /// Writes an integer, or a truth as 0 or 1, to a place of the array.
  static void putWhole(Buffer out, int at, long v) {
    switch (out.dtype()) {
      case BOOL -> out.bool()[at] = v != 0;
      case I32 -> out.i32()[at] = (int) v;
      case I64 -> out.i64()[at] = v;
      case F32, F64 -> throw new IllegalArgumentException("not an integer: " + out.dtype());
    }
  }
}
