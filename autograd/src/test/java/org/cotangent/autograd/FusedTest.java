package org.cotangent.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.function.Function;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.api.Test;

class FusedTest {
  private static Tensor chain(List<Tensor> in) {
    Tensor scaled = in.get(1).square().mul(in.get(2));
    return in.get(0).mul(0.9).add(scaled).tanh().sub(in.get(0));
  }

  @Property(tries = 40)
  void aChainInOnePassEqualsItsOperationsOneByOneToTheBit(
      @ForAll long seed, @ForAll @IntRange(max = 70) int rows, @ForAll @IntRange(max = 70) int n) {
    Rng rng = Rng.of(seed);
    for (DType d : List.of(DType.F32, DType.F64)) {
      Tensor x = rng.normal(Shape.of(rows, n), d);
      Tensor row = rng.normal(Shape.of(n), d);
      Tensor column = rng.normal(Shape.of(rows, 1), d);
      Tensor fused = Fused.apply(FusedTest::chain, x, row, column);
      Numbers.assertSame("chain", fused, chain(List.of(x, row, column)));
      Tensor turned = Fused.apply(FusedTest::chain, x.t(), column.t(), row.unsqueeze(1));
      Numbers.assertSame(
          "chain of views", turned, chain(List.of(x.t(), column.t(), row.unsqueeze(1))));
    }
  }

  @Test
  void operationsWithoutUseAreLeftOutAndAnOperandMayPassThrough() {
    Tensor x = Tensor.of(1.0, 2.0);
    assertThat(
            Fused.apply(
                    in -> {
                      Tensor y = in.getFirst().mul(3);
                      y.exp();
                      return y;
                    },
                    x)
                .toDoubleArray())
        .containsExactly(3, 6);
    assertThat(Fused.apply(List::getFirst, x)).isSameAs(x);
    assertThat(Fused.apply(List::getFirst, Tensor.of(5.0), x).toDoubleArray())
        .containsExactly(5, 5);
    assertThat(Fused.apply(_ -> Tensor.scalar(7, DType.F64), x).toDoubleArray())
        .containsExactly(7, 7);
  }

  @Test
  void aChainThatIsToBeDifferentiatedIsRecorded() {
    Tensor x = Tensor.parameter(Tensor.of(1.0, 2.0));
    Fused.apply(in -> in.getFirst().square(), x).sum().backward();
    assertThat(x.grad().toDoubleArray()).containsExactly(2, 4);
  }

  @Test
  void whatIsNotElementwiseOrNotAnOperandIsRefused() {
    Tensor x = Tensor.of(1.0, 2.0);
    assertThatThrownBy(() -> Fused.apply(in -> in.getFirst().softmax(0), Tensor.of(1.0)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Fused.apply(in -> in.getFirst().add(x), x))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "a fused kernel met a tensor of shape [2], dtype F64 that is not among its operands; pass it as one");
  }

  // ---- In place, but never visibly

  private static void twice(Tensor p) {
    Fused.assign(p, in -> in.getFirst().mul(2), p);
  }

  @Test
  void stateThatNobodyElseSeesKeepsItsMemory() {
    Tensor p = Tensor.parameter(Tensor.of(1.0, 2.0));
    twice(p);
    var memory = p.peek();
    twice(p);
    twice(p);
    assertThat(p.peek()).isSameAs(memory);
    assertThat(p.toDoubleArray()).containsExactly(8, 16);
  }

  @Test
  void aTensorThatSharesTheMemoryNeverChanges() {
    List<Function<Tensor, Tensor>> ways =
        List.of(
            Tensor::detach,
            p -> p.reshape(2, 1),
            p -> p.slice(0, 0, 1),
            p -> p.flip(0),
            p -> p.expand(3, 2),
            p -> p.unsqueeze(0).t(),
            p -> Grad.without(() -> p.sum(Reduce.all(Shape.SCALAR), false)),
            Tensor::parameter,
            p -> Fused.apply(List::getFirst, p).detach(),
            p -> {
              Tensor q = Tensor.parameter(Tensor.of(0.0, 0.0));
              q.assign(p);
              return q;
            });
    for (Function<Tensor, Tensor> way : ways) {
      Tensor p = Tensor.parameter(Tensor.of(1.0, 2.0));
      twice(p);
      Tensor other = way.apply(p);
      double[] before = other.toDoubleArray();
      twice(p);
      twice(p);
      assertThat(other.toDoubleArray()).containsExactly(before);
      assertThat(p.toDoubleArray()).containsExactly(8, 16);
    }
  }

  @Test
  void aGraphRecordedBeforeTheAssignmentKeepsTheOldNumbers() {
    Tensor p = Tensor.parameter(Tensor.of(1.0, 2.0));
    twice(p);
    Tensor y = p.square().sum();
    twice(p);
    y.backward();
    assertThat(p.grad().toDoubleArray()).containsExactly(4, 8);
  }

  @Test
  void assigningAResultThatDoesNotFitLeavesTheParameterAsItWas() {
    Tensor p = Tensor.parameter(Tensor.of(1.0, 2.0));
    assertThatThrownBy(() -> Fused.assign(p, in -> in.get(0).add(in.get(1)), p, Tensor.zeros(3, 1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("cannot become [3, 2]");
    assertThatThrownBy(() -> twice(Tensor.of(1.0))).isInstanceOf(IllegalStateException.class);
    assertThat(p.toDoubleArray()).containsExactly(1, 2);
  }
}
