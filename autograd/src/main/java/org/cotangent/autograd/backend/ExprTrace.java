package org.cotangent.autograd.backend;

import java.util.ArrayList;
import java.util.List;
import org.cotangent.autograd.op.Interpreter;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.op.Shapes;
import org.cotangent.autograd.op.Value;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// Writes elementwise operations down as one [Expr], so that a chain of them becomes one kernel.
///
/// Everything is traced as a scalar: what an elementwise chain computes does not depend on shapes.
public final class ExprTrace implements Interpreter {
  private final List<DType> inputs;
  private final List<Expr.Constant> constants = new ArrayList<>();
  private final List<Traced> steps = new ArrayList<>();

  /// A register of the program to be: input, constant or step number `index`.
  private record Register(Kind kind, int index, DType dtype) implements Value {
    enum Kind {
      INPUT,
      CONSTANT,
      STEP
    }

    @Override
    public Shape shape() {
      return Shape.SCALAR;
    }
  }

  private record Traced(Op.Elementwise op, DType dtype, List<Register> in) {}

  /// A trace of a function of operands with the given dtypes.
  public ExprTrace(List<DType> inputs) {
    this.inputs = List.copyOf(inputs);
  }

  /// The value that stands for operand `i`.
  public Value input(int i) {
    return new Register(Register.Kind.INPUT, i, inputs.get(i));
  }

  @Override
  public Value constant(double v, DType dtype) {
    constants.add(new Expr.Constant(v, dtype));
    return new Register(Register.Kind.CONSTANT, constants.size() - 1, dtype);
  }

  @Override
  public Value apply(Op op, Value... in) {
    if (!(op instanceof Op.Elementwise f)) {
      throw new IllegalArgumentException(
          "%s: only elementwise operations can be fused into one kernel".formatted(op));
    }
    DType dtype = Shapes.dtype(op, in);
    List<Register> operands = new ArrayList<>();
    for (Value v : in) {
      if (!(v instanceof Register r)) {
        throw foreign(v);
      }
      operands.add(r);
    }
    steps.add(new Traced(f, dtype, operands));
    return new Register(Register.Kind.STEP, steps.size() - 1, dtype);
  }

  /// Whether a value is the result of an operation of this trace.
  public boolean isComputed(Value v) {
    return v instanceof Register r && r.kind == Register.Kind.STEP;
  }

  /// The number of the operand that a value is, or -1.
  public int inputNumber(Value v) {
    return v instanceof Register r && r.kind == Register.Kind.INPUT ? r.index : -1;
  }

  /// The program that computes values of this trace. Operations that they do not need are left out;
  /// an operand, a constant, or a value that is asked for twice, is computed by a conversion to its
  /// own dtype.
  public Expr program(Value... results) {
    List<Register> wanted = new ArrayList<>();
    for (Value v : results) {
      if (!(v instanceof Register r)) {
        throw foreign(v);
      }
      boolean own = r.kind == Register.Kind.STEP && !wanted.contains(r);
      wanted.add(own ? r : (Register) apply(new Op.Cast(r.dtype), r));
    }
    boolean[] needed = new boolean[steps.size()];
    wanted.forEach(r -> needed[r.index] = true);
    for (int i = needed.length - 1; i >= 0; i--) {
      if (needed[i]) {
        for (Register x : steps.get(i).in) {
          if (x.kind == Register.Kind.STEP) {
            needed[x.index] = true;
          }
        }
      }
    }
    List<Expr.Step> program = new ArrayList<>();
    int[] number = new int[steps.size()];
    for (int i = 0; i < needed.length; i++) {
      if (needed[i]) {
        number[i] = program.size();
        Traced t = steps.get(i);
        program.add(
            new Expr.Step(
                t.op, t.dtype, place(t, 0, number), place(t, 1, number), place(t, 2, number)));
      }
    }
    return new Expr(
        inputs.size(),
        List.copyOf(constants),
        List.copyOf(program),
        wanted.stream().map(r -> place(r, number)).toList());
  }

  private static IllegalArgumentException foreign(Value v) {
    return new IllegalArgumentException(
        "a fused kernel met a tensor of shape %s, dtype %s that is not among its operands; pass it as one"
            .formatted(v.shape(), v.dtype()));
  }

  /// The register number of an operand: inputs come first, then constants, then steps.
  private int place(Traced t, int i, int[] number) {
    return i < t.in.size() ? place(t.in.get(i), number) : -1;
  }

  private int place(Register r, int[] number) {
    return switch (r.kind) {
      case INPUT -> r.index;
      case CONSTANT -> inputs.size() + r.index;
      case STEP -> inputs.size() + constants.size() + number[r.index];
    };
  }
}
