package org.cotangent.autograd.op;

import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// What flows between operations: numbers when eager, a name when tracing.
public interface Value {
  /// The extents.
  Shape shape();

  /// The type of the elements.
  DType dtype();
}
