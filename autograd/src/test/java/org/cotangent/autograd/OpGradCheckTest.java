package org.cotangent.autograd;

import java.util.List;
import java.util.function.Function;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import org.cotangent.autograd.OpSample.Kind;
import org.cotangent.autograd.op.Op;

/// Every operation's derivatives against finite differences, in reverse and forward mode.
class OpGradCheckTest {
  /// Five-point differences with h = ε^(1/5) are off by about ε/h = 3e-13 times the size of the
  /// function, and by h⁴/30 = 1e-14 times its fifth derivative, which the samples keep below 1e4.
  private static final double FIRST = 1e-8;

  private static final int SMALL = 13;
  private static final int LARGE = 2500;

  @Property(tries = 2, shrinking = ShrinkingMode.OFF)
  void everyElementOfEveryJacobianIsRight(@ForAll long seed) {
    GradCheck check = GradCheck.standard().tolerance(FIRST);
    OpSamples.check(seed, s -> isSmall(s), s -> run(check, s));
  }

  @Property(tries = 2, shrinking = ShrinkingMode.OFF)
  void jacobiansOfLargeOperandsAreRightAlongRandomDirections(@ForAll long seed) {
    GradCheck check = GradCheck.standard().tolerance(FIRST).projected(seed);
    OpSamples.check(
        seed, s -> s.kind() == Kind.SMOOTH && !isSmall(s) && s.size() < LARGE, s -> run(check, s));
  }

  @Property(tries = 2, shrinking = ShrinkingMode.OFF)
  void secondDerivativesAreRightElementByElement(@ForAll long seed) {
    GradCheck check = GradCheck.standard().tolerance(FIRST).order(2);
    OpSamples.check(seed, s -> isSmall(s) && s.size() < 7, s -> run(check, s));
  }

  @Property(tries = 2, shrinking = ShrinkingMode.OFF)
  void secondDerivativesAreRightAlongRandomDirections(@ForAll long seed) {
    GradCheck check = GradCheck.standard().tolerance(FIRST).order(2).projected(seed);
    OpSamples.check(
        seed, s -> s.kind() == Kind.SMOOTH && s.size() > 0 && s.size() < 200, s -> run(check, s));
  }

  @Property(tries = 2, shrinking = ShrinkingMode.OFF)
  void thirdDerivativesOfFusedOperationsAreRight(@ForAll long seed) {
    GradCheck check = GradCheck.standard().tolerance(FIRST).order(3).projected(seed);
    OpSamples.check(
        seed,
        s -> isFused(s.op()) && s.kind() == Kind.SMOOTH && s.size() > 0 && s.size() < 50,
        s -> run(check, s));
  }

  private static boolean isSmall(OpSample s) {
    return s.kind() == Kind.SMOOTH && s.size() > 0 && s.size() < SMALL;
  }

  private static boolean isFused(Op op) {
    return op instanceof Op.Softmax
        || op instanceof Op.LogSumExp
        || op instanceof Op.SoftmaxCrossEntropy
        || op instanceof Op.Factorization;
  }

  private static void run(GradCheck check, OpSample s) {
    Function<List<Tensor>, Tensor> f = s::apply;
    check.check(s.name(), f, s.in()).requirePassed();
  }
}
