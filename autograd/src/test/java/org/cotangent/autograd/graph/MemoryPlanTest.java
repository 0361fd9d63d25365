package org.cotangent.autograd.graph;

import static org.assertj.core.api.Assertions.assertThat;

import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.op.Value;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.api.Test;

/// How little memory a schedule needs. That no live value is overwritten is `RandomProgramsTest`'s.
class MemoryPlanTest {
  private static final Op PRODUCT = new Op.MatMul(false, false);
  private final Graphs g = new Graphs();

  private MemoryPlan plan(Value... results) {
    return MemoryPlan.of(Fuse.of(g.simplified(results)));
  }

  @Test
  void aChainOfProductsNeedsTwoSlots() {
    Value w = g.input(3, 3);
    Value y = g.input(3, 3);
    for (int i = 0; i < 10; i++) {
      y = g.apply(PRODUCT, y, w);
    }
    assertThat(plan(y).slots()).hasSize(2);
  }

  @Test
  void anActivationOverwritesTheProductThatItFollows() {
    Value y = g.apply(PRODUCT, g.input(3, 3), g.input(3, 3));
    assertThat(plan(g.apply(Op.Unary.RELU, y)).slots()).hasSize(1);
    assertThat(plan(g.apply(Op.Unary.RELU, y), y).slots()).hasSize(2);
  }

  @Test
  void whatIsReadTransposedIsNotOverwritten() {
    Value x = g.apply(PRODUCT, g.input(3, 3), g.input(3, 3));
    Value s = g.apply(new Op.Softmax(1), x);
    Value t = g.apply(Graphs.transposition(s), s);
    Schedule schedule = Fuse.of(g.simplified(g.apply(Op.Binary.ADD, s, t)));
    Vertex sum = schedule.graph().outputs().getFirst();
    MemoryPlan p = MemoryPlan.of(schedule);
    assertThat(p.slot(sum)).isPresent().isNotEqualTo(p.slot(sum.in().getFirst()));
  }

  @Test
  void aSlotGrowsToItsLargestValue() {
    Value small = g.apply(new Op.Softmax(0), g.input(2));
    Value sum = g.apply(new Op.Sum(Shape.of(1)), small);
    Value large = g.apply(PRODUCT, g.apply(new Op.Reshape(Shape.of(1, 1)), sum), g.input(1, 50));
    MemoryPlan p = plan(g.apply(new Op.Softmax(1), large));
    assertThat(p.bytes()).isEqualTo(2 * 50 * 8);
    assertThat(p.toString()).contains("800 bytes in 2 slots");
  }

  /// So that what reads the activation beside the product can run at the same time.
  @Test
  void whatFollowsAProductTakesItsPlaceRatherThanAnOperands() {
    Value dz = g.apply(new Op.Softmax(1), g.input(3, 3));
    Value y = g.apply(new Op.Softmax(0), g.input(3, 3));
    Value product = g.apply(PRODUCT, dz, g.input(3, 3));
    Value dx = g.apply(Op.Binary.MUL, y, product);
    Schedule schedule = Fuse.of(g.simplified(dx));
    Kernel.Product last = (Kernel.Product) schedule.compute().getLast();
    assertThat(last.then().orElseThrow().reads().getFirst().id())
        .as("the other operand comes first")
        .isNotEqualTo(last.product().id());
    MemoryPlan p = MemoryPlan.of(schedule);
    Vertex result = schedule.graph().outputs().getFirst();
    assertThat(p.slot(result)).isPresent().isEqualTo(p.slot(last.product()));
  }

  @Test
  void whatIsOnlySummedHasNoSlot() {
    Value y = g.apply(Op.Unary.SQUARE, g.apply(Op.Unary.TANH, g.input(40, 30)));
    Op sum = new Op.Sum(Shape.of(40, 1));
    assertThat(plan(g.apply(sum, y)).bytes()).isEqualTo(40 * 8);
    assertThat(plan(g.apply(sum, y), y).bytes()).isEqualTo(40 * 8 + 1200 * 8);
  }

  /// The sum is made when operands are still read; the chain's result may lie over one.
  @Test
  void onlyTheChainOfASumOverwritesAnOperand() {
    Value x = g.apply(new Op.Softmax(0), g.input(1, 2));
    Value y = g.apply(Op.Unary.TANH, x);
    Value sum = g.apply(new Op.Sum(Shape.of(1, 1)), y);
    assertThat(plan(sum, y).slots()).hasSize(2);
    assertThat(plan(sum).slots()).hasSize(2);
  }
}
