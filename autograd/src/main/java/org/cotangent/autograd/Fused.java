package org.cotangent.autograd;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.backend.Eager;
import org.cotangent.autograd.backend.Expr;
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
    Kernel k = Kernel.of(operands -> List.of(f.apply(operands)), in);
    int same = k.operand();
    return same >= 0 ? in[same] : new Tensor(eager.fused(k.program(), k.in, k.shape), null);
  }

  /// Gives a parameter the numbers `f(in)`; the parameter may be one of the operands. Not recorded.
  ///
  /// A parameter whose memory nobody else can see keeps it: its numbers are updated in place. That
  /// is so when it was last assigned here and since then has only been computed with, by operations
  /// whose graphs were released; not when a view or [Tensor#detach] of it was taken.
  ///
  /// @throws IllegalStateException if `parameter` is not one
  /// @throws IllegalArgumentException if shape or dtype of the result differ from its own, or for
  ///   the reasons of [#apply]
  public static void assign(Tensor parameter, Function<List<Tensor>, Tensor> f, Tensor... in) {
    assign(List.of(parameter), operands -> List.of(f.apply(operands)), in);
  }

  /// Gives several parameters of one shape the numbers `f(in)`, in one pass over memory. All are
  /// computed from the operands as they were, also those that are parameters here.
  ///
  /// ```java
  /// Tensor p = Tensor.parameter(Tensor.of(1.0, 2.0));
  /// Tensor v = Tensor.parameter(Tensor.of(0.0, 0.0));    // a velocity
  /// Fused.assign(
  ///     List.of(v, p),
  ///     in -> {
  ///       Tensor w = in.get(0).mul(0.9).add(in.get(2));
  ///       return List.of(w, in.get(1).sub(w.mul(0.1)));
  ///     },
  ///     v, p, Tensor.of(0.5, 0.5));
  /// ```
  ///
  /// @throws IllegalStateException if one is not a parameter
  /// @throws IllegalArgumentException if there is not one result each, or shape or dtype of one
  ///   differ from its parameter's, or for the reasons of [#apply]
  public static void assign(
      List<Tensor> parameters, Function<List<Tensor>, List<Tensor>> f, Tensor... in) {
    if (!(Recording.interpreter() instanceof Eager eager)) {
      List<Tensor> results = Grad.without(() -> f.apply(List.of(in)));
      for (int k = 0; k < results.size(); k++) {
        parameters.get(k).assign(results.get(k));
      }
      return;
    }
    Kernel k = Kernel.of(f, in);
    k.checkFits(parameters);
    Buffer[] out = new Buffer[parameters.size()];
    for (int i = 0; i < out.length; i++) {
      Value old = parameters.get(i).peek();
      out[i] = Eager.isOwned(old) ? Eager.numbers(old) : eager.allocate(old.dtype(), k.shape);
    }
    eager.backend().elementwise(k.program(), k.in, out);
    for (int i = 0; i < out.length; i++) {
      parameters.get(i).assignOwned(out[i]);
    }
  }

  private static boolean isRecorded(Tensor... in) {
    return Recording.isOn() && Arrays.stream(in).anyMatch(Tensor::isTracked);
  }

  /// A traced function with its operands.
  private static final class Kernel {
    private final ExprTrace trace;
    private final List<Value> results;
    private final Buffer[] in;
    private final Shape shape;

    private Kernel(ExprTrace trace, List<Value> results, Buffer[] in, Shape shape) {
      this.trace = trace;
      this.results = results;
      this.in = in;
      this.shape = shape;
    }

    static Kernel of(Function<List<Tensor>, List<Tensor>> f, Tensor... operands) {
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
      List<Tensor> y = ScopedValue.where(Interpreter.CURRENT, trace).call(() -> f.apply(traced));
      return new Kernel(trace, y.stream().map(Tensor::peek).toList(), in, shape);
    }

    /// Which operand the result is, as it came; or -1.
    int operand() {
      int i = trace.inputNumber(results.getFirst());
      return i >= 0 && in[i].shape().equals(shape) ? i : -1;
    }

    Expr program() {
      return trace.program(results.toArray(Value[]::new));
    }

    void checkFits(List<Tensor> parameters) {
      if (parameters.size() != results.size()) {
        throw new IllegalArgumentException(
            "assign: %d results for %d parameters; return one each"
                .formatted(results.size(), parameters.size()));
      }
      for (int k = 0; k < results.size(); k++) {
        parameters.get(k).checkAssign(shape, results.get(k).dtype());
      }
    }
  }
}
