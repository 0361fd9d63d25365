package org.cotangent.autograd;

import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.List;
import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.backend.Layout;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// Tensors from Java arrays and from counting.
final class Creation {
  private Creation() {}

  static Tensor of(Shape shape, Object data) {
    DType dtype = dtype(data);
    int n = Array.getLength(data);
    if (n != shape.size()) {
      throw new IllegalArgumentException(
          "of: shape %s needs %d numbers, but the array has %d".formatted(shape, shape.size(), n));
    }
    Buffer b = Buffer.allocate(dtype, shape);
    copy(data, b, 0);
    return new Tensor(b, null);
  }

  /// The tensor of an array that nobody else will write to.
  static Tensor owning(Shape shape, DType dtype, Object data) {
    return new Tensor(new Buffer(data, dtype, Layout.of(shape)), null);
  }

  private static DType dtype(Object array) {
    return switch (array) {
      case double[] _ -> DType.F64;
      case float[] _ -> DType.F32;
      case long[] _ -> DType.I64;
      case int[] _ -> DType.I32;
      case boolean[] _ -> DType.BOOL;
      default ->
          throw new IllegalArgumentException(
              "of: %s is no array of double, float, long, int or boolean"
                  .formatted(array.getClass().getSimpleName()));
    };
  }

  private static void copy(Object from, Buffer to, int at) {
    Object array =
        switch (to.dtype()) {
          case BOOL -> to.bool();
          case I32 -> to.i32();
          case I64 -> to.i64();
          case F32 -> to.f32();
          case F64 -> to.f64();
        };
    System.arraycopy(from, 0, array, at, Array.getLength(from));
  }

  static Tensor nested(Object[] data) {
    List<Integer> dims = new ArrayList<>();
    Object level = data;
    while (level instanceof Object[] a) {
      dims.add(a.length);
      if (a.length == 0) {
        throw new IllegalArgumentException(
            "of: an empty nested array has no element type; use zeros(shape, dtype)");
      }
      level = a[0];
    }
    DType dtype = dtype(level);
    dims.add(Array.getLength(level));
    int[] d = dims.stream().mapToInt(Integer::intValue).toArray();
    Buffer b = Buffer.allocate(dtype, Shape.of(d));
    fill(data, d, 0, b, 0);
    return new Tensor(b, null);
  }

  private static int fill(Object level, int[] dims, int axis, Buffer to, int at) {
    if (Array.getLength(level) != dims[axis]) {
      throw new IllegalArgumentException(
          "of: ragged nested array: an array of axis %d has %d elements where others have %d"
              .formatted(axis, Array.getLength(level), dims[axis]));
    }
    if (!(level instanceof Object[] parts)) {
      copy(level, to, at);
      return at + dims[axis];
    }
    int next = at;
    for (Object part : parts) {
      next = fill(part, dims, axis + 1, to, next);
    }
    return next;
  }

  static Tensor arange(double start, double stop, double step, DType dtype) {
    double n = Math.ceil((stop - start) / step);
    if (!(Math.abs(step) > 0) || !(n <= Integer.MAX_VALUE)) {
      throw new IllegalArgumentException(
          "arange: from %s to %s by %s: the step must be neither 0 nor NaN and the count fit an int"
              .formatted(start, stop, step));
    }
    double[] data = new double[(int) Math.max(0, n)];
    for (int i = 0; i < data.length; i++) {
      data[i] = start + i * step;
    }
    return of(Shape.of(data.length), data).to(dtype);
  }

  static Tensor linspace(double first, double last, int n, DType dtype) {
    if (n < 0) {
      throw new IllegalArgumentException("linspace: the count %d is negative".formatted(n));
    }
    double[] data = new double[n];
    for (int i = 0; i < n; i++) {
      data[i] = i == n - 1 && n > 1 ? last : first + i * ((last - first) / Math.max(1, n - 1));
    }
    return of(Shape.of(n), data).to(dtype);
  }
}
