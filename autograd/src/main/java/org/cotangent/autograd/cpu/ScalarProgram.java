package org.cotangent.autograd.cpu;

import java.util.List;
import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.backend.Expr;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.op.Shapes;
import org.cotangent.autograd.op.Value;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// The registers of an [Expr], run for one element at a time.
///
/// Floating registers are doubles; those of dtype `F32` are rounded to float at each step, exactly
/// once, since the double result of one operation on floats is computed first. Integer registers
/// are longs, those of dtype `I32` cut to 32 bits at each step; `BOOL` is 0 or 1.
final class ScalarProgram {
  private final List<Expr.Step> steps;
  private final List<Integer> results;
  private final int firstStep;
  private final DType[] dtype;
  private final double[] real;
  private final long[] whole;

  /// @throws IllegalArgumentException if a step does not fit the dtypes of its operands
  ScalarProgram(Expr program, Buffer[] in, Buffer[] out) {
    steps = program.steps();
    results = program.results();
    firstStep = program.inputs() + program.constants().size();
    int n = firstStep + steps.size();
    dtype = new DType[n];
    real = new double[n];
    whole = new long[n];
    int r = 0;
    for (Buffer x : in) {
      dtype[r++] = x.dtype();
    }
    for (Expr.Constant c : program.constants()) {
      dtype[r] = c.dtype();
      cast(r, c.value());
      r++;
    }
    for (Expr.Step s : steps) {
      dtype[r] = checked(s);
      r++;
    }
    for (int k = 0; k < out.length; k++) {
      DType result = dtype[results.get(k)];
      if (result != out[k].dtype()) {
        throw new IllegalArgumentException(
            "the program's result is %s, but the output is %s".formatted(result, out[k].dtype()));
      }
    }
  }

  private DType checked(Expr.Step s) {
    int operands = s.b() < 0 ? 1 : s.c() < 0 ? 2 : 3;
    Value[] in = new Value[operands];
    in[0] = new Operand(dtype[s.a()]);
    if (operands > 1) {
      in[1] = new Operand(dtype[s.b()]);
    }
    if (operands > 2) {
      in[2] = new Operand(dtype[s.c()]);
    }
    DType expected = Shapes.dtype(s.op(), in);
    if (s.dtype() != expected) {
      throw new IllegalArgumentException(
          "%s: the result is %s, but the step says %s".formatted(s.op(), expected, s.dtype()));
    }
    return expected;
  }

  private record Operand(DType dtype) implements Value {
    @Override
    public Shape shape() {
      return Shape.SCALAR;
    }
  }

  /// Sets an input register to the element at a place of the array.
  void load(int register, Buffer x, int at) {
    if (x.dtype().isFloating()) {
      real[register] = x.getDouble(at);
    } else {
      whole[register] = x.getLong(at);
    }
  }

  /// Runs all steps on the inputs loaded.
  void run() {
    for (int i = 0; i < steps.size(); i++) {
      step(firstStep + i, steps.get(i));
    }
  }

  /// Writes result `k`.
  void store(int k, Buffer out, int at) {
    int r = results.get(k);
    if (dtype[r].isFloating()) {
      ReferenceBackend.put(out, at, real[r]);
    } else {
      ReferenceBackend.putWhole(out, at, whole[r]);
    }
  }

  private void step(int r, Expr.Step s) {
    int a = s.a();
    int b = s.b();
    boolean floating = dtype[a].isFloating();
    switch (s.op()) {
      case Op.Unary f -> {
        if (floating) {
          set(r, ScalarMath.unary(f, real[a]));
        } else {
          setWhole(r, ScalarMath.unary(f, whole[a]));
        }
      }
      case Op.Binary f -> {
        if (floating) {
          set(r, ScalarMath.binary(f, real[a], real[b]));
        } else {
          setWhole(r, ScalarMath.binary(f, whole[a], whole[b]));
        }
      }
      case Op.Compare f -> {
        boolean yes =
            floating
                ? ScalarMath.compare(f, real[a], real[b])
                : ScalarMath.compare(f, whole[a], whole[b]);
        setWhole(r, yes ? 1 : 0);
      }
      case Op.Logical f ->
          setWhole(r, ScalarMath.logical(f, whole[a] != 0, b >= 0 && whole[b] != 0) ? 1 : 0);
      case Op.Where() -> {
        int taken = whole[a] != 0 ? b : s.c();
        real[r] = real[taken];
        whole[r] = whole[taken];
      }
      case Op.Clamp f -> {
        if (floating) {
          set(r, ScalarMath.clamp(f, real[a]));
        } else {
          setWhole(r, ScalarMath.clamp(f, whole[a]));
        }
      }
      case Op.Cast _ -> {
        if (floating) {
          cast(r, real[a]);
        } else {
          castWhole(r, whole[a]);
        }
      }
    }
  }

  private void set(int r, double v) {
    real[r] = dtype[r] == DType.F32 ? (float) v : v;
  }

  private void setWhole(int r, long v) {
    whole[r] = dtype[r] == DType.I32 ? (int) v : v;
  }

  private void cast(int r, double v) {
    switch (dtype[r]) {
      case BOOL -> whole[r] = v != 0 ? 1 : 0;
      case I32 -> whole[r] = (int) v;
      case I64 -> whole[r] = (long) v;
      case F32 -> real[r] = (float) v;
      case F64 -> real[r] = v;
    }
  }

  /// A long goes to float in one rounding; by way of double it would be two.
  private void castWhole(int r, long v) {
    switch (dtype[r]) {
      case BOOL -> whole[r] = v != 0 ? 1 : 0;
      case I32 -> whole[r] = (int) v;
      case I64 -> whole[r] = v;
      case F32 -> real[r] = (float) v;
      case F64 -> real[r] = (double) v;
    }
  }
}
