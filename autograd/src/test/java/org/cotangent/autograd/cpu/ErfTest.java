package org.cotangent.autograd.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.cotangent.autograd.backend.Backend;
import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.backend.Expr;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// erf and erfc: how exact they are, what holds between them, and that bits are the same
/// everywhere.
class ErfTest {
  /// Numbers on each side of a place where the way of computing changes.
  private static final int STEPS = 2000;

  /// Numbers of each kind in a run: with those left over after whole vectors.
  private static final int RUN = 1003;

  private static final double INF = Double.POSITIVE_INFINITY;

  private static double[] of(Backend backend, Op.Unary f, double... x) {
    Buffer in = Buffer.allocate(DType.F64, Shape.of(x.length));
    System.arraycopy(x, 0, in.f64(), 0, x.length);
    Buffer out = Buffer.allocate(DType.F64, in.shape());
    backend.elementwise(Expr.of(f, DType.F64, 1), new Buffer[] {in}, out);
    return out.f64();
  }

  private static float[] of(Backend backend, Op.Unary f, float... x) {
    Buffer in = Buffer.allocate(DType.F32, Shape.of(x.length));
    System.arraycopy(x, 0, in.f32(), 0, x.length);
    Buffer out = Buffer.allocate(DType.F32, in.shape());
    backend.elementwise(Expr.of(f, DType.F32, 1), new Buffer[] {in}, out);
    return out.f32();
  }

  /// Of 40,000 arguments the largest errors were 0.90 and 1.03 units.
  @ParameterizedTest
  @CsvFileSource(resources = "erf.csv")
  void errorsAreAboutAUnit(double x, double erf, double erfRest, double erfc, double erfcRest) {
    assertThat(Math.abs(Erf.erf(x) - erf - erfRest) / Math.ulp(erf)).isLessThan(0.95);
    assertThat(Math.abs(Erf.erfc(x) - erfc - erfcRest) / Math.ulp(erfc)).isLessThan(1.1);
  }

  /// The next numbers on both sides of `x`, in order, enough of them for vectors.
  private static double[] around(double x) {
    double[] v = new double[2 * STEPS];
    v[0] = x;
    for (int i = 0; i < STEPS; i++) {
      v[0] = Math.nextDown(v[0]);
    }
    for (int i = 1; i < v.length; i++) {
      v[i] = Math.nextUp(v[i - 1]);
    }
    return v;
  }

  /// Rounding may put a value a unit below that of the number before, but no more.
  @ParameterizedTest
  @ValueSource(
      doubles = {
        0,
        1e-300,
        1e-9,
        0.4769362762044699,
        0.5887050112577373,
        0.75,
        -0.75,
        1,
        2.5,
        5.9,
        6,
        20,
        26.5,
        27.2,
        27.3
      })
  void neitherStepsBackAtItsJoints(double x) {
    double[] v = around(x);
    double[] erf = of(Width.backend(), Op.Unary.ERF, v);
    double[] erfc = of(Width.backend(), Op.Unary.ERFC, v);
    for (int i = 1; i < v.length; i++) {
      assertThat(erf[i] - erf[i - 1])
          .as("erf(%s)", v[i])
          .isGreaterThanOrEqualTo(-Math.ulp(erf[i]))
          .isLessThanOrEqualTo(2 * Math.ulp(erf[i]) + 1.2 * Math.ulp(v[i]));
      assertThat(erfc[i - 1] - erfc[i])
          .as("erfc(%s)", v[i])
          .isGreaterThanOrEqualTo(-Math.ulp(erfc[i]));
    }
  }

  @ParameterizedTest
  @ValueSource(floats = {0.75f, 3.5f, 3.919206f, 4, 9, 10, 10.054f, 10.125f})
  void neitherStepsBackAsAFloat(float x) {
    float[] v = new float[2 * STEPS];
    for (int i = 0; i < v.length; i++) {
      v[i] = Float.intBitsToFloat(Float.floatToIntBits(x) - STEPS + i);
    }
    float[] erf = of(Width.backend(), Op.Unary.ERF, v);
    float[] erfc = of(Width.backend(), Op.Unary.ERFC, v);
    for (int i = 1; i < v.length; i++) {
      assertThat(erf[i]).as("erf(%s)", v[i]).isGreaterThanOrEqualTo(erf[i - 1]);
      assertThat(erfc[i]).as("erfc(%s)", v[i]).isLessThanOrEqualTo(erfc[i - 1]);
    }
  }

  private static double[] some(long seed) {
    Random random = new Random(seed);
    double[] ends = {0.0, -0.0, Double.NaN, INF, -INF, Double.MIN_VALUE, 30, -30, 4, -4, 1e300};
    double[] x = new double[RUN];
    for (int i = 0; i < RUN; i++) {
      x[i] =
          switch (i % 5) {
            case 0, 1 -> random.nextGaussian();
            case 2 -> random.nextDouble(-28, 28);
            case 3 -> Math.scalb(random.nextDouble(-1, 1), -random.nextInt(1074));
            default -> random.nextInt(9) == 0 ? ends[random.nextInt(ends.length)] : 0.1 * i;
          };
    }
    return x;
  }

  @Test
  void oneIsOddAndTheirSumIsOne() {
    for (int seed = 0; seed < 20; seed++) {
      double[] x = some(seed);
      double[] minus = x.clone();
      for (int i = 0; i < RUN; i++) {
        minus[i] = -x[i];
      }
      double[] erf = of(Width.backend(), Op.Unary.ERF, x);
      double[] erfMinus = of(Width.backend(), Op.Unary.ERF, minus);
      double[] erfc = of(Width.backend(), Op.Unary.ERFC, x);
      for (int i = 0; i < RUN; i++) {
        assertThat(Double.compare(erfMinus[i], -erf[i])).as("erf(%s)", x[i]).isZero();
        if (!Double.isNaN(x[i])) {
          assertThat(Math.abs(erf[i] - 1 + erfc[i])).as("at %s", x[i]).isLessThan(0x1p-51);
        }
      }
    }
  }

  /// In the midst of a vector, and after whole ones.
  @ParameterizedTest
  @CsvSource({
    "0, 0, 1",
    "-0.0, -0.0, 1",
    "NaN, NaN, NaN",
    "Infinity, 1, 0",
    "-Infinity, -1, 2",
    "4.9E-324, 4.9E-324, 1",
    "-4.9E-324, -4.9E-324, 1",
    "1.3877787807814457e-17, 1.5659406647709936e-17, 1",
    "-1.3877787807814457e-17, -1.5659406647709936e-17, 1",
    "6, 1, 2.1519736712498913e-17",
    "27.2, 1, 9.9E-324",
    "27.3, 1, 0",
    "1e300, 1, 0",
    "-1e300, -1, 2"
  })
  void valuesAtTheEnds(double x, double erf, double erfc) {
    for (int at : new int[] {0, 5, 130, 200}) {
      double[] v = new double[201];
      v[at] = x;
      assertThat(of(Width.backend(), Op.Unary.ERF, v)[at]).isEqualTo((Double) erf);
      assertThat(of(Width.backend(), Op.Unary.ERFC, v)[at]).isEqualTo((Double) erfc);
      float[] w = new float[201];
      w[at] = (float) x;
      assertThat(of(Width.backend(), Op.Unary.ERF, w)[at])
          .isEqualTo((Float) (float) Erf.erf((double) w[at]));
      assertThat(of(Width.backend(), Op.Unary.ERFC, w)[at])
          .isEqualTo((Float) (float) Erf.erfc((double) w[at]));
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"ERF", "ERFC"})
  void plainLoopsGiveTheSameBits(Op.Unary f) {
    for (int seed = 0; seed < 20; seed++) {
      double[] x = some(seed);
      float[] v = new float[RUN];
      for (int i = 0; i < RUN; i++) {
        v[i] = (float) x[i];
      }
      assertThat(of(Width.backend(), f, x)).isEqualTo(of(new ScalarBackend(), f, x));
      assertThat(of(Width.backend(), f, v)).isEqualTo(of(new ScalarBackend(), f, v));
    }
  }

  /// Also between vectors of different lengths, and machines: the bits of floats, drawn together,
  /// as they were when this test was written. Those of doubles are in [WideMathTest].
  @ParameterizedTest
  @CsvSource({"ERF, -4203154371604966937", "ERFC, -628174673099794488"})
  void bitsOfFloatsAreTheSameEverywhere(Op.Unary f, long bits) {
    double[] x = some(99);
    float[] v = new float[RUN];
    for (int i = 0; i < RUN; i++) {
      v[i] = (float) x[i];
    }
    long hash = 0;
    for (float y : of(Width.backend(), f, v)) {
      hash = 31 * hash + Float.floatToIntBits(y);
    }
    assertThat(hash).isEqualTo(bits);
  }
}
