package org.cotangent.autograd;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.cotangent.autograd.OpSample.Kind;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// Samples of the operations that sum or choose: reductions, products, softmax.
final class ReductionSamples {
  private ReductionSamples() {}

  private static final double INF = Double.POSITIVE_INFINITY;

  /// From which shape to which: no axis, all, leading, middle, last, several; kept and dropped;
  /// rows shorter and longer than lanes and tiles.
  private static final int[][][] REDUCED = {
    {{}, {}},
    {{1}, {}},
    {{3}, {3}},
    {{3}, {}},
    {{8}, {1}},
    {{65}, {}},
    {{2, 3}, {3}},
    {{2, 3}, {1, 3}},
    {{2, 3}, {2, 1}},
    {{2, 3}, {1}},
    {{2, 3, 4}, {3, 1}},
    {{2, 3, 2, 3}, {2, 1, 2, 1}},
    {{2, 3, 2, 3}, {1, 3, 1, 3}},
    {{17, 5}, {5}},
    {{5, 17}, {5, 1}},
    {{3, 17, 33}, {17, 1}},
    {{65, 33}, {65, 1}},
    {{33, 65}, {65}},
    {{2051}, {}},
    {{2, 2051}, {2, 1}}
  };

  private static final int[][][] REDUCED_EMPTY = {{{0}, {}}, {{3, 0}, {3, 1}}, {{0, 3}, {0, 1}}};

  /// Differences need neighbours that are further apart than their steps reach.
  private static Kind distinctKind(int[] shape) {
    return Shape.of(shape).size() <= 50 ? Kind.SMOOTH : Kind.HARD;
  }

  private static void reduce(
      String name, Function<Shape, Op> op, Tensor x, int[] to, Kind kind, List<OpSample> all) {
    all.add(
        new OpSample(
            "%s to %s".formatted(name, Shape.of(to)), op.apply(Shape.of(to)), List.of(x), kind));
  }

  static List<OpSample> sum(Draw draw) {
    List<OpSample> all = new ArrayList<>();
    for (int[][][] shapes : List.of(REDUCED, REDUCED_EMPTY)) {
      for (int[][] r : shapes) {
        reduce("Sum", Op.Sum::new, draw.uniform(-2, 2, r[0]), r[1], Kind.SMOOTH, all);
        for (DType d : List.of(DType.I32, DType.I64)) {
          reduce("Sum", Op.Sum::new, draw.whole(-99, 99, d, r[0]), r[1], Kind.WHOLE, all);
        }
      }
    }
    reduce("Sum (hard)", Op.Sum::new, hardRows(), new int[] {9, 1}, Kind.HARD, all);
    return all;
  }

  /// Rows with infinities, NaN, ties, and both signs of zero.
  private static Tensor hardRows() {
    return Tensor.of(
        new double[][] {
          {1, 1, 0, 1},
          {0.0, -0.0, 0.0, -0.0},
          {INF, 1, 2, 3},
          {INF, INF, 0, 0},
          {-INF, 1, -INF, 0},
          {-INF, -INF, -INF, -INF},
          {INF, -INF, 1, 2},
          {Double.NaN, 5, 9, Double.NaN},
          {1000, -1000, 1000, 999}
        });
  }

  static List<OpSample> max(Draw draw) {
    List<OpSample> all = new ArrayList<>();
    for (int[][] r : REDUCED) {
      reduce("Max", Op.Max::new, draw.distinct(r[0]), r[1], distinctKind(r[0]), all);
      Tensor ties = draw.whole(0, 3, DType.I32, r[0]);
      reduce("Max (ties)", Op.Max::new, ties.to(DType.F64), r[1], Kind.HARD, all);
      reduce("Max", Op.Max::new, ties, r[1], Kind.WHOLE, all);
      reduce("Max", Op.Max::new, ties.to(DType.I64).neg(), r[1], Kind.WHOLE, all);
    }
    reduce("Max (hard)", Op.Max::new, hardRows(), new int[] {9, 1}, Kind.HARD, all);
    reduce("Max (empty)", Op.Max::new, draw.distinct(0, 3), new int[] {0, 1}, Kind.SMOOTH, all);
    return all;
  }

  static List<OpSample> logSumExp(Draw draw) {
    List<OpSample> all = new ArrayList<>();
    for (int[][][] shapes : List.of(REDUCED, REDUCED_EMPTY)) {
      for (int[][] r : shapes) {
        reduce("LogSumExp", Op.LogSumExp::new, draw.uniform(-3, 3, r[0]), r[1], Kind.SMOOTH, all);
      }
    }
    Tensor hard = hardRows();
    reduce("LogSumExp (hard)", Op.LogSumExp::new, hard, new int[] {9, 1}, Kind.HARD, all);
    reduce("LogSumExp (hard)", Op.LogSumExp::new, hard.t(), new int[] {9}, Kind.HARD, all);
    return all;
  }

  static List<OpSample> moments(Draw draw) {
    List<OpSample> all = new ArrayList<>();
    for (int[][] r : REDUCED) {
      reduce("Moments", Op.Moments::new, draw.uniform(-2, 2, r[0]), r[1], Kind.SMOOTH, all);
    }
    reduce(
        "Moments", Op.Moments::new, draw.uniform(-2, 2, 0, 3), new int[] {0, 1}, Kind.SMOOTH, all);
    int[] channels = {1, 3, 1, 1};
    for (int[] images : new int[][] {{2, 3, 2, 2}, {4, 3, 5, 7}, {2, 3, 33, 33}}) {
      reduce("Moments", Op.Moments::new, draw.uniform(-2, 2, images), channels, Kind.SMOOTH, all);
    }
    Tensor far = draw.uniform(-2, 2, 5, 65).add(1000); // beside the mean
    reduce("Moments (far)", Op.Moments::new, far, new int[] {5, 1}, Kind.HARD, all);
    reduce("Moments (hard)", Op.Moments::new, hardRows(), new int[] {9, 1}, Kind.HARD, all);
    return all;
  }

  static List<OpSample> softmax(Draw draw) {
    List<OpSample> all = new ArrayList<>();
    int[][] shapes = {
      {1}, {3}, {8}, {17}, {65}, {2, 3}, {3, 1}, {2, 3, 2, 2}, {0, 3}, {33, 65}, {2, 2051}
    };
    for (int[] s : shapes) {
      for (int axis = 0; axis < s.length; axis++) {
        Op op = new Op.Softmax(axis);
        all.add(new OpSample(op.toString(), op, List.of(draw.uniform(-3, 3, s)), Kind.SMOOTH));
      }
    }
    Op last = new Op.Softmax(1);
    all.add(new OpSample("Softmax (hard)", last, List.of(hardRows()), Kind.HARD));
    Op first = new Op.Softmax(0);
    all.add(new OpSample("Softmax (hard)", first, List.of(hardRows().t()), Kind.HARD));
    return all;
  }

  static List<OpSample> softmaxCrossEntropy(Draw draw) {
    Op op = new Op.SoftmaxCrossEntropy();
    List<OpSample> all = new ArrayList<>();
    int[][] shapes = {{3}, {1}, {2, 3}, {3, 1}, {2, 3, 2}, {0, 3}, {17, 10}, {65, 33}, {2, 2051}};
    for (int[] s : shapes) {
      int classes = s[s.length - 1];
      int[] rows = Shape.of(s).without(-1).dims();
      for (DType d : List.of(DType.I32, DType.I64)) {
        Tensor target = draw.whole(0, classes, d, rows);
        List<Tensor> in = List.of(draw.uniform(-3, 3, s), target);
        all.add(new OpSample("SoftmaxCrossEntropy", op, in, Kind.SMOOTH));
      }
      List<Tensor> in = List.of(draw.uniform(-3, 3, s), draw.uniform(0, 1, s));
      all.add(new OpSample("SoftmaxCrossEntropy", op, in, Kind.SMOOTH));
    }
    Tensor logits =
        Tensor.of(new double[][] {{1000, -1000, 0}, {-1000, -1000, -1000}, {1e300, 0, 0}});
    List<Tensor> classes = List.of(logits, Tensor.of(1, 0, 2));
    all.add(new OpSample("SoftmaxCrossEntropy (hard)", op, classes, Kind.HARD));
    Tensor open = Tensor.of(new double[][] {{-INF, 1, 2}, {0, -INF, 0}, {1000, 0, -INF}});
    Tensor weights = Tensor.of(new double[][] {{0, 1, 0}, {0.5, 0, 0.5}, {0.25, 0.75, 0}});
    all.add(new OpSample("SoftmaxCrossEntropy (hard)", op, List.of(open, weights), Kind.HARD));
    return all;
  }

  static List<OpSample> argMax(Draw draw) {
    List<OpSample> all = new ArrayList<>();
    int[][] shapes = {{1}, {3}, {17}, {65}, {2, 3}, {2, 3, 2, 2}, {0, 3}, {33, 65}};
    for (int[] s : shapes) {
      for (int axis = 0; axis < s.length; axis++) {
        if (s[axis] > 0) {
          Op op = new Op.ArgMax(axis);
          all.add(new OpSample(op.toString(), op, List.of(draw.distinct(s)), Kind.HARD));
          Tensor ties = draw.whole(0, 3, DType.I32, s);
          all.add(new OpSample(op + " (ties)", op, List.of(ties.to(DType.F64)), Kind.HARD));
          all.add(new OpSample(op + " (ties)", op, List.of(ties), Kind.WHOLE));
          all.add(new OpSample(op + " (ties)", op, List.of(ties.to(DType.I64)), Kind.WHOLE));
        }
      }
    }
    all.add(new OpSample("ArgMax (hard)", new Op.ArgMax(1), List.of(hardRows()), Kind.HARD));
    return all;
  }

  static List<OpSample> matmul(Draw draw) {
    List<OpSample> all = new ArrayList<>();
    int[][] sizes = {
      {1, 1, 1},
      {2, 3, 4},
      {3, 1, 2},
      {1, 8, 1},
      {2, 0, 3},
      {0, 2, 3},
      {17, 33, 8},
      {65, 17, 33},
      {13, 65, 1},
      {1, 65, 17},
      {33, 300, 3}
    };
    for (boolean ta : new boolean[] {false, true}) {
      for (boolean tb : new boolean[] {false, true}) {
        Op op = new Op.MatMul(ta, tb);
        for (int[] s : sizes) {
          add(op, draw, matrix(ta, s[0], s[1]), matrix(tb, s[1], s[2]), all);
        }
        int[][][] batches = {
          {{2}, {2}}, {{2, 1}, {3}}, {{}, {2}}, {{3}, {}}, {{1}, {2}}, {{0}, {1}}, {{2}, {2, 1}}
        };
        for (int[][] b : batches) {
          add(op, draw, matrix(ta, 2, 3, b[0]), matrix(tb, 3, 2, b[1]), all);
        }
        add(op, draw, matrix(ta, 9, 17, 2), matrix(tb, 17, 5, 3, 1), all);
      }
    }
    return all;
  }

  private static void add(Op op, Draw draw, int[] a, int[] b, List<OpSample> all) {
    List<Tensor> in = List.of(draw.uniform(-2, 2, a), draw.uniform(-2, 2, b));
    all.add(new OpSample(op.toString(), op, in, Kind.SMOOTH));
  }

  private static int[] matrix(boolean transposed, int rows, int cols, int... batch) {
    Shape s = Shape.of(batch);
    return s.inserted(s.rank(), transposed ? cols : rows)
        .inserted(s.rank() + 1, transposed ? rows : cols)
        .dims();
  }
}
