package org.cotangent.autograd;

import org.cotangent.autograd.op.Value;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// Inside [Grad#vmap]: one example of a batch, which stands for all of them.
///
/// @param vmap the scope it belongs to
/// @param all the tensor outside: all examples along axis 0, or, if not mapped, what they share
/// @param isMapped whether the examples differ
/// @param shape of one example
record Example(Vmap vmap, Tensor all, boolean isMapped, Shape shape) implements Value {
  Example(Vmap vmap, Tensor all, boolean isMapped) {
    this(vmap, all, isMapped, isMapped ? all.shape().without(0) : all.shape());
  }

  @Override
  public DType dtype() {
    return all.dtype();
  }

  int rank() {
    return shape.rank();
  }

  /// The extent of an axis of the example.
  int dim(int axis) {
    return shape.dim(axis);
  }

  /// All examples along axis 0; what they share is repeated, not copied.
  Tensor batch() {
    return isMapped ? all : all.expand(shape.inserted(0, vmap.size()));
  }

  /// All examples along axis 0 of a tensor that broadcasts as the example does against others of
  /// rank `rank` or less: `[batch, 1, .., 1, extents..]`. What they share, as it is.
  Tensor aligned(int rank) {
    Shape s = all.shape();
    for (int i = isMapped ? rank() : rank; i < rank; i++) {
      s = s.inserted(1, 1);
    }
    return all.reshape(s);
  }

  /// What lies under any number of examples.
  static Value bottom(Value v) {
    Value b = v;
    while (b instanceof Example e) {
      b = e.all.peek();
    }
    return b;
  }

  /// The value that all examples share, or the example itself if they differ.
  static Value shared(Value v) {
    Value b = v;
    while (b instanceof Example e && !e.isMapped) {
      b = e.all.peek();
    }
    return b;
  }

  @Override
  public String toString() {
    return "inside vmap it stands for each of %d examples; choose between numbers with where(...), or return it and read it outside"
        .formatted(vmap.size());
  }
}
