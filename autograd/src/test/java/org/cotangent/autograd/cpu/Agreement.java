package org.cotangent.autograd.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.shape.DType;

/// How near two results must be. An element is asserted only where it is too far off, for
/// assertions on each of them would take more time than what is tested.
final class Agreement {
  private Agreement() {}

  /// Equal integers; floating numbers within so many units in the last place, with equal signs of
  /// zeros.
  static void within(double ulps, String what, Buffer got, Buffer want) {
    for (int i = 0; i < want.shape().size(); i++) {
      if (!want.dtype().isFloating()) {
        long a = got.getLong(got.layout().at(i));
        long b = want.getLong(want.layout().at(i));
        if (a != b) {
          assertThat(a).as("%s, element %d", what, i).isEqualTo(b);
        }
        continue;
      }
      double x = got.getDouble(got.layout().at(i));
      double y = want.getDouble(want.layout().at(i));
      if (Double.compare(x, y) != 0) {
        double unit = want.dtype() == DType.F32 ? Math.ulp((float) y) : Math.ulp(y);
        double distance = x == y ? Double.NaN : Math.abs(x - y) / unit;
        if (!(distance <= ulps)) {
          assertThat(distance)
              .as("%s, element %d: ulps between %s and the specified %s", what, i, x, y)
              .isLessThanOrEqualTo(ulps);
        }
      }
    }
  }

  /// The same arrays: what lies around the elements has stayed as it was.
  static void exactly(String what, Buffer got, Buffer want) {
    boolean same =
        switch (want.dtype()) {
          case BOOL -> Arrays.equals(got.bool(), want.bool());
          case I32 -> Arrays.equals(got.i32(), want.i32());
          case I64 -> Arrays.equals(got.i64(), want.i64());
          case F32 -> Arrays.equals(got.f32(), want.f32());
          case F64 -> Arrays.equals(got.f64(), want.f64());
        };
    assertThat(same).as(what).isTrue();
  }

  /// Within a multiple of the rounding unit of the given size of terms; infinite or NaN where it is
  /// to be.
  static void near(double size, String what, Buffer got, Buffer want) {
    double unit = want.dtype() == DType.F32 ? Math.ulp(1f) : Math.ulp(1.0);
    for (int i = 0; i < want.shape().size(); i++) {
      double x = got.getDouble(got.layout().at(i));
      double y = want.getDouble(want.layout().at(i));
      double bound = 8 * unit * (size + Math.abs(y));
      if (Double.compare(x, y) != 0 && !(Double.isFinite(y) && Math.abs(x - y) <= bound)) {
        assertThat(x).as("%s, element %d, to be within %s", what, i, bound).isEqualTo(y);
      }
    }
  }
}
