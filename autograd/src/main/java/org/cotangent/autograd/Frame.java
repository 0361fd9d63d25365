package org.cotangent.autograd;

import org.cotangent.autograd.op.Interpreter;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.op.Value;

/// A scope in which operations are applied to other tensors than those they were given, by the
/// scope around it: to whole batches ([Vmap]), or to replacements ([Replacement]).
///
/// It works on tensors, not on values, because what happens outside may itself be recorded there.
sealed interface Frame extends Interpreter permits Vmap, Replacement {
  /// The result of an operation here.
  Tensor apply(Op op, Tensor... in);

  /// The result of a user's operation here.
  Tensor apply(CustomOp op, Tensor... in);

  /// Whether this is vmap, or lies inside it.
  boolean isBatched();

  /// What stands for a tensor here.
  Tensor here(Tensor x);

  @Override
  default Value apply(Op op, Value... in) {
    Tensor[] x = new Tensor[in.length];
    for (int i = 0; i < x.length; i++) {
      x[i] = new Tensor(in[i], null);
    }
    return apply(op, x).peek();
  }
}
