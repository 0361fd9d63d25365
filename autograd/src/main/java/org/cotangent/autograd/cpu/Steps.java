package org.cotangent.autograd.cpu;

import java.util.Arrays;
import org.cotangent.autograd.backend.Expr;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.shape.DType;

/// Runs one step of an [Expr] over `n` neighbouring elements: chooses the kernel.
///
/// Arrays are `boolean[]`, `float[]` or `double[]`, and `long[]` for integers of both widths: the
/// low 32 bits of the result of `long` arithmetic are that of `int`, so an `I32` step ends by
/// cutting each number to them.
final class Steps {
  private Steps() {}

  /// @param from the dtype of the operands (of the second one, for `Where`)
  static void run(
      Expr.Step step,
      DType from,
      int n,
      Object a,
      int ao,
      Object b,
      int bo,
      Object c,
      int co,
      Object y,
      int yo) {
    switch (step.op()) {
      case Op.Unary f -> {
        switch (from) {
          case F32 -> UnaryF32.apply(f, n, (float[]) a, ao, (float[]) y, yo);
          case F64 -> UnaryF64.apply(f, n, (double[]) a, ao, (double[]) y, yo);
          case I32, I64 -> WholeKernels.unary(f, n, (long[]) a, ao, (long[]) y, yo);
          case BOOL -> throw unsupported(step, from);
        }
      }
      case Op.Binary f -> {
        switch (from) {
          case F32 -> BinaryF32.apply(f, n, (float[]) a, ao, (float[]) b, bo, (float[]) y, yo);
          case F64 -> BinaryF64.apply(f, n, (double[]) a, ao, (double[]) b, bo, (double[]) y, yo);
          case I32, I64 ->
              WholeKernels.binary(f, n, (long[]) a, ao, (long[]) b, bo, (long[]) y, yo);
          case BOOL -> throw unsupported(step, from);
        }
      }
      case Op.Compare f -> {
        boolean[] z = (boolean[]) y;
        switch (from) {
          case F32 -> BinaryF32.compare(f, n, (float[]) a, ao, (float[]) b, bo, z, yo);
          case F64 -> BinaryF64.compare(f, n, (double[]) a, ao, (double[]) b, bo, z, yo);
          case I32, I64 -> WholeKernels.compare(f, n, (long[]) a, ao, (long[]) b, bo, z, yo);
          case BOOL -> WholeKernels.compare(f, n, (boolean[]) a, ao, (boolean[]) b, bo, z, yo);
        }
      }
      case Op.Logical f ->
          WholeKernels.logical(f, n, (boolean[]) a, ao, (boolean[]) b, bo, (boolean[]) y, yo);
      case Op.Where() -> where(from, n, (boolean[]) a, ao, b, bo, c, co, y, yo);
      case Op.Clamp(double lo, double hi) -> {
        switch (from) {
          case F32 -> UnaryF32.clamp(lo, hi, n, (float[]) a, ao, (float[]) y, yo);
          case F64 -> UnaryF64.clamp(lo, hi, n, (double[]) a, ao, (double[]) y, yo);
          case I32, I64 ->
              WholeKernels.clamp((long) lo, (long) hi, n, (long[]) a, ao, (long[]) y, yo);
          case BOOL -> throw unsupported(step, from);
        }
      }
      case Op.Cast _ -> Casts.run(from, step.dtype(), n, a, ao, y, yo);
    }
    if (step.dtype() == DType.I32) {
      WholeKernels.cutToInt(n, (long[]) y, yo);
    }
  }

  private static void where(
      DType dtype,
      int n,
      boolean[] a,
      int ao,
      Object b,
      int bo,
      Object c,
      int co,
      Object y,
      int yo) {
    switch (dtype) {
      case F32 -> BinaryF32.where(n, a, ao, (float[]) b, bo, (float[]) c, co, (float[]) y, yo);
      case F64 -> BinaryF64.where(n, a, ao, (double[]) b, bo, (double[]) c, co, (double[]) y, yo);
      case I32, I64 -> WholeKernels.where(n, a, ao, (long[]) b, bo, (long[]) c, co, (long[]) y, yo);
      case BOOL ->
          WholeKernels.where(n, a, ao, (boolean[]) b, bo, (boolean[]) c, co, (boolean[]) y, yo);
    }
  }

  private static IllegalArgumentException unsupported(Expr.Step step, DType from) {
    return new IllegalArgumentException("%s: not defined on %s".formatted(step.op(), from));
  }

  /// Puts a constant into the first `n` places of a tile.
  static void fill(Expr.Constant c, Object tile, int n) {
    switch (c.dtype()) {
      case BOOL -> Arrays.fill((boolean[]) tile, 0, n, c.value() != 0);
      case I32 -> Arrays.fill((long[]) tile, 0, n, (int) c.value());
      case I64 -> Arrays.fill((long[]) tile, 0, n, (long) c.value());
      case F32 -> Arrays.fill((float[]) tile, 0, n, (float) c.value());
      case F64 -> Arrays.fill((double[]) tile, 0, n, c.value());
    }
  }
}
