package org.cotangent.autograd;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What is one operation, and the same written out in simpler ones, have the same value and the
/// same first, second and third derivatives. Fused normalisations are where other engines go wrong
/// at the third.
class FusedEqualsComposedTest {
  /// Rounding grows by about a digit an order; the functions are of size 1 with derivatives up to
  /// some hundreds.
  private static final double[] CLOSE = {1e-14, 1e-13, 1e-12, 1e-11};

  private static final Draw DRAW = new Draw(11);
  private static final Tensor CLASSES = DRAW.whole(0, 7, DType.I32, 5);
  private static final Tensor WEIGHTS = DRAW.uniform(0, 1, 5, 7);

  /// A function in two ways, of a `[5, 7]`.
  record Pair(String name, Function<Tensor, Tensor> fused, Function<Tensor, Tensor> composed) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Tensor exps(Tensor x) {
    return x.exp().sum(1, true);
  }

  private static Tensor crossEntropy(Tensor x, Tensor t) {
    return t.mul(x.sub(exps(x).log())).sum(1).neg();
  }

  static List<Pair> pairs() {
    return List.of(
        new Pair("softmax", x -> x.softmax(1), x -> x.exp().div(exps(x))),
        new Pair("softmax of columns", x -> x.softmax(0), x -> x.exp().div(x.exp().sum(0, true))),
        new Pair("logSumExp", x -> x.logSumExp(1), x -> x.exp().sum(1).log()),
        new Pair("logSoftmax", x -> x.logSoftmax(1), x -> x.sub(exps(x).log())),
        new Pair(
            "cross-entropy of classes",
            x -> x.softmaxCrossEntropy(CLASSES),
            x -> crossEntropy(x, CLASSES.oneHot(7, DType.F64))),
        new Pair(
            "cross-entropy of weights",
            x -> x.softmaxCrossEntropy(WEIGHTS),
            x -> crossEntropy(x, WEIGHTS)),
        new Pair(
            "cross-entropy by its weights",
            w -> WEIGHTS.softmaxCrossEntropy(w),
            w -> crossEntropy(WEIGHTS, w)),
        new Pair("sigmoid", Tensor::sigmoid, x -> x.neg().exp().add(1).reciprocal()),
        new Pair("softplus", Tensor::softplus, x -> x.exp().add(1).log()),
        new Pair("tanh", Tensor::tanh, x -> x.mul(2).sigmoid().mul(2).sub(1)),
        new Pair("expm1", Tensor::expm1, x -> x.exp().sub(1)),
        new Pair("log1p", x -> x.square().log1p(), x -> x.square().add(1).log()),
        new Pair("reciprocal", x -> x.cosh().reciprocal(), x -> x.cosh().pow(-1)),
        new Pair("square", Tensor::square, x -> x.mul(x)),
        new Pair("sqrt", x -> x.cosh().sqrt(), x -> x.cosh().pow(0.5)),
        new Pair("matmul", x -> x.matmul(x.t()), x -> x.unsqueeze(1).mul(x.unsqueeze(0)).sum(2)),
        new Pair(
            "moments of rows",
            x -> Recording.apply(new Op.Moments(Shape.of(5, 1)), x),
            x -> composedMoments(x, 1)),
        new Pair(
            "normalised columns",
            FusedEqualsComposedTest::normalised,
            x -> {
              Tensor both = composedMoments(x, 0);
              return x.sub(both.select(0, 0)).mul(both.select(0, 1).add(0.1).rsqrt());
            }),
        new Pair(
            "a fused chain",
            x -> Fused.apply(in -> swish(in.getFirst()), x),
            FusedEqualsComposedTest::swish));
  }

  private static Tensor normalised(Tensor x) {
    Statistics.Moments m = Statistics.moments(x, 0);
    return x.sub(m.mean()).mul(m.variance().add(0.1).rsqrt());
  }

  private static Tensor composedMoments(Tensor x, int axis) {
    Tensor mean = x.mean(new int[] {axis}, true);
    return Tensor.stack(0, mean, x.sub(mean).square().mean(new int[] {axis}, true));
  }

  private static Tensor swish(Tensor x) {
    return x.mul(x.sigmoid()).add(x.square().mul(0.1));
  }

  /// The value, and the derivatives along random directions: at each order the gradient of the
  /// order before, dotted with a direction.
  private static List<Tensor> orders(Function<Tensor, Tensor> f, Tensor x) {
    Draw draw = new Draw(12);
    List<Tensor> all = new ArrayList<>(List.of(f.apply(x)));
    Tensor w = draw.normal(all.getFirst().shape(), DType.F64);
    Function<Tensor, Tensor> scalar = t -> f.apply(t).mul(w).sum();
    for (int order = 1; order < CLOSE.length; order++) {
      Function<Tensor, Tensor> gradient = Grad.grad(scalar);
      all.add(gradient.apply(x));
      Tensor v = draw.normal(x.shape(), DType.F64);
      scalar = t -> gradient.apply(t).mul(v).sum();
    }
    return all;
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void atOrdersZeroToThree(Pair p) {
    Tensor x = new Draw(13).normal(Shape.of(5, 7), DType.F64);
    List<Tensor> fused = orders(p.fused, x);
    List<Tensor> composed = orders(p.composed, x);
    for (int order = 0; order < CLOSE.length; order++) {
      Numbers.assertClose("order " + order, fused.get(order), composed.get(order), CLOSE[order]);
    }
  }

  /// The same on a batch: inside vmap no rule runs as one kernel.
  @ParameterizedTest
  @MethodSource("pairs")
  void alsoInsideVmap(Pair p) {
    Tensor xs = new Draw(14).normal(Shape.of(2, 5, 7), DType.F64);
    for (int order = 0; order < CLOSE.length; order++) {
      int k = order;
      Tensor all = Grad.vmap(x -> orders(p.fused, x).get(k)).apply(xs);
      for (int b = 0; b < 2; b++) {
        Tensor expected = orders(p.composed, xs.select(0, b)).get(k);
        Numbers.assertClose("order " + order, all.select(0, b), expected, 4 * CLOSE[order]);
      }
    }
  }
}
