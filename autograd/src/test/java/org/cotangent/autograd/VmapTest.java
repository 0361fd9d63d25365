package org.cotangent.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.cotangent.autograd.shape.Sliding;
import org.junit.jupiter.api.Test;

/// A function of one example on many: what it means, how it nests, and what it refuses.
class VmapTest {
  private static Tensor of(double... v) {
    return Tensor.of(v);
  }

  private static Tensor scalar(double v) {
    return Tensor.scalar(v, DType.F64);
  }

  private static final Tensor ROWS = Tensor.of(new double[][] {{1, 2}, {3, 4}, {5, 6}});

  @Test
  void theFunctionSeesOneExampleAndRunsOnce() {
    List<Shape> seen = new ArrayList<>();
    Tensor y =
        Grad.vmap(
                x -> {
                  seen.add(x.shape());
                  return x.mul(x.sum());
                })
            .apply(ROWS);
    assertThat(seen).containsExactly(Shape.of(2));
    assertThat(y.shape()).isEqualTo(Shape.of(3, 2));
    assertThat(y.toDoubleArray()).containsExactly(3, 6, 21, 28, 55, 66);
  }

  @Test
  void whatIsCapturedIsTheSameForAll() {
    Tensor w = of(10, 1);
    assertThat(Grad.vmap(x -> x.matmul(w)).apply(ROWS).toDoubleArray()).containsExactly(12, 34, 56);
  }

  @Test
  void aResultThatDoesNotDependOnTheExampleIsRepeated() {
    Tensor y = Grad.vmap(_ -> of(7, 8)).apply(ROWS);
    assertThat(y.shape()).isEqualTo(Shape.of(3, 2));
    assertThat(y.toDoubleArray()).containsExactly(7, 8, 7, 8, 7, 8);
  }

  private record Sample(Tensor x, Tensor label) {}

  private record Outcome(Tensor loss, List<Tensor> more, String name) {}

  @Test
  void inputsAndResultsMayBeStructures() {
    var batch = new Sample(ROWS, Tensor.of(1, 0, 1));
    Outcome out =
        Grad.vmap(
            s ->
                new Outcome(
                    s.x.gather(0, s.label.unsqueeze(0)).sum(), List.of(s.x.neg(), s.label), "n"),
            batch);
    assertThat(out.loss.toDoubleArray()).containsExactly(2, 3, 6);
    assertThat(out.more.get(0).toDoubleArray()).containsExactly(-1, -2, -3, -4, -5, -6);
    assertThat(out.more.get(1).toIntArray()).containsExactly(1, 0, 1);
    assertThat(out.name).isEqualTo("n");
  }

  @Test
  void examplesMayLieAlongAnyAxis() {
    Tensor columns =
        Grad.vmap(
                in -> List.of(in.getFirst().mul(in.getLast())),
                List.of(ROWS, of(1, 10, 100)),
                List.of(1, Grad.SHARED),
                List.of(-1))
            .getFirst();
    assertThat(columns.shape()).isEqualTo(Shape.of(3, 2));
    assertThat(columns.toDoubleArray()).containsExactly(1, 2, 30, 40, 500, 600);
  }

  @Test
  void vmapNests() {
    Function<Tensor, Tensor> table = x -> Grad.vmap(y -> x.mul(y).add(1)).apply(of(1, 2, 3));
    Tensor y = Grad.vmap(table).apply(of(10, 20));
    assertThat(y.shape()).isEqualTo(Shape.of(2, 3));
    assertThat(y.toDoubleArray()).containsExactly(11, 21, 31, 21, 41, 61);
    Tensor x = new Draw(1).normal(Shape.of(2, 3, 4), DType.F64);
    Tensor twice = Grad.vmap(Grad.vmap(v -> v.softmax(0).matmul(v))).apply(x);
    Numbers.assertClose("twice", twice, x.softmax(2).mul(x).sum(2), 1e-15);
  }

  // ---- Gradients inside, outside, both

  @Test
  void gradientsOfEachExample() {
    Tensor w = of(2, 3);
    Tensor g = Grad.vmap(x -> Grad.grad(v -> v.matmul(x).square()).apply(w)).apply(ROWS);
    for (int b = 0; b < 3; b++) {
      Tensor x = ROWS.select(0, b);
      Tensor expected = x.mul(x.matmul(w)).mul(2);
      Numbers.assertSame("example " + b, g.select(0, b), expected);
    }
    assertThat(g.isTracked()).isFalse();
  }

  /// ∂/∂w Σ_b |∂/∂w (w·x_b)²|², with the gradients of all examples taken at once.
  @Test
  void gradientsOfEachExampleCanBeDifferentiated() {
    Tensor w = Tensor.parameter(of(2, 3));
    Function<Tensor, Tensor> each =
        x -> Grad.grad(v -> v.matmul(x).square()).apply(w).square().sum();
    Grad.vmap(each).apply(ROWS).sum().backward();
    Tensor all = w.grad();
    w.zeroGrad();
    for (int b = 0; b < 3; b++) {
      each.apply(ROWS.select(0, b)).backward();
    }
    Numbers.assertClose("penalty", all, w.grad(), 1e-15);
  }

  @Test
  void levelsAreNotConfused() {
    // d/dx [x · d/dy (x + y)] = 1, each with vmap around, between and inside.
    Function<Tensor, Tensor> f = x -> x.mul(Grad.grad(y -> x.add(y)).apply(scalar(1)));
    assertThat(Grad.vmap(Grad.grad(f)).apply(of(1, 2)).toDoubleArray()).containsExactly(1, 1);
    assertThat(Grad.grad(x -> Grad.vmap(f).apply(x).sum()).apply(of(1, 2)).toDoubleArray())
        .containsExactly(1, 1);
    Function<Tensor, Tensor> inner =
        x -> x.mul(Grad.vmap(y -> Grad.grad(z -> x.add(z)).apply(y)).apply(of(1, 1)).sum());
    assertThat(Grad.grad(inner).apply(scalar(1)).item()).isEqualTo(2);
    assertThat(Grad.vmap(Grad.grad(inner)).apply(of(1, 5)).toDoubleArray()).containsExactly(2, 2);
  }

  @Test
  void anInnerDerivativeAtAnOuterVariableKeepsItsHistory() {
    // d/dy (x y²) at y = x is 2 x²; its derivative by x is 4 x.
    Function<Tensor, Tensor> f = x -> Grad.grad(y -> x.mul(y).mul(y)).apply(x);
    assertThat(Grad.vmap(Grad.grad(f)).apply(of(1, 3)).toDoubleArray()).containsExactly(4, 12);
    Tensor through = Grad.grad(x -> Grad.vmap(f).apply(x).sum()).apply(of(1, 3));
    assertThat(through.toDoubleArray()).containsExactly(4, 12);
    Tensor w = scalar(3); // captured, at two levels
    Function<Tensor, Tensor> g =
        v -> Grad.vmap(x -> Grad.grad(y -> v.mul(y).mul(x)).apply(v)).apply(of(1, 2)).sum();
    assertThat(Grad.grad(g).apply(w).item()).isEqualTo(3); // d/dv Σ v x
  }

  @Test
  void forwardModeGoesThroughAndInside() {
    Function<Tensor, Tensor> cube = x -> x.mul(x).mul(x).sum();
    Tensor along = Grad.vmap(x -> Grad.jvp(cube, x, of(1, 0)).tangent()).apply(ROWS);
    assertThat(along.toDoubleArray()).containsExactly(3, 27, 75);
    Tensor through =
        Grad.jvp(Grad.vmap(cube), ROWS, Tensor.ones(ROWS.shape(), DType.F64)).tangent();
    assertThat(through.toDoubleArray()).containsExactly(15, 75, 183);
    Tensor hvps = Grad.vmap(x -> Grad.hvp(cube, x, of(1, 10))).apply(ROWS);
    assertThat(hvps.toDoubleArray()).containsExactly(6, 120, 18, 240, 30, 360);
  }

  @Test
  void aPullbackMayBeMapped() {
    var back = Grad.vjp((Tensor x) -> x.square(), of(1, 2));
    Tensor rows = Grad.vmap(back.pull()).apply(Tensor.eye(2, DType.F64));
    assertThat(rows.toDoubleArray()).containsExactly(2, 0, 0, 4);
    assertThat(rows.isTracked()).isFalse();
  }

  // ---- Recording

  @Test
  void theResultHasAHistoryOnlyIfAnInputHas() {
    assertThat(Grad.vmap(x -> x.square()).apply(ROWS).isTracked()).isFalse();
    Tensor p = Tensor.parameter(ROWS);
    assertThat(Grad.vmap(x -> x.square()).apply(p).isTracked()).isTrue();
    assertThat(Grad.without(() -> Grad.vmap(x -> x.square()).apply(p)).isTracked()).isFalse();
  }

  @Test
  void whatStopsTheGradientStopsItAtEveryLevel() {
    Function<Tensor, Tensor> detached = x -> x.mul(x.detach()).sum();
    Function<Tensor, Tensor> without = x -> x.mul(Grad.without(() -> x.mul(1))).sum();
    for (Function<Tensor, Tensor> f : List.of(detached, without)) {
      Tensor through = Grad.grad(x -> Grad.vmap(f).apply(x).sum()).apply(ROWS);
      Numbers.assertSame("through", through, ROWS);
      Numbers.assertSame("inside", Grad.vmap(Grad.grad(f)).apply(ROWS), ROWS);
    }
  }

  @Test
  void gradientsInsideWorkWithoutRecordingOutside() {
    Tensor w = Tensor.parameter(of(1, 1));
    Tensor g =
        Grad.without(
            () -> Grad.vmap(x -> Grad.grad(v -> v.mul(x).square().sum()).apply(w)).apply(ROWS));
    assertThat(g.toDoubleArray()).containsExactly(2, 8, 18, 32, 50, 72);
    assertThat(g.isTracked()).isFalse();
    Tensor again =
        Grad.grad(v ->
                Grad.vmap(x -> Grad.without(() -> Grad.grad(u -> u.mul(x).sum()).apply(v)))
                    .apply(ROWS)
                    .sum()
                    .add(v.sum()))
            .apply(of(1, 1));
    assertThat(again.toDoubleArray()).containsExactly(1, 1);
  }

  // ---- Parameters that the function holds on to

  @Test
  void perExampleGradientsOfParametersInPlace() {
    Tensor w = Tensor.parameter(of(2, 3));
    Tensor g = Grad.vmap(x -> Grad.valueAndGrad(() -> x.matmul(w).square(), w).grads(), ROWS);
    for (int b = 0; b < 3; b++) {
      Tensor x = ROWS.select(0, b);
      Tensor expected = x.mul(x.matmul(w.detach())).mul(2);
      Numbers.assertSame("example " + b, g.select(0, b), expected);
    }
    assertThat(w.hasGrad()).isFalse();
  }

  /// A multilayer perceptron with large and small layers: those of the loop, up to the order of
  /// sums, of which each has at most 300 terms.
  @Test
  void perExampleGradientsOfANetworkAreThoseOfTheLoop() {
    Draw draw = new Draw(3);
    for (DType d : List.of(DType.F64, DType.F32)) {
      List<Tensor> parameters = new ArrayList<>();
      int[] sizes = {300, 40, 17, 5};
      for (int i = 1; i < sizes.length; i++) {
        double scale = Math.sqrt(2.0 / sizes[i - 1]);
        parameters.add(
            Tensor.parameter(draw.normal(Shape.of(sizes[i - 1], sizes[i]), d).mul(scale)));
        parameters.add(Tensor.parameter(draw.normal(Shape.of(sizes[i]), d).mul(0.1)));
      }
      Tensor xs = draw.normal(Shape.of(9, 300), d);
      Tensor labels = draw.whole(0, 5, DType.I32, 9);
      Function<Sample, List<Tensor>> each =
          s -> Grad.valueAndGrad(p -> loss(p, s), parameters).grads();
      List<Tensor> all = Grad.vmap(each, new Sample(xs, labels));
      double eps = d == DType.F32 ? Math.ulp(1f) : Math.ulp(1.0);
      for (int b = 0; b < 9; b++) {
        List<Tensor> one = each.apply(new Sample(xs.select(0, b), labels.select(0, b)));
        for (int k = 0; k < one.size(); k++) {
          Numbers.assertClose("parameter " + k, all.get(k).select(0, b), one.get(k), 300 * eps);
        }
      }
    }
  }

  private static Tensor loss(List<Tensor> p, Sample s) {
    Tensor h = s.x.matmul(p.get(0)).add(p.get(1)).tanh();
    h = h.matmul(p.get(2)).add(p.get(3)).relu();
    return h.matmul(p.get(4)).add(p.get(5)).softmaxCrossEntropy(s.label);
  }

  // ---- Numbers

  @Test
  void numbersOfAnExampleCannotBeRead() {
    String message =
        "a tensor of shape [2], dtype F64 has no numbers here: inside vmap it stands for each of 3 examples; choose between numbers with where(...), or return it and read it outside";
    assertThatThrownBy(() -> Grad.vmap(x -> x.mul(x.toDoubleArray()[0])).apply(ROWS))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(message);
    assertThatThrownBy(() -> Grad.vmap(x -> x.mul(x.sum().item())).apply(ROWS))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("stands for each of 3 examples");
    List<Tensor> leaked = new ArrayList<>();
    Object _ =
        Grad.vmap(
                x -> {
                  leaked.add(x);
                  return x;
                })
            .apply(ROWS);
    assertThatThrownBy(() -> leaked.getFirst().mul(2).toDoubleArray()).hasMessage(message);
  }

  @Test
  void whatAllExamplesShareCanBeRead() {
    Tensor w = of(2, 3);
    Tensor y =
        Grad.vmap(x -> Grad.grad(v -> v.mul(x).sum().mul(v.square().sum().item())).apply(w))
            .apply(ROWS);
    assertThat(y.select(0, 0).toDoubleArray()).containsExactly(13, 26);
  }

  @Test
  void anExamplePrintsAllOfThem() {
    List<String> shown = new ArrayList<>();
    Object _ =
        Grad.vmap(
                x -> {
                  shown.add(x + " " + of(1));
                  return x;
                })
            .apply(ROWS);
    assertThat(shown.getFirst())
        .isEqualTo(
            "Tensor([2], F64, each of 3 examples in vmap: [[1.0, 2.0],\n [3.0, 4.0],\n [5.0, 6.0]]) [1.0]");
  }

  @Test
  void randomNumbersAreDrawnOnceForAll() {
    Rng rng = Rng.of(5);
    Tensor y = Grad.vmap(x -> x.mul(0).add(rng.uniform(x.shape(), DType.F64))).apply(ROWS);
    Numbers.assertSame("noise", y.select(0, 1), y.select(0, 0));
    Numbers.assertSame("noise", y.select(0, 0), Rng.of(5).uniform(Shape.of(2), DType.F64));
  }

  @Test
  void noExamplesGiveNoResults() {
    Tensor none = Tensor.zeros(Shape.of(0, 2), DType.F64);
    assertThat(Grad.vmap(x -> x.matmul(of(1, 2))).apply(none).shape()).isEqualTo(Shape.of(0));
    assertThat(Grad.vmap(Grad.grad(x -> x.softmax(0).square().sum())).apply(none).shape())
        .isEqualTo(Shape.of(0, 2));
    Sliding one = Sliding.over(2, 1, 1, 1, 0, 0);
    Tensor images = Tensor.zeros(Shape.of(0, 1, 1, 2, 2), DType.F64);
    Tensor kernels = Tensor.zeros(Shape.of(0, 3, 1, 1, 1), DType.F64);
    List<Tensor> g =
        Grad.vmap(
            in ->
                Grad.valueAndGrad(
                        x -> Convolution.output(x.get(0), x.get(1), one, one, 1).sum(), in)
                    .grads(),
            List.of(images, kernels));
    assertThat(g.get(0).shape()).isEqualTo(images.shape());
    assertThat(g.get(1).shape()).isEqualTo(kernels.shape());
  }

  // ---- What is refused

  @Test
  void allMappedInputsNeedAsManyExamples() {
    assertThatThrownBy(() -> Grad.vmap(s -> s.x, new Sample(ROWS, Tensor.of(1, 2))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "VMAP: input.x [3, 2] has 3 examples, but input.label [2] has 2; all mapped inputs need as many");
    assertThatThrownBy(() -> Grad.vmap(x -> x).apply(scalar(1)))
        .hasMessage("VMAP: no axis 0 in shape []: a scalar has no axes");
    assertThatThrownBy(() -> Grad.vmap(x -> x, ROWS, List.of(Grad.SHARED), List.of()))
        .hasMessage(
            "VMAP: none of 1 inputs is mapped; give one an axis, or call the function without vmap");
    assertThatThrownBy(() -> Grad.vmap(x -> x, ROWS, List.of(0, 1), List.of()))
        .hasMessage("VMAP: 2 inAxes for 1 tensors; give one each, or none for axis 0 everywhere");
  }

  @Test
  void shapesThatDoNotFitAreSaidOfOneExample() {
    assertThatThrownBy(() -> Grad.vmap(x -> x.add(of(1, 2, 3))).apply(ROWS))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("ADD: cannot broadcast [2] with [3]");
  }

  @Test
  void backwardInsideIsRefused() {
    Tensor w = Tensor.parameter(of(1, 2));
    String cure =
        "inside vmap or replacing this tensor ([], F64) is a constant: nothing recorded in this scope leads to it; differentiate a function of it, as Grad.grad(f) and Grad.valueAndGrad(f, x) do";
    assertThatThrownBy(() ->
            Grad.vmap(
                    x -> {
                      x.mul(w).sum().backward();
                      return x;
                    })
                .apply(ROWS))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("backward: " + cure);
  }

  @Test
  void aParameterFromOutsideCannotHoldAnExample() {
    Tensor w = Tensor.parameter(of(1, 2));
    assertThatThrownBy(() ->
            Grad.vmap(
                    x -> {
                      w.assign(x);
                      return x;
                    })
                .apply(ROWS))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith("assign: inside vmap a result stands for each of many examples");
  }
}
