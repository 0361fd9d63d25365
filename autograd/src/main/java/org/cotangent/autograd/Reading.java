package org.cotangent.autograd;

import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.backend.Eager;
import org.cotangent.autograd.backend.Layout;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// From tensors to Java numbers and arrays.
final class Reading {
  private Reading() {}

  static Buffer numbers(Tensor x) {
    Tensor t = Recording.here(x);
    return Eager.numbers(Example.shared(Tracing.isOn() ? t.value() : t.peek()));
  }

  static double item(Tensor x) {
    if (x.size() != 1) {
      throw new IllegalArgumentException(
          "item: shape %s has %d elements, not one".formatted(x.shape(), x.size()));
    }
    Buffer b = numbers(x);
    return b.getDouble(b.layout().at(0));
  }

  static double get(Tensor x, int... index) {
    Shape s = x.shape();
    if (index.length != s.rank()) {
      throw new IllegalArgumentException(
          "get: %d positions for the %d axes of %s".formatted(index.length, s.rank(), s));
    }
    Buffer b = numbers(x);
    Layout l = b.layout();
    int at = l.offset();
    for (int i = 0; i < index.length; i++) {
      int n = s.dim(i);
      int p = index[i] < 0 ? index[i] + n : index[i];
      if (p < 0 || p >= n) {
        throw new IndexOutOfBoundsException(
            "get: no position %d on axis %d of %s".formatted(index[i], i, s));
      }
      at += p * l.stride(i);
    }
    return b.getDouble(at);
  }

  static double[] doubles(Tensor x) {
    Buffer b = numbers(x);
    Layout l = b.layout();
    double[] out = new double[x.size()];
    if (x.dtype() == DType.F64 && l.isContiguous()) {
      System.arraycopy(b.f64(), l.offset(), out, 0, out.length);
      return out;
    }
    for (int i = 0; i < out.length; i++) {
      out[i] = b.getDouble(l.at(i));
    }
    return out;
  }

  static float[] floats(Tensor x) {
    Buffer b = numbers(x);
    Layout l = b.layout();
    float[] out = new float[x.size()];
    if (x.dtype() == DType.F32 && l.isContiguous()) {
      System.arraycopy(b.f32(), l.offset(), out, 0, out.length);
      return out;
    }
    for (int i = 0; i < out.length; i++) {
      out[i] = (float) b.getDouble(l.at(i));
    }
    return out;
  }

  static long[] longs(Tensor x) {
    Buffer b = numbers(x);
    Layout l = b.layout();
    long[] out = new long[x.size()];
    for (int i = 0; i < out.length; i++) {
      out[i] = b.getLong(l.at(i));
    }
    return out;
  }

  static int[] ints(Tensor x) {
    long[] v = longs(x);
    int[] out = new int[v.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = Math.toIntExact(v[i]);
    }
    return out;
  }

  static boolean[] booleans(Tensor x) {
    Buffer b = numbers(x);
    Layout l = b.layout();
    boolean[] out = new boolean[x.size()];
    for (int i = 0; i < out.length; i++) {
      out[i] = b.bool()[l.at(i)];
    }
    return out;
  }
}
