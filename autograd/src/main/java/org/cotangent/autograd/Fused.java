package org.cotangent.autograd;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.backend.Eager;
import org.cotangent.autograd.backend.ExprTrace;
import org.cotangent.autograd.op.Interpreter;
import org.cotangent.autograd.op.Value;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// Chains of elementwise operations as one kernel: one pass over memory, no intermediate tensors.
///
/// The function is traced anew at each call (about a microsecond), so it may use Java numbers that
/// change from call to call, such as a learning rate. Inside it, tensors have no numbers and no
/// shape; only elementwise operations may be applied, and only to its operands and Java numbers.
///
/// ```java
/// Tensor p = Tensor.parameter(Tensor.of(1.0, 2.0));
/// Tensor g = Tensor.of(0.5, 0.5);
/// double lr = 0.1;
/// Fused.assign(p, in -> in.get(0).sub(in.get(1).mul(lr)), p, g);   // p - lr g, in one pass
/// ```
public final class Fused {
  private Fused() {}

  /// `f(in)`, of the shape to which all operands broadcast.
  ///
  /// Where the result is to be differentiated, the operations are applied one after the other and
  /// recorded as usual.
  ///
  /// @throws IllegalArgumentException if `f` does anything but elementwise operations on its
  ///   operands
  public static Tensor apply(Function<List<Tensor>, Tensor> f, Tensor... in) {
    if (!(Recording.interpreter() instanceof Eager eager) || isRecorded(in)) {
      return f.apply(List.of(in));
    }
    Kernel k = Kernel.of(f, in);
    return k.passesThrough() ? in[k.input] : new Tensor(k.run(eager), null);
  }

  /// Gives a parameter the numbers `f(in)`; the parameter may be one of the operands. Not recorded.
  ///
  /// A parameter that nothing but this method and [#apply] has read since it was last assigned here
  /// keeps its memory: state such as a running mean is updated in place.
  ///
  /// @throws IllegalStateException if `parameter` is not one
  /// @throws IllegalArgumentException if shape or dtype of the result differ from its own, or for
  ///   the reasons of [#apply]
  public static void assign(Tensor parameter, Function<List<Tensor>, Tensor> f, Tensor... in) {
    if (!(Recording.interpreter() instanceof Eager eager)) {
      parameter.assign(Grad.without(() -> f.apply(List.of(in))));
      return;
    }
    Kernel k = Kernel.of(f, in);
    if (k.passesThrough()) {
      parameter.assign(in[k.input]);
    } else if (parameter.ownsItsMemory() && k.fits(parameter)) {
      k.runInto(eager, Eager.numbers(parameter.peek()));
    } else {
      parameter.assignOwned(new Tensor(k.run(eager), null));
    }
  }

  private static boolean isRecorded(Tensor... in) {
    return Recording.isOn() && Arrays.stream(in).anyMatch(Tensor::isTracked);
  }

  /// A traced function with its operands.
  private static final class Kernel {
    private final ExprTrace trace;
    private final Value result;
    private final Buffer[] in;
    private final Shape shape;
    private final int input; // which operand the result is, or -1

    private Kernel(ExprTrace trace, Value result, Buffer[] in, Shape shape) {
      this.trace = trace;
      this.result = result;
      this.in = in;
      this.shape = shape;
      this.input = trace.inputNumber(result);
    }

    static Kernel of(Function<List<Tensor>, Tensor> f, Tensor... operands) {
      Buffer[] in = new Buffer[operands.length];
      List<DType> dtypes = new ArrayList<>();
      Shape shape = Shape.SCALAR;
      for (int i = 0; i < in.length; i++) {
        in[i] = Eager.numbers(operands[i].peek());
        dtypes.add(in[i].dtype());
        shape = Shape.broadcast("FUSED", shape, in[i].shape());
      }
      var trace = new ExprTrace(dtypes);
      List<Tensor> traced = new ArrayList<>();
      for (int i = 0; i < in.length; i++) {
        traced.add(new Tensor(trace.input(i), null));
      }
      Value y = ScopedValue.where(Interpreter.CURRENT, trace).call(() -> f.apply(traced).value());
      return new Kernel(trace, y, in, shape);
    }

    /// Whether the result is an operand as it came.
    boolean passesThrough() {
      return input >= 0 && in[input].shape().equals(shape);
    }

    boolean fits(Tensor t) {
      return t.shape().equals(shape) && t.dtype() == result.dtype();
    }

    Value run(Eager eager) {
      return eager.fused(trace.program(result), in, shape);
    }

    void runInto(Eager eager, Buffer out) {
      eager.backend().elementwise(trace.program(result), in, out);
    }
  }
}
