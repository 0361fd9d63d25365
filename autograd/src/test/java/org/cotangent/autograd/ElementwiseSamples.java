package org.cotangent.autograd;

import java.util.ArrayList;
import java.util.List;
import org.cotangent.autograd.OpSample.Kind;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// Samples of the elementwise operations.
final class ElementwiseSamples {
  private ElementwiseSamples() {}

  /// Scalars, lane counts and one more or less, ranks to 4, nothing at all, and both sides of the
  /// backend's tiles of 2048.
  private static final int[][] SHAPES = {
    {}, {1}, {3}, {8}, {17}, {33}, {65}, {2, 3}, {2, 1, 3, 2}, {0}, {2051}, {3, 1033}
  };

  /// Pairs that broadcast: either way, both at once, and not at all.
  private static final int[][][] PAIRS = {
    {{}, {}},
    {{}, {3}},
    {{3}, {}},
    {{17}, {17}},
    {{65}, {1}},
    {{2, 3}, {3}},
    {{3}, {2, 3}},
    {{2, 3}, {2, 1}},
    {{2, 1}, {1, 3}},
    {{3, 1, 2, 3}, {2, 1, 3}},
    {{33, 8}, {8}},
    {{8, 1}, {8, 33}},
    {{0, 3}, {3}},
    {{65, 33}, {65, 1}},
    {{33}, {65, 33}}
  };

  /// Signed zeros, infinities, NaN, kinks, halves, the bounds of both floating formats, and where
  /// exponentials leave them.
  private static final Tensor HARD =
      Tensor.of(
          0.0,
          -0.0,
          1,
          -1,
          0.5,
          -0.5,
          1.5,
          -1.5,
          2.5,
          -2.5,
          1e-8,
          -1e-8,
          1e-40,
          -1e-40,
          1e-300,
          0x1p-149,
          0x1p-126,
          Double.MIN_VALUE,
          Float.MAX_VALUE,
          -Float.MAX_VALUE,
          Double.MAX_VALUE,
          -Double.MAX_VALUE,
          88.7,
          88.8,
          -87.5,
          -103,
          -104,
          709.7,
          709.8,
          -744,
          -746,
          1000,
          -1000,
          8388609,
          1e10,
          Double.POSITIVE_INFINITY,
          Double.NEGATIVE_INFINITY,
          Double.NaN);

  private static final Tensor HARD_FEW =
      Tensor.of(
          0.0,
          -0.0,
          1,
          -1,
          2,
          -3,
          0.5,
          1e-300,
          700,
          Double.POSITIVE_INFINITY,
          Double.NEGATIVE_INFINITY,
          Double.NaN);

  static List<OpSample> unary(Op.Unary op, Draw draw) {
    List<OpSample> all = new ArrayList<>();
    for (int[] s : SHAPES) {
      all.add(new OpSample(op.name(), op, List.of(smooth(op, draw, s)), Kind.SMOOTH));
    }
    all.add(new OpSample(op.name() + " (hard)", op, List.of(HARD), Kind.HARD));
    switch (op) {
      case NEG, ABS, SIGN, SQUARE -> whole(op, op.name(), draw, all);
      default -> {}
    }
    return all;
  }

  /// Operands around which the function is smooth and its fifth derivative moderate.
  private static Tensor smooth(Op.Unary op, Draw draw, int... s) {
    return switch (op) {
      case NEG, SQUARE, EXP, EXPM1, SIN, COS, SINH, COSH, TANH, SIGMOID, SOFTPLUS, ATAN ->
          draw.uniform(-2, 2, s);
      case ABS, SIGN, RELU -> draw.signed(0.2, 2, s);
      case RECIPROCAL -> draw.signed(0.8, 2, s);
      case SQRT, LOG -> draw.uniform(1, 3, s);
      case LOG1P -> draw.uniform(-0.1, 2, s);
      case TAN -> draw.uniform(-0.7, 0.7, s);
      case ASIN, ACOS -> draw.uniform(-0.6, 0.6, s);
      case FLOOR, CEIL, ROUND -> draw.fractions(0.1, 0.4, s);
      case ERF, ERFC -> draw.uniform(-2, 2, s);
    };
  }

  private static void whole(Op op, String name, Draw draw, List<OpSample> to) {
    for (DType d : List.of(DType.I32, DType.I64)) {
      to.add(new OpSample(name, op, List.of(draw.whole(-9, 9, d, 17)), Kind.WHOLE));
      Tensor ends = Tensor.of(Long.MIN_VALUE, Long.MAX_VALUE, Integer.MIN_VALUE, -1, 0, 1).to(d);
      to.add(new OpSample(name + " (ends)", op, List.of(ends), Kind.WHOLE));
    }
  }

  static List<OpSample> binary(Op.Binary op, Draw draw) {
    List<OpSample> all = new ArrayList<>();
    for (int[][] p : PAIRS) {
      List<Tensor> in =
          switch (op) {
            case ADD, SUB, MUL -> List.of(draw.uniform(-2, 2, p[0]), draw.uniform(-2, 2, p[1]));
            case DIV -> List.of(draw.uniform(-2, 2, p[0]), draw.signed(0.8, 2, p[1]));
            case POW -> List.of(draw.uniform(1, 2, p[0]), draw.uniform(-1, 2, p[1]));
            case MAXIMUM, MINIMUM ->
                List.of(draw.fractions(0.1, 0.3, p[0]), draw.fractions(0.6, 0.9, p[1]));
            case ATAN2 -> List.of(draw.signed(0.8, 2, p[0]), draw.signed(0.8, 2, p[1]));
          };
      all.add(new OpSample(op.name(), op, in, Kind.SMOOTH));
    }
    all.add(hardPairs(op.name(), op));
    switch (op) {
      case POW, ATAN2 -> {}
      case DIV -> wholePairs(op, op.name(), draw, 1, all);
      default -> wholePairs(op, op.name(), draw, -9, all);
    }
    return all;
  }

  private static OpSample hardPairs(String name, Op op) {
    return new OpSample(name + " (hard)", op, List.of(HARD_FEW.unsqueeze(1), HARD_FEW), Kind.HARD);
  }

  /// @param lo the smallest right operand
  private static void wholePairs(Op op, String name, Draw draw, int lo, List<OpSample> to) {
    for (DType d : List.of(DType.I32, DType.I64)) {
      for (int[][] p : PAIRS) {
        List<Tensor> in = List.of(draw.whole(-99, 99, d, p[0]), draw.whole(lo, 9, d, p[1]));
        to.add(new OpSample(name, op, in, Kind.WHOLE));
      }
      Tensor left = Tensor.of(Long.MIN_VALUE, Long.MAX_VALUE, Integer.MIN_VALUE, 7, -7).to(d);
      Tensor right = Tensor.of(-1L, 1L, 2L, -3L).to(d).unsqueeze(1);
      to.add(new OpSample(name + " (ends)", op, List.of(left, right), Kind.WHOLE));
    }
  }

  static List<OpSample> compare(Op.Compare op, Draw draw) {
    List<OpSample> all = new ArrayList<>();
    for (int[][] p : PAIRS) {
      List<Tensor> in = List.of(draw.fractions(0, 0.1, p[0]), draw.fractions(0, 0.1, p[1]));
      all.add(new OpSample(op.name(), op, in, Kind.HARD));
      List<Tensor> bools = List.of(draw.bool(p[0]), draw.bool(p[1]));
      all.add(new OpSample(op.name(), op, bools, Kind.WHOLE));
    }
    all.add(hardPairs(op.name(), op));
    wholePairs(op, op.name(), draw, -9, all);
    return all;
  }

  static List<OpSample> logical(Op.Logical op, Draw draw) {
    List<OpSample> all = new ArrayList<>();
    if (op == Op.Logical.NOT) {
      for (int[] s : SHAPES) {
        all.add(new OpSample(op.name(), op, List.of(draw.bool(s)), Kind.WHOLE));
      }
    } else {
      for (int[][] p : PAIRS) {
        List<Tensor> in = List.of(draw.bool(p[0]), draw.bool(p[1]));
        all.add(new OpSample(op.name(), op, in, Kind.WHOLE));
      }
    }
    return all;
  }

  static List<OpSample> where(Draw draw) {
    Op op = new Op.Where();
    List<OpSample> all = new ArrayList<>();
    for (int[][] p : PAIRS) {
      int[] whole = Shape.broadcast("test", Shape.of(p[0]), Shape.of(p[1])).dims();
      for (int[] c : new int[][] {p[0], p[1], whole, {}}) {
        Tensor a = draw.uniform(-2, 2, p[0]);
        Tensor b = draw.uniform(-2, 2, p[1]);
        all.add(new OpSample("WHERE", op, List.of(draw.bool(c), a, b), Kind.SMOOTH));
      }
    }
    Tensor alone = draw.bool(3, 17);
    List<Tensor> scalars = List.of(alone, draw.uniform(-2, 2), draw.uniform(-2, 2));
    all.add(new OpSample("WHERE", op, scalars, Kind.SMOOTH));
    Tensor both = Tensor.of(true, false).reshape(2, 1, 1);
    List<Tensor> hard = List.of(both, HARD_FEW.unsqueeze(1), HARD_FEW);
    all.add(new OpSample("WHERE (hard)", op, hard, Kind.HARD));
    for (DType d : List.of(DType.BOOL, DType.I32, DType.I64)) {
      List<Tensor> in =
          List.of(draw.bool(17), draw.whole(0, 2, d, 3, 17), draw.whole(0, 2, d, 3, 1));
      all.add(new OpSample("WHERE", op, in, Kind.WHOLE));
    }
    return all;
  }

  static List<OpSample> clamp(Draw draw) {
    List<OpSample> all = new ArrayList<>();
    List<Op.Clamp> bounds =
        List.of(
            new Op.Clamp(-1, 1),
            new Op.Clamp(1, Double.POSITIVE_INFINITY),
            new Op.Clamp(Double.NEGATIVE_INFINITY, -1));
    for (int[] s : SHAPES) {
      for (Op.Clamp op : bounds) {
        Tensor x = draw.fractions(0.2, 0.8, s); // the bounds are whole
        all.add(new OpSample(op.toString(), op, List.of(x), Kind.SMOOTH));
      }
    }
    for (Op.Clamp op : bounds) {
      all.add(new OpSample(op + " (hard)", op, List.of(HARD), Kind.HARD));
      whole(op, op.toString(), draw, all);
    }
    Op.Clamp point = new Op.Clamp(0.5, 0.5);
    all.add(new OpSample(point + " (hard)", point, List.of(HARD), Kind.HARD));
    return all;
  }

  static List<OpSample> cast(Draw draw) {
    List<OpSample> all = new ArrayList<>();
    for (DType to : DType.values()) {
      Op op = new Op.Cast(to);
      // Rounding makes steps that differences see; the rule is tested by its forward mode.
      Kind kind = to == DType.F64 ? Kind.SMOOTH : Kind.HARD;
      for (int[] s : SHAPES) {
        all.add(new OpSample(op.toString(), op, List.of(draw.uniform(-9, 9, s)), kind));
      }
      all.add(new OpSample(op + " (hard)", op, List.of(HARD), Kind.HARD));
      for (DType from : List.of(DType.BOOL, DType.I32, DType.I64)) {
        Tensor x = draw.whole(-2, 3, from, 3, 17);
        all.add(new OpSample(op.toString(), op, List.of(x), Kind.WHOLE));
      }
      Tensor ends = Tensor.of(Long.MIN_VALUE, Long.MAX_VALUE, (1L << 53) + 1, (1L << 24) + 1);
      all.add(new OpSample(op + " (ends)", op, List.of(ends), Kind.WHOLE));
    }
    return all;
  }
}
