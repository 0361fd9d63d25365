package org.cotangent.autograd.cpu;

import static java.lang.constant.ConstantDescs.CD_double;
import static java.lang.constant.ConstantDescs.CD_float;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.Opcode;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.util.Locale;
import java.util.function.IntConsumer;
import org.cotangent.autograd.backend.Expr;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.shape.DType;

/// Writes what one step of an [Expr] does to a single number in bytecode: the scalar twin of the
/// kernels that [Steps] chooses from, with the same bits.
final class StepWriter {
  private static final ClassDesc MATH = ClassDesc.of("java.lang.Math");
  private static final String PACKAGE = StepWriter.class.getPackageName();

  /// What exponentials and the like cost, in simple steps.
  private static final int MATH_WEIGHT = 8;

  private final CodeBuilder code;

  StepWriter(CodeBuilder code) {
    this.code = code;
  }

  /// Whether a step can be written. Functions that are no line here have kernels only.
  ///
  /// @param from the dtype of the operands (of the second one, for `Where`)
  static boolean canWrite(Expr.Step s, DType from) {
    return switch (s.op()) {
      case Op.Unary f ->
          from != DType.BOOL
              && switch (f) {
                case NEG, ABS, SIGN, SQUARE -> true;
                case RECIPROCAL, SQRT, RELU, FLOOR, CEIL, ROUND -> from.isFloating();
                case EXP, EXPM1, LOG, LOG1P, TANH, SIGMOID, SOFTPLUS -> from.isFloating();
                default -> false;
              };
      case Op.Binary f ->
          from != DType.BOOL
              && switch (f) {
                case ADD, SUB, MUL, MAXIMUM, MINIMUM -> true;
                case DIV -> from.isFloating(); // that of integers fails with a message
                default -> false;
              };
      case Op.Clamp _ -> from != DType.BOOL;
      case Op.Compare _, Op.Logical _, Op.Where _, Op.Cast _ -> true;
    };
  }

  /// What a step costs, in simple ones.
  static int weight(Op.Elementwise op) {
    return op instanceof Op.Unary f
        ? switch (f) {
          case EXP, EXPM1, LOG, LOG1P, TANH, SIGMOID, SOFTPLUS -> MATH_WEIGHT;
          default -> 1;
        }
        : 1;
  }

  /// Leaves the step's result on the stack; `load` puts the number of a register there.
  void write(Expr.Step s, DType from, IntConsumer load) {
    switch (s.op()) {
      case Op.Unary f -> {
        if (f == Op.Unary.RECIPROCAL) {
          bound(1, from);
        }
        load.accept(s.a());
        if (f == Op.Unary.SQUARE) {
          load.accept(s.a());
        }
        unary(f, from);
      }
      case Op.Binary f -> {
        load.accept(s.a());
        load.accept(s.b());
        binary(f, from);
      }
      case Op.Compare f -> {
        load.accept(s.a());
        load.accept(s.b());
        compare(f, from);
      }
      case Op.Logical f -> {
        load.accept(s.a());
        if (f == Op.Logical.NOT) {
          code.iconst_1().ixor();
        } else {
          load.accept(s.b());
          switch (f) {
            case AND -> code.iand();
            case OR -> code.ior();
            case XOR, NOT -> code.ixor();
          }
        }
      }
      case Op.Where _ -> {
        load.accept(s.a());
        choose(Opcode.IFNE, () -> load.accept(s.b()), () -> load.accept(s.c()));
      }
      case Op.Clamp(double lo, double hi) -> {
        load.accept(s.a());
        bound(lo, from);
        math("max", from, 2);
        bound(hi, from);
        math("min", from, 2);
      }
      case Op.Cast _ -> {
        load.accept(s.a());
        cast(from, s.dtype());
      }
    }
    if (s.dtype() == DType.I32) {
      code.l2i().i2l();
    }
  }

  private void bound(double v, DType d) {
    switch (d) {
      case F32 -> code.loadConstant((float) v);
      case F64 -> code.loadConstant(v);
      case I32, I64 -> code.loadConstant((long) v);
      case BOOL -> throw new AssertionError(d);
    }
  }

  /// Of the number on the stack; for `SQUARE` it is there twice, for `RECIPROCAL` above a 1.
  private void unary(Op.Unary f, DType d) {
    switch (f) {
      case NEG -> {
        switch (d) {
          case F32 -> code.fneg();
          case F64 -> code.dneg();
          case I32, I64, BOOL -> code.lneg();
        }
      }
      case ABS -> math("abs", d, 1);
      case SIGN -> {
        if (d.isFloating()) {
          math("signum", d, 1);
        } else {
          code.invokestatic(
                  ClassDesc.of("java.lang.Long"), "signum", MethodTypeDesc.of(CD_int, CD_long))
              .i2l();
        }
      }
      case RECIPROCAL -> binary(Op.Binary.DIV, d);
      case SQUARE -> binary(Op.Binary.MUL, d);
      case SQRT -> inDouble("sqrt", d);
      case RELU -> {
        bound(0, d);
        math("max", d, 2);
      }
      case FLOOR -> inDouble("floor", d);
      case CEIL -> inDouble("ceil", d);
      case ROUND -> inDouble("rint", d);
      case EXP, EXPM1, LOG, LOG1P, TANH, SIGMOID, SOFTPLUS ->
          code.invokestatic(
              ClassDesc.of(PACKAGE, d == DType.F32 ? "NumberMathF32" : "NumberMathF64"),
              f.name().toLowerCase(Locale.ROOT),
              MethodTypeDesc.of(LoopWriter.element(d), LoopWriter.element(d)));
      default -> throw new AssertionError(f);
    }
  }

  private void inDouble(String name, DType d) {
    if (d == DType.F32) {
      code.f2d();
    }
    math(name, DType.F64, 1);
    if (d == DType.F32) {
      code.d2f();
    }
  }

  /// A method of `Math` on one or two numbers of a dtype.
  private void math(String name, DType d, int operands) {
    ClassDesc x = d == DType.F32 ? CD_float : d == DType.F64 ? CD_double : CD_long;
    code.invokestatic(
        MATH, name, operands == 1 ? MethodTypeDesc.of(x, x) : MethodTypeDesc.of(x, x, x));
  }

  private void binary(Op.Binary f, DType d) {
    switch (f) {
      case ADD -> {
        switch (d) {
          case F32 -> code.fadd();
          case F64 -> code.dadd();
          case I32, I64, BOOL -> code.ladd();
        }
      }
      case SUB -> {
        switch (d) {
          case F32 -> code.fsub();
          case F64 -> code.dsub();
          case I32, I64, BOOL -> code.lsub();
        }
      }
      case MUL -> {
        switch (d) {
          case F32 -> code.fmul();
          case F64 -> code.dmul();
          case I32, I64, BOOL -> code.lmul();
        }
      }
      case DIV -> {
        if (d == DType.F32) {
          code.fdiv();
        } else {
          code.ddiv();
        }
      }
      case MAXIMUM -> math("max", d, 2);
      case MINIMUM -> math("min", d, 2);
      default -> throw new AssertionError(f);
    }
  }

  /// Every comparison with NaN is false, but that of being different.
  private void compare(Op.Compare f, DType d) {
    boolean less = f == Op.Compare.LT || f == Op.Compare.LE;
    switch (d) {
      case BOOL -> code.isub();
      case I32, I64 -> code.lcmp();
      case F32 -> {
        if (less) {
          code.fcmpg();
        } else {
          code.fcmpl();
        }
      }
      case F64 -> {
        if (less) {
          code.dcmpg();
        } else {
          code.dcmpl();
        }
      }
    }
    truth(
        switch (f) {
          case EQ -> Opcode.IFEQ;
          case NE -> Opcode.IFNE;
          case LT -> Opcode.IFLT;
          case LE -> Opcode.IFLE;
          case GT -> Opcode.IFGT;
          case GE -> Opcode.IFGE;
        });
  }

  private void truth(Opcode condition) {
    choose(condition, code::iconst_1, code::iconst_0);
  }

  private void choose(Opcode condition, Runnable yes, Runnable no) {
    Label then = code.newLabel();
    Label end = code.newLabel();
    code.branch(condition, then);
    no.run();
    code.goto_(end).labelBinding(then);
    yes.run();
    code.labelBinding(end);
  }

  private void cast(DType from, DType to) {
    switch (from) {
      case BOOL -> {
        switch (to) {
          case BOOL -> {}
          case I32, I64 -> code.i2l();
          case F32 -> code.i2f();
          case F64 -> code.i2d();
        }
      }
      case I32, I64 -> {
        switch (to) {
          case BOOL -> {
            code.lconst_0().lcmp();
            truth(Opcode.IFNE);
          }
          case I32, I64 -> {} // cut by the caller
          case F32 -> code.l2f();
          case F64 -> code.l2d();
        }
      }
      case F32 -> {
        switch (to) {
          case BOOL -> {
            code.fconst_0().fcmpl();
            truth(Opcode.IFNE);
          }
          case I32 -> code.f2i().i2l();
          case I64 -> code.f2l();
          case F32 -> {}
          case F64 -> code.f2d();
        }
      }
      case F64 -> {
        switch (to) {
          case BOOL -> {
            code.dconst_0().dcmpl();
            truth(Opcode.IFNE);
          }
          case I32 -> code.d2i().i2l();
          case I64 -> code.d2l();
          case F32 -> code.d2f();
          case F64 -> {}
        }
      }
    }
  }
}
