package org.cotangent.autograd.cpu;

import org.cotangent.autograd.op.Op;

/// The steps of an elementwise program over `from` to `to` of arrays that share one index: the only
/// form of a loop that the compiler vectorises itself.
///
/// Functions are Java's own, in double: the same bits before and after compilation; and those of
/// [WideMath].
final class PlainKernelsF32 {
  private PlainKernelsF32() {}

  static void unary(Op.Unary op, int from, int to, float[] x, float[] y) {
    switch (op) {
      case NEG -> neg(from, to, x, y);
      case SQUARE -> square(from, to, x, y);
      case SQRT -> sqrt(from, to, x, y);
      case RECIPROCAL -> reciprocal(from, to, x, y);
      case RELU -> relu(from, to, x, y);
      case EXP -> exp(from, to, x, y);
      case LOG -> log(from, to, x, y);
      case TANH -> tanh(from, to, x, y);
      case SIGMOID -> sigmoid(from, to, x, y);
      case ABS,
          SIGN,
          EXPM1,
          LOG1P,
          SOFTPLUS,
          SIN,
          COS,
          TAN,
          ASIN,
          ACOS,
          ATAN,
          SINH,
          COSH,
          FLOOR,
          CEIL,
          ROUND,
          ERF,
          ERFC ->
          rare(op, from, to, x, y);
    }
  }

  private static void rare(Op.Unary op, int from, int to, float[] x, float[] y) {
    for (int i = from; i < to; i++) {
      y[i] = WideMath.unary(op, x[i]);
    }
  }

  private static void neg(int from, int to, float[] x, float[] y) {
    for (int i = from; i < to; i++) {
      y[i] = -x[i];
    }
  }

  private static void square(int from, int to, float[] x, float[] y) {
    for (int i = from; i < to; i++) {
      y[i] = x[i] * x[i];
    }
  }

  private static void sqrt(int from, int to, float[] x, float[] y) {
    for (int i = from; i < to; i++) {
      y[i] = (float) Math.sqrt(x[i]);
    }
  }

  private static void reciprocal(int from, int to, float[] x, float[] y) {
    for (int i = from; i < to; i++) {
      y[i] = 1f / x[i];
    }
  }

  private static void relu(int from, int to, float[] x, float[] y) {
    for (int i = from; i < to; i++) {
      y[i] = Math.max(x[i], 0f);
    }
  }

  private static void exp(int from, int to, float[] x, float[] y) {
    for (int i = from; i < to; i++) {
      y[i] = (float) Math.exp(x[i]);
    }
  }

  private static void log(int from, int to, float[] x, float[] y) {
    for (int i = from; i < to; i++) {
      y[i] = (float) Math.log(x[i]);
    }
  }

  private static void tanh(int from, int to, float[] x, float[] y) {
    for (int i = from; i < to; i++) {
      y[i] = (float) Math.tanh(x[i]);
    }
  }

  /// See [ScalarMath].
  private static void sigmoid(int from, int to, float[] x, float[] y) {
    for (int i = from; i < to; i++) {
      double e = Math.exp(-Math.abs((double) x[i]));
      y[i] = (float) (x[i] < 0f ? e / (1 + e) : 1 / (1 + e));
    }
  }

  static void binary(Op.Binary op, int from, int to, float[] a, float[] b, float[] y) {
    switch (op) {
      case ADD -> add(from, to, a, b, y);
      case SUB -> sub(from, to, a, b, y);
      case MUL -> mul(from, to, a, b, y);
      case DIV -> div(from, to, a, b, y);
      case MAXIMUM -> max(from, to, a, b, y);
      case MINIMUM, POW, ATAN2 -> rare(op, from, to, a, b, y);
    }
  }

  private static void rare(Op.Binary op, int from, int to, float[] a, float[] b, float[] y) {
    for (int i = from; i < to; i++) {
      y[i] = (float) WideMath.binary(op, a[i], b[i]);
    }
  }

  private static void add(int from, int to, float[] a, float[] b, float[] y) {
    for (int i = from; i < to; i++) {
      y[i] = a[i] + b[i];
    }
  }

  private static void sub(int from, int to, float[] a, float[] b, float[] y) {
    for (int i = from; i < to; i++) {
      y[i] = a[i] - b[i];
    }
  }

  private static void mul(int from, int to, float[] a, float[] b, float[] y) {
    for (int i = from; i < to; i++) {
      y[i] = a[i] * b[i];
    }
  }

  private static void div(int from, int to, float[] a, float[] b, float[] y) {
    for (int i = from; i < to; i++) {
      y[i] = a[i] / b[i];
    }
  }

  private static void max(int from, int to, float[] a, float[] b, float[] y) {
    for (int i = from; i < to; i++) {
      y[i] = Math.max(a[i], b[i]);
    }
  }

  static void compare(Op.Compare op, int from, int to, float[] a, float[] b, boolean[] y) {
    switch (op) {
      case GT -> greater(from, to, a, b, y);
      case LT -> greater(from, to, b, a, y);
      case EQ, NE, LE, GE -> {
        for (int i = from; i < to; i++) {
          y[i] = ScalarMath.compare(op, a[i], b[i]);
        }
      }
    }
  }

  private static void greater(int from, int to, float[] a, float[] b, boolean[] y) {
    for (int i = from; i < to; i++) {
      y[i] = a[i] > b[i];
    }
  }

  /// `y[i] = c[i] ? a[i] : b[i]`.
  static void where(int from, int to, boolean[] c, float[] a, float[] b, float[] y) {
    for (int i = from; i < to; i++) {
      y[i] = c[i] ? a[i] : b[i];
    }
  }

  static void clamp(Op.Clamp op, int from, int to, float[] x, float[] y) {
    for (int i = from; i < to; i++) {
      y[i] = (float) ScalarMath.clamp(op, x[i]);
    }
  }

  /// `y[i] = c[i] ? 1 : 0`.
  static void ofBool(int from, int to, boolean[] c, float[] y) {
    for (int i = from; i < to; i++) {
      y[i] = c[i] ? 1f : 0f;
    }
  }
}
