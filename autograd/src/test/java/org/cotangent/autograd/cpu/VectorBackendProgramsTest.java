package org.cotangent.autograd.cpu;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.cotangent.autograd.backend.Backend;
import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.backend.Expr;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// Programs of several steps, with one result or more.
class VectorBackendProgramsTest {
  private static final Backend FAST = Width.backend();
  private static final Backend EXACT = new ReferenceBackend();

  @Property(tries = 200)
  void aChainOfStepsAgreesWithTheReference(@ForAll long seed) {
    Buffers some = new Buffers(seed, true);
    for (DType d : new DType[] {DType.F32, DType.F64}) {
      Expr program =
          new Expr(
              3,
              List.of(new Expr.Constant(0.1, d)),
              List.of(
                  new Expr.Step(Op.Binary.MUL, d, 0, 1, -1),
                  new Expr.Step(Op.Binary.ADD, d, 4, 3, -1),
                  new Expr.Step(Op.Compare.GT, DType.BOOL, 5, 3, -1),
                  new Expr.Step(Op.Logical.NOT, DType.BOOL, 6, -1, -1),
                  new Expr.Step(new Op.Where(), d, 7, 2, 5),
                  new Expr.Step(new Op.Cast(DType.I32), DType.I32, 8, -1, -1),
                  new Expr.Step(Op.Binary.ADD, DType.I32, 9, 9, -1),
                  new Expr.Step(new Op.Cast(d), d, 10, -1, -1),
                  new Expr.Step(Op.Binary.MAXIMUM, d, 11, 8, -1)));
      Shape shape = some.shape();
      Buffer[] in = {
        some.view(d, some.stretching(shape)),
        some.view(d, some.stretching(shape)),
        some.view(d, shape)
      };
      Buffer got = Buffer.allocate(d, shape);
      Buffer want = Buffer.allocate(d, shape);
      FAST.elementwise(program, in, got);
      EXACT.elementwise(program, in, want);
      Agreement.within(0, "a chain on " + shape, got, want);
    }
  }

  /// Three results of one pass, each of which may also be an operand: a momentum step.
  @Property(tries = 200)
  void severalResultsMayTakeThePlaceOfOperands(
      @ForAll long seed, @ForAll @IntRange(max = 7) int places) {
    Buffers some = new Buffers(seed, true);
    for (DType d : new DType[] {DType.F32, DType.F64, DType.I32}) {
      Expr program =
          new Expr(
              3,
              List.of(new Expr.Constant(3, d)),
              List.of(
                  new Expr.Step(Op.Binary.MUL, d, 0, 3, -1),
                  new Expr.Step(Op.Binary.ADD, d, 4, 1, -1), // the first result
                  new Expr.Step(Op.Binary.SUB, d, 2, 5, -1), // the second
                  new Expr.Step(Op.Binary.MUL, d, 0, 6, -1),
                  new Expr.Step(Op.Binary.ADD, d, 7, 2, -1)), // the third
              List.of(5, 6, 8));
      Shape shape = some.shape();
      Buffer[] got = new Buffer[3];
      Buffer[] want = new Buffer[3];
      Buffer[] in = new Buffer[3];
      Buffer[] same = new Buffer[3];
      for (int k = 0; k < 3; k++) {
        in[k] = some.fill(Buffer.allocate(d, shape));
        same[k] = Buffer.allocate(d, shape);
        EXACT.copy(in[k], same[k]);
        want[k] = Buffer.allocate(d, shape);
      }
      for (int k = 0; k < 3; k++) {
        got[k] = (places >> k & 1) != 0 ? in[(k + 1) % 3] : Buffer.allocate(d, shape);
      }
      EXACT.elementwise(program, same, want);
      FAST.elementwise(program, in, got);
      for (int k = 0; k < 3; k++) {
        Agreement.within(0, "result " + k + " on " + shape, got[k], want[k]);
      }
    }
  }
}
