package org.cotangent.autograd.cpu;

import static java.lang.constant.ConstantDescs.CD_Object;
import static java.lang.constant.ConstantDescs.CD_double;
import static java.lang.constant.ConstantDescs.CD_float;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_void;
import static java.lang.constant.ConstantDescs.INIT_NAME;
import static java.lang.constant.ConstantDescs.MTD_void;

import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodHandles;
import java.util.List;
import org.cotangent.autograd.backend.Expr;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.shape.DType;

/// Writes the loop of an elementwise program in bytecode: every step is one vector operation, and
/// intermediate results stay in registers.
///
/// Only for programs of one floating dtype whose steps are single vector operations; exponentials
/// and the like are loops of their own. The operations are those of the kernels for single steps,
/// so the bits are the same.
final class KernelWriter {
  private static final String VECTORS = "jdk.incubator.vector";
  private static final ClassDesc VECTOR = ClassDesc.of(VECTORS, "Vector");
  private static final ClassDesc MASK = ClassDesc.of(VECTORS, "VectorMask");
  private static final ClassDesc SPECIES = ClassDesc.of(VECTORS, "VectorSpecies");
  private static final ClassDesc OPERATORS = ClassDesc.of(VECTORS, "VectorOperators");
  private static final ClassDesc COMPARISON = OPERATORS.nested("Comparison");
  private static final MethodTypeDesc RUN =
      MethodTypeDesc.of(
          CD_void, CD_int, CD_Object.arrayType(), CD_int.arrayType(), CD_double.arrayType());

  // Slots of run's parameters.
  private static final int N = 1;
  private static final int ARRAYS = 2;
  private static final int AT = 3;
  private static final int NUMBERS = 4;

  private final Expr program;
  private final boolean[] number; // inputs that are one number everywhere
  private final ClassDesc scalar;
  private final ClassDesc vector;
  private final ClassDesc lanes;
  private final TypeKind kind;
  private final CodeBuilder code;
  private final int[] slot; // of each register
  private int i;

  private KernelWriter(Expr program, boolean[] number, DType dtype, CodeBuilder code) {
    this.program = program;
    this.number = number;
    this.code = code;
    boolean single = dtype == DType.F32;
    scalar = single ? CD_float : CD_double;
    kind = single ? TypeKind.FLOAT : TypeKind.DOUBLE;
    vector = ClassDesc.of(VECTORS, single ? "FloatVector" : "DoubleVector");
    lanes = ClassDesc.of(KernelWriter.class.getPackageName(), single ? "LanesF32" : "LanesF64");
    slot = new int[program.inputs() + program.constants().size() + program.steps().size()];
  }

  /// Whether a loop can be written: what the operands are, besides, is the caller's to know.
  static boolean canWrite(Expr program) {
    DType d = program.resultDtype(0);
    boolean can = d.isFloating();
    for (Expr.Constant c : program.constants()) {
      can &= c.dtype() == d;
    }
    for (Expr.Step s : program.steps()) {
      can &= canWrite(s.op(), s.dtype(), d);
    }
    for (int k = 0; k < program.results().size(); k++) {
      can &= program.resultDtype(k) == d;
    }
    return can;
  }

  /// Whether a step is a single vector operation.
  static boolean canWrite(Expr.Step s) {
    return canWrite(s.op(), s.dtype(), s.dtype() == DType.F32 ? DType.F32 : DType.F64);
  }

  private static boolean canWrite(Op.Elementwise op, DType result, DType d) {
    return switch (op) {
      case Op.Unary f ->
          result == d
              && switch (f) {
                case NEG, ABS, RECIPROCAL, SQUARE, SQRT, RELU -> true;
                default -> false;
              };
      case Op.Binary f -> result == d && f != Op.Binary.POW && f != Op.Binary.ATAN2;
      case Op.Where _ -> result == d;
      case Op.Clamp _ -> result == d;
      case Op.Compare _ -> true;
      case Op.Logical f -> f != Op.Logical.XOR;
      case Op.Cast _ -> false;
    };
  }

  /// The kernel of a program that can be written.
  ///
  /// @param number for each input, whether it is one number everywhere
  static Kernel write(Expr program, boolean[] number) {
    DType dtype = program.resultDtype(0);
    ClassDesc self = ClassDesc.of(KernelWriter.class.getPackageName(), "WrittenKernel");
    byte[] bytes =
        ClassFile.of()
            .build(
                self,
                c -> {
                  c.withFlags(ClassFile.ACC_FINAL);
                  c.withInterfaceSymbols(
                      List.of(ClassDesc.of(Kernel.class.getPackageName(), "Kernel")));
                  c.withMethodBody(
                      INIT_NAME,
                      MTD_void,
                      0,
                      b -> b.aload(0).invokespecial(CD_Object, INIT_NAME, MTD_void).return_());
                  c.withMethodBody(
                      "run",
                      RUN,
                      ClassFile.ACC_PUBLIC,
                      b -> new KernelWriter(program, number, dtype, b).loop());
                });
    try {
      return (Kernel)
          MethodHandles.lookup()
              .defineHiddenClass(bytes, true)
              .lookupClass()
              .getDeclaredConstructor()
              .newInstance();
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("no kernel could be made of " + program, e);
    }
  }

  private void loop() {
    int arrays = 0;
    int numbers = 0;
    int[] array = new int[program.inputs()];
    int[] start = new int[program.inputs()];
    for (int r = 0; r < program.inputs() + program.constants().size(); r++) {
      if (r >= program.inputs() || number[r]) {
        loadNumber(numbers++);
        slot[r] = store(TypeKind.REFERENCE);
      } else {
        array[r] = loadArray(arrays);
        start[r] = loadStart(arrays++);
      }
    }
    int results = program.results().size();
    int[] target = new int[results];
    int[] targetStart = new int[results];
    for (int k = 0; k < results; k++) {
      target[k] = loadArray(arrays);
      targetStart[k] = loadStart(arrays++);
    }
    code.iconst_0();
    i = store(TypeKind.INT);
    Label head = code.newBoundLabel();
    Label end = code.newLabel();
    code.iload(i).iload(N).if_icmpge(end);
    for (int r = 0; r < program.inputs(); r++) {
      if (!number[r]) {
        species().aload(array[r]);
        place(start[r])
            .invokestatic(
                vector,
                "fromArray",
                MethodTypeDesc.of(vector, SPECIES, scalar.arrayType(), CD_int));
        slot[r] = store(TypeKind.REFERENCE);
      }
    }
    int first = program.inputs() + program.constants().size();
    for (int s = 0; s < program.steps().size(); s++) {
      step(program.steps().get(s));
      slot[first + s] = store(TypeKind.REFERENCE);
    }
    for (int k = 0; k < results; k++) {
      code.aload(slot[program.results().get(k)]).aload(target[k]);
      place(targetStart[k])
          .invokevirtual(
              vector, "intoArray", MethodTypeDesc.of(CD_void, scalar.arrayType(), CD_int));
    }
    code.iload(i).getstatic(lanes, "L", CD_int).iadd().istore(i).goto_(head);
    code.labelBinding(end).return_();
  }

  private int store(TypeKind type) {
    int local = code.allocateLocal(type);
    code.storeLocal(type, local);
    return local;
  }

  private CodeBuilder species() {
    return code.getstatic(lanes, "S", SPECIES);
  }

  private CodeBuilder place(int start) {
    return code.iload(start).iload(i).iadd();
  }

  private int loadArray(int k) {
    code.aload(ARRAYS).loadConstant(k).aaload().checkcast(scalar.arrayType());
    return store(TypeKind.REFERENCE);
  }

  private int loadStart(int k) {
    code.aload(AT).loadConstant(k).iaload();
    return store(TypeKind.INT);
  }

  private void loadNumber(int k) {
    species().aload(NUMBERS).loadConstant(k).daload();
    if (kind == TypeKind.FLOAT) {
      code.d2f();
    }
    broadcast();
  }

  private void broadcast() {
    code.invokestatic(vector, "broadcast", MethodTypeDesc.of(vector, SPECIES, scalar));
  }

  private void broadcast(double v) {
    species();
    if (kind == TypeKind.FLOAT) {
      code.loadConstant((float) v);
    } else {
      code.loadConstant(v);
    }
    broadcast();
  }

  private CodeBuilder load(int register) {
    return code.aload(slot[register]);
  }

  private void call(String name) {
    code.invokevirtual(vector, name, MethodTypeDesc.of(vector));
  }

  private void callWithVector(String name) {
    code.invokevirtual(vector, name, MethodTypeDesc.of(vector, VECTOR));
  }

  /// Leaves the step's result on the stack.
  private void step(Expr.Step s) {
    switch (s.op()) {
      case Op.Unary f -> {
        switch (f) {
          case NEG -> {
            load(s.a());
            call("neg");
          }
          case ABS -> {
            load(s.a());
            call("abs");
          }
          case SQRT -> {
            load(s.a());
            call("sqrt");
          }
          case SQUARE -> {
            load(s.a());
            load(s.a());
            callWithVector("mul");
          }
          case RECIPROCAL -> {
            broadcast(1);
            load(s.a());
            callWithVector("div");
          }
          case RELU -> {
            load(s.a());
            broadcast(0);
            callWithVector("max");
          }
          default -> throw unwritable(s);
        }
      }
      case Op.Binary f -> {
        load(s.a());
        load(s.b());
        callWithVector(
            switch (f) {
              case ADD -> "add";
              case SUB -> "sub";
              case MUL -> "mul";
              case DIV -> "div";
              case MAXIMUM -> "max";
              case MINIMUM -> "min";
              case POW, ATAN2 -> throw unwritable(s);
            });
      }
      case Op.Compare f -> {
        load(s.a()).getstatic(OPERATORS, f.name(), COMPARISON);
        load(s.b()).invokevirtual(vector, "compare", MethodTypeDesc.of(MASK, COMPARISON, VECTOR));
      }
      case Op.Logical f -> {
        load(s.a());
        if (f == Op.Logical.NOT) {
          code.invokevirtual(MASK, "not", MethodTypeDesc.of(MASK));
        } else {
          load(s.b())
              .invokevirtual(
                  MASK, f == Op.Logical.AND ? "and" : "or", MethodTypeDesc.of(MASK, MASK));
        }
      }
      case Op.Where _ -> {
        load(s.c());
        load(s.b());
        load(s.a()).invokevirtual(vector, "blend", MethodTypeDesc.of(vector, VECTOR, MASK));
      }
      case Op.Clamp(double lo, double hi) -> {
        load(s.a());
        broadcast(lo);
        callWithVector("max");
        broadcast(hi);
        callWithVector("min");
      }
      case Op.Cast _ -> throw unwritable(s);
    }
  }

  private static IllegalArgumentException unwritable(Expr.Step s) {
    return new IllegalArgumentException("no kernel can be written for " + s);
  }
}
