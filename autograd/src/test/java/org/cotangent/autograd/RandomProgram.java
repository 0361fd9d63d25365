package org.cotangent.autograd;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// A random function of tensors of random shapes, up to fifty operations long.
///
/// Any numbers make a valid one, so that a failing one can be shrunk: operands that do not fit are
/// made to fit. Values stay near 1 however deep it is.
///
/// @param steps its operations
record RandomProgram(List<Step> steps) {
  private static final int OWN = 26;

  /// How many functions a step chooses from: those of this class, and the [Vocabulary].
  static final int KINDS = OWN + Vocabulary.WORDS.size();

  /// Results are cut down to so many numbers: what fails is found with few as well as with many.
  private static final int LARGEST = 96;

  /// One operation.
  ///
  /// @param kind which
  /// @param a counts back from the newest result to the first operand
  /// @param b the same for the second
  /// @param p what else it needs: an axis, an extent
  record Step(int kind, int a, int b, int p) {
    @Override
    public String toString() {
      return "%s(%d, %d, %d)".formatted(kind < OWN ? kind : word(), a, b, p);
    }

    private String word() {
      return "%d %s".formatted(kind, Vocabulary.WORDS.get(kind - OWN).name());
    }
  }

  static Arbitrary<RandomProgram> any(int longest) {
    return Combinators.combine(
            Arbitraries.integers().between(0, KINDS - 1),
            Arbitraries.integers().between(0, 9),
            Arbitraries.integers().between(0, 9),
            Arbitraries.integers().between(0, 5))
        .as(Step::new)
        .list()
        .ofMinSize(1)
        .ofMaxSize(longest)
        .map(RandomProgram::new);
  }

  /// Operands of different ranks and extents.
  static List<Tensor> inputs(long seed) {
    Draw draw = new Draw(seed);
    return List.of(
        draw.uniform(-1, 1, 4, 5),
        draw.uniform(-1, 1, 5),
        draw.uniform(-1, 1, 2, 4, 5),
        draw.uniform(-1, 1, 7, 3),
        draw.uniform(-1, 1));
  }

  /// Operands of random ranks and extents, which `shapes` alone decides.
  static List<Tensor> inputs(long shapes, long seed) {
    Rng rng = Rng.of(shapes);
    Draw draw = new Draw(seed);
    List<Tensor> in = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      int[] dims = new int[rng.nextInt(4)];
      Arrays.setAll(dims, _ -> 1 + rng.nextInt(5));
      in.add(draw.uniform(-1, 1, dims));
    }
    return in;
  }

  /// The sum of squares of its last results.
  Tensor apply(List<Tensor> in) {
    List<Tensor> made = new ArrayList<>(in);
    for (Step s : steps) {
      made.add(small(apply(s, operand(made, s.a), operand(made, s.b))));
    }
    Tensor sum = operand(made, 0).square().mean();
    for (int k = 1; k < 4; k++) {
      sum = sum.add(operand(made, k).square().mean());
    }
    return sum;
  }

  private static Tensor operand(List<Tensor> made, int back) {
    return made.get(made.size() - 1 - Math.min(back, made.size() - 1));
  }

  private static Tensor apply(Step s, Tensor a, Tensor b) {
    int axis = a.rank() == 0 ? 0 : s.p % a.rank();
    Tensor c = like(a, b);
    return switch (s.kind) {
      case 0 -> a.add(c).mul(0.5);
      case 1 -> a.sub(c).mul(0.5);
      case 2 -> a.mul(c.sin());
      case 3 -> a.div(c.square().add(1));
      case 4 -> a.tanh();
      case 5 -> a.sigmoid();
      case 6 -> a.square().neg().exp();
      case 7 -> a.softplus().mul(0.5);
      case 8 -> a.relu();
      case 9 -> a.maximum(c);
      case 10 -> Tensor.where(a.gt(c), a, c.mul(0.5));
      case 11 ->
          Vocabulary.matrix(a).matmul(b.mean().expand(Vocabulary.matrix(a).dim(1), 3)).tanh();
      case 12 -> Vocabulary.matrix(a).matmul(Vocabulary.matrix(a).t()).tanh();
      case 13 -> Vocabulary.matrix(a).t();
      case 14 -> a.rank() == 0 ? a : a.mean(axis, s.p % 2 == 0);
      case 15 -> a.mean();
      case 16 -> a.rank() == 0 ? a : a.softmax(axis);
      case 17 -> a.rank() == 0 ? a : a.logSumExp(axis, true).tanh();
      case 18 -> a.rank() == 0 ? a : a.max(axis, false);
      case 19 -> a.rank() == 0 ? a : a.flip(axis);
      case 20 -> a.rank() == 0 ? a : a.slice(axis, 0, Math.max(1, a.dim(axis) - 1));
      case 21 ->
          a.rank() == 0 ? a : Tensor.concat(axis, a, a.mul(0.5)).slice(axis, 1, 1 + a.dim(axis));
      case 22 -> a.rank() == 0 ? a : a.indexSelect(axis, Tensor.of(0, a.dim(axis) - 1, 0));
      case 23 -> a.flatten();
      case 24 ->
          Vocabulary.matrix(a)
              .softmaxCrossEntropy(Tensor.zeros(Shape.of(Vocabulary.matrix(a).dim(0)), DType.I32));
      case 25 -> a.clamp(-0.5, 0.75).add(a.abs().mul(0.25));
      default -> Vocabulary.WORDS.get(s.kind - OWN).f().apply(a, b, s.p);
    };
  }

  /// `b` if it broadcasts to the shape of `a`, else one number of it.
  static Tensor like(Tensor a, Tensor b) {
    return b.shape().broadcastsTo(a.shape()) ? b : b.mean();
  }

  private static Tensor small(Tensor x) {
    Tensor y = x;
    while (y.size() > LARGEST) {
      int longest = 0;
      for (int axis = 1; axis < y.rank(); axis++) {
        longest = y.dim(axis) > y.dim(longest) ? axis : longest;
      }
      y = y.slice(longest, 0, (y.dim(longest) + 1) / 2);
    }
    return y;
  }
}
