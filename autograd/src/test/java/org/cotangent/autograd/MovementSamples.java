package org.cotangent.autograd;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.cotangent.autograd.OpSample.Kind;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.shape.Axes;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// Samples of the operations that move numbers about: views, cuts, joins, indexing.
final class MovementSamples {
  private MovementSamples() {}

  /// One floating sample, and one of each other dtype.
  private static void add(Op op, Draw draw, int[] shape, List<OpSample> to) {
    Tensor x = draw.uniform(-2, 2, shape);
    to.add(new OpSample(op.toString(), op, List.of(x), Kind.SMOOTH));
    for (DType d : List.of(DType.BOOL, DType.I32, DType.I64)) {
      to.add(new OpSample(op.toString(), op, List.of(draw.whole(0, 2, d, shape)), Kind.WHOLE));
    }
  }

  static List<OpSample> expand(Draw draw) {
    List<OpSample> all = new ArrayList<>();
    int[][][] pairs = {
      {{}, {}},
      {{}, {3}},
      {{}, {2, 3}},
      {{1}, {0}},
      {{3}, {3}},
      {{3}, {2, 3}},
      {{2, 1}, {2, 3}},
      {{1, 3, 1}, {2, 2, 3, 2}},
      {{3}, {0, 3}},
      {{17}, {65, 17}},
      {{65, 1}, {65, 33}}
    };
    for (int[][] p : pairs) {
      add(new Op.Expand(Shape.of(p[1])), draw, p[0], all);
    }
    return all;
  }

  static List<OpSample> reshape(Draw draw) {
    List<OpSample> all = new ArrayList<>();
    int[][][] pairs = {
      {{}, {1, 1}},
      {{1}, {}},
      {{6}, {2, 3}},
      {{2, 3}, {3, 2}},
      {{2, 3}, {6}},
      {{0, 3}, {5, 0}},
      {{2, 3, 2, 2}, {4, 1, 6}},
      {{33, 8}, {8, 33}}
    };
    for (int[][] p : pairs) {
      add(new Op.Reshape(Shape.of(p[1])), draw, p[0], all);
    }
    return all;
  }

  static List<OpSample> permute(Draw draw) {
    List<OpSample> all = new ArrayList<>();
    int[][][] pairs = {
      {{}, {}},
      {{3}, {0}},
      {{2, 3}, {1, 0}},
      {{2, 3}, {0, 1}},
      {{2, 3, 2}, {2, 0, 1}},
      {{2, 3, 1, 2}, {3, 1, 0, 2}},
      {{0, 3}, {1, 0}},
      {{17, 33}, {1, 0}},
      {{3, 17, 8}, {1, 2, 0}}
    };
    for (int[][] p : pairs) {
      add(new Op.Permute(Axes.permutation(Shape.of(p[0]), p[1])), draw, p[0], all);
    }
    return all;
  }

  static List<OpSample> slice(Draw draw) {
    List<OpSample> all = new ArrayList<>();
    add(new Op.Slice(0, 1, 2, 1), draw, new int[] {4}, all);
    add(new Op.Slice(0, 0, 3, 1), draw, new int[] {3}, all);
    add(new Op.Slice(0, 3, 4, -1), draw, new int[] {4}, all);
    add(new Op.Slice(0, 4, 2, -3), draw, new int[] {6}, all);
    add(new Op.Slice(0, 0, 0, 1), draw, new int[] {3}, all);
    add(new Op.Slice(0, 0, 0, 1), draw, new int[] {0, 2}, all);
    add(new Op.Slice(1, 1, 2, 2), draw, new int[] {2, 5}, all);
    add(new Op.Slice(0, 1, 1, 7), draw, new int[] {2, 3}, all);
    add(new Op.Slice(2, 2, 3, -1), draw, new int[] {2, 2, 3, 2}, all);
    add(new Op.Slice(1, 0, 17, 2), draw, new int[] {5, 33}, all);
    add(new Op.Slice(0, 64, 33, -2), draw, new int[] {65, 8}, all);
    return all;
  }

  static List<OpSample> embed(Draw draw) {
    List<OpSample> all = new ArrayList<>();
    add(new Op.Embed(0, 1, 1, 5), draw, new int[] {3}, all);
    add(new Op.Embed(0, 0, 1, 3), draw, new int[] {3}, all);
    add(new Op.Embed(0, 4, -2, 6), draw, new int[] {3}, all);
    add(new Op.Embed(0, 0, 1, 4), draw, new int[] {0}, all);
    add(new Op.Embed(1, 0, 3, 8), draw, new int[] {2, 3}, all);
    add(new Op.Embed(0, 2, 1, 3), draw, new int[] {1, 2}, all);
    add(new Op.Embed(2, 3, -1, 4), draw, new int[] {2, 1, 3, 2}, all);
    add(new Op.Embed(1, 0, 2, 65), draw, new int[] {5, 33}, all);
    add(new Op.Embed(0, 64, -2, 65), draw, new int[] {33, 8}, all);
    return all;
  }

  static List<OpSample> concat(Draw draw) {
    List<OpSample> all = new ArrayList<>();
    add(new Op.Concat(0), draw, new int[] {3}, all);
    int[][][] groups = {
      {{2}, {3}},
      {{1, 2}, {3, 2}, {0, 2}},
      {{2, 1, 2}, {2, 3, 2}},
      {{2, 2, 1, 3}, {2, 2, 1, 1}},
      {{17, 8}, {17, 33}},
      {{1}, {1}, {1}, {1}}
    };
    int[] axes = {0, 0, 1, 3, 1, 0};
    for (int i = 0; i < groups.length; i++) {
      Op op = new Op.Concat(axes[i]);
      int[][] shapes = groups[i];
      List<Tensor> floats = Arrays.stream(shapes).map(s -> draw.uniform(-2, 2, s)).toList();
      all.add(new OpSample(op.toString(), op, floats, Kind.SMOOTH));
      for (DType d : List.of(DType.BOOL, DType.I32, DType.I64)) {
        List<Tensor> whole = Arrays.stream(shapes).map(s -> draw.whole(0, 2, d, s)).toList();
        all.add(new OpSample(op.toString(), op, whole, Kind.WHOLE));
      }
    }
    return all;
  }

  /// An operation on numbers and an index, for both index dtypes, and on integers.
  private static void indexed(
      Op op, Draw draw, int[] x, int positions, int[] index, List<OpSample> to) {
    for (DType d : List.of(DType.I32, DType.I64)) {
      Tensor at = draw.whole(0, Math.max(1, positions), d, index); // repeats are likely
      List<Tensor> floats = List.of(draw.uniform(-2, 2, x), at);
      to.add(new OpSample(op.toString(), op, floats, Kind.SMOOTH));
      to.add(new OpSample(op.toString(), op, List.of(draw.whole(-9, 9, d, x), at), Kind.WHOLE));
    }
  }

  static List<OpSample> gather(Draw draw) {
    List<OpSample> all = new ArrayList<>();
    indexed(new Op.Gather(0), draw, new int[] {3}, 3, new int[] {5}, all);
    indexed(new Op.Gather(0), draw, new int[] {3}, 3, new int[] {0}, all);
    indexed(new Op.Gather(1), draw, new int[] {2, 3}, 3, new int[] {2, 1}, all);
    indexed(new Op.Gather(0), draw, new int[] {2, 3}, 2, new int[] {4, 3}, all);
    indexed(new Op.Gather(2), draw, new int[] {2, 2, 3, 1}, 3, new int[] {2, 2, 2, 1}, all);
    indexed(new Op.Gather(1), draw, new int[] {33, 8}, 8, new int[] {33, 17}, all);
    return all;
  }

  static List<OpSample> scatterAdd(Draw draw) {
    List<OpSample> all = new ArrayList<>();
    indexed(new Op.ScatterAdd(0, 3), draw, new int[] {5}, 3, new int[] {5}, all);
    indexed(new Op.ScatterAdd(0, 3), draw, new int[] {0}, 3, new int[] {0}, all);
    indexed(new Op.ScatterAdd(1, 4), draw, new int[] {2, 3}, 4, new int[] {2, 3}, all);
    indexed(new Op.ScatterAdd(0, 2), draw, new int[] {3, 2}, 2, new int[] {3, 2}, all);
    indexed(new Op.ScatterAdd(2, 2), draw, new int[] {2, 2, 3, 1}, 2, new int[] {2, 2, 3, 1}, all);
    indexed(new Op.ScatterAdd(1, 8), draw, new int[] {33, 17}, 8, new int[] {33, 17}, all);
    return all;
  }

  static List<OpSample> indexSelect(Draw draw) {
    List<OpSample> all = new ArrayList<>();
    indexed(new Op.IndexSelect(0), draw, new int[] {3}, 3, new int[] {5}, all);
    indexed(new Op.IndexSelect(0), draw, new int[] {3, 2}, 3, new int[] {0}, all);
    indexed(new Op.IndexSelect(1), draw, new int[] {2, 3}, 3, new int[] {4}, all);
    indexed(new Op.IndexSelect(2), draw, new int[] {2, 2, 3, 1}, 3, new int[] {2}, all);
    indexed(new Op.IndexSelect(0), draw, new int[] {17, 8}, 17, new int[] {33}, all);
    return all;
  }

  static List<OpSample> indexAdd(Draw draw) {
    List<OpSample> all = new ArrayList<>();
    indexed(new Op.IndexAdd(0, 3), draw, new int[] {5}, 3, new int[] {5}, all);
    indexed(new Op.IndexAdd(0, 3), draw, new int[] {0, 2}, 3, new int[] {0}, all);
    indexed(new Op.IndexAdd(1, 4), draw, new int[] {2, 3}, 4, new int[] {3}, all);
    indexed(new Op.IndexAdd(2, 2), draw, new int[] {2, 2, 3, 1}, 2, new int[] {3}, all);
    indexed(new Op.IndexAdd(0, 17), draw, new int[] {33, 8}, 17, new int[] {33}, all);
    return all;
  }

  /// Apart, side by side, overlapping; all of one element, one of all; dilated; none.
  static List<OpSample> windows(Draw draw) {
    List<OpSample> all = new ArrayList<>();
    add(new Op.Windows(0, 2, 3, 1, 1), draw, new int[] {4}, all);
    add(new Op.Windows(0, 3, 1, 1, 1), draw, new int[] {3}, all);
    add(new Op.Windows(0, 1, 3, 2, 1), draw, new int[] {3}, all);
    add(new Op.Windows(0, 2, 2, 2, 1), draw, new int[] {5}, all);
    add(new Op.Windows(1, 2, 2, 1, 2), draw, new int[] {2, 4}, all);
    add(new Op.Windows(0, 2, 2, 3, 1), draw, new int[] {5, 2}, all);
    add(new Op.Windows(1, 0, 2, 1, 1), draw, new int[] {2, 1}, all);
    add(new Op.Windows(1, 2, 2, 1, 1), draw, new int[] {0, 3}, all);
    add(new Op.Windows(2, 2, 2, 1, 1), draw, new int[] {2, 2, 3, 2}, all);
    add(new Op.Windows(1, 15, 3, 2, 1), draw, new int[] {5, 33}, all);
    add(new Op.Windows(0, 33, 5, 1, 8), draw, new int[] {65, 8}, all);
    return all;
  }

  /// The same, and with a rest that no window reaches.
  static List<OpSample> overlapAdd(Draw draw) {
    List<OpSample> all = new ArrayList<>();
    int[][] shapes = {
      {2, 3}, {3, 1}, {1, 3}, {2, 2}, {2, 2, 2}, {0, 2}, {2, 2, 0, 2}, {2, 2, 3, 2}
    };
    Op[] ops = {
      new Op.OverlapAdd(0, 4, 1, 1),
      new Op.OverlapAdd(0, 4, 1, 1),
      new Op.OverlapAdd(0, 3, 2, 1),
      new Op.OverlapAdd(0, 5, 2, 1),
      new Op.OverlapAdd(1, 5, 1, 2),
      new Op.OverlapAdd(0, 2, 1, 1),
      new Op.OverlapAdd(1, 3, 1, 1),
      new Op.OverlapAdd(1, 4, 2, 1)
    };
    for (int i = 0; i < ops.length; i++) {
      added(ops[i], draw, shapes[i], all);
    }
    added(new Op.OverlapAdd(1, 34, 2, 1), draw, new int[] {5, 15, 3}, all);
    added(new Op.OverlapAdd(0, 65, 1, 8), draw, new int[] {33, 8, 5}, all);
    return all;
  }

  /// One floating sample, and one of each integer dtype.
  private static void added(Op op, Draw draw, int[] shape, List<OpSample> to) {
    to.add(new OpSample(op.toString(), op, List.of(draw.uniform(-2, 2, shape)), Kind.SMOOTH));
    for (DType d : List.of(DType.I32, DType.I64)) {
      to.add(new OpSample(op.toString(), op, List.of(draw.whole(-9, 9, d, shape)), Kind.WHOLE));
    }
  }
}
