package org.cotangent.autograd.cpu;

import java.util.Arrays;
import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.backend.Layout;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// One operand of an elementwise program, stretched to the shape of the result and read by ranges
/// of the result's row-major numbers.
///
/// Where such a range lies in the operand's own array it is read there; else it is copied to a tile
/// of scratch, so that the kernels meet neighbouring elements only.
final class Operand {
  final DType dtype;
  private final Object array;
  private final int start;
  private final int[] dims; // merged as far as the strides allow, outermost first
  private final int[] strides;

  Operand(Buffer x, Shape shape) {
    dtype = x.dtype();
    array =
        switch (dtype) {
          case BOOL -> x.bool();
          case I32 -> x.i32();
          case I64 -> x.i64();
          case F32 -> x.f32();
          case F64 -> x.f64();
        };
    Layout layout = x.layout();
    start = layout.offset();
    int rank = shape.rank();
    int shift = layout.shape().rank() - rank;
    int[] d = new int[rank + 1];
    int[] s = new int[rank + 1];
    int top = -1;
    for (int axis = 0; axis < rank; axis++) {
      int n = shape.dim(axis);
      if (n == 1) {
        continue;
      }
      int own = axis + shift;
      int stride = own < 0 || layout.shape().dim(own) == 1 ? 0 : layout.stride(own);
      if (top >= 0 && s[top] == stride * n) {
        d[top] *= n;
      } else {
        top++;
        d[top] = n;
      }
      s[top] = stride;
    }
    if (top < 0) {
      top = 0;
      d[0] = 1;
      s[0] = 1;
    }
    dims = Arrays.copyOf(d, top + 1);
    strides = Arrays.copyOf(s, top + 1);
  }

  /// Whether the kernels may work on the operand's array: they have no form for `int`.
  private boolean isDirect() {
    return dtype != DType.I32 && strides[strides.length - 1] == 1;
  }

  /// Whether it lies in its array as the result does.
  boolean isFlat() {
    return dims.length == 1 && isDirect();
  }

  /// Whether it is one number everywhere.
  boolean isNumber() {
    return dims.length == 1 && strides[0] == 0;
  }

  /// That number, of a floating operand.
  double number() {
    return dtype == DType.F32 ? ((float[]) array)[start] : ((double[]) array)[start];
  }

  /// The number of neighbours that it repeats over and over, or 0 if it does not.
  int period() {
    return dims.length == 2 && strides[0] == 0 ? dims[1] : 0;
  }

  /// The length of the stretches that lie evenly in its array.
  int inner() {
    return dims[dims.length - 1];
  }

  Object array() {
    return array;
  }

  /// The place of the first element.
  int start() {
    return start;
  }

  /// The place of element `o` in the array if `n` elements from there can be used in place, or -1.
  int placeOf(int o, int n) {
    if (!isDirect() || o % inner() + n > inner()) {
      return -1;
    }
    int at = start;
    int rest = o;
    for (int axis = dims.length - 1; axis >= 0; axis--) {
      at += rest % dims[axis] * strides[axis];
      rest /= dims[axis];
    }
    return at;
  }

  /// Room for [#read].
  int[] index() {
    return new int[dims.length];
  }

  /// Copies elements `o` to `o + n` to the beginning of a tile; `index` is from [#index].
  void read(int o, int n, Object tile, int[] index) {
    int last = dims.length - 1;
    int at = start;
    int rest = o;
    for (int axis = last; axis >= 0; axis--) {
      index[axis] = rest % dims[axis];
      at += index[axis] * strides[axis];
      rest /= dims[axis];
    }
    int done = 0;
    while (true) {
      int run = Math.min(n - done, dims[last] - index[last]);
      readRun(at, strides[last], run, tile, done);
      done += run;
      if (done == n) {
        return;
      }
      at -= index[last] * strides[last];
      index[last] = 0;
      int axis = last - 1;
      while (++index[axis] == dims[axis]) {
        at -= strides[axis] * (dims[axis] - 1);
        index[axis] = 0;
        axis--;
      }
      at += strides[axis];
    }
  }

  private void readRun(int at, int step, int n, Object tile, int to) {
    switch (dtype) {
      case BOOL -> Runs.read((boolean[]) array, at, step, n, (boolean[]) tile, to);
      case I32 -> Runs.read((int[]) array, at, step, n, (long[]) tile, to);
      case I64 -> Runs.read((long[]) array, at, step, n, (long[]) tile, to);
      case F32 -> Runs.read((float[]) array, at, step, n, (float[]) tile, to);
      case F64 -> Runs.read((double[]) array, at, step, n, (double[]) tile, to);
    }
  }
}
