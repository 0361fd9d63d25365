package org.cotangent.autograd.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.backend.Expr;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/// Sines, arcs, hyperbolic functions and powers in double: how exact they are, that a number gives
/// the same bits alone and anywhere in a run, and the same bits on every machine.
class WideMathTest {
  private static final int RUN = 3000;

  private static final double[] SPECIAL = {
    0.0,
    -0.0,
    1,
    -1,
    0.5,
    -0.5,
    2,
    -2,
    3,
    -3,
    2.5,
    1e300,
    -1e300,
    1e-300,
    0x1p51,
    -0x1.8p52 + 1,
    0x1p53 + 2,
    707,
    -710.4,
    1e5,
    262143.9,
    262144.1,
    Math.PI / 2,
    Math.PI,
    1e22,
    Math.sqrt(2) - 1,
    Double.NaN,
    Double.POSITIVE_INFINITY,
    Double.NEGATIVE_INFINITY,
    Double.MIN_VALUE,
    -Double.MIN_VALUE,
    Double.MIN_NORMAL,
    Double.MAX_VALUE
  };

  /// Every size: a few units, next to a whole number of quarter turns, next to 1, special numbers.
  private static double draw(Random random, int i) {
    double u = random.nextDouble() * 2 - 1;
    return switch (i % 7) {
      case 0 -> u;
      case 1 -> 4 * u;
      case 2 -> 700 * u;
      case 3 -> Math.rint(160_000 * u) * (Math.PI / 2);
      case 4 -> Math.copySign(1 - Math.scalb(0.5 * u, -random.nextInt(50)), u);
      case 5 -> Math.scalb(u, random.nextInt(60) - 40);
      default -> SPECIAL[random.nextInt(SPECIAL.length)];
    };
  }

  private static double[] some(long seed, boolean whole) {
    Random random = new Random(seed);
    double[] x = new double[RUN];
    for (int i = 0; i < RUN; i++) {
      x[i] = draw(random, i);
      x[i] = whole && random.nextBoolean() ? Math.rint(x[i]) : x[i];
    }
    return x;
  }

  private static Buffer buffer(DType d, double[] x) {
    Buffer b = Buffer.allocate(d, Shape.of(x.length));
    for (int i = 0; i < x.length; i++) {
      ReferenceBackend.put(b, i, x[i]);
    }
    return b;
  }

  /// The specification is at most one unit from the exact value itself.
  private static void check(Op.Elementwise f, double ulps, Buffer... in) {
    DType d = in[0].dtype();
    Buffer got = Buffer.allocate(d, in[0].shape());
    Buffer want = Buffer.allocate(d, in[0].shape());
    Width.backend().elementwise(Expr.of(f, d, in.length), in, got);
    new ReferenceBackend().elementwise(Expr.of(f, d, in.length), in, want);
    Agreement.within(ulps, f + " " + d, got, want);
  }

  @ParameterizedTest
  @EnumSource(names = {"SIN", "COS", "TAN", "ASIN", "ACOS", "ATAN", "SINH", "COSH", "ERF", "ERFC"})
  void functionsAreWithinTwoUnitsOfTheSpecification(Op.Unary f) {
    for (int seed = 0; seed < 30; seed++) {
      check(f, 2, buffer(DType.F64, some(seed, false)));
      check(f, 1, buffer(DType.F32, some(seed, false)));
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"POW", "ATAN2"})
  void functionsOfTwoNumbersAreWithinTwoUnitsOfTheSpecification(Op.Binary f) {
    for (int seed = 0; seed < 100; seed++) {
      double[] a = some(seed, false);
      double[] b = some(100 + seed, true);
      check(f, 2, buffer(DType.F64, a), buffer(DType.F64, b));
      check(f, 1, buffer(DType.F32, a), buffer(DType.F32, b));
    }
  }

  /// IEEE 754-2019, 9.2.1, and the signs of zeros: each pair of special numbers.
  @ParameterizedTest
  @EnumSource(names = {"POW", "ATAN2"})
  void pairsOfSpecialNumbersAgreeWithTheSpecification(Op.Binary f) {
    int n = SPECIAL.length;
    double[] a = new double[n * n];
    double[] b = new double[n * n];
    for (int i = 0; i < a.length; i++) {
      a[i] = SPECIAL[i / n];
      b[i] = SPECIAL[i % n];
    }
    check(f, 1, buffer(DType.F64, a), buffer(DType.F64, b));
    check(f, 0, buffer(DType.F32, a), buffer(DType.F32, b));
  }

  /// What a number of either dtype can hold comes out exactly: so x² is x·x, and √(x²) is x.
  @Test
  void exactPowersAreExact() {
    Random random = new Random(1);
    for (int i = 0; i < 20_000; i++) {
      long x = random.nextInt(1 << 26) + 1L;
      int k = random.nextInt(40) - 20;
      double scaled = Math.scalb((double) x, k);
      assertThat(WideMath.pow(scaled, 2)).isEqualTo(scaled * scaled);
      assertThat(WideMath.pow(-scaled, 2)).isEqualTo(scaled * scaled);
      assertThat(WideMath.pow(scaled * scaled, 0.5)).isEqualTo(scaled);
      double third = Math.scalb((double) (x >> 9), k);
      assertThat(WideMath.pow(-third, 3)).isEqualTo(-third * third * third);
      assertThat(WideMath.pow(2, k)).isEqualTo(Math.scalb(1.0, k));
      assertThat(WideMath.pow(scaled, 1)).isEqualTo(scaled);
    }
  }

  @Test
  void quarterTurnsAndRightAnglesAreRight() {
    assertThat(WideMath.sinOrCos(0, Math.PI)).isEqualTo(0x1.1a62633145c07p-53);
    assertThat(WideMath.sinOrCos(1, Math.PI / 2)).isEqualTo(0x1.1a62633145c07p-54);
    assertThat(WideMath.tan(Math.PI / 2)).isCloseTo(1 / 0x1.1a62633145c07p-54, within(2.0));
    assertThat(WideMath.atan2(1, 1)).isEqualTo(Math.PI / 4);
    assertThat(WideMath.atan2(0.0, -1)).isEqualTo(Math.PI);
    assertThat(WideMath.atan2(-0.0, -0.0)).isEqualTo(-Math.PI);
    assertThat(WideMath.acos(-1)).isEqualTo(Math.PI);
    assertThat(WideMath.asin(1)).isEqualTo(Math.PI / 2);
  }

  /// The bits of every result, drawn together: the same for vectors of all lengths, for plain
  /// loops, on all machines. The numbers are those of the first run of this test.
  @ParameterizedTest
  @CsvSource({
    "SIN, 37656087286271768",
    "COS, -3780598162958915749",
    "TAN, -1531339433086448248",
    "ASIN, 5528958824874811685",
    "ACOS, 2070548235159660711",
    "ATAN, -1871074427312947621",
    "SINH, -8622634529450385552",
    "COSH, -2528655153006948893",
    "ERF, -2311115974532967792",
    "ERFC, 2371695942692036736"
  })
  void bitsAreTheSameEverywhere(Op.Unary f, long bits) {
    assertThat(hash(f, buffer(DType.F64, some(7, false)))).isEqualTo(bits);
  }

  @ParameterizedTest
  @CsvSource({"POW, 8856537048777376282", "ATAN2, 3131417957591293567"})
  void bitsOfTwoNumbersAreTheSameEverywhere(Op.Binary f, long bits) {
    assertThat(hash(f, buffer(DType.F64, some(7, false)), buffer(DType.F64, some(8, true))))
        .isEqualTo(bits);
  }

  private static long hash(Op.Elementwise f, Buffer... in) {
    Buffer y = Buffer.allocate(DType.F64, in[0].shape());
    Width.backend().elementwise(Expr.of(f, DType.F64, in.length), in, y);
    long hash = 0;
    for (double v : y.f64()) {
      hash = 31 * hash + Double.doubleToLongBits(v);
    }
    return hash;
  }

  @ParameterizedTest
  @EnumSource(names = {"SIN", "COS", "TAN", "ASIN", "ACOS", "ATAN", "SINH", "COSH", "ERF", "ERFC"})
  void aNumberGivesTheSameBitsAloneAndAnywhere(Op.Unary f) {
    double[] x = some(3, false);
    float[] floats = new float[RUN];
    for (int i = 0; i < RUN; i++) {
      floats[i] = (float) x[i];
    }
    double[] y = new double[RUN];
    float[] z = new float[RUN];
    for (int from = 0; from < 40; from += 13) {
      WideVectors.unary(f, RUN - from, x, from, y, from);
      WideVectors.unary(f, RUN - from, floats, from, z, from);
      for (int i = from; i < RUN; i++) {
        assertThat(y[i]).as("%s(%s)", f, x[i]).isEqualTo((Double) WideMath.unary(f, x[i]));
        assertThat(z[i]).as("%s(%sf)", f, x[i]).isEqualTo((Float) WideMath.unary(f, floats[i]));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"POW", "ATAN2"})
  void aPairGivesTheSameBitsAloneAndAnywhere(Op.Binary f) {
    double[] a = some(4, false);
    double[] b = some(5, true);
    double[] y = new double[RUN];
    for (int from = 0; from < 40; from += 13) {
      WideVectors.binary(f, RUN - from, a, from, b, from, y, from);
      for (int i = from; i < RUN; i++) {
        assertThat(y[i])
            .as("%s(%s, %s)", f, a[i], b[i])
            .isEqualTo((Double) WideMath.binary(f, a[i], b[i]));
      }
    }
  }
}
