package org.cotangent.autograd;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.cotangent.autograd.OpSample.Kind;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.cotangent.autograd.shape.Sliding;

/// Samples of convolutions, every geometry three times, once for each result; and of pooling.
final class ConvSamples {
  private ConvSamples() {}

  static List<OpSample> conv(Draw draw) {
    List<OpSample> all = new ArrayList<>();
    Sliding one = Sliding.over(1, 1, 1, 1, 0, 0);
    // The smallest, along each axis, and with nothing in it.
    add(1, 1, 1, 1, one, one, draw, all);
    add(1, 1, 1, 1, one, Sliding.over(3, 2, 1, 1, 0, 0), draw, all);
    add(1, 1, 1, 1, Sliding.over(3, 3, 2, 1, 1, 1), one, draw, all);
    add(1, 2, 1, 1, one, Sliding.over(2, 2, 1, 1, 1, 0), draw, all);
    add(2, 2, 2, 2, one, Sliding.over(2, 1, 1, 1, 0, 0), draw, all);
    add(0, 2, 3, 1, one, Sliding.over(4, 2, 1, 1, 0, 0), draw, all);
    add(2, 0, 3, 1, one, Sliding.over(4, 2, 1, 1, 0, 0), draw, all);
    add(2, 2, 0, 1, one, Sliding.over(4, 2, 1, 1, 0, 0), draw, all);
    add(2, 1, 1, 1, one, Sliding.over(1, 3, 1, 1, 0, 0), draw, all); // no position
    // Strides with a rest, dilation, groups, uneven padding, padding that reaches further.
    Sliding same = Sliding.over(4, 3, 1, 1, 1, 1);
    add(2, 3, 4, 1, same, same, draw, all);
    add(1, 2, 3, 1, Sliding.over(6, 2, 3, 1, 0, 0), Sliding.over(5, 3, 2, 1, 1, 0), draw, all);
    add(1, 2, 2, 1, Sliding.over(7, 3, 1, 2, 2, 1), Sliding.over(8, 2, 2, 3, 0, 2), draw, all);
    add(2, 4, 6, 2, same, Sliding.over(5, 1, 1, 1, 0, 0), draw, all);
    add(2, 3, 3, 3, same, same, draw, all);
    add(1, 2, 1, 1, Sliding.over(2, 2, 1, 1, 3, 3), one, draw, all);
    // Cut at the beginning; cut at the end; the last positions beyond the input, as with an output
    // padding above the stride.
    add(1, 2, 2, 1, one, Sliding.over(6, 2, 2, 1, -1, 0), draw, all);
    add(1, 2, 2, 1, one, Sliding.over(6, 2, 1, 1, 0, -2), draw, all);
    add(1, 1, 2, 1, one, new Sliding(3, 2, 6, 1, 1, 1), draw, all);
    add(1, 1, 2, 1, one, new Sliding(9, 2, 3, 2, 1, 1), draw, all);
    // Beyond tiles, lanes and blocks.
    Sliding wide = Sliding.over(17, 3, 1, 1, 1, 1);
    add(1, 5, 13, 1, wide, Sliding.over(19, 3, 1, 1, 1, 1), draw, all);
    add(3, 33, 17, 1, same, Sliding.over(9, 3, 2, 1, 1, 1), draw, all);
    add(5, 9, 8, 1, Sliding.over(2, 3, 1, 1, 1, 1), Sliding.over(2, 3, 1, 1, 1, 1), draw, all);
    return all;
  }

  private static void add(
      int images,
      int in,
      int out,
      int groups,
      Sliding rows,
      Sliding columns,
      Draw draw,
      List<OpSample> to) {
    for (Op.Conv.Kind kind : Op.Conv.Kind.values()) {
      Op op = new Op.Conv(kind, rows, columns, groups);
      Tensor x = draw.uniform(-2, 2, images, in, rows.input(), columns.input());
      Tensor w = draw.uniform(-2, 2, out, in / groups, rows.kernel(), columns.kernel());
      Tensor y = draw.uniform(-2, 2, images, out, rows.output(), columns.output());
      List<Tensor> operands =
          switch (kind) {
            case OUTPUT -> List.of(x, w);
            case INPUT -> List.of(y, w);
            case KERNEL -> List.of(x, y);
          };
      to.add(new OpSample(op.toString(), op, operands, Kind.SMOOTH));
    }
  }

  /// Overlapping, dilated, padded windows; ties, NaN, and nothing but -∞ beside the padding.
  static List<OpSample> argMaxPool(Draw draw) {
    List<OpSample> all = new ArrayList<>();
    Sliding one = Sliding.over(1, 1, 1, 1, 0, 0);
    Sliding three = Sliding.over(5, 3, 2, 1, 1, 1);
    pool(one, one, draw, all);
    pool(one, Sliding.over(3, 2, 1, 1, 0, 0), draw, all, 2);
    pool(three, Sliding.over(6, 2, 2, 1, 0, 0), draw, all, 2, 3);
    pool(Sliding.over(7, 3, 1, 2, 1, 1), three, draw, all, 2);
    pool(three, new Sliding(6, 3, 4, 2, 1, 1), draw, all, 0, 2);
    pool(Sliding.over(33, 3, 2, 1, 1, 1), Sliding.over(17, 3, 2, 1, 1, 1), draw, all, 3);
    Op op = new Op.ArgMaxPool(three, three);
    Tensor never = Tensor.full(Shape.of(5, 5), Double.NEGATIVE_INFINITY, DType.F64);
    all.add(new OpSample(op.toString(), op, List.of(never), Kind.HARD));
    Tensor odd = draw.uniform(-2, 2, 5, 5).log();
    all.add(new OpSample(op.toString(), op, List.of(odd), Kind.HARD));
    return all;
  }

  private static void pool(
      Sliding rows, Sliding columns, Draw draw, List<OpSample> to, int... leading) {
    int[] dims = Arrays.copyOf(leading, leading.length + 2);
    dims[leading.length] = rows.input();
    dims[leading.length + 1] = columns.input();
    Op op = new Op.ArgMaxPool(rows, columns);
    to.add(new OpSample(op.toString(), op, List.of(draw.distinct(dims)), Kind.HARD));
    for (DType d : List.of(DType.I32, DType.I64)) {
      to.add(new OpSample(op.toString(), op, List.of(draw.whole(-2, 3, d, dims)), Kind.WHOLE));
    }
  }
}
