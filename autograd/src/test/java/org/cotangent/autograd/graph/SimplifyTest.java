package org.cotangent.autograd.graph;

import static org.assertj.core.api.Assertions.assertThat;

import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.op.Value;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.api.Test;

/// Each rule on the smallest graph that it is for.
class SimplifyTest {
  private final Graphs g = new Graphs();

  private long computed(Value... results) {
    return g.simplified(results).vertices().stream().filter(Vertex::isComputed).count();
  }

  @Test
  void whatIsKnownIsComputedNow() {
    Value five = g.apply(Op.Binary.ADD, g.number(2), g.number(3));
    Value x = g.input(2);
    Graph s = g.simplified(g.apply(Op.Binary.MUL, x, g.apply(Op.Unary.SQUARE, five)));
    assertThat(s.toString()).contains("= 25.0 :").doesNotContain("SQUARE");
  }

  @Test
  void whatIsWrittenTwiceIsComputedOnce() {
    Value x = g.input(2);
    Value y = g.apply(Op.Binary.ADD, g.apply(Op.Unary.EXP, x), g.apply(Op.Unary.EXP, x));
    assertThat(computed(y)).isEqualTo(2);
  }

  @Test
  void whatNobodyNeedsIsLeftOut() {
    Value x = g.input(2);
    g.apply(Op.Unary.EXP, x);
    assertThat(computed(g.apply(Op.Unary.TANH, x))).isEqualTo(1);
  }

  @Test
  void whatChangesNothingDisappears() {
    Value x = g.input(2, 3);
    Value same = g.apply(Op.Binary.MUL, g.number(1), x);
    same = g.apply(Op.Binary.DIV, same, g.number(1));
    same = g.apply(new Op.Cast(DType.F64), same);
    same = g.apply(new Op.Reshape(Shape.of(2, 3)), same);
    same = g.apply(new Op.Expand(Shape.of(2, 3)), same);
    same = g.apply(new Op.Sum(Shape.of(2, 3)), same);
    same = g.apply(Op.Unary.NEG, g.apply(Op.Unary.NEG, same));
    same = g.apply(Graphs.transposition(same), g.apply(Graphs.transposition(same), same));
    assertThat(computed(same)).isZero();
  }

  @Test
  void multiplyingByOneMayStretchAndIsKeptThen() {
    Value ones = g.apply(new Op.Expand(Shape.of(2, 3)), g.number(1));
    Graph s = g.simplified(g.apply(Op.Binary.MUL, g.input(3), ones));
    assertThat(s.outputs().getFirst().shape()).isEqualTo(Shape.of(2, 3));
  }

  @Test
  void addingZeroStays() {
    Value x = g.input(2); // -0.0 + 0 is 0.0
    assertThat(computed(g.apply(Op.Binary.ADD, x, g.number(0)))).isEqualTo(1);
  }

  @Test
  void aTransposedFactorIsAFlag() {
    Value x = g.input(3, 2);
    Value y = g.apply(new Op.MatMul(false, false), g.apply(Graphs.transposition(x), x), x);
    assertThat(g.simplified(y).toString()).contains("MAT_MUL(true, false)").doesNotContain("PERM");
  }

  @Test
  void anOperandIsNotStretchedForAnElementwiseOperation() {
    Value x = g.input(2, 3);
    Value row = g.apply(new Op.Expand(Shape.of(2, 3)), g.input(3));
    assertThat(g.simplified(g.apply(Op.Binary.ADD, x, row)).toString()).doesNotContain("EXPAND");
  }

  @Test
  void integersDivideWhenTheProgramRuns() {
    Value i = g.trace.input(Shape.of(2), DType.I64);
    assertThat(computed(g.apply(Op.Binary.DIV, i, g.trace.constant(2, DType.I64)))).isEqualTo(1);
  }
}
