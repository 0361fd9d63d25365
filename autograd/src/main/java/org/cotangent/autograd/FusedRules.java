package org.cotangent.autograd;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.backend.Eager;
import org.cotangent.autograd.backend.Expr;
import org.cotangent.autograd.backend.ExprTrace;
import org.cotangent.autograd.graph.Trace;
import org.cotangent.autograd.op.Interpreter;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.op.Value;
import org.cotangent.autograd.shape.DType;

/// Runs a row of the table of derivatives as one kernel: gradient times partial derivative in one
/// pass over memory, with no intermediate tensor.
///
/// The row itself is traced, so there is nothing to keep in step with it: fused and composed
/// gradients are the same operations in the same order, and agree to the bit. Only for eager walks
/// that are not themselves recorded, and for small tensors: large ones wait for what follows anyway
/// ([Eager]), and the whole chain becomes one kernel.
final class FusedRules {
  private FusedRules() {}

  /// A row, compiled.
  ///
  /// @param program the kernel
  /// @param operands what it reads: 0 for the gradient, 1 for the result, 2 + k for operand k
  private record Kernel(Expr program, List<Integer> operands) {}

  private record Key(Op.Elementwise op, int input, DType dtype) {}

  /// Kernels traced so far. Bounded: only operations without parameters are remembered.
  private static final Map<Key, Optional<Kernel>> KERNELS = new ConcurrentHashMap<>();

  /// The gradient of operand `i`, if the row can run as one kernel here.
  static Optional<Tensor> pullback(Op.Elementwise op, int i, Tensor[] x, Tensor y, Tensor g) {
    if (Recording.isOn()
        || !(Recording.interpreter() instanceof Eager eager)
        || eager.isLarge(g.size())) {
      return Optional.empty();
    }
    Optional<Kernel> kernel = kernel(op, i, x, y);
    if (kernel.isEmpty()) {
      return Optional.empty();
    }
    List<Integer> operands = kernel.get().operands;
    Buffer[] in = new Buffer[operands.size()];
    for (int k = 0; k < in.length; k++) {
      int from = operands.get(k);
      Tensor t = from == 0 ? g : from == 1 ? y : x[from - 2];
      in[k] = Eager.numbers(t.peek());
    }
    return Optional.of(new Tensor(eager.fused(kernel.get().program, in, g.shape()), null));
  }

  /// The gradient of the operand of a reduction, where a backend has a kernel for it: of logits,
  /// the one classifier's rule that is worth it.
  static Optional<Tensor> pullback(Op.Reduction op, int i, Tensor[] x, Tensor g) {
    if (i > 0 || !(op instanceof Op.SoftmaxCrossEntropy) || Recording.isOn()) {
      return Optional.empty();
    }
    return switch (Recording.interpreter()) {
      case Eager eager ->
          Optional.of(
              new Tensor(eager.softmaxCrossEntropyGrad(x[0].peek(), x[1].peek(), g.peek()), null));
      case Trace trace ->
          Optional.of(
              new Tensor(
                  trace.softmaxCrossEntropyGrad(x[0].value(), x[1].value(), g.value()), null));
      default -> Optional.empty();
    };
  }

  private static Optional<Kernel> kernel(Op.Elementwise op, int i, Tensor[] x, Tensor y) {
    return switch (op) {
      case Op.Unary _, Op.Binary _, Op.Where _ ->
          KERNELS.computeIfAbsent(new Key(op, i, y.dtype()), k -> trace(k, x, y));
      case Op.Clamp _ -> trace(new Key(op, i, y.dtype()), x, y);
      case Op.Cast _, Op.Compare _, Op.Logical _ -> Optional.empty();
    };
  }

  private static Optional<Kernel> trace(Key key, Tensor[] x, Tensor y) {
    int reads = Derivatives.reads(key.op, alone(key.input, x));
    List<Integer> operands = new ArrayList<>(List.of(0));
    List<DType> dtypes = new ArrayList<>(List.of(y.dtype()));
    if ((reads & Derivatives.RESULT) != 0) {
      operands.add(1);
      dtypes.add(y.dtype());
    }
    for (int k = 0; k < x.length; k++) {
      if ((reads & Derivatives.input(k)) != 0) {
        operands.add(2 + k);
        dtypes.add(x[k].dtype());
      }
    }
    var trace = new ExprTrace(dtypes);
    Tensor[] in = new Tensor[x.length];
    for (int k = 0; k < in.length; k++) {
      in[k] = operand(trace, operands, 2 + k, x[k]);
    }
    Tensor out = operand(trace, operands, 1, y);
    Value result =
        ScopedValue.where(Interpreter.CURRENT, trace)
            .call(() ->
                Derivatives.elementwisePullback(
                        key.op, key.input, in, out, new Tensor(trace.input(0), null))
                    .value());
    // A gradient that passes unchanged, or is zero, needs no kernel.
    return trace.isComputed(result)
        ? Optional.of(new Kernel(trace.program(result), List.copyOf(operands)))
        : Optional.empty();
  }

  /// The operands as if only the given one asked for its gradient: then a row reads what that
  /// gradient needs, and no more.
  private static Tensor[] alone(int input, Tensor[] x) {
    Tensor[] t = new Tensor[x.length];
    for (int k = 0; k < t.length; k++) {
      t[k] = k == input ? x[k] : new Tensor(x[k].peek(), null);
    }
    return t;
  }

  private static Tensor operand(ExprTrace trace, List<Integer> operands, int place, Tensor like) {
    int i = operands.indexOf(place);
    Value v = i < 0 ? new Node.Unsaved(like.shape(), like.dtype()) : trace.input(i);
    return new Tensor(v, null);
  }
}
