package org.cotangent.autograd.backend;

import java.util.List;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.shape.DType;
import org.jspecify.annotations.Nullable;

/// A small program over single elements: what one elementwise operation computes, or a chain of
/// them fused into one pass over memory.
///
/// Registers are numbered: first the inputs, then the constants, then the result of each step.
///
/// @param inputs the number of operands
/// @param constants numbers that the steps use
/// @param steps the operations in order; at least one
/// @param results the registers that are the program's results; each of another step
public record Expr(int inputs, List<Constant> constants, List<Step> steps, List<Integer> results) {

  /// A number known in advance.
  public record Constant(double value, DType dtype) {}

  /// One operation. Operands that it does not have are -1.
  ///
  /// @param op what to compute
  /// @param dtype the dtype of the result
  /// @param a register of the first operand
  /// @param b register of the second, or -1
  /// @param c register of the third, or -1
  public record Step(Op.Elementwise op, DType dtype, int a, int b, int c) {}

  /// A program whose one result is that of its last step.
  public Expr(int inputs, List<Constant> constants, List<Step> steps) {
    this(inputs, constants, steps, List.of(inputs + constants.size() + steps.size() - 1));
  }

  /// The dtype of result `k`.
  public DType resultDtype(int k) {
    return steps.get(results.get(k) - inputs - constants.size()).dtype();
  }

  private static final int DTYPES = DType.values().length;
  private static final @Nullable Expr[] UNARY = new Expr[Op.Unary.values().length * DTYPES];
  private static final @Nullable Expr[] BINARY = new Expr[Op.Binary.values().length * DTYPES];

  /// The program of a single operation on `inputs` operands. Those of the enums are made once: to
  /// make one costs as much as to run it on a few numbers.
  @SuppressWarnings("EnumOrdinal") // a table in memory, stored nowhere
  public static Expr of(Op.Elementwise op, DType dtype, int inputs) {
    if (op instanceof Op.Unary f) {
      return known(UNARY, f.ordinal(), op, dtype, inputs);
    }
    return op instanceof Op.Binary f
        ? known(BINARY, f.ordinal(), op, dtype, inputs)
        : single(op, dtype, inputs);
  }

  @SuppressWarnings("EnumOrdinal")
  private static Expr known(
      @Nullable Expr[] table, int row, Op.Elementwise op, DType dtype, int inputs) {
    int place = row * DTYPES + dtype.ordinal();
    Expr e = table[place]; // a race makes it twice, no more: records are safe to publish
    if (e == null) {
      e = single(op, dtype, inputs);
      table[place] = e;
    }
    return e;
  }

  private static Expr single(Op.Elementwise op, DType dtype, int inputs) {
    return new Expr(
        inputs,
        List.of(),
        List.of(new Step(op, dtype, 0, inputs > 1 ? 1 : -1, inputs > 2 ? 2 : -1)));
  }

  /// Whether it is a single operation on its inputs.
  public boolean isSingle() {
    return steps.size() == 1 && constants.isEmpty();
  }
}
