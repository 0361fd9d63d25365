package org.cotangent.autograd;

import java.util.function.Supplier;
import org.cotangent.autograd.backend.Eager;
import org.cotangent.autograd.op.Interpreter;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.op.Recorded;
import org.cotangent.autograd.op.UserOp;
import org.cotangent.autograd.op.Value;
import org.jspecify.annotations.Nullable;

/// Applies operations and writes down those whose operands ask for gradients.
final class Recording {
  private Recording() {}

  /// Bound while nothing is to be recorded: at this level, if there are several ([Vmap]).
  static final ScopedValue<Boolean> OFF = ScopedValue.newInstance();

  /// Bound while nothing is to be recorded at any level, because the user said so.
  static final ScopedValue<Boolean> OFF_EVERYWHERE = ScopedValue.newInstance();

  static boolean isOn() {
    return !OFF.isBound() || !OFF.get();
  }

  static boolean isOffEverywhere() {
    return OFF_EVERYWHERE.isBound() && OFF_EVERYWHERE.get();
  }

  /// Runs without recording at this level.
  static <T> T without(Supplier<T> body) {
    return isOn() ? ScopedValue.where(OFF, true).call(body::get) : body.get();
  }

  /// Runs with recording at this level.
  static <T> T with(Supplier<T> body) {
    return isOn() ? body.get() : ScopedValue.where(OFF, false).call(body::get);
  }

  /// Runs with recording on or off at all levels.
  static <T> T everywhere(boolean off, Supplier<T> body) {
    return ScopedValue.where(OFF, off).where(OFF_EVERYWHERE, off).call(body::get);
  }

  static Interpreter interpreter() {
    return Interpreter.CURRENT.isBound() ? Interpreter.CURRENT.get() : Eager.standard();
  }

  static Tensor apply(Op op, Tensor... in) {
    Interpreter interpreter = interpreter();
    if (interpreter instanceof Frame frame) {
      return frame.apply(op, in);
    }
    boolean eager = interpreter instanceof Eager; // it says itself what it keeps
    boolean lends = eager || (interpreter instanceof Witness w && w.isEager());
    Value[] values = new Value[in.length];
    for (int i = 0; i < in.length; i++) {
      values[i] = lends ? in[i].peek() : in[i].value();
    }
    Tensor y = record(op, in, interpreter.apply(op, values));
    if (!eager && interpreter instanceof Witness w) {
      w.recorded(in, y);
    }
    return y;
  }

  /// The result of a user's operation, whose numbers were computed by others.
  static Tensor recordUsers(UserOp op, Tensor[] in, Value result) {
    Tensor y = record(op, in, result);
    if (interpreter() instanceof Witness w) {
      w.recorded(in, y);
    }
    return y;
  }

  /// What stands for a tensor in this scope: itself, unless there are frames.
  static Tensor here(Tensor x) {
    return interpreter() instanceof Frame frame ? frame.here(x) : x;
  }

  /// The numbers of a tensor without its history at this level.
  static Tensor forget(Tensor x) {
    return x.isTracked() ? new Tensor(x.value(), null) : x;
  }

  /// The tensor of a computed value, with its history if an operand has one.
  static Tensor record(Recorded op, Tensor[] in, Value y) {
    int depth = 0;
    for (Tensor t : in) {
      Node n = t.node();
      if (n != null) {
        depth = Math.max(depth, n.depth + 1);
      }
    }
    if (depth == 0 || !y.dtype().isFloating() || !isOn()) {
      return new Tensor(y, null);
    }
    int reads = Derivatives.reads(op, in);
    Tensor[] saved = new Tensor[in.length];
    for (int i = 0; i < in.length; i++) {
      saved[i] = saved(in[i], (reads & Derivatives.input(i)) != 0);
      if (op instanceof UserOp) {
        Eager.share(saved[i].peek()); // its rule may keep it
      }
    }
    boolean readsResult = (reads & Derivatives.RESULT) != 0;
    if (readsResult) {
      Eager.keep(Example.bottom(y));
      Eager.hold(y);
    }
    Value out = readsResult ? y : new Node.Unsaved(y.shape(), y.dtype());
    return new Tensor(y, new Node.Step(op, saved, out, depth));
  }

  private static Tensor saved(Tensor x, boolean read) {
    @Nullable Node n = x.node();
    if (!read) {
      return new Tensor(new Node.Unsaved(x.shape(), x.dtype()), n);
    }
    if (n instanceof Node.Leaf && Tracing.isOn()) {
      return new Tensor(x.value(), n);
    }
    Eager.keep(Example.bottom(x.peek()));
    if (n instanceof Node.Leaf) {
      // It may be assigned before the backward pass, which must see the value of now.
      Eager.lend(x.peek());
    } else {
      Eager.hold(x.peek());
    }
    return new Tensor(x.peek(), n);
  }
}
