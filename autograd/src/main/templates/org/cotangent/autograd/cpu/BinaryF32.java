package org.cotangent.autograd.cpu;

import static org.cotangent.autograd.cpu.LanesF32.L;
import static org.cotangent.autograd.cpu.LanesF32.S;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import org.cotangent.autograd.op.Op;

/// `y[i] = f(a[i], b[i])` over runs, comparisons and choices among them; written as [UnaryF32] is.
final class BinaryF32 {
  private BinaryF32() {}

  static void apply(Op.Binary op, int n, float[] a, int ao, float[] b, int bo, float[] y, int yo) {
    switch (op) {
      case ADD -> add(n, a, ao, b, bo, y, yo);
      case SUB -> sub(n, a, ao, b, bo, y, yo);
      case MUL -> mul(n, a, ao, b, bo, y, yo);
      case DIV -> div(n, a, ao, b, bo, y, yo);
      case MAXIMUM -> max(n, a, ao, b, bo, y, yo);
      case MINIMUM -> min(n, a, ao, b, bo, y, yo);
      case POW, ATAN2 -> WideVectors.binary(op, n, a, ao, b, bo, y, yo);
    }
  }

  private static void add(int n, float[] a, int ao, float[] b, int bo, float[] y, int yo) {
    if (ao == yo && bo == yo) {
      for (int i = yo; i < yo + n; i++) {
        y[i] = a[i] + b[i];
      }
      return;
    }
    int i = 0;
    for (; i <= n - L; i += L) {
      FloatVector v = FloatVector.fromArray(S, b, bo + i);
      FloatVector.fromArray(S, a, ao + i).add(v).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = a[ao + i] + b[bo + i];
    }
  }

  private static void sub(int n, float[] a, int ao, float[] b, int bo, float[] y, int yo) {
    if (ao == yo && bo == yo) {
      for (int i = yo; i < yo + n; i++) {
        y[i] = a[i] - b[i];
      }
      return;
    }
    int i = 0;
    for (; i <= n - L; i += L) {
      FloatVector v = FloatVector.fromArray(S, b, bo + i);
      FloatVector.fromArray(S, a, ao + i).sub(v).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = a[ao + i] - b[bo + i];
    }
  }

  private static void mul(int n, float[] a, int ao, float[] b, int bo, float[] y, int yo) {
    if (ao == yo && bo == yo) {
      for (int i = yo; i < yo + n; i++) {
        y[i] = a[i] * b[i];
      }
      return;
    }
    int i = 0;
    for (; i <= n - L; i += L) {
      FloatVector v = FloatVector.fromArray(S, b, bo + i);
      FloatVector.fromArray(S, a, ao + i).mul(v).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = a[ao + i] * b[bo + i];
    }
  }

  private static void div(int n, float[] a, int ao, float[] b, int bo, float[] y, int yo) {
    if (ao == yo && bo == yo) {
      for (int i = yo; i < yo + n; i++) {
        y[i] = a[i] / b[i];
      }
      return;
    }
    int i = 0;
    for (; i <= n - L; i += L) {
      FloatVector v = FloatVector.fromArray(S, b, bo + i);
      FloatVector.fromArray(S, a, ao + i).div(v).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = a[ao + i] / b[bo + i];
    }
  }

  private static void max(int n, float[] a, int ao, float[] b, int bo, float[] y, int yo) {
    if (ao == yo && bo == yo) {
      for (int i = yo; i < yo + n; i++) {
        y[i] = Math.max(a[i], b[i]);
      }
      return;
    }
    int i = 0;
    for (; i <= n - L; i += L) {
      FloatVector v = FloatVector.fromArray(S, b, bo + i);
      FloatVector.fromArray(S, a, ao + i).max(v).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = Math.max(a[ao + i], b[bo + i]);
    }
  }

  private static void min(int n, float[] a, int ao, float[] b, int bo, float[] y, int yo) {
    if (ao == yo && bo == yo) {
      for (int i = yo; i < yo + n; i++) {
        y[i] = Math.min(a[i], b[i]);
      }
      return;
    }
    int i = 0;
    for (; i <= n - L; i += L) {
      FloatVector v = FloatVector.fromArray(S, b, bo + i);
      FloatVector.fromArray(S, a, ao + i).min(v).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = Math.min(a[ao + i], b[bo + i]);
    }
  }

  static void compare(
      Op.Compare op, int n, float[] a, int ao, float[] b, int bo, boolean[] y, int yo) {
    switch (op) {
      case EQ -> eq(n, a, ao, b, bo, y, yo);
      case NE -> ne(n, a, ao, b, bo, y, yo);
      case LT -> lt(n, a, ao, b, bo, y, yo);
      case LE -> le(n, a, ao, b, bo, y, yo);
      case GT -> lt(n, b, bo, a, ao, y, yo);
      case GE -> le(n, b, bo, a, ao, y, yo);
    }
  }

  private static void eq(int n, float[] a, int ao, float[] b, int bo, boolean[] y, int yo) {
    int i = 0;
    if (n >= MathSize.VECTORS) {
      for (; i <= n - L; i += L) {
        FloatVector v = FloatVector.fromArray(S, b, bo + i);
        FloatVector.fromArray(S, a, ao + i).compare(VectorOperators.EQ, v).intoArray(y, yo + i);
      }
    }
    for (; i < n; i++) {
      y[yo + i] = a[ao + i] == b[bo + i];
    }
  }

  private static void ne(int n, float[] a, int ao, float[] b, int bo, boolean[] y, int yo) {
    int i = 0;
    if (n >= MathSize.VECTORS) {
      for (; i <= n - L; i += L) {
        FloatVector v = FloatVector.fromArray(S, b, bo + i);
        FloatVector.fromArray(S, a, ao + i).compare(VectorOperators.NE, v).intoArray(y, yo + i);
      }
    }
    for (; i < n; i++) {
      y[yo + i] = a[ao + i] != b[bo + i];
    }
  }

  private static void lt(int n, float[] a, int ao, float[] b, int bo, boolean[] y, int yo) {
    int i = 0;
    if (n >= MathSize.VECTORS) {
      for (; i <= n - L; i += L) {
        FloatVector v = FloatVector.fromArray(S, b, bo + i);
        FloatVector.fromArray(S, a, ao + i).compare(VectorOperators.LT, v).intoArray(y, yo + i);
      }
    }
    for (; i < n; i++) {
      y[yo + i] = a[ao + i] < b[bo + i];
    }
  }

  private static void le(int n, float[] a, int ao, float[] b, int bo, boolean[] y, int yo) {
    int i = 0;
    if (n >= MathSize.VECTORS) {
      for (; i <= n - L; i += L) {
        FloatVector v = FloatVector.fromArray(S, b, bo + i);
        FloatVector.fromArray(S, a, ao + i).compare(VectorOperators.LE, v).intoArray(y, yo + i);
      }
    }
    for (; i < n; i++) {
      y[yo + i] = a[ao + i] <= b[bo + i];
    }
  }

  /// `y[i] = c[i] ? a[i] : b[i]`.
  static void where(
      int n, boolean[] c, int co, float[] a, int ao, float[] b, int bo, float[] y, int yo) {
    int i = 0;
    if (n >= MathSize.VECTORS) {
      for (; i <= n - L; i += L) {
        VectorMask<Float> m = VectorMask.fromArray(S, c, co + i);
        FloatVector v = FloatVector.fromArray(S, a, ao + i);
        FloatVector.fromArray(S, b, bo + i).blend(v, m).intoArray(y, yo + i);
      }
    }
    for (; i < n; i++) {
      y[yo + i] = c[co + i] ? a[ao + i] : b[bo + i];
    }
  }

  /// `y[i] = c[i] ? 1 : 0`.
  static void ofBool(int n, boolean[] c, int co, float[] y, int yo) {
    int i = 0;
    if (n >= MathSize.VECTORS) {
      for (; i <= n - L; i += L) {
        VectorMask<Float> m = VectorMask.fromArray(S, c, co + i);
        FloatVector.zero(S).blend(1f, m).intoArray(y, yo + i);
      }
    }
    for (; i < n; i++) {
      y[yo + i] = c[co + i] ? 1f : 0f;
    }
  }
}
