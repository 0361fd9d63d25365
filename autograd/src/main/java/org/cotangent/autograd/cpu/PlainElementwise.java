package org.cotangent.autograd.cpu;

import java.util.Arrays;
import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.backend.Expr;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// Runs an [Expr] tile by tile in plain loops. Operands are copied to tiles first, so that all
/// arrays of a step share one index.
///
/// Integers of both widths are `long` in a tile, as in [Steps].
final class PlainElementwise {
  private PlainElementwise() {}

  static void run(Expr program, Buffer[] in, Buffer[] out, Scratch scratch) {
    Shape shape = out[0].shape();
    int size = shape.size();
    if (size == 0) {
      return;
    }
    Operand[] operands = new Operand[in.length];
    int start = out[0].layout().offset();
    boolean direct = program.isSingle() && out[0].dtype() != DType.I32;
    for (int k = 0; k < in.length; k++) {
      operands[k] = new Operand(in[k], shape);
      direct &= operands[k].isFlat() && operands[k].start() == start;
    }
    if (direct) {
      Object[] arrays = new Object[in.length];
      Arrays.setAll(arrays, k -> operands[k].array());
      Expr.Step s = program.steps().getFirst();
      step(s, from(s, operands, program), start, start + size, arrays, Elementwise.arrayOf(out[0]));
      return;
    }
    Object[] tile = new Object[in.length + program.constants().size() + program.steps().size()];
    Arrays.setAll(tile, r -> scratch.take(dtype(r, operands, program)));
    tiles(program, operands, tile, out, size);
    for (Object t : tile) {
      scratch.give(t);
    }
  }

  private static DType dtype(int register, Operand[] in, Expr program) {
    int constant = register - in.length;
    int step = constant - program.constants().size();
    return constant < 0
        ? in[register].dtype
        : step < 0 ? program.constants().get(constant).dtype() : program.steps().get(step).dtype();
  }

  /// The dtype of a step's operands; of the second one, for `Where`.
  private static DType from(Expr.Step s, Operand[] in, Expr program) {
    return dtype(s.c() < 0 ? s.a() : s.b(), in, program);
  }

  private static void tiles(Expr program, Operand[] in, Object[] tile, Buffer[] out, int size) {
    int firstStep = in.length + program.constants().size();
    for (int r = in.length; r < firstStep; r++) {
      Steps.fill(program.constants().get(r - in.length), tile[r], Math.min(size, Scratch.TILE));
    }
    for (int o = 0; o < size; o += Scratch.TILE) {
      int n = Math.min(Scratch.TILE, size - o);
      for (int k = 0; k < in.length; k++) {
        in[k].read(o, n, tile[k], in[k].index());
      }
      for (int r = firstStep; r < tile.length; r++) {
        Expr.Step s = program.steps().get(r - firstStep);
        step(s, from(s, in, program), 0, n, tile, tile[r]);
      }
      for (int k = 0; k < out.length; k++) {
        write(tile[program.results().get(k)], n, out[k], o);
      }
    }
  }

  private static void write(Object tile, int n, Buffer out, int o) {
    int start = out.layout().offset() + o;
    if (out.dtype() != DType.I32) {
      System.arraycopy(tile, 0, Elementwise.arrayOf(out), start, n);
      return;
    }
    for (int i = 0; i < n; i++) {
      out.i32()[start + i] = (int) ((long[]) tile)[i];
    }
  }

  /// One step over `from` to `to` of its registers.
  private static void step(Expr.Step s, DType dtype, int from, int to, Object[] in, Object y) {
    Object a = in[s.a()];
    Object b = s.b() < 0 ? a : in[s.b()]; // of the same type, whatever the first register is
    Object c = s.c() < 0 ? a : in[s.c()];
    switch (dtype) {
      case F32 -> step(s, from, to, a, b, c, y);
      case F64 -> wideStep(s, from, to, a, b, c, y);
      case BOOL, I32, I64 -> {
        if (s.op() instanceof Op.Cast && y instanceof float[] f && a instanceof boolean[] z) {
          PlainKernelsF32.ofBool(from, to, z, f);
        } else if (s.op() instanceof Op.Cast
            && y instanceof double[] d
            && a instanceof boolean[] z) {
          PlainKernelsF64.ofBool(from, to, z, d);
        } else {
          Steps.run(s, dtype, to - from, a, from, b, from, c, from, y, from);
        }
      }
    }
  }

  private static void step(Expr.Step s, int from, int to, Object a, Object b, Object c, Object y) {
    switch (s.op()) {
      case Op.Unary f -> PlainKernelsF32.unary(f, from, to, (float[]) a, (float[]) y);
      case Op.Binary f ->
          PlainKernelsF32.binary(f, from, to, (float[]) a, (float[]) b, (float[]) y);
      case Op.Compare f ->
          PlainKernelsF32.compare(f, from, to, (float[]) a, (float[]) b, (boolean[]) y);
      case Op.Where() ->
          PlainKernelsF32.where(from, to, (boolean[]) a, (float[]) b, (float[]) c, (float[]) y);
      case Op.Clamp f -> PlainKernelsF32.clamp(f, from, to, (float[]) a, (float[]) y);
      case Op.Cast _, Op.Logical _ ->
          Steps.run(s, DType.F32, to - from, a, from, b, from, c, from, y, from);
    }
  }

  private static void wideStep(
      Expr.Step s, int from, int to, Object a, Object b, Object c, Object y) {
    switch (s.op()) {
      case Op.Unary f -> PlainKernelsF64.unary(f, from, to, (double[]) a, (double[]) y);
      case Op.Binary f ->
          PlainKernelsF64.binary(f, from, to, (double[]) a, (double[]) b, (double[]) y);
      case Op.Compare f ->
          PlainKernelsF64.compare(f, from, to, (double[]) a, (double[]) b, (boolean[]) y);
      case Op.Where() ->
          PlainKernelsF64.where(from, to, (boolean[]) a, (double[]) b, (double[]) c, (double[]) y);
      case Op.Clamp f -> PlainKernelsF64.clamp(f, from, to, (double[]) a, (double[]) y);
      case Op.Cast _, Op.Logical _ ->
          Steps.run(s, DType.F64, to - from, a, from, b, from, c, from, y, from);
    }
  }
}
