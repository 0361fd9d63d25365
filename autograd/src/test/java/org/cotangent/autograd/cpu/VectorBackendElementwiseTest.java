package org.cotangent.autograd.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.cotangent.autograd.backend.Backend;
import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.backend.Expr;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.op.Shapes;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class VectorBackendElementwiseTest {
  private static final Backend FAST = Width.backend();
  private static final Backend EXACT = new ReferenceBackend();

  /// Every elementwise operation there is; a new one enrols itself.
  static List<Op.Elementwise> operations() {
    List<Op.Elementwise> all = new ArrayList<>();
    all.addAll(Arrays.asList(Op.Unary.values()));
    all.addAll(Arrays.asList(Op.Binary.values()));
    all.addAll(Arrays.asList(Op.Compare.values()));
    all.addAll(Arrays.asList(Op.Logical.values()));
    all.add(new Op.Where());
    all.add(new Op.Clamp(-1.5, 2.5));
    for (DType to : DType.values()) {
      all.add(new Op.Cast(to));
    }
    return all;
  }

  private static DType[] dtypes(Op.Elementwise op, DType d) {
    return switch (op) {
      case Op.Unary _, Op.Clamp _, Op.Cast _ -> new DType[] {d};
      case Op.Binary _, Op.Compare _ -> new DType[] {d, d};
      case Op.Logical f -> new DType[f == Op.Logical.NOT ? 1 : 2];
      case Op.Where() -> new DType[] {DType.BOOL, d, d};
    };
  }

  /// Transcendental functions are one to three units off; all else is exact.
  static double ulps(Op.Elementwise op) {
    return op instanceof Op.Unary || op == Op.Binary.POW || op == Op.Binary.ATAN2 ? 3 : 0;
  }

  @ParameterizedTest
  @MethodSource("operations")
  void anOperationAgreesWithTheReferenceInAllLayouts(Op.Elementwise op) {
    for (int seed = 0; seed < Width.cases(60); seed++) {
      Buffers some = new Buffers(seed, true);
      for (DType d : DType.values()) {
        DType[] dtypes = dtypes(op, d);
        if (op instanceof Op.Logical) {
          Arrays.fill(dtypes, DType.BOOL);
        }
        Shape shape = some.shape();
        Buffer[] in = new Buffer[dtypes.length];
        for (int i = 0; i < in.length; i++) {
          in[i] = some.view(dtypes[i], some.stretching(shape));
        }
        if (isDefined(op, in)) {
          check(op, in);
        }
      }
    }
  }

  private static boolean isDefined(Op op, Buffer[] in) {
    boolean division = op == Op.Binary.DIV && in[0].dtype().isInteger();
    for (int i = 0; division && i < in[1].shape().size(); i++) {
      if (in[1].getLong(in[1].layout().at(i)) == 0) {
        return false;
      }
    }
    try {
      Shapes.dtype(op, in);
      return true;
    } catch (IllegalArgumentException notForThisDtype) {
      return false;
    }
  }

  @ParameterizedTest
  @MethodSource("operations")
  void runsOfEveryLengthAgree(Op.Elementwise op) {
    List<Integer> sizes = new ArrayList<>(List.of(1000, Scratch.TILE - 1, Scratch.TILE + 1));
    for (int n = 0; n <= 2 * Width.EDGE + 1; n++) {
      sizes.add(n);
      sizes.add(MathSize.VECTORS + n);
    }
    Buffers some = new Buffers(7, true);
    for (int n : sizes) {
      for (DType d : new DType[] {DType.F32, DType.F64}) {
        DType[] dtypes = dtypes(op, d);
        if (op instanceof Op.Logical) {
          Arrays.fill(dtypes, DType.BOOL);
        }
        Buffer[] in = new Buffer[dtypes.length];
        for (int i = 0; i < in.length; i++) {
          in[i] = some.fill(Buffer.allocate(dtypes[i], Shape.of(n)));
        }
        check(op, in);
      }
    }
  }

  private static void check(Op.Elementwise op, Buffer... in) {
    Shape shape = Shapes.of(op, in);
    DType dtype = Shapes.dtype(op, in);
    Expr program = Expr.of(op, dtype, in.length);
    Buffer got = Buffer.allocate(dtype, shape);
    Buffer want = Buffer.allocate(dtype, shape);
    FAST.elementwise(program, in, got);
    EXACT.elementwise(program, in, want);
    Agreement.within(ulps(op), "%s on %s %s".formatted(op, in[0].dtype(), shape), got, want);
  }

  @ParameterizedTest
  @MethodSource("operations")
  void aNumberGivesTheSameBitsWhereverItStands(Op.Elementwise op) {
    if (!(op instanceof Op.Unary f)) {
      return;
    }
    for (DType d : new DType[] {DType.F32, DType.F64}) {
      int n = 3000;
      Buffer x = new Buffers(3, true).fill(Buffer.allocate(d, Shape.of(n)));
      Buffer all = Buffer.allocate(d, Shape.of(n));
      FAST.elementwise(Expr.of(f, d, 1), new Buffer[] {x}, all);
      for (int i = 0; i < n; i += 7) {
        Buffer one = Buffer.allocate(d, Shape.of(1));
        FAST.elementwise(
            Expr.of(f, d, 1), new Buffer[] {x.view(x.layout().slice(0, i, 1, 1))}, one);
        assertThat(Double.valueOf(one.getDouble(0)))
            .as("%s of element %d", f, i)
            .isEqualTo(Double.valueOf(all.getDouble(i)));
      }
    }
  }

  @Test
  void integersDividedByZeroAreAnError() {
    Buffer one = Buffer.full(DType.I32, Shape.of(3), 1);
    Buffer zero = Buffer.full(DType.I32, Shape.of(3), 0);
    Expr division = Expr.of(Op.Binary.DIV, DType.I32, 2);
    Buffer out = Buffer.allocate(DType.I32, Shape.of(3));
    assertThatThrownBy(() -> FAST.elementwise(division, new Buffer[] {one, zero}, out))
        .isInstanceOf(ArithmeticException.class)
        .hasMessageContaining("DIV: 1 / 0");
  }
}
