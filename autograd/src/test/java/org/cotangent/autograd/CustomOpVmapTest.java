package org.cotangent.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.api.Test;

/// Operations of a user's own on batches, all examples at once or one after the other.
class CustomOpVmapTest {
  /// a b², whose rule reads numbers if told, as an iterative solver would.
  private static CustomOp op(boolean reads) {
    return CustomOp.define(
        "product",
        in -> in.get(0).mul(in.get(1).square()).mul(read(reads, in.get(0))),
        (in, _, g) ->
            List.of(
                g.mul(in.get(1).square()).mul(read(reads, g)),
                g.mul(in.get(0)).mul(in.get(1)).mul(2)),
        () -> List.of(Tensor.of(1.0, -2.0), Tensor.of(3.0, 0.5)));
  }

  private static double read(boolean reads, Tensor x) {
    return reads && x.toDoubleArray()[0] > 1e9 ? 0 : 1;
  }

  private static final List<CustomOp> WAYS =
      List.of(
          op(true),
          op(false).batchable(),
          op(true).withJvp(CustomOpVmapTest::jvp),
          op(false).withJvp(CustomOpVmapTest::jvp).batchable(),
          op(true).saving(false, 0, 1),
          op(false).saving(false, 0, 1).batchable());

  private static Tensor jvp(List<Tensor> in, Tensor y, List<Tensor> t) {
    Tensor b = in.get(1);
    return t.get(0).mul(b.square()).add(t.get(1).mul(in.get(0)).mul(b).mul(2));
  }

  private static final Tensor A = Tensor.of(new double[][] {{1, 2}, {3, 4}, {5, 6}});
  private static final Tensor B = Tensor.of(new double[][] {{2, 1}, {1, 3}, {2, 2}});
  private static final Tensor C = Tensor.of(2.0, 3.0);

  private static Tensor stack(int n, IntFunction<Tensor> f) {
    return Tensor.stack(0, IntStream.range(0, n).mapToObj(f).toArray(Tensor[]::new));
  }

  @Test
  void resultsAndGradientsAreThoseOfEachExample() {
    for (CustomOp op : WAYS) {
      Tensor y = Grad.vmap(in -> op.apply(in.get(0), in.get(1)), List.of(A, B));
      Numbers.assertSame("result", y, A.mul(B.square()));
      List<Tensor> inside =
          Grad.vmap(
              at -> Grad.valueAndGrad(in -> op.apply(in.get(0), in.get(1)).sum(), at).grads(),
              List.of(A, B));
      List<Tensor> through =
          Grad.valueAndGrad(
                  at -> Grad.vmap(in -> op.apply(in.get(0), in.get(1)), at).sum(), List.of(A, B))
              .grads();
      for (List<Tensor> g : List.of(inside, through)) {
        Numbers.assertSame("by a", g.get(0), B.square());
        Numbers.assertSame("by b", g.get(1), A.mul(B).mul(2));
      }
    }
  }

  @Test
  void theGradientOfASharedOperandIsTheSum() {
    for (CustomOp op : WAYS) {
      Tensor c = Tensor.parameter(C);
      Grad.vmap(a -> op.apply(a, c)).apply(A).sum().backward();
      Numbers.assertSame("through", c.grad(), A.mul(C).mul(2).sum(0));
      Tensor inside = Grad.vmap(a -> Grad.grad(v -> op.apply(a, v).sum()).apply(C)).apply(A);
      Numbers.assertSame("inside", inside, A.mul(C).mul(2));
    }
  }

  @Test
  void forwardModeIsThatOfEachExample() {
    for (CustomOp op : WAYS) {
      Function<List<Tensor>, Tensor> f = in -> op.apply(in.get(0), in.get(1));
      List<Tensor> at = List.of(A, B);
      List<Tensor> along = List.of(B, A);
      Tensor expected = B.mul(B.square()).add(A.mul(A).mul(B).mul(2));
      Tensor through = Grad.jvp(x -> Grad.vmap(f, x), at, along).tangent();
      Numbers.assertSame("through", through, expected);
      Tensor inside =
          Grad.vmap(
              in ->
                  Grad.jvp(f, List.of(in.get(0), in.get(1)), List.of(in.get(1), in.get(0)))
                      .tangent(),
              at);
      Numbers.assertSame("inside", inside, expected);
    }
  }

  @Test
  void batchesOfBatches() {
    for (CustomOp op : WAYS) {
      Tensor y = Grad.vmap(a -> Grad.vmap(b -> op.apply(a, b)).apply(B)).apply(A);
      Tensor expected = stack(3, i -> stack(3, k -> A.select(0, i).mul(B.select(0, k).square())));
      Numbers.assertSame("result", y, expected);
      Tensor g =
          Grad.grad(b -> Grad.vmap(a -> Grad.vmap(v -> op.apply(a, v)).apply(b)).apply(A).sum())
              .apply(B);
      Numbers.assertSame("gradient", g, A.sum(0).expand(3, 2).mul(B).mul(2));
    }
  }

  @Test
  void higherOrdersGoThroughABatch() {
    for (CustomOp op : WAYS) {
      Function<Tensor, Tensor> f =
          b -> Grad.vmap(in -> op.apply(in.get(0), in.get(1)), List.of(A, b)).sum();
      Tensor second = Grad.grad(b -> Grad.grad(f).apply(b).mul(b).sum()).apply(B); // d/db 2 a b²
      Numbers.assertSame("second", second, A.mul(B).mul(4));
    }
  }

  @Test
  void insideABatchHigherOrdersNeedAnOperationThatIsBatchable() {
    Function<CustomOp, Function<Tensor, Tensor>> second =
        op -> b -> Grad.grad(Grad.grad(v -> op.apply(C, v).sum()).andThen(Tensor::sum)).apply(b);
    Tensor y = Grad.vmap(second.apply(op(false).batchable())).apply(B);
    Numbers.assertSame("second", y, C.mul(2).expand(3, 2));
    assertThatThrownBy(() -> Grad.vmap(second.apply(op(true))).apply(B))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "product: inside vmap its rule runs on one example after the other and cannot be differentiated again; write it in tensor operations and declare it batchable()");
  }

  @Test
  void gradientsSmallerThanTheirOperandAreStretchedForEachExample() {
    for (boolean batchable : new boolean[] {true, false}) {
      CustomOp sum =
          CustomOp.define("total", in -> in.getFirst().sum(), (_, _, g) -> List.of(g), List::of);
      CustomOp op = batchable ? sum.batchable() : sum;
      Tensor square = Tensor.of(new double[][] {{1, 2}, {3, 4}});
      Tensor g =
          Grad.grad(x -> Grad.vmap(op::apply, x).mul(Tensor.of(1.0, 10.0)).sum()).apply(square);
      assertThat(g.toDoubleArray()).containsExactly(1, 1, 10, 10);
    }
  }

  @Test
  void anOperationOnNoExamplesMustBeBatchable() {
    Tensor none = Tensor.zeros(Shape.of(0, 2), DType.F64);
    assertThatThrownBy(() -> Grad.vmap(a -> op(true).apply(a, C)).apply(none))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("product: vmap over no examples");
    assertThat(Grad.vmap(a -> op(false).batchable().apply(a, C)).apply(none).shape())
        .isEqualTo(Shape.of(0, 2));
  }

  @Test
  void whatIsNotSavedCannotBeRead() {
    CustomOp wrong = op(false).saving(true, 0);
    Tensor b = Tensor.parameter(C);
    Tensor y = wrong.apply(C, b).sum();
    assertThatThrownBy(y::backward)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("it was not saved for the backward pass");
    GradCheck.standard().order(3).check(op(false).saving(false, 0, 1)).requirePassed();
  }
}
