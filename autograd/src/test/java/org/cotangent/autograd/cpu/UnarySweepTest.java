package org.cotangent.autograd.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.cotangent.autograd.op.Op;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Functions of one float, on bit patterns a fixed distance apart (one in 9973, or what the system
/// property `cotangent.sweep` says), against the function of the specification in double.
///
/// All of them, some minutes on two processors:
///
/// ```sh
/// mvn -Pslow -pl autograd -Dtest=UnarySweepTest test
/// ```
class UnarySweepTest {
  private static final int RUN = 4096;

  /// The bounds are in units in the last place of the exact value; the largest error of one float
  /// in 101 stands in the comment.
  @ParameterizedTest
  @CsvSource({
    "EXP, 1", // 0.99
    "EXPM1, 1.5", // 1.37
    "LOG, 1", // 0.74
    "LOG1P, 1.5", // 1.31
    "TANH, 2.5", // 2.29: at 0.18, where 1 - e^-2x cancels
    "SIGMOID, 2", // 1.96
    "SOFTPLUS, 2", // 1.55
    "SIN, 0.501",
    "COS, 0.501",
    "TAN, 0.501",
    "ASIN, 0.501",
    "ACOS, 0.501",
    "ATAN, 0.501",
    "SINH, 0.501",
    "COSH, 0.501",
    "SIGN, 0",
    "FLOOR, 0",
    "CEIL, 0",
    "ROUND, 0",
    "SQRT, 0.5",
    "RECIPROCAL, 0.5",
    "ERF, 0.51",
    "ERFC, 0.51"
  })
  void errorsOfOneFloatInManyAreWithinBounds(Op.Unary f, double ulps) {
    sweep(f, ulps, Integer.getInteger("cotangent.sweep", 9973));
  }

  @Tag("slow")
  @ParameterizedTest
  @CsvSource({
    "EXP, 1",
    "EXPM1, 1.5",
    "LOG, 1",
    "LOG1P, 1.5",
    "TANH, 2.5",
    "SIGMOID, 2",
    "SOFTPLUS, 2",
    "SIN, 0.501",
    "COS, 0.501",
    "TAN, 0.501",
    "ASIN, 0.501",
    "ACOS, 0.501",
    "ATAN, 0.501",
    "SINH, 0.501",
    "COSH, 0.501",
    "SIGN, 0",
    "FLOOR, 0",
    "CEIL, 0",
    "ROUND, 0",
    "ERF, 0.51",
    "ERFC, 0.51"
  })
  void errorsOfAllFloatsAreWithinBounds(Op.Unary f, double ulps) {
    sweep(f, ulps, 1);
  }

  private static void sweep(Op.Unary f, double ulps, int distance) {
    long count = ((1L << 32) - 1) / distance + 1;
    int runs = Math.toIntExact((count + RUN - 1) / RUN);
    double worst =
        IntStream.range(0, runs)
            .parallel()
            .mapToDouble(r -> worstOf(f, (long) r * RUN * distance, distance))
            .max()
            .orElseThrow();
    System.out.printf("%s: %.3f units in the last place at most%n", f, worst);
    assertThat(worst).as("%s, units in the last place", f).isLessThanOrEqualTo(ulps);
  }

  /// The largest error of a run; also holds it to the bits that each number gives alone.
  private static double worstOf(Op.Unary f, long from, int distance) {
    float[] x = new float[RUN];
    for (int i = 0; i < RUN; i++) {
      x[i] = Float.intBitsToFloat((int) Math.min(from + (long) i * distance, (1L << 32) - 1));
    }
    float[] y = new float[RUN];
    UnaryF32.apply(f, RUN, x, 0, y, 0);
    float[] alone = new float[1];
    double worst = 0;
    for (int i = 0; i < RUN; i++) {
      UnaryF32.apply(f, 1, x, i, alone, 0);
      if (Float.compare(alone[0], y[i]) != 0) {
        throw new AssertionError(
            "%s(%s) is %s alone and %s in a run".formatted(f, x[i], alone[0], y[i]));
      }
      worst = Math.max(worst, error(ScalarMath.unary(f, (double) x[i]), y[i], f, x[i]));
    }
    return worst;
  }

  /// How far `got` is from the exact value. What rounds to it is right, infinite or not; where only
  /// one of them is infinite, the unit is that of the largest number.
  private static double error(double exact, float got, Op.Unary f, float x) {
    float want = (float) exact;
    if (Float.compare(want, got) == 0) {
      return Float.isInfinite(want) || Float.isNaN(want) ? 0 : distance(exact, got);
    }
    if (Float.isNaN(want) || Float.isNaN(got) || want == got) {
      throw new AssertionError("%s(%s) is %s, must be %s".formatted(f, x, got, want));
    }
    return distance(exact, got);
  }

  private static double distance(double exact, float got) {
    double limit = 0x1p128; // what would come after the largest float
    double y = Math.max(-limit, Math.min(limit, got));
    double e = Math.max(-limit, Math.min(limit, exact));
    return Math.abs(y - e)
        / Math.ulp(Math.max(-Float.MAX_VALUE, Math.min(Float.MAX_VALUE, (float) e)));
  }
}
