package org.cotangent.autograd;

import java.util.ArrayList;
import java.util.List;
import org.cotangent.autograd.OpSample.Kind;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.shape.DType;

/// Samples of running sums and of orders.
final class OrderSamples {
  private OrderSamples() {}

  /// Rows around the length from which sorting merges, and of several merges; axes outside, within
  /// and last.
  private static final int[][] SHAPES = {
    {1}, {3}, {16}, {17}, {65}, {2, 3}, {2, 3, 2, 2}, {0, 3}, {3, 0}, {33, 65}, {2, 130}
  };

  private static final Tensor HARD =
      Tensor.of(
          new double[][] {
            {0.0, -0.0, 0.0, Double.NaN, 1, Double.NaN},
            {Double.POSITIVE_INFINITY, 1, Double.MAX_VALUE, Double.MAX_VALUE, 2, -Double.MAX_VALUE},
            {1, Double.NEGATIVE_INFINITY, 1e-300, Double.POSITIVE_INFINITY, -1e-300, 0}
          });

  static List<OpSample> cumSum(Draw draw) {
    List<OpSample> all = new ArrayList<>();
    for (boolean reverse : new boolean[] {false, true}) {
      for (int[] s : SHAPES) {
        for (int axis = 0; axis < s.length; axis++) {
          Op op = new Op.CumSum(axis, reverse);
          all.add(new OpSample(op.toString(), op, List.of(draw.uniform(-2, 2, s)), Kind.SMOOTH));
          for (DType d : List.of(DType.I32, DType.I64)) {
            Tensor whole = draw.whole(-9, 9, d, s);
            all.add(new OpSample(op.toString(), op, List.of(whole), Kind.WHOLE));
          }
        }
      }
      Op op = new Op.CumSum(1, reverse);
      all.add(new OpSample(op + " (hard)", op, List.of(HARD), Kind.HARD));
    }
    return all;
  }

  static List<OpSample> argSort(Draw draw) {
    List<OpSample> all = new ArrayList<>();
    for (boolean descending : new boolean[] {false, true}) {
      for (int[] s : SHAPES) {
        for (int axis = 0; axis < s.length; axis++) {
          Op op = new Op.ArgSort(axis, descending);
          all.add(new OpSample(op.toString(), op, List.of(draw.distinct(s)), Kind.HARD));
          Tensor ties = draw.whole(0, 4, DType.I32, s);
          all.add(new OpSample(op + " (ties)", op, List.of(ties.to(DType.F64)), Kind.HARD));
          all.add(new OpSample(op + " (ties)", op, List.of(ties), Kind.WHOLE));
          all.add(new OpSample(op + " (ties)", op, List.of(ties.to(DType.I64)), Kind.WHOLE));
        }
      }
      Op op = new Op.ArgSort(1, descending);
      all.add(new OpSample(op + " (hard)", op, List.of(HARD), Kind.HARD));
    }
    return all;
  }
}
