package org.cotangent.autograd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.cotangent.autograd.backend.Eager;
import org.cotangent.autograd.op.Interpreter;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// Random graphs of up to 20 smooth operations with shared results, fan-out and broadcasting:
/// reverse mode, forward mode, reverse over reverse, forward over reverse and finite differences
/// agree.
class RandomGraphsTest {
  private static final int N = 3;
  private static final Shape SQUARE = Shape.of(N, N);
  private static final int KINDS = 24;

  /// One operation of a graph. Any numbers are valid, so that a failing graph can be shrunk.
  ///
  /// @param kind which operation
  /// @param a counts back from the newest result to the first operand
  /// @param b the same for the second
  record Step(int kind, int a, int b) {}

  @Provide
  Arbitrary<List<Step>> graphs() {
    Arbitrary<Integer> back = Arbitraries.integers().between(0, 6);
    return Combinators.combine(Arbitraries.integers().between(0, KINDS - 1), back, back)
        .as(Step::new)
        .list()
        .ofMinSize(1)
        .ofMaxSize(20);
  }

  /// The value of a graph at its inputs: the sum of its last three results.
  static Tensor run(List<Step> graph, List<Tensor> inputs) {
    List<Tensor> made = new ArrayList<>(inputs);
    for (Step s : graph) {
      made.add(apply(s.kind, operand(made, s.a), operand(made, s.b)));
    }
    Tensor sum = operand(made, 0).sum();
    return sum.add(operand(made, 1).square().sum()).add(operand(made, 2).sin().sum());
  }

  private static Tensor operand(List<Tensor> made, int back) {
    return made.get(made.size() - 1 - Math.min(back, made.size() - 1));
  }

  /// No result is larger than its largest operand or 2, so that no graph, however deep, leaves the
  /// range in which differences are precise.
  private static Tensor apply(int kind, Tensor a, Tensor b) {
    return switch (kind) {
      case 0 -> a.add(b).mul(0.5);
      case 1 -> a.sub(b).mul(0.5);
      case 2 -> a.mul(b.sin());
      case 3 -> a.div(b.square().add(1));
      case 4 -> a.tanh();
      case 5 -> a.sigmoid().add(a.cos().mul(0.5));
      case 6 -> a.square().neg().exp();
      case 7 -> a.softplus().mul(0.5);
      case 8 -> a.square().add(1).log().mul(b.cos());
      case 9 -> a.square().add(1).sqrt().sub(1);
      case 10 -> square(a).matmul(square(b)).tanh();
      case 11 -> square(a).t();
      case 12 -> square(a).mean(0, true); // [1, 3]
      case 13 -> square(a).mean(1, true); // [3, 1]
      case 14 -> a.mean(); // []
      case 15 -> square(a).softmax(0);
      case 16 -> square(a).logSumExp(1, true).sub(1);
      case 17 -> Tensor.concat(0, square(a).slice(0, 1, N), square(b).slice(0, 0, 1));
      case 18 ->
          Tensor.stack(1, square(a).select(0, 0), square(b).select(1, 1), square(a).select(1, 2));
      case 19 -> square(a).flip(1);
      case 20 -> square(a).indexSelect(0, Tensor.of(2, 0, 2));
      case 21 -> Tensor.where(Tensor.eye(N, DType.BOOL), a, b);
      case 22 -> square(a).reshape(N * N).flip(0).reshape(N, N).mul(0.5);
      default -> a.atan2(b.square().add(1));
    };
  }

  private static Tensor square(Tensor x) {
    return x.expand(SQUARE);
  }

  private static List<Tensor> inputs(long seed) {
    Draw draw = new Draw(seed);
    return List.of(
        draw.uniform(-1, 1, N, N),
        draw.uniform(-1, 1, 1, N),
        draw.uniform(-1, 1, N, 1),
        draw.uniform(-1, 1));
  }

  @Property(tries = 150, edgeCases = EdgeCasesMode.NONE)
  void reverseAndForwardModeAgreeWithDifferences(
      @ForAll("graphs") List<Step> graph, @ForAll long seed) {
    // Twenty nested functions have large fifth derivatives: an order less than for single ones.
    GradCheck.standard()
        .tolerance(1e-7)
        .projected(seed)
        .check("graph", in -> run(graph, in), inputs(seed))
        .requirePassed();
  }

  @Property(tries = 60, edgeCases = EdgeCasesMode.NONE)
  void secondDerivativesAgreeWithDifferences(
      @ForAll("graphs") List<Step> graph, @ForAll long seed) {
    GradCheck.standard()
        .tolerance(1e-6)
        .order(2)
        .projected(seed)
        .check("graph", in -> run(graph, in), inputs(seed))
        .requirePassed();
  }

  @Property(tries = 100, edgeCases = EdgeCasesMode.NONE)
  void reverseOverReverseIsForwardOverReverse(
      @ForAll("graphs") List<Step> graph, @ForAll long seed) {
    List<Tensor> in = new ArrayList<>(inputs(seed));
    Tensor x = in.getFirst();
    Tensor v = new Draw(seed + 1).normal(SQUARE, DType.F64);
    Function<Tensor, Tensor> f =
        t -> {
          in.set(0, t);
          return run(graph, in);
        };
    Tensor forwardOverReverse = Grad.hvp(f, x, v);
    Tensor p = Tensor.parameter(x);
    Tensor y = f.apply(p);
    if (!y.isTracked()) {
      assertThat(forwardOverReverse.toDoubleArray()).containsOnly(0);
      return; // a graph whose last results do not use the first input
    }
    Tensor first = Grad.grad(y, List.of(p), Grad.Option.CREATE_GRAPH).getFirst();
    Tensor second =
        first.isTracked()
            ? Grad.grad(first.mul(v).sum(), List.of(p), Grad.Option.ALLOW_UNUSED).getFirst()
            : Tensor.zeros(SQUARE, DType.F64);
    double[] bounds = new double[x.size()];
    double scale = 1 + Numbers.largest(second.toDoubleArray());
    Arrays.fill(bounds, 1e-12 * scale); // a few hundred roundings, some amplified
    Numbers.assertWithin("Hessian times v", forwardOverReverse, second, bounds);
  }

  /// Every intermediate result is visited once, with the sum of all that comes to it.
  @Property(tries = 60, edgeCases = EdgeCasesMode.NONE)
  void backwardGivesWhatTheFunctionalFormGives(
      @ForAll("graphs") List<Step> graph, @ForAll long seed) {
    List<Tensor> leaves = inputs(seed).stream().map(Tensor::parameter).toList();
    Tensor y = run(graph, leaves);
    List<Tensor> expected =
        Grad.grad(y, leaves, Grad.Option.RETAIN_GRAPH, Grad.Option.ALLOW_UNUSED);
    y.backward();
    for (int i = 0; i < leaves.size(); i++) {
      Tensor leaf = leaves.get(i);
      Tensor g = leaf.hasGrad() ? leaf.grad() : Tensor.zeros(leaf.shape(), DType.F64);
      Numbers.assertSame("gradient " + i, g, expected.get(i));
    }
  }

  /// Values that wait for others, and memory that serves again, change not a bit. The first run of
  /// each graph keeps its results while others run, so that memory taken from under it would show.
  @Property(tries = 150, edgeCases = EdgeCasesMode.NONE)
  void waitingForWhatFollowsChangesNoBit(@ForAll("graphs") List<Step> graph, @ForAll long seed) {
    Supplier<List<Tensor>> all =
        () -> {
          List<Tensor> results = new ArrayList<>();
          List<Tensor> leaves = inputs(seed).stream().map(Tensor::parameter).toList();
          for (int times = 0; times < 3; times++) {
            leaves.forEach(Tensor::zeroGrad);
            Tensor y = run(graph, leaves);
            y.backward();
            results.add(y);
            for (Tensor leaf : leaves) {
              if (leaf.hasGrad() && times > 0) { // what nobody asked for serves the next run
                results.add(leaf.grad());
              }
              if (leaf.hasGrad()) {
                Grad.lend(leaf, g -> Fused.assign(leaf, in -> in.get(0).sub(in.get(1)), leaf, g));
              }
            }
          }
          results.addAll(leaves);
          return results;
        };
    var backend = Eager.standard().backend();
    Eager atOnce = Eager.careful(backend, Integer.MAX_VALUE);
    List<Tensor> expected = ScopedValue.where(Interpreter.CURRENT, atOnce).call(all::get);
    List<Tensor> actual =
        ScopedValue.where(Interpreter.CURRENT, Eager.careful(backend, 1)).call(all::get);
    for (int i = 0; i < expected.size(); i++) {
      Numbers.assertSame("result " + i, actual.get(i), expected.get(i));
    }
  }

  /// Compiling changes no bit of values and gradients of order 1 and 2.
  @Property(tries = 150, edgeCases = EdgeCasesMode.NONE)
  void compilingChangesNoBit(@ForAll("graphs") List<Step> graph, @ForAll long seed) {
    Function<List<Tensor>, List<Tensor>> all =
        in -> {
          List<Tensor> results = new ArrayList<>(List.of(run(graph, in)));
          results.add(Grad.grad((Tensor x) -> run(graph, with(in, x))).apply(in.getFirst()));
          results.add(Grad.hvp(x -> run(graph, with(in, x)), in.getFirst(), in.getFirst().cos()));
          return results;
        };
    Jit jit = Jit.compileAll(all);
    for (long s = seed; s < seed + 2; s++) {
      List<Tensor> in = inputs(s);
      List<Tensor> expected = all.apply(in);
      List<Tensor> actual = jit.applyAll(in.toArray(Tensor[]::new));
      for (int i = 0; i < expected.size(); i++) {
        Numbers.assertSame("result " + i, actual.get(i), expected.get(i));
      }
    }
  }

  private static List<Tensor> with(List<Tensor> in, Tensor first) {
    List<Tensor> all = new ArrayList<>(in);
    all.set(0, first);
    return all;
  }

  /// On a batch of inputs, some of which are shared: values, gradients and products with the second
  /// derivative are those of each example, taken inside vmap and through it.
  @Property(tries = 100, edgeCases = EdgeCasesMode.NONE)
  void batchesOfGraphsAreTheirExamples(@ForAll("graphs") List<Step> graph, @ForAll long seed) {
    List<List<Tensor>> examples = new ArrayList<>(List.of(inputs(seed), inputs(seed + 1)));
    List<Tensor> shared = examples.getFirst().subList(2, 4);
    examples.set(1, new ArrayList<>(examples.get(1).subList(0, 2)));
    examples.get(1).addAll(shared);
    List<Tensor> mapped = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      mapped.add(Tensor.stack(0, examples.get(0).get(i), examples.get(1).get(i)));
    }
    Function<List<Tensor>, Tensor> f = in -> run(graph, all(in, shared));
    Function<List<Tensor>, List<Tensor>> gradient = in -> Grad.valueAndGrad(f, in).grads();
    List<Tensor> inside = Grad.vmap(gradient, mapped);
    List<Tensor> through = Grad.valueAndGrad(in -> Grad.vmap(f, in).sum(), mapped).grads();
    List<Tensor> ones = mapped.stream().map(x -> Tensor.ones(x.shape(), x.dtype())).toList();
    List<Tensor> products =
        Grad.vmap(
            in -> Grad.jvp(gradient, in.subList(0, 2), in.subList(2, 4)).tangent(),
            all(mapped, ones));
    for (int b = 0; b < 2; b++) {
      List<Tensor> in = examples.get(b).subList(0, 2);
      List<Tensor> t = in.stream().map(x -> Tensor.ones(x.shape(), x.dtype())).toList();
      List<Tensor> g = gradient.apply(in);
      List<Tensor> hv = Grad.jvp(gradient, in, t).tangent();
      for (int i = 0; i < 2; i++) {
        close("inside " + i, inside.get(i).select(0, b), g.get(i));
        close("through " + i, through.get(i).select(0, b), g.get(i));
        close("product " + i, products.get(i).select(0, b), hv.get(i));
      }
    }
  }

  private static List<Tensor> all(List<Tensor> a, List<Tensor> b) {
    List<Tensor> all = new ArrayList<>(a);
    all.addAll(b);
    return all;
  }

  /// Sums of nine terms in another order, through twenty operations that amplify them a little.
  private static void close(String what, Tensor actual, Tensor expected) {
    double[] bounds = new double[expected.size()];
    Arrays.fill(bounds, 1e-11 * (1 + Numbers.largest(expected.toDoubleArray())));
    Numbers.assertWithin(what, actual, expected, bounds);
  }
}
