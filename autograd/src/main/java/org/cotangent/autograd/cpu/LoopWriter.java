package org.cotangent.autograd.cpu;

import static java.lang.constant.ConstantDescs.CD_boolean;
import static java.lang.constant.ConstantDescs.CD_double;
import static java.lang.constant.ConstantDescs.CD_float;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.cotangent.autograd.shape.DType;

/// Writes loops over arrays in bytecode: all extents and distances are constants, so that the
/// compiler knows as much as it can.
///
/// On the stack and in locals a truth is an `int`, and integers of both widths are `long`.
final class LoopWriter {
  final CodeBuilder code;
  private final ClassDesc self;

  LoopWriter(CodeBuilder code, ClassDesc self) {
    this.code = code;
    this.self = self;
  }

  /// Indices of the loops around some code: a local each, or -1 where there is but one turn.
  record Index(int[] locals) {}

  /// Where an element lies: the local that holds the array, and `start + Σ index step`.
  record Place(int array, DType dtype, int start, int[] steps) {
    /// The element so much further on.
    Place plus(int distance) {
      return new Place(array, dtype, start + distance, steps);
    }

    /// The same with the step of one more loop.
    Place with(int step) {
      int[] more = Arrays.copyOf(steps, steps.length + 1);
      more[steps.length] = step;
      return new Place(array, dtype, start, more);
    }
  }

  /// The name of the field that holds an array.
  static String field(int slot) {
    return "a" + slot;
  }

  static ClassDesc element(DType d) {
    return switch (d) {
      case BOOL -> CD_boolean;
      case I32 -> CD_int;
      case I64 -> CD_long;
      case F32 -> CD_float;
      case F64 -> CD_double;
    };
  }

  /// How a number of this dtype is held in a local.
  static TypeKind kind(DType d) {
    return switch (d) {
      case BOOL -> TypeKind.INT;
      case I32, I64 -> TypeKind.LONG;
      case F32 -> TypeKind.FLOAT;
      case F64 -> TypeKind.DOUBLE;
    };
  }

  /// Puts an array into a local.
  int array(int slot, DType dtype) {
    code.aload(0).getfield(self, field(slot), element(dtype).arrayType());
    return store(TypeKind.REFERENCE);
  }

  /// Moves what is on the stack to a new local.
  int store(TypeKind type) {
    int local = code.allocateLocal(type);
    code.storeLocal(type, local);
    return local;
  }

  /// Loops one in the other.
  void nest(int[] extents, Consumer<Index> body) {
    nest(extents, new Index(new int[0]), body);
  }

  /// More loops inside those of `outer`.
  void nest(int[] extents, Index outer, Consumer<Index> body) {
    int depth = outer.locals.length;
    int[] locals = Arrays.copyOf(outer.locals, depth + extents.length);
    nest(extents, 0, locals, depth, body);
  }

  private void nest(int[] extents, int axis, int[] locals, int depth, Consumer<Index> body) {
    if (axis == extents.length) {
      body.accept(new Index(locals));
    } else {
      loop(
          0,
          extents[axis],
          1,
          i -> {
            locals[depth + axis] = i;
            nest(extents, axis + 1, locals, depth, body);
          });
    }
  }

  /// `for (int i = from; i < to; i += step)`; a single turn from 0 is written without a loop.
  void loop(int from, int to, int step, IntConsumer body) {
    if (from == 0 && to == 1) {
      body.accept(-1);
      return;
    }
    code.loadConstant(from);
    int i = store(TypeKind.INT);
    Label head = code.newBoundLabel();
    Label end = code.newLabel();
    code.iload(i).loadConstant(to).if_icmpge(end);
    body.accept(i);
    code.iinc(i, step).goto_(head).labelBinding(end);
  }

  /// Puts an array on the stack and above it the index of an element.
  void address(Place p, Index index) {
    code.aload(p.array).loadConstant(p.start);
    for (int k = 0; k < p.steps.length; k++) {
      int local = index.locals[k];
      if (p.steps[k] != 0 && local >= 0) {
        code.iload(local);
        if (p.steps[k] != 1) {
          code.loadConstant(p.steps[k]).imul();
        }
        code.iadd();
      }
    }
  }

  /// Puts an element on the stack.
  void load(Place p, Index index) {
    address(p, index);
    switch (p.dtype) {
      case BOOL -> code.baload();
      case I32 -> code.iaload().i2l();
      case I64 -> code.laload();
      case F32 -> code.faload();
      case F64 -> code.daload();
    }
  }

  /// Writes an element, which `value` puts on the stack.
  void store(Place p, Index index, Runnable value) {
    address(p, index);
    value.run();
    switch (p.dtype) {
      case BOOL -> code.bastore();
      case I32 -> code.l2i().iastore();
      case I64 -> code.lastore();
      case F32 -> code.fastore();
      case F64 -> code.dastore();
    }
  }

  /// Puts a constant on the stack, rounded or cut as a program's constants are.
  void constant(double v, DType d) {
    switch (d) {
      case BOOL -> code.loadConstant(v != 0 ? 1 : 0);
      case I32 -> code.loadConstant((long) (int) v);
      case I64 -> code.loadConstant((long) v);
      case F32 -> code.loadConstant((float) v);
      case F64 -> code.loadConstant(v);
    }
  }
}
