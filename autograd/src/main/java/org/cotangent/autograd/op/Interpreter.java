package org.cotangent.autograd.op;

import org.cotangent.autograd.shape.DType;

/// What applying an operation means: compute it now, or write it down.
public interface Interpreter {
  /// The one in force in this scope; eager when unbound. Scoped, so that two threads never share
  /// it.
  ScopedValue<Interpreter> CURRENT = ScopedValue.newInstance();

  /// The result of one operation. The operands have the dtypes the operation wants already: see
  /// [Shapes].
  Value apply(Op op, Value... in);

  /// A constant of the scalar shape.
  Value constant(double v, DType dtype);
}
