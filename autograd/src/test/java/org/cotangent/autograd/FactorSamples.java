package org.cotangent.autograd;

import java.util.ArrayList;
import java.util.List;
import org.cotangent.autograd.OpSample.Kind;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.shape.DType;

/// Samples of matrices in factors, all well conditioned, so that differences are precise; sizes on
/// both sides of a panel of 32.
final class FactorSamples {
  private FactorSamples() {}

  private static final int[][] MATRICES = {
    {1, 1}, {2, 2}, {3, 3}, {0, 0}, {0, 3, 3}, {2, 1, 2, 2}, {2, 3, 3}, {9, 9}, {33, 33}
  };

  /// Its symmetric part has eigenvalues of n/2 and more, by Gershgorin's circles.
  private static Tensor dominant(Draw draw, int... shape) {
    int n = shape[shape.length - 1];
    return draw.uniform(-1, 1, shape).add(Tensor.eye(n, DType.F64).mul(1.5 * n + 0.5));
  }

  static List<OpSample> cholesky(Draw draw) {
    List<OpSample> all = new ArrayList<>();
    for (int[] shape : MATRICES) {
      add(new Op.Cholesky(), List.of(dominant(draw, shape)), all);
    }
    return all;
  }

  /// The rows in reverse order, so that they must be exchanged: which ones is clear.
  static List<OpSample> lu(Draw draw) {
    List<OpSample> all = new ArrayList<>();
    for (int left = 0; left < 3; left++) {
      for (int[] shape : MATRICES) {
        add(new Op.Lu(left), List.of(dominant(draw, shape).flip(-2)), all);
      }
    }
    Tensor twins = Tensor.of(new double[][] {{1, 1, 2}, {1, 1, 3}, {2, 2, 9}});
    all.add(new OpSample("Lu (singular)", new Op.Lu(0), List.of(twins), Kind.HARD));
    all.add(new OpSample("Lu (zero)", new Op.Lu(0), List.of(twins.mul(0)), Kind.HARD));
    return all;
  }

  /// Matrix and right sides: sizes and batches.
  private static final int[][][] SYSTEMS = {
    {{1, 1}, {1, 1}},
    {{2, 2}, {2, 3}},
    {{3, 3}, {3, 1}},
    {{0, 0}, {0, 2}},
    {{2, 2}, {2, 0}},
    {{2, 2, 2}, {2, 2, 1}},
    {{2, 2}, {3, 2, 2}},
    {{3, 2, 2}, {2, 1}},
    {{2, 1, 2, 2}, {3, 2, 1}},
    {{0, 2, 2}, {1, 2, 1}},
    {{9, 9}, {9, 5}},
    {{33, 33}, {33, 3}}
  };

  static List<OpSample> triangularSolve(Draw draw) {
    List<OpSample> all = new ArrayList<>();
    for (int flags = 0; flags < 8; flags++) {
      boolean unit = (flags & 4) != 0;
      Op op = new Op.TriangularSolve((flags & 1) != 0, (flags & 2) != 0, unit);
      for (int[][] s : SYSTEMS) {
        int n = s[0][s[0].length - 1];
        // Small beside the diagonal, also where that counts as 1.
        // A diagonal of 3/4 or more: 1/t bends too much for differences of 1e-8 where t is smaller.
        Tensor beside = draw.uniform(-1, 1, s[0]).div(4 * Math.max(1, n));
        Tensor diagonal = draw.signed(1, 2, n).mul(Tensor.eye(n, DType.F64));
        add(op, List.of(beside.add(diagonal), draw.uniform(-2, 2, s[1])), all);
      }
    }
    return all;
  }

  static List<OpSample> solve(Draw draw) {
    List<OpSample> all = new ArrayList<>();
    for (boolean transposed : new boolean[] {false, true}) {
      for (int[][] s : SYSTEMS) {
        int n = s[0][s[0].length - 1];
        Tensor a = dominant(draw, s[0]).div(n + 0.25).flip(-2); // from 0.8 on, for the same reason
        Tensor f = Recording.apply(new Op.Lu(0), a);
        add(new Op.Solve(transposed), List.of(a, f, draw.uniform(-2, 2, s[1])), all);
      }
    }
    return all;
  }

  private static void add(Op op, List<Tensor> in, List<OpSample> all) {
    all.add(new OpSample(op.toString(), op, in, Kind.SMOOTH));
  }
}
