package org.cotangent.autograd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;
import org.cotangent.autograd.backend.Eager;
import org.cotangent.autograd.op.Interpreter;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.op.Value;
import org.cotangent.autograd.shape.DType;
import org.junit.jupiter.api.Test;

/// Random functions of the whole vocabulary, up to fifty operations long, on random shapes: reverse
/// and forward mode, both ways to second derivatives, compiled, batched and differences agree.
class RandomVocabularyTest {
  @Provide
  Arbitrary<RandomProgram> programs() {
    return RandomProgram.any(50);
  }

  @Provide
  Arbitrary<RandomProgram> shortOnes() {
    return RandomProgram.any(12);
  }

  @Property(tries = 40, edgeCases = EdgeCasesMode.NONE)
  void allWaysAgree(@ForAll("shortOnes") RandomProgram f, @ForAll long seed) {
    check(f, seed);
  }

  /// `-Djqwik.tries.default` says how many.
  @Tag("slow")
  @Property(edgeCases = EdgeCasesMode.NONE)
  void allWaysAgreeForLongPrograms(@ForAll("programs") RandomProgram f, @ForAll long seed) {
    check(f, seed);
  }

  @Tag("slow")
  @Property(edgeCases = EdgeCasesMode.NONE)
  void allWaysAgreeForShortPrograms(@ForAll("shortOnes") RandomProgram f, @ForAll long seed) {
    check(f, seed);
  }

  // ---- The ways

  /// Two orders of the same sums, through fifty operations that amplify them.
  private static final double CLOSE = 1e-9;

  static void check(RandomProgram f, long seed) {
    List<Tensor> in = RandomProgram.inputs(seed, seed);
    List<Tensor> v = RandomProgram.inputs(seed, seed + 1);
    Function<List<Tensor>, List<Tensor>> gradients = x -> Grad.valueAndGrad(f::apply, x).grads();
    List<Tensor> g = gradients.apply(in);
    double size = 1 + norm(g) * norm(v);

    Grad.ValueAndTangent<Tensor> forward = Grad.jvp(f::apply, in, v);
    double slope = dot(g, v);
    near("forward mode", forward.tangent().item(), slope, CLOSE * size);

    List<Tensor> product = Grad.jvp(gradients, in, v).tangent();
    List<Tensor> twice = Grad.valueAndGrad(x -> inner(gradients.apply(x), v), in).grads();
    double size2 = 1 + norm(product) + norm(g);
    for (int i = 0; i < in.size(); i++) {
      Numbers.assertClose(
          "reverse over reverse " + i,
          twice.get(i).sub(product.get(i)).add(size2),
          Tensor.full(in.get(i).shape(), size2, DType.F64),
          CLOSE);
    }

    differences(
        "first derivative", slope, CLOSE_TO_DIFFERENCES * size, at -> f.apply(at).item(), in, v);
    List<Tensor> u = RandomProgram.inputs(seed, seed + 2);
    differences(
        "second derivative",
        dot(product, u),
        CLOSE_TO_DIFFERENCES * (1 + size2 * norm(u)),
        at -> dot(gradients.apply(at), u),
        in,
        v);

    Function<List<Tensor>, List<Tensor>> all =
        x -> {
          List<Tensor> results = new ArrayList<>(List.of(f.apply(x)));
          results.addAll(gradients.apply(x));
          results.addAll(Grad.jvp(gradients, x, v).tangent());
          return results;
        };
    List<Tensor> expected = all.apply(in);
    List<Tensor> compiled = Jit.compileAll(all).applyAll(in.toArray(Tensor[]::new));
    for (int i = 0; i < expected.size(); i++) {
      Numbers.assertSame("compiled, result " + i, compiled.get(i), expected.get(i));
    }
    batched(all, in, v, expected);
  }

  private static void batched(
      Function<List<Tensor>, List<Tensor>> all,
      List<Tensor> in,
      List<Tensor> other,
      List<Tensor> expected) {
    List<Tensor> stacked = new ArrayList<>();
    for (int i = 0; i < in.size(); i++) {
      stacked.add(Tensor.stack(0, in.get(i), other.get(i)));
    }
    List<Tensor> actual = Grad.vmap(all, stacked);
    List<Tensor> second = all.apply(other);
    for (int i = 0; i < expected.size(); i++) {
      for (int b = 0; b < 2; b++) {
        Tensor one = (b == 0 ? expected : second).get(i);
        double size = 1 + Numbers.largest(one.toDoubleArray());
        Numbers.assertClose(
            "example %d, result %d".formatted(b, i),
            actual.get(i).select(0, b).sub(one).add(size),
            Tensor.full(one.shape(), size, DType.F64),
            CLOSE);
      }
    }
  }

  // ---- Differences

  private static final double STEP = 1e-3;
  private static final double CLOSE_TO_DIFFERENCES = 1e-5;

  /// Compares with differences of two steps, where these agree: else there is a kink nearby.
  private static void differences(
      String what,
      double actual,
      double bound,
      ToDoubleFunction<List<Tensor>> f,
      List<Tensor> in,
      List<Tensor> v) {
    double wide = difference(f, in, v, STEP);
    double narrow = difference(f, in, v, STEP / 2);
    double narrower = difference(f, in, v, STEP / 4);
    if (Math.abs(wide - narrow) < bound / 10 && Math.abs(narrow - narrower) < bound / 10) {
      near(what, actual, narrow, bound);
    }
  }

  /// Exact for polynomials of degree four.
  private static double difference(
      ToDoubleFunction<List<Tensor>> f, List<Tensor> in, List<Tensor> v, double h) {
    double near = at(f, in, v, h) - at(f, in, v, -h);
    double far = at(f, in, v, 2 * h) - at(f, in, v, -2 * h);
    return (8 * near - far) / (12 * h);
  }

  private static double at(
      ToDoubleFunction<List<Tensor>> f, List<Tensor> in, List<Tensor> v, double h) {
    List<Tensor> moved = new ArrayList<>();
    for (int i = 0; i < in.size(); i++) {
      moved.add(in.get(i).add(v.get(i).mul(h)));
    }
    return f.applyAsDouble(moved);
  }

  private static void near(String what, double actual, double expected, double bound) {
    assertThat(Math.abs(actual - expected))
        .as("%s: %s instead of %s", what, actual, expected)
        .isLessThanOrEqualTo(bound);
  }

  private static Tensor inner(List<Tensor> a, List<Tensor> b) {
    Tensor sum = Tensor.zeros(DType.F64);
    for (int i = 0; i < a.size(); i++) {
      sum = sum.add(a.get(i).mul(b.get(i)).sum());
    }
    return sum;
  }

  private static double dot(List<Tensor> a, List<Tensor> b) {
    return inner(a, b).item();
  }

  private static double norm(List<Tensor> a) {
    return Math.sqrt(dot(a, a));
  }

  // ---- Nothing is left out

  @Test
  void everyOperationIsGenerated() {
    Set<String> seen = new HashSet<>();
    Interpreter listening =
        new Interpreter() {
          @Override
          public Value apply(Op op, Value... in) {
            seen.add(name(op));
            return Eager.standard().apply(op, in);
          }

          @Override
          public Value constant(double v, DType dtype) {
            return Eager.standard().constant(v, dtype);
          }
        };
    for (int kind = 0; kind < RandomProgram.KINDS; kind++) {
      for (int p = 0; p < 6; p++) {
        RandomProgram f = new RandomProgram(List.of(new RandomProgram.Step(kind, 2, 4, p)));
        ScopedValue.where(Interpreter.CURRENT, listening)
            .run(() -> f.apply(RandomProgram.inputs(1)));
      }
    }
    Set<String> all = new HashSet<>();
    OpSamples.kinds().forEach(op -> all.add(name(op)));
    for (Op.Conv.Kind kind : Op.Conv.Kind.values()) {
      all.add("Conv " + kind);
    }
    all.removeAll(seen);
    assertThat(all).as("operations that no word of the Vocabulary uses").isEmpty();
  }

  private static String name(Op op) {
    return op instanceof Op.Conv c
        ? "Conv " + c.kind()
        : op instanceof Enum<?> e ? e.name() : op.getClass().getSimpleName();
  }
}
