package org.cotangent.autograd.shape;

import java.util.Arrays;

/// The extent of each axis of a tensor, outermost first; the scalar has no axes.
///
/// A shape is a value: immutable, compared by its extents. All rules about shapes that more than
/// one operation shares (broadcasting, axis numbers, element counts) are here, with their errors.
public final class Shape {
  /// The shape of a single number: no axes, one element.
  public static final Shape SCALAR = new Shape(new int[0], 1);

  private final int[] dims;
  private final int size;

  private Shape(int[] dims, int size) {
    this.dims = dims;
    this.size = size;
  }

  /// The shape with the given extents.
  ///
  /// @throws IllegalArgumentException if an extent is negative or the element count exceeds 2^31-1
  public static Shape of(int... dims) {
    return dims.length == 0 ? SCALAR : new Shape(dims.clone(), count(dims));
  }

  private static int count(int[] dims) {
    long n = 1;
    boolean empty = false;
    for (int d : dims) {
      if (d < 0) {
        throw new IllegalArgumentException(
            "shape %s: the extent %d is negative; extents are 0 or more"
                .formatted(Arrays.toString(dims), d));
      }
      empty |= d == 0;
    }
    if (empty) {
      return 0;
    }
    for (int d : dims) {
      n *= d;
      if (n > Integer.MAX_VALUE) {
        throw new IllegalArgumentException(
            "shape %s: more than 2^31-1 elements; a tensor is one Java array; split it"
                .formatted(Arrays.toString(dims)));
      }
    }
    return (int) n;
  }

  /// The number of axes.
  public int rank() {
    return dims.length;
  }

  /// The number of elements.
  public int size() {
    return size;
  }

  /// The extent of an axis; negative axes count from the end.
  public int dim(int axis) {
    return dims[axis("dim", axis)];
  }

  /// A copy of the extents.
  public int[] dims() {
    return dims.clone();
  }

  /// Resolves an axis number that may count from the end, on behalf of the named operation.
  ///
  /// @throws IllegalArgumentException if there is no such axis
  public int axis(String op, int axis) {
    int a = axis < 0 ? axis + dims.length : axis;
    if (a < 0 || a >= dims.length) {
      throw new IllegalArgumentException(
          dims.length == 0
              ? "%s: no axis %d in shape []: a scalar has no axes".formatted(op, axis)
              : "%s: no axis %d in shape %s: axes are %d to %d"
                  .formatted(op, axis, this, -dims.length, dims.length - 1));
    }
    return a;
  }

  /// This shape with the extent of one axis replaced.
  public Shape with(int axis, int extent) {
    int[] d = dims.clone();
    d[axis("with", axis)] = extent;
    return of(d);
  }

  /// This shape with the given axes (non-negative, ascending or not) set to 1.
  public Shape collapsed(int... axes) {
    int[] d = dims.clone();
    for (int a : axes) {
      d[a] = 1;
    }
    return of(d);
  }

  /// This shape without one axis.
  public Shape without(int axis) {
    int a = axis("without", axis);
    int[] d = new int[dims.length - 1];
    System.arraycopy(dims, 0, d, 0, a);
    System.arraycopy(dims, a + 1, d, a, d.length - a);
    return of(d);
  }

  /// This shape with a new axis of the given extent before position `axis` (0 to rank).
  public Shape inserted(int axis, int extent) {
    int[] d = new int[dims.length + 1];
    System.arraycopy(dims, 0, d, 0, axis);
    d[axis] = extent;
    System.arraycopy(dims, axis, d, axis + 1, dims.length - axis);
    return of(d);
  }

  /// The common shape to which two operands stretch by NumPy's rule: align the last axes; each pair
  /// of extents must be equal or contain a 1, and a missing axis counts as 1.
  ///
  /// @throws IllegalArgumentException naming `op` and both shapes if they do not fit
  public static Shape broadcast(String op, Shape a, Shape b) {
    if (a.equals(b) || b.dims.length == 0) {
      return a;
    }
    if (a.dims.length == 0) {
      return b;
    }
    int rank = Math.max(a.dims.length, b.dims.length);
    int[] d = new int[rank];
    for (int i = 1; i <= rank; i++) {
      int m = i <= a.dims.length ? a.dims[a.dims.length - i] : 1;
      int n = i <= b.dims.length ? b.dims[b.dims.length - i] : 1;
      if (m != n && m != 1 && n != 1) {
        throw new IllegalArgumentException(
            "%s: cannot broadcast %s with %s: axis %d has extents %d and %d; each pair must be equal or contain a 1"
                .formatted(op, a, b, -i, m, n));
      }
      d[rank - i] = m == 1 ? n : m;
    }
    return of(d);
  }

  /// Whether a tensor of this shape can be stretched to `to` by broadcasting.
  public boolean broadcastsTo(Shape to) {
    int shift = to.dims.length - dims.length;
    if (shift < 0) {
      return false;
    }
    for (int i = 0; i < dims.length; i++) {
      if (dims[i] != 1 && dims[i] != to.dims[i + shift]) {
        return false;
      }
    }
    return true;
  }

  @Override
  public boolean equals(Object o) {
    return this == o || (o instanceof Shape s && Arrays.equals(dims, s.dims));
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(dims);
  }

  /// The extents in brackets, as in `[2, 3]`.
  @Override
  public String toString() {
    return Arrays.toString(dims);
  }
}
