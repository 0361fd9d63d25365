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
      operands.add((Register) v);
    }
    steps.add(new Traced(f, dtype, operands));
    return new Register(Register.Kind.STEP, steps.size() - 1, dtype);
  }

  /// Whether a value is the result of the last operation applied.
  public boolean isLast(Value v) {
    return v instanceof Register r && r.kind == Register.Kind.STEP && r.index == steps.size() - 1;
  }

  /// The program that computes `result`, which must be the last operation applied.
  public Expr program(Value result) {
    if (!isLast(result)) {
      throw new IllegalArgumentException("the result of a fused kernel is its last operation");
    }
    List<Expr.Step> program = new ArrayList<>();
    for (Traced t : steps) {
      program.add(new Expr.Step(t.op, t.dtype, place(t, 0), place(t, 1), place(t, 2)));
    }
    return new Expr(inputs.size(), List.copyOf(constants), List.copyOf(program));
  }

  /// The register number of an operand: inputs come first, then constants, then steps.
  private int place(Traced t, int i) {
    if (i >= t.in.size()) {
      return -1;
    }
    Register r = t.in.get(i);
    return switch (r.kind) {
      case INPUT -> r.index;
      case CONSTANT -> inputs.size() + r.index;
      case STEP -> inputs.size() + constants.size() + r.index;
    };
  }
}
