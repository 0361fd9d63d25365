package org.cotangent.autograd.graph;

import static org.assertj.core.api.Assertions.assertThat;

import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.op.Value;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.api.Test;

/// Which operations become one kernel, and which must not.
class FuseTest {
  private static final Op PRODUCT = new Op.MatMul(false, false);
  private final Graphs g = new Graphs();

  private Schedule fused(Value... results) {
    return Fuse.of(g.simplified(results));
  }

  private static long kernels(Schedule s) {
    return s.compute().size();
  }

  @Test
  void aChainIsOneKernel() {
    Value x = g.input(4);
    Value y = g.apply(Op.Unary.TANH, g.apply(Op.Binary.MUL, x, g.number(2)));
    assertThat(kernels(fused(g.apply(Op.Unary.EXP, y), y))).isEqualTo(1);
  }

  @Test
  void chainsThatReadTheSameTensorAreOneKernel() {
    Value x = g.input(4);
    assertThat(kernels(fused(g.apply(Op.Unary.EXP, x), g.apply(Op.Unary.SIN, x)))).isEqualTo(1);
  }

  @Test
  void biasAndActivationFollowTheProduct() {
    Value y = g.apply(PRODUCT, g.input(5, 3), g.input(3, 4));
    Schedule s = fused(g.apply(Op.Unary.RELU, g.apply(Op.Binary.ADD, y, g.input(4))));
    assertThat(kernels(s)).isEqualTo(1);
    assertThat(s.toString()).contains("MAT_MUL(false, false), then ADD RELU");
  }

  /// The sum needs the whole product before its first element can be divided.
  @Test
  void whatNeedsAllOfAProductDoesNotFollowItRowByRow() {
    Value y = g.apply(PRODUCT, g.input(3, 3), g.input(3, 3));
    Value total = g.apply(new Op.Sum(Shape.SCALAR), y);
    assertThat(kernels(fused(g.apply(Op.Binary.DIV, y, total)))).isEqualTo(3);
  }

  @Test
  void whatReadsAProductTransposedDoesNotFollowItRowByRow() {
    Value y = g.apply(PRODUCT, g.input(3, 3), g.input(3, 3));
    Value t = g.apply(Graphs.transposition(y), y);
    assertThat(kernels(fused(g.apply(Op.Binary.ADD, y, t)))).isEqualTo(2);
  }

  /// e^x and e^x / Σ e^x are of one shape, but a sum lies between them.
  @Test
  void chainsWithASumBetweenThemAreTwoKernels() {
    Value e = g.apply(Op.Unary.EXP, g.input(4));
    Value sum = g.apply(new Op.Sum(Shape.of(1)), e);
    Value y = g.apply(Op.Binary.MUL, g.apply(Op.Binary.DIV, e, sum), g.apply(Op.Unary.SIN, e));
    assertThat(kernels(fused(y))).isEqualTo(2);
  }

  @Test
  void aVeryLongChainIsCut() {
    Value y = g.input(4);
    for (int i = 0; i < 3 * Fuse.LONGEST; i++) {
      y = g.apply(Op.Unary.TANH, y);
    }
    assertThat(kernels(fused(y))).isEqualTo(3);
  }

  @Test
  void viewsCostNothing() {
    Value x = g.input(4, 3);
    Value t = g.apply(Graphs.transposition(x), x);
    assertThat(kernels(fused(g.apply(new Op.Slice(0, 1, 2, 1), t)))).isZero();
  }

  private static final Op TOTAL = new Op.Sum(Shape.SCALAR);

  @Test
  void aSumFollowsItsChain() {
    Value y = g.apply(Op.Unary.SQUARE, g.apply(Op.Binary.SUB, g.input(4, 3), g.input(4, 3)));
    Schedule s = fused(g.apply(TOTAL, y), g.apply(new Op.Sum(Shape.of(1, 3)), y));
    assertThat(s.toString())
        .isEqualToIgnoringNewLines("%3 %4 = SUB SQUARE, then SUM of %0 %1%5 = SUM of %3");
    assertThat(kernels(fused(g.apply(TOTAL, y)))).isEqualTo(1);
  }

  @Test
  void sumsOfOneShapeFollowTogether() {
    Value x = g.apply(Op.Unary.TANH, g.input(4, 3));
    Value y = g.apply(Op.Unary.EXP, x);
    Op columns = new Op.Sum(Shape.of(3));
    Schedule s = fused(g.apply(TOTAL, y), g.apply(columns, x), g.apply(columns, y));
    assertThat(s.toString()).contains("TANH EXP, then SUM SUM of");
    assertThat(kernels(s)).isEqualTo(2);
  }

  @Test
  void aSumOfAReshapedChainFollowsIt() {
    Value y = g.apply(Op.Unary.TANH, g.input(4, 3, 2));
    Value rows = g.apply(new Op.Reshape(Shape.of(12, 2)), y);
    assertThat(kernels(fused(g.apply(new Op.Sum(Shape.of(12, 1)), rows)))).isEqualTo(1);
  }

  /// Transposed, another order of the sum; part of it; behind a product; of a view of an operand.
  @Test
  void otherSumsAreKernelsOfTheirOwn() {
    Value x = g.input(4, 3);
    Value y = g.apply(Op.Unary.TANH, x);
    assertThat(kernels(fused(g.apply(TOTAL, g.apply(Graphs.transposition(y), y))))).isEqualTo(2);
    assertThat(kernels(fused(g.apply(TOTAL, g.apply(new Op.Slice(0, 1, 2, 1), y))))).isEqualTo(2);
    Value product = g.apply(Op.Unary.TANH, g.apply(PRODUCT, x, g.input(3, 4)));
    assertThat(kernels(fused(g.apply(TOTAL, product)))).isEqualTo(2);
    assertThat(kernels(fused(g.apply(TOTAL, x)))).isEqualTo(1);
  }
}
