package org.cotangent.autograd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import org.cotangent.autograd.OpSample.Kind;
import org.cotangent.autograd.shape.DType;

/// What every rule of the table must obey, whatever it computes.
class OpRulesTest {
  private static final double EPS = Math.ulp(1.0);

  /// `<u, J v> = <Jᵀ u, v>`: the two modes are transposes of each other. The sums have a few
  /// thousand terms at most, each with a few roundings, of which most cancel.
  @Property(tries = 3, shrinking = ShrinkingMode.OFF)
  void forwardModeIsTheTransposeOfReverseMode(@ForAll long seed) {
    OpSamples.check(
        seed,
        OpSample::isDifferentiable,
        s -> {
          Draw draw = new Draw(seed);
          Tensor y = s.apply();
          Tensor u = draw.normal(y.shape(), y.dtype());
          List<Tensor> v = s.floating().stream().map(i -> direction(s.in().get(i), draw)).toList();
          Tensor tangent = Walks.tangent(s, v);
          List<Tensor> gradients = Walks.gradients(s, u);
          boolean finite = Walks.isFinite(tangent) && gradients.stream().allMatch(Walks::isFinite);
          if (!finite && s.kind() == Kind.HARD) {
            return; // 0 · ∞ has no transpose
          }
          double sum = 0;
          double size = Numbers.dot(u.abs(), tangent.abs());
          for (int k = 0; k < v.size(); k++) {
            sum += Numbers.dot(gradients.get(k), v.get(k));
            size += Numbers.dot(gradients.get(k).abs(), v.get(k).abs());
          }
          double eps = y.dtype() == DType.F32 ? Math.ulp(1f) : EPS;
          assertThat(Math.abs(Numbers.dot(u, tangent) - sum)).isLessThanOrEqualTo(64 * eps * size);
        });
  }

  private static Tensor direction(Tensor x, Draw draw) {
    return draw.normal(x.shape(), x.dtype());
  }

  @Property(tries = 3, shrinking = ShrinkingMode.OFF)
  void gradientsAreLinearInTheCotangent(@ForAll long seed) {
    OpSamples.check(
        seed,
        s -> s.kind() == Kind.SMOOTH,
        s -> {
          Draw draw = new Draw(seed);
          Tensor y = s.apply();
          Tensor g1 = draw.normal(y.shape(), y.dtype());
          Tensor g2 = draw.normal(y.shape(), y.dtype());
          List<Tensor> together = Walks.gradients(s, g1.mul(2).add(g2.mul(-3)));
          List<Tensor> first = Walks.gradients(s, g1);
          List<Tensor> second = Walks.gradients(s, g2);
          List<Tensor> sizes = sizes(s, g1.abs().mul(2).add(g2.abs().mul(3)));
          for (int k = 0; k < together.size(); k++) {
            Tensor apart = first.get(k).mul(2).add(second.get(k).mul(-3));
            double scale = 1 + Numbers.largest(sizes.get(k).toDoubleArray());
            double[] bounds = new double[apart.size()];
            Arrays.fill(bounds, 64 * EPS * scale * Math.max(1, Math.sqrt(y.size())));
            Numbers.assertWithin("gradient " + k, together.get(k), apart, bounds);
          }
        });
  }

  /// Gradients for a cotangent of the size of both together, which say how large the terms are.
  private static List<Tensor> sizes(OpSample s, Tensor g) {
    return Walks.gradients(s, g);
  }

  @Property(tries = 2, shrinking = ShrinkingMode.OFF)
  void aZeroCotangentGivesExactlyZero(@ForAll long seed) {
    OpSamples.check(
        seed,
        s -> s.kind() == Kind.SMOOTH,
        s -> {
          Tensor y = s.apply();
          for (Tensor g : Walks.gradients(s, Tensor.zeros(y.shape(), y.dtype()))) {
            for (double v : g.toDoubleArray()) {
              assertThat(v).isZero();
            }
          }
        });
  }

  @Property(tries = 3, shrinking = ShrinkingMode.OFF)
  void aGradientDoesNotDependOnWhoElseAsksForOne(@ForAll long seed) {
    OpSamples.check(
        seed,
        OpSample::isDifferentiable,
        s -> {
          Tensor y = s.apply();
          Tensor g = new Draw(seed).normal(y.shape(), y.dtype());
          List<Tensor> all = Walks.gradients(s, g);
          List<Integer> floating = s.floating();
          for (int mask : s.masks()) {
            List<Tensor> some = Walks.gradients(s, mask, g);
            int next = 0;
            for (int k = 0; k < floating.size(); k++) {
              if ((mask >> floating.get(k) & 1) != 0) {
                Numbers.assertSame(
                    "gradient %d of mask %d".formatted(k, mask), some.get(next++), all.get(k));
              }
            }
          }
        });
  }

  /// What a rule did not declare in `Derivatives.reads` is not there ([Node.Unsaved]) and throws.
  @Property(tries = 2, shrinking = ShrinkingMode.OFF)
  void rulesReadOnlyWhatTheyDeclareAtFirstAndSecondOrder(@ForAll long seed) {
    OpSamples.check(
        seed,
        OpSample::isDifferentiable,
        s -> {
          for (int mask : s.masks()) {
            List<Tensor> second = Walks.second(s, mask, new Draw(seed));
            for (Tensor t : second) {
              assertThat(s.kind() != Kind.SMOOTH || Walks.isFinite(t)).isTrue();
            }
          }
        });
  }

  @Property(tries = 2, shrinking = ShrinkingMode.OFF)
  void operandsAndCotangentsAreNeverWrittenTo(@ForAll long seed) {
    OpSamples.check(
        seed,
        _ -> true,
        s -> {
          List<Tensor> before = s.in().stream().map(Bounds::copy).toList();
          Tensor y = s.apply();
          if (s.isDifferentiable()) {
            Tensor g = new Draw(seed).normal(y.shape(), y.dtype());
            Tensor gBefore = Bounds.copy(g);
            Tensor yBefore = Bounds.copy(y);
            List<Tensor> first = Walks.gradients(s, g);
            List<Tensor> firstBefore = first.stream().map(Bounds::copy).toList();
            Walks.tangent(s, s.floating().stream().map(i -> s.in().get(i)).toList());
            Walks.second(s, Walks.all(s), new Draw(seed));
            Numbers.assertSame("the cotangent", g, gBefore);
            Numbers.assertSame("the result", y, yBefore);
            for (int k = 0; k < first.size(); k++) {
              Numbers.assertSame("gradient " + k, first.get(k), firstBefore.get(k));
            }
          }
          for (int i = 0; i < before.size(); i++) {
            Numbers.assertSame("operand " + i, s.in().get(i), before.get(i));
          }
        });
  }

  /// The operands are floats, so both start from the same numbers. Gradients are sums of up to 65
  /// terms with a few roundings each; where they cancel, the terms, about 1 in size, set the scale.
  @Property(tries = 3, shrinking = ShrinkingMode.OFF)
  void gradientsOfFloatsAgreeWithThoseOfDoubles(@ForAll long seed) {
    OpSamples.check(
        seed,
        s -> s.kind() == Kind.SMOOTH,
        s -> {
          OpSample floats = s.in(DType.F32);
          OpSample doubles = floats.in(DType.F64);
          Tensor y = doubles.apply();
          Tensor g = new Draw(seed).normal(y.shape(), DType.F32);
          DType resultOfFloats = floats.apply().dtype();
          List<Tensor> expected = Walks.gradients(doubles, g.to(y.dtype()));
          List<Tensor> actual = Walks.gradients(floats, g.to(resultOfFloats));
          for (int k = 0; k < expected.size(); k++) {
            double[] bounds = new double[expected.get(k).size()];
            double scale = 1 + Numbers.largest(expected.get(k).toDoubleArray());
            Arrays.fill(bounds, 64 * Math.ulp(1f) * scale);
            Numbers.assertWithin(
                "gradient " + k, actual.get(k).to(DType.F64), expected.get(k), bounds);
          }
        });
  }

  @Property(tries = 2, shrinking = ShrinkingMode.OFF)
  void resultsOfIntegersAndTruthValuesHaveNoHistory(@ForAll long seed) {
    OpSamples.check(
        seed,
        s -> !s.isDifferentiable(),
        s -> {
          List<Tensor> in = new ArrayList<>(s.parameters(Walks.all(s)));
          assertThat(s.apply(in).isTracked()).isFalse();
        });
  }
}
