package org.cotangent.autograd.cpu;

import org.cotangent.autograd.op.Op;

/// What each elementwise operation means for a single number.
///
/// `StrictMath` is used throughout, so that the specification gives the same bits on every machine.
/// Integers of both widths are computed as `long`: storing the low 32 bits afterwards is the
/// arithmetic of `int`, because sums, differences and products wrap alike, and the one quotient
/// that does not fit (`MIN_VALUE / -1`) also comes to `MIN_VALUE`.
final class ScalarMath {
  private ScalarMath() {}

  static double unary(Op.Unary op, double x) {
    return switch (op) {
      case NEG -> -x;
      case ABS -> Math.abs(x);
      case SIGN -> Math.signum(x);
      case RECIPROCAL -> 1 / x;
      case SQUARE -> x * x;
      case SQRT -> Math.sqrt(x);
      case EXP -> StrictMath.exp(x);
      case EXPM1 -> StrictMath.expm1(x);
      case LOG -> StrictMath.log(x);
      case LOG1P -> StrictMath.log1p(x);
      case SIN -> StrictMath.sin(x);
      case COS -> StrictMath.cos(x);
      case TAN -> StrictMath.tan(x);
      case ASIN -> StrictMath.asin(x);
      case ACOS -> StrictMath.acos(x);
      case ATAN -> StrictMath.atan(x);
      case SINH -> StrictMath.sinh(x);
      case COSH -> StrictMath.cosh(x);
      case TANH -> StrictMath.tanh(x);
      case SIGMOID -> sigmoid(x);
      case SOFTPLUS -> StrictMath.log1p(StrictMath.exp(-Math.abs(x))) + Math.max(x, 0);
      case RELU -> Math.max(x, 0);
      case FLOOR -> Math.floor(x);
      case CEIL -> Math.ceil(x);
      case ROUND -> Math.rint(x);
      case ERF -> Erf.erf(x);
      case ERFC -> Erf.erfc(x);
    };
  }

  /// The exponent is never positive: e^-x for x >= 0, else eˣ/(1 + eˣ), which is the same number.
  private static double sigmoid(double x) {
    double e = StrictMath.exp(-Math.abs(x));
    return x < 0 ? e / (1 + e) : 1 / (1 + e);
  }

  static long unary(Op.Unary op, long x) {
    return switch (op) {
      case NEG -> -x;
      case ABS -> Math.abs(x);
      case SIGN -> Long.signum(x);
      case SQUARE -> x * x;
      case RECIPROCAL,
          SQRT,
          EXP,
          EXPM1,
          LOG,
          LOG1P,
          SIN,
          COS,
          TAN,
          ASIN,
          ACOS,
          ATAN,
          SINH,
          COSH,
          TANH,
          SIGMOID,
          SOFTPLUS,
          RELU,
          FLOOR,
          CEIL,
          ROUND,
          ERF,
          ERFC ->
          throw new IllegalArgumentException(op + ": not defined on integers");
    };
  }

  static double binary(Op.Binary op, double a, double b) {
    return switch (op) {
      case ADD -> a + b;
      case SUB -> a - b;
      case MUL -> a * b;
      case DIV -> a / b;
      case POW -> pow(a, b);
      case MAXIMUM -> Math.max(a, b);
      case MINIMUM -> Math.min(a, b);
      case ATAN2 -> StrictMath.atan2(a, b);
    };
  }

  /// IEEE 754-2019, 9.2.1: 1 to any power is 1, even NaN, and so is -1 to an infinite one. Java has
  /// NaN there; all else agrees.
  private static double pow(double a, double b) {
    return a == 1 || (a == -1 && Double.isInfinite(b)) ? 1 : StrictMath.pow(a, b);
  }

  static long binary(Op.Binary op, long a, long b) {
    return switch (op) {
      case ADD -> a + b;
      case SUB -> a - b;
      case MUL -> a * b;
      case DIV -> {
        if (b == 0) {
          throw new ArithmeticException(
              "DIV: %d / 0: integers have no infinity; convert with to(DType.F32) or mask the zeros"
                  .formatted(a));
        }
        yield a / b;
      }
      case MAXIMUM -> Math.max(a, b);
      case MINIMUM -> Math.min(a, b);
      case POW, ATAN2 -> throw new IllegalArgumentException(op + ": not defined on integers");
    };
  }

  static boolean compare(Op.Compare op, double a, double b) {
    return switch (op) {
      case EQ -> a == b;
      case NE -> a != b;
      case LT -> a < b;
      case LE -> a <= b;
      case GT -> a > b;
      case GE -> a >= b;
    };
  }

  static boolean compare(Op.Compare op, long a, long b) {
    return switch (op) {
      case EQ -> a == b;
      case NE -> a != b;
      case LT -> a < b;
      case LE -> a <= b;
      case GT -> a > b;
      case GE -> a >= b;
    };
  }

  /// `b` is ignored by `NOT`.
  static boolean logical(Op.Logical op, boolean a, boolean b) {
    return switch (op) {
      case AND -> a && b;
      case OR -> a || b;
      case XOR -> a != b;
      case NOT -> !a;
    };
  }

  static double clamp(Op.Clamp op, double x) {
    return Math.min(Math.max(x, op.lo()), op.hi());
  }

  /// The bounds are cut off to integers first, so that no large `long` passes through a double.
  static long clamp(Op.Clamp op, long x) {
    return Math.min(Math.max(x, (long) op.lo()), (long) op.hi());
  }
}
