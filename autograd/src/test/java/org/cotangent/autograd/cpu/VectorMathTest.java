package org.cotangent.autograd.cpu;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.backend.Expr;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// NumPy's table of hard cases, computed there with more digits.
class VectorMathTest {
  private record Case(long input, long output) {}

  @ParameterizedTest
  @CsvSource({
    "EXP,exp,1,1",
    "LOG,log,1,1",
    "EXPM1,expm1,2,2",
    "LOG1P,log1p,2,2",
    "TANH,tanh,2,2",
    "SIN,sin,0,1",
    "COS,cos,0,1",
    "TAN,tan,0,1",
    "ASIN,arcsin,0,1",
    "ACOS,arccos,0,1",
    "ATAN,arctan,0,1",
    "SINH,sinh,0,1",
    "COSH,cosh,0,1"
  })
  void theHardCasesAreWithinTheStatedUnits(Op.Unary f, String table, double float32, double float64)
      throws IOException {
    check(f, DType.F32, cases(table, "np.float32"), float32);
    check(f, DType.F64, cases(table, "np.float64"), float64);
  }

  private static List<Case> cases(String table, String type) throws IOException {
    String name = "umath/umath-validation-set-" + table + ".csv";
    try (InputStream in =
        Objects.requireNonNull(VectorMathTest.class.getResourceAsStream(name), name)) {
      List<Case> cases = new ArrayList<>();
      for (String line : new String(in.readAllBytes(), UTF_8).lines().toList()) {
        if (line.startsWith(type)) {
          String[] cells = line.split(",", -1);
          cases.add(new Case(bits(cells[1]), bits(cells[2])));
        }
      }
      return cases;
    }
  }

  private static long bits(String hexadecimal) {
    return Long.parseUnsignedLong(hexadecimal.strip().substring(2), 16);
  }

  private static void check(Op.Unary f, DType d, List<Case> cases, double ulps) {
    assertThat(cases).isNotEmpty();
    Buffer x = Buffer.allocate(d, Shape.of(cases.size()));
    Buffer want = Buffer.allocate(d, x.shape());
    for (int i = 0; i < cases.size(); i++) {
      if (d == DType.F32) {
        x.f32()[i] = Float.intBitsToFloat((int) cases.get(i).input());
        want.f32()[i] = Float.intBitsToFloat((int) cases.get(i).output());
      } else {
        x.f64()[i] = Double.longBitsToDouble(cases.get(i).input());
        want.f64()[i] = Double.longBitsToDouble(cases.get(i).output());
      }
    }
    Buffer got = Buffer.allocate(d, x.shape());
    new VectorBackend().elementwise(Expr.of(f, d, 1), new Buffer[] {x}, got);
    Agreement.within(ulps, f + " " + d, got, want);
  }
}
