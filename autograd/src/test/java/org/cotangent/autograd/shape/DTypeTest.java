package org.cotangent.autograd.shape;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class DTypeTest {
  @Test
  void theLaterOfTwoDtypesIsThatOfTheResult() {
    List<DType> order = List.of(DType.BOOL, DType.I32, DType.I64, DType.F32, DType.F64);
    assertThat(DType.values()).containsExactlyElementsOf(order);
    for (int a = 0; a < order.size(); a++) {
      for (int b = 0; b < order.size(); b++) {
        assertThat(DType.promote(order.get(a), order.get(b)))
            .as("%s with %s", order.get(a), order.get(b))
            .isEqualTo(order.get(Math.max(a, b)));
      }
    }
  }

  @Test
  void aDtypeKnowsItsSizeAndKind() {
    for (DType d : DType.values()) {
      int bytes =
          switch (d) {
            case BOOL -> 1;
            case I32 -> Integer.BYTES;
            case I64 -> Long.BYTES;
            case F32 -> Float.BYTES;
            case F64 -> Double.BYTES;
          };
      assertThat(d.bytes()).isEqualTo(bytes);
      assertThat(d.isFloating()).isEqualTo(d == DType.F32 || d == DType.F64);
      assertThat(d.isInteger()).isEqualTo(d == DType.I32 || d == DType.I64);
    }
  }
}
