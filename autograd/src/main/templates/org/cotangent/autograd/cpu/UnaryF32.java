package org.cotangent.autograd.cpu;

import static org.cotangent.autograd.cpu.LanesF32.L;
import static org.cotangent.autograd.cpu.LanesF32.S;

import jdk.incubator.vector.FloatVector;
import org.cotangent.autograd.op.Op;

/// `y[i] = f(x[i])` over runs.
///
/// One short method an operation: the compiler leaves long ones alone, and a method costs it 50 to
/// 100 ms, which only the operations in use should pay. Where both runs begin at the same index a
/// plain loop is vectorised by the compiler itself and is fast from the start; the vectors written
/// out are for all other runs.
final class UnaryF32 {
  private UnaryF32() {}

  static void apply(Op.Unary op, int n, float[] x, int xo, float[] y, int yo) {
    switch (op) {
      case NEG -> neg(n, x, xo, y, yo);
      case ABS -> abs(n, x, xo, y, yo);
      case RECIPROCAL -> reciprocal(n, x, xo, y, yo);
      case SQUARE -> square(n, x, xo, y, yo);
      case SQRT -> sqrt(n, x, xo, y, yo);
      case RELU -> relu(n, x, xo, y, yo);
      case EXP -> exp(n, x, xo, y, yo);
      case EXPM1 -> expm1(n, x, xo, y, yo);
      case LOG -> log(n, x, xo, y, yo);
      case LOG1P -> log1p(n, x, xo, y, yo);
      case TANH -> tanh(n, x, xo, y, yo);
      case SIGMOID -> sigmoid(n, x, xo, y, yo);
      case SOFTPLUS -> softplus(n, x, xo, y, yo);
      case SIGN -> sign(n, x, xo, y, yo);
      case FLOOR -> floor(n, x, xo, y, yo);
      case CEIL -> ceil(n, x, xo, y, yo);
      case ROUND -> round(n, x, xo, y, yo);
      case SIN, COS, TAN, ASIN, ACOS, ATAN, SINH, COSH, ERF, ERFC ->
          WideVectors.unary(op, n, x, xo, y, yo);
    }
  }

  private static void sign(int n, float[] x, int xo, float[] y, int yo) {
    if (xo == yo) {
      for (int i = xo; i < xo + n; i++) {
        y[i] = Math.signum(x[i]);
      }
      return;
    }
    for (int i = 0; i < n; i++) {
      y[yo + i] = Math.signum(x[xo + i]);
    }
  }

  private static void floor(int n, float[] x, int xo, float[] y, int yo) {
    if (xo == yo) {
      for (int i = xo; i < xo + n; i++) {
        y[i] = (float) Math.floor(x[i]);
      }
      return;
    }
    for (int i = 0; i < n; i++) {
      y[yo + i] = (float) Math.floor(x[xo + i]);
    }
  }

  private static void ceil(int n, float[] x, int xo, float[] y, int yo) {
    if (xo == yo) {
      for (int i = xo; i < xo + n; i++) {
        y[i] = (float) Math.ceil(x[i]);
      }
      return;
    }
    for (int i = 0; i < n; i++) {
      y[yo + i] = (float) Math.ceil(x[xo + i]);
    }
  }

  private static void round(int n, float[] x, int xo, float[] y, int yo) {
    if (xo == yo) {
      for (int i = xo; i < xo + n; i++) {
        y[i] = (float) Math.rint(x[i]);
      }
      return;
    }
    for (int i = 0; i < n; i++) {
      y[yo + i] = (float) Math.rint(x[xo + i]);
    }
  }

  private static void neg(int n, float[] x, int xo, float[] y, int yo) {
    if (xo == yo) {
      for (int i = xo; i < xo + n; i++) {
        y[i] = -x[i];
      }
      return;
    }
    int i = 0;
    for (; i <= n - L; i += L) {
      FloatVector.fromArray(S, x, xo + i).neg().intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = -x[xo + i];
    }
  }

  private static void abs(int n, float[] x, int xo, float[] y, int yo) {
    if (xo == yo) {
      for (int i = xo; i < xo + n; i++) {
        y[i] = Math.abs(x[i]);
      }
      return;
    }
    int i = 0;
    for (; i <= n - L; i += L) {
      FloatVector.fromArray(S, x, xo + i).abs().intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = Math.abs(x[xo + i]);
    }
  }

  private static void reciprocal(int n, float[] x, int xo, float[] y, int yo) {
    if (xo == yo) {
      for (int i = xo; i < xo + n; i++) {
        y[i] = 1f / x[i];
      }
      return;
    }
    int i = 0;
    for (; i <= n - L; i += L) {
      FloatVector.broadcast(S, 1f).div(FloatVector.fromArray(S, x, xo + i)).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = 1f / x[xo + i];
    }
  }

  private static void square(int n, float[] x, int xo, float[] y, int yo) {
    if (xo == yo) {
      for (int i = xo; i < xo + n; i++) {
        y[i] = x[i] * x[i];
      }
      return;
    }
    int i = 0;
    for (; i <= n - L; i += L) {
      FloatVector v = FloatVector.fromArray(S, x, xo + i);
      v.mul(v).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = x[xo + i] * x[xo + i];
    }
  }

  private static void sqrt(int n, float[] x, int xo, float[] y, int yo) {
    if (xo == yo) {
      for (int i = xo; i < xo + n; i++) {
        y[i] = (float) Math.sqrt(x[i]);
      }
      return;
    }
    int i = 0;
    for (; i <= n - L; i += L) {
      FloatVector.fromArray(S, x, xo + i).sqrt().intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = (float) Math.sqrt(x[xo + i]);
    }
  }

  private static void relu(int n, float[] x, int xo, float[] y, int yo) {
    if (xo == yo) {
      for (int i = xo; i < xo + n; i++) {
        y[i] = Math.max(x[i], 0f);
      }
      return;
    }
    int i = 0;
    for (; i <= n - L; i += L) {
      FloatVector.fromArray(S, x, xo + i).max(0f).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = Math.max(x[xo + i], 0f);
    }
  }

  private static void exp(int n, float[] x, int xo, float[] y, int yo) {
    int whole = n >= LanesF32.MATH_FROM ? n - n % L : 0;
    VectorMathF32.exp(whole, x, xo, y, yo);
    for (int i = whole; i < n; i++) {
      y[yo + i] = NumberMathF32.exp(x[xo + i]);
    }
  }

  private static void expm1(int n, float[] x, int xo, float[] y, int yo) {
    int whole = n >= LanesF32.MATH_FROM ? n - n % L : 0;
    VectorMathF32.expm1(whole, x, xo, y, yo);
    for (int i = whole; i < n; i++) {
      y[yo + i] = NumberMathF32.expm1(x[xo + i]);
    }
  }

  private static void log(int n, float[] x, int xo, float[] y, int yo) {
    int whole = n >= LanesF32.MATH_FROM ? n - n % L : 0;
    VectorMathF32.log(whole, x, xo, y, yo);
    for (int i = whole; i < n; i++) {
      y[yo + i] = NumberMathF32.log(x[xo + i]);
    }
  }

  private static void log1p(int n, float[] x, int xo, float[] y, int yo) {
    int whole = n >= LanesF32.MATH_FROM ? n - n % L : 0;
    VectorMathF32.log1p(whole, x, xo, y, yo);
    for (int i = whole; i < n; i++) {
      y[yo + i] = NumberMathF32.log1p(x[xo + i]);
    }
  }

  private static void tanh(int n, float[] x, int xo, float[] y, int yo) {
    int whole = n >= LanesF32.MATH_FROM ? n - n % L : 0;
    VectorMathF32.tanh(whole, x, xo, y, yo);
    for (int i = whole; i < n; i++) {
      y[yo + i] = NumberMathF32.tanh(x[xo + i]);
    }
  }

  private static void sigmoid(int n, float[] x, int xo, float[] y, int yo) {
    int whole = n >= LanesF32.MATH_FROM ? n - n % L : 0;
    VectorMathF32.sigmoid(whole, x, xo, y, yo);
    for (int i = whole; i < n; i++) {
      y[yo + i] = NumberMathF32.sigmoid(x[xo + i]);
    }
  }

  private static void softplus(int n, float[] x, int xo, float[] y, int yo) {
    int whole = n >= LanesF32.MATH_FROM ? n - n % L : 0;
    VectorMathF32.softplus(whole, x, xo, y, yo);
    for (int i = whole; i < n; i++) {
      y[yo + i] = NumberMathF32.softplus(x[xo + i]);
    }
  }

  /// `min(max(x, lo), hi)`.
  static void clamp(double lo, double hi, int n, float[] x, int xo, float[] y, int yo) {
    float least = (float) lo;
    float most = (float) hi;
    int i = 0;
    for (; i <= n - L; i += L) {
      FloatVector.fromArray(S, x, xo + i).max(least).min(most).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = Math.min(Math.max(x[xo + i], least), most);
    }
  }
}
