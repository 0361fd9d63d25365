package org.cotangent.autograd.cpu;

import static java.lang.constant.ConstantDescs.CD_Object;
import static java.lang.constant.ConstantDescs.CD_void;
import static java.lang.constant.ConstantDescs.INIT_NAME;
import static java.lang.constant.ConstantDescs.MTD_void;

import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodHandles;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.backend.Call;
import org.cotangent.autograd.op.Op;

/// Writes small calls that follow one another as one class: a method does some loops, `run` calls
/// the methods in order. Numbers of elements, strides and offsets are constants of the code; arrays
/// are in its fields.
///
/// What a small call costs is not its numbers but all that is decided before the first of them;
/// here the compiler sees that nothing is left to decide.
final class CallsWriter {
  /// Programs without exponentials and the like are written for so many elements.
  private static final int SMALL = 256;

  private static final int SMALL_SUM = 1024;

  /// Products of so many terms take less than a microsecond number by number.
  static final int SMALL_PRODUCT = 4096;

  /// Programs of more steps are not written: their code would not be worth its compilation.
  private static final int LONGEST = 4096;

  /// Steps in a method at most. The virtual machine compiles no method of more than 8000 bytes; a
  /// step takes about 15. Shorter methods are compiled sooner.
  private static final int METHOD = 64;

  /// Classes that are remembered. Others are made anew for the same calls.
  private static final int REMEMBERED = 64;

  private static final ClassDesc SELF =
      ClassDesc.of(CallsWriter.class.getPackageName(), "WrittenCalls");

  private static final Map<ByteBuffer, Class<?>> KNOWN =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<ByteBuffer, Class<?>> eldest) {
          return size() > REMEMBERED;
        }
      };

  private CallsWriter() {}

  /// Whether a call is small and can be written.
  static boolean canWrite(Call call) {
    return switch (call) {
      case Call.Elementwise e -> canWrite(e);
      case Call.Product p -> {
        long terms = ProductWriter.terms(p);
        yield p.product().shape().size() > 0
            && terms <= SMALL_PRODUCT
            && p.then().map(CallsWriter::canWrite).orElse(true);
      }
      case Call.LogitsGrad _, Call.Summed _ -> false;
      case Call.Copy c -> c.to().shape().size() > 0 && c.to().shape().size() <= SMALL_SUM;
      case Call.Primitive p ->
          p.op() instanceof Op.Sum
              && p.in().getFirst().shape().size() <= SMALL_SUM
              && SumWriter.sum(p.in().getFirst(), p.result(), new ArrayTable()).isPresent();
    };
  }

  private static boolean canWrite(Call.Elementwise e) {
    int size = e.out().getFirst().shape().size();
    return size > 0
        && (size < MathSize.VECTORS || (size <= SMALL && ExprWriter.isSimple(e)))
        && e.program().steps().size() <= LONGEST
        && ExprWriter.canWrite(e);
  }

  /// The code for calls each of which can be written, bound to no arrays yet; their table is
  /// filled.
  static Written write(List<Call> calls, ArrayTable arrays) {
    for (Call c : calls) {
      for (Buffer b : c.in()) {
        arrays.slot(b);
      }
      for (Buffer b : c.out()) {
        arrays.slot(b);
      }
      if (c instanceof Call.Product p && p.then().isPresent()) {
        p.then().orElseThrow().in().forEach(arrays::slot);
        p.then().orElseThrow().out().forEach(arrays::slot);
      }
    }
    List<LoopBody> loops = new ArrayList<>();
    for (Call c : calls) {
      switch (c) {
        case Call.Elementwise e -> loops.addAll(ExprWriter.loops(e, arrays));
        case Call.Product p -> {
          loops.add(ProductWriter.loops(p, arrays));
          p.then().ifPresent(e -> loops.addAll(ExprWriter.loops(e, arrays)));
        }
        case Call.Copy copy -> loops.add(SumWriter.copy(copy.from(), copy.to(), arrays));
        case Call.Primitive p ->
            loops.add(SumWriter.sum(p.in().getFirst(), p.result(), arrays).orElseThrow());
        case Call.LogitsGrad _, Call.Summed _ -> throw new AssertionError(c);
      }
    }
    byte[] bytes = ClassFile.of().build(SELF, c -> write(c, loops, arrays));
    try {
      return (Written) define(bytes).getDeclaredConstructor().newInstance();
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("no code could be made of " + calls.size() + " calls", e);
    }
  }

  /// The same code is the same class, however often it is asked for: it is compiled once.
  private static Class<?> define(byte[] bytes) throws IllegalAccessException {
    synchronized (KNOWN) {
      Class<?> known = KNOWN.get(ByteBuffer.wrap(bytes));
      if (known == null) {
        known = MethodHandles.lookup().defineHiddenClass(bytes, true).lookupClass();
        KNOWN.put(ByteBuffer.wrap(bytes), known);
      }
      return known;
    }
  }

  private static void write(ClassBuilder c, List<LoopBody> loops, ArrayTable arrays) {
    c.withFlags(ClassFile.ACC_FINAL);
    c.withInterfaceSymbols(List.of(ClassDesc.of(CallsWriter.class.getPackageName(), "Written")));
    c.withMethodBody(
        INIT_NAME,
        MTD_void,
        0,
        b -> b.aload(0).invokespecial(CD_Object, INIT_NAME, MTD_void).return_());
    int all = arrays.size();
    for (int slot = 0; slot < all; slot++) {
      c.withField(LoopWriter.field(slot), type(slot, arrays), ClassFile.ACC_PRIVATE);
    }
    c.withMethodBody(
        "bind",
        MethodTypeDesc.of(CD_void, CD_Object.arrayType()),
        ClassFile.ACC_PUBLIC,
        b -> {
          for (int slot = 0; slot < all; slot++) {
            ClassDesc type = type(slot, arrays);
            b.aload(0).aload(1).loadConstant(slot).aaload().checkcast(type);
            b.putfield(SELF, LoopWriter.field(slot), type);
          }
          b.return_();
        });
    int methods = 0;
    for (int first = 0; first < loops.size(); methods++) {
      int end = first + 1;
      int steps = loops.get(first).steps();
      while (end < loops.size() && steps + loops.get(end).steps() <= METHOD) {
        steps += loops.get(end++).steps();
      }
      List<LoopBody> some = loops.subList(first, end);
      c.withMethodBody(
          "part" + methods,
          MTD_void,
          ClassFile.ACC_PRIVATE,
          b -> {
            for (LoopBody l : some) {
              b.block(inner -> l.body().accept(new LoopWriter(inner, SELF)));
            }
            b.return_();
          });
      first = end;
    }
    int count = methods;
    c.withMethodBody(
        "run",
        MTD_void,
        ClassFile.ACC_PUBLIC,
        b -> {
          for (int part = 0; part < count; part++) {
            call(b, "part" + part);
          }
          b.return_();
        });
  }

  private static void call(CodeBuilder b, String method) {
    b.aload(0).invokevirtual(SELF, method, MTD_void);
  }

  private static ClassDesc type(int slot, ArrayTable arrays) {
    return LoopWriter.element(arrays.dtype(slot)).arrayType();
  }
}
