package org.cotangent.autograd;

import java.util.Arrays;
import java.util.List;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.cotangent.autograd.shape.Sliding;

/// What a [RandomProgram] can say: every operation of the engine, and what is composed of several
/// in a way of its own.
///
/// Every function takes tensors of any shape, made to fit where they do not; its result is about as
/// large as a number from -2 to 2, so that programs stay in the range in which differences are
/// precise.
final class Vocabulary {
  private Vocabulary() {}

  /// A function of two tensors and a number from 0 to 5; the second may be left aside.
  @FunctionalInterface
  interface Of {
    Tensor apply(Tensor a, Tensor b, int p);
  }

  /// A function and what failures call it.
  record Word(String name, Of f) {}

  private static Word one(String name, UnaryOperator<Tensor> f) {
    return new Word(name, (a, _, _) -> f.apply(a));
  }

  private static Word two(String name, BinaryOperator<Tensor> f) {
    return new Word(name, (a, b, _) -> f.apply(a, RandomProgram.like(a, b)));
  }

  /// A function along an axis of a tensor that has one.
  private static Word along(String name, Of f) {
    return new Word(name, (a, b, p) -> f.apply(some(a), b, p));
  }

  static final List<Word> WORDS =
      List.of(
          one("neg", Tensor::neg),
          one("abs", Tensor::abs),
          one("sign", x -> x.sign().mul(0.1).add(x)),
          one("reciprocal", x -> x.square().add(1).reciprocal()),
          one("square", x -> x.square().mul(0.5).tanh()),
          one("sqrt", x -> x.square().add(0.1).sqrt()),
          one("exp", x -> x.tanh().exp()),
          one("expm1", x -> x.tanh().expm1()),
          one("log", x -> x.square().add(0.5).log()),
          one("log1p", x -> x.square().log1p()),
          one("sin", Tensor::sin),
          one("cos", Tensor::cos),
          one("tan", x -> x.tanh().tan()),
          one("asin", x -> x.tanh().mul(0.9).asin()),
          one("acos", x -> x.tanh().mul(0.9).acos()),
          one("atan", Tensor::atan),
          one("sinh", x -> x.tanh().sinh()),
          one("cosh", x -> x.tanh().cosh()),
          one("tanh", Tensor::tanh),
          one("sigmoid", Tensor::sigmoid),
          one("softplus", x -> x.softplus().mul(0.5)),
          one("relu", Tensor::relu),
          one("floor", x -> x.floor().mul(0.1).add(x)),
          one("ceil", x -> x.ceil().mul(0.1).sub(x)),
          one("round", x -> x.round().mul(0.1).add(x)),
          one("erf", Special::erf),
          one("erfc", Special::erfc),
          one("clamp", x -> x.clamp(-0.5, 0.75)),
          one("cast", x -> x.gt(0.1).to(x.dtype()).add(x).mul(0.5)),
          one("logit", x -> Special.logit(x.sigmoid()).tanh()),
          one("asinh", Special::asinh),
          one("sinc", Special::sinc),
          two("add", (a, b) -> a.add(b).mul(0.5)),
          two("sub", (a, b) -> a.sub(b).mul(0.5)),
          two("mul", (a, b) -> a.mul(b.tanh())),
          two("div", (a, b) -> a.div(b.square().add(1))),
          two("pow", (a, b) -> a.square().add(0.5).pow(b.tanh()).mul(0.5)),
          two("maximum", Tensor::maximum),
          two("minimum", Tensor::minimum),
          two("atan2", (a, b) -> a.atan2(b.square().add(0.5))),
          two("hypot", (a, b) -> Special.hypot(a, b.square().add(0.5)).tanh()),
          two("xlogy", (a, b) -> Special.xlogy(a, b.square().add(0.5)).tanh()),
          two("logAddExp", (a, b) -> Special.logAddExp(a, b).tanh()),
          two("eq", (a, b) -> Tensor.where(a.eq(b), a, b)),
          two("ne", (a, b) -> Tensor.where(a.ne(b), a, b)),
          two("lt", (a, b) -> Tensor.where(a.lt(b).and(b.gt(0)), a, b)),
          two("le", (a, b) -> Tensor.where(a.le(b).or(b.le(0.5)), a, b.mul(0.5))),
          two("gt", (a, b) -> Tensor.where(a.gt(b).xor(b.gt(0)), a, b.mul(0.5))),
          two("ge", (a, b) -> Tensor.where(a.ge(b).not(), a.mul(0.5), b)),
          // Reductions
          along("sum", (a, _, p) -> a.sum(axis(a, p), p % 2 == 0).tanh()),
          along("sum of all", (a, _, _) -> a.sum().tanh()),
          along("max", (a, _, p) -> a.max(axis(a, p), p % 2 == 0)),
          along("min", (a, _, p) -> a.min(axis(a, p), false)),
          along("logSumExp", (a, _, p) -> a.logSumExp(axis(a, p), p % 2 == 1).tanh()),
          along("softmax", (a, _, p) -> a.softmax(axis(a, p))),
          along("logSoftmax", (a, _, p) -> a.logSoftmax(axis(a, p)).tanh()),
          along("prod", (a, _, p) -> a.tanh().prod(axis(a, p), p % 2 == 0)),
          along("var", (a, _, p) -> Statistics.var(a, new int[] {axis(a, p)}, 0, true).tanh()),
          along("moments", (a, _, p) -> moments(a, axis(a, p))),
          along("std", (a, _, p) -> spread(a, axis(a, p))),
          along("normalize", (a, _, p) -> Linalg.normalize(a, axis(a, p))),
          along("layer norm", (a, _, p) -> layerNorm(a, axis(a, p))),
          along("median", (a, _, _) -> Statistics.median(a.flatten())),
          one("vectorNorm", x -> Linalg.vectorNorm(x, 3).tanh()),
          // Order
          along("argMax", (a, _, p) -> largest(a, axis(a, p))),
          along("argSort", (a, _, p) -> sorted(a, axis(a, p), p % 2 == 0)),
          along("cumSum", (a, _, p) -> Cumulative.sum(a, axis(a, p)).tanh()),
          along("cumProd", (a, _, p) -> Cumulative.prod(a.tanh(), axis(a, p))),
          along("cumLogSumExp", (a, _, p) -> Cumulative.logSumExp(a, axis(a, p)).tanh()),
          // Movement
          along("expand", (a, b, _) -> like(some(b), a.shape()).add(a).mul(0.5)),
          one("reshape", x -> x.reshape(1, x.size())),
          one("permute", x -> matrix(x).t()),
          along("slice", (a, _, p) -> a.slice(axis(a, p), 0, Math.max(1, a.dim(axis(a, p)) - 1))),
          along("flip", (a, _, p) -> a.flip(axis(a, p))),
          along("stride", (a, _, p) -> a.slice(axis(a, p), 0, a.dim(axis(a, p)), 2)),
          along("pad", (a, _, p) -> a.pad(axis(a, p), p % 3, 1)),
          along("concat", (a, b, p) -> Tensor.concat(axis(a, p), a, like(some(b), a.shape()))),
          along("gather", (a, _, p) -> a.gather(axis(a, p), positions(a, axis(a, p)))),
          along("scatterAdd", (a, b, p) -> scattered(a, like(some(b), a.shape()), axis(a, p))),
          along("indexSelect", (a, _, p) -> chosen(a, axis(a, p))),
          along("indexAdd", (a, b, p) -> added(a, b, axis(a, p)).mul(0.5)),
          along("roll", (a, _, p) -> Rearrange.roll(a, 1 + p % 2, axis(a, p))),
          along("windows", (a, _, p) -> a.unfold(axis(a, p), Math.min(2, a.dim(axis(a, p))), 1)),
          along("overlapAdd", (a, _, p) -> folded(a, axis(a, p))),
          one("tril", x -> Diagonals.tril(matrix(x), 0)),
          one("diagonal", x -> Diagonals.diagonal(matrix(x), 0)),
          // Products and systems
          new Word("matMul", (a, b, p) -> product(matrix(a), b, p).tanh()),
          new Word("batches", (a, b, _) -> batches(some(a), b).tanh()),
          new Word("outer", (a, b, _) -> Linalg.outer(line(a), line(b)).tanh()),
          new Word("einsum", (a, b, _) -> einsum(matrix(a), b).tanh()),
          one("cholesky", x -> Linalg.cholesky(definite(x)).mul(0.5)),
          new Word("solveTriangular", (a, b, p) -> triangular(definite(a), b, p).tanh()),
          new Word("solve", (a, b, _) -> Linalg.solve(regular(a), sides(regular(a), b)).tanh()),
          one("inv", x -> Linalg.inv(regular(x)).tanh()),
          one("det", x -> Linalg.det(square(x).tanh().mul(0.5)).tanh()),
          one("slogdet", x -> Linalg.slogdet(definite(x)).logabsdet().mul(0.2).tanh()),
          // Networks
          new Word("conv", (a, b, p) -> conv(images(a), b, p).tanh()),
          new Word("transposed conv", (a, b, p) -> transposed(images(a), b, p).tanh()),
          new Word("conv of kernels", (a, b, p) -> kernels(images(a), b, p).tanh()),
          new Word("max pool", (a, _, p) -> pooled(images(a), p)),
          new Word("cross-entropy", (a, _, p) -> crossEntropy(matrix(a), p)),
          new Word(
              "cross-entropy of weights",
              (a, b, _) ->
                  matrix(a).softmaxCrossEntropy(like(b, matrix(a).shape()).sigmoid()).tanh()),
          one("gelu", x -> x.mul(Special.erf(x.mul(Math.sqrt(0.5))).add(1)).mul(0.5)));

  // ---- Tensors that fit

  private static int axis(Tensor a, int p) {
    return p % a.rank();
  }

  /// With an axis at least, and not more than four of them.
  private static Tensor some(Tensor x) {
    return x.rank() == 0 ? x.reshape(1) : x.rank() > 4 ? x.flatten(3) : x;
  }

  private static Tensor line(Tensor x) {
    return x.flatten().slice(0, 0, Math.min(6, x.size()));
  }

  static Tensor matrix(Tensor x) {
    return switch (x.rank()) {
      case 0 -> x.reshape(1, 1);
      case 1 -> x.unsqueeze(0);
      case 2 -> x;
      default -> x.flatten(1);
    };
  }

  /// The numbers of `x` over and over in a given shape.
  private static Tensor like(Tensor x, Shape to) {
    int times = (to.size() + x.size() - 1) / x.size();
    Tensor all = x.flatten().unsqueeze(0).expand(times, x.size()).flatten();
    return all.slice(0, 0, to.size()).reshape(to);
  }

  private static Tensor square(Tensor x) {
    Tensor m = matrix(x);
    int n = Math.min(4, Math.min(m.dim(0), m.dim(1)));
    return m.slice(0, 0, n).slice(1, 0, n);
  }

  /// `M Mᵀ + 1`, well away from singular.
  private static Tensor definite(Tensor x) {
    Tensor m = square(x).tanh();
    return m.matmul(m.t()).add(Tensor.eye(m.dim(0), x.dtype()));
  }

  /// Not symmetric, and diagonally dominant.
  private static Tensor regular(Tensor x) {
    Tensor m = square(x).tanh();
    return m.add(Tensor.eye(m.dim(0), x.dtype()).mul(m.dim(0) + 0.5));
  }

  private static Tensor sides(Tensor a, Tensor b) {
    return like(b, Shape.of(a.dim(0), 2));
  }

  /// Two images of a channel, or one of two.
  private static Tensor images(Tensor x) {
    return like(x, x.size() % 2 == 0 ? Shape.of(2, 1, 4, 3) : Shape.of(1, 2, 3, 4));
  }

  // ---- What takes more than a line

  private static Tensor spread(Tensor a, int axis) {
    return Statistics.var(a, new int[] {axis}, 0, false).add(0.1).sqrt();
  }

  private static Tensor moments(Tensor a, int axis) {
    Statistics.Moments m = Statistics.moments(a, axis);
    return m.mean().add(m.variance().tanh()).mul(0.5);
  }

  private static Tensor layerNorm(Tensor a, int axis) {
    Tensor centred = a.sub(a.mean(axis, true));
    return centred.div(centred.square().mean(axis, true).add(0.1).sqrt());
  }

  private static Tensor largest(Tensor a, int axis) {
    Tensor at = a.argmax(axis);
    Shape kept = a.shape().with(axis, 1);
    return a.gather(axis, at.reshape(kept));
  }

  private static Tensor sorted(Tensor a, int axis, boolean descending) {
    return a.gather(axis, Sorting.argsort(a, axis, descending));
  }

  /// Each position but the last twice, the same for all lines.
  private static Tensor positions(Tensor a, int axis) {
    int n = a.dim(axis);
    Tensor at = Tensor.arange(n).mul(2).clamp(0, n - 1).to(DType.I64);
    int[] dims = new int[a.rank()];
    Arrays.fill(dims, 1);
    dims[axis] = n;
    return at.reshape(dims).expand(a.shape());
  }

  private static Tensor scattered(Tensor a, Tensor b, int axis) {
    return a.scatterAdd(axis, positions(a, axis), b).tanh();
  }

  private static Tensor chosen(Tensor a, int axis) {
    return a.indexSelect(axis, Tensor.of(0, a.dim(axis) - 1, 0));
  }

  private static Tensor added(Tensor a, Tensor b, int axis) {
    int n = a.dim(axis);
    Tensor source = like(b, a.shape().with(axis, 3));
    return Indexing.add(a, axis, Tensor.of(n - 1, 0, n - 1), source, 0.5);
  }

  private static Tensor folded(Tensor a, int axis) {
    int n = a.dim(axis);
    return a.unfold(axis, Math.min(2, n), 1).sin().fold(axis, n, 1, 1).tanh();
  }

  private static Tensor product(Tensor a, Tensor b, int p) {
    Tensor w = like(b, p < 3 ? Shape.of(a.dim(1), 2) : Shape.of(2, a.dim(1)));
    return a.matmul(p < 3 ? w : w.t()).mul(0.5);
  }

  private static Tensor batches(Tensor a, Tensor b) {
    Tensor x = like(a, Shape.of(3, 2, 4));
    return x.matmul(like(b, Shape.of(4, 2))).add(x.matmul(like(b, Shape.of(3, 4, 2)))).mul(0.5);
  }

  private static Tensor einsum(Tensor a, Tensor b) {
    Tensor other = like(b, Shape.of(2, a.dim(1)));
    return Linalg.einsum("ij,kj->ki", a, other).mul(0.5);
  }

  private static Tensor triangular(Tensor a, Tensor b, int p) {
    boolean left = p < 3;
    Tensor x = left ? sides(a, b) : sides(a, b).t();
    return Linalg.solveTriangular(a, x, p % 2 == 0, left, p % 3 == 0);
  }

  private static Sliding rows(Tensor x, int p) {
    return Sliding.over(x.dim(2), 2, 1 + p % 2, 1, 1, 0);
  }

  private static Sliding columns(Tensor x, int p) {
    return Sliding.over(x.dim(3), 2, 1, 1 + p / 3, 1, 1);
  }

  private static int groups(Tensor x, int p) {
    return p % 3 == 0 ? x.dim(1) : 1;
  }

  private static Tensor conv(Tensor x, Tensor b, int p) {
    Tensor w = like(b, Shape.of(2, x.dim(1) / groups(x, p), 2, 2));
    return Convolution.output(x, w, rows(x, p), columns(x, p), groups(x, p)).mul(0.5);
  }

  private static Tensor output(Tensor x, Tensor b, int p) {
    return like(b, Shape.of(x.dim(0), 2, rows(x, p).output(), columns(x, p).output()));
  }

  private static Tensor transposed(Tensor x, Tensor b, int p) {
    Tensor w = like(x, Shape.of(2, x.dim(1) / groups(x, p), 2, 2));
    return Convolution.input(output(x, b, p), w, rows(x, p), columns(x, p), groups(x, p)).mul(0.5);
  }

  private static Tensor kernels(Tensor x, Tensor b, int p) {
    return Convolution.kernels(x, output(x, b, p), rows(x, p), columns(x, p), groups(x, p))
        .mul(0.2);
  }

  private static Tensor pooled(Tensor x, int p) {
    Tensor at = Convolution.argMaxPool(x, rows(x, p), columns(x, p));
    return x.flatten(2).gather(2, at.flatten(2)).reshape(at.shape());
  }

  private static Tensor crossEntropy(Tensor a, int p) {
    Tensor labels = Tensor.arange(a.dim(0)).add(p).to(DType.F64);
    Tensor turns = labels.div(a.dim(1)).floor().mul(a.dim(1));
    return a.softmaxCrossEntropy(labels.sub(turns).to(DType.I32)).tanh();
  }
}
