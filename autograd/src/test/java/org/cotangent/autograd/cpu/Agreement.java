package org.cotangent.autograd.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.shape.DType;

/// How near two results must be.
final class Agreement {
  private Agreement() {}

  /// Equal integers; floating numbers within so many units in the last place, with equal signs of
  /// zeros.
  static void within(double ulps, String what, Buffer got, Buffer want) {
    for (int i = 0; i < want.shape().size(); i++) {
      String where = "%s, element %d".formatted(what, i);
      if (!want.dtype().isFloating()) {
        assertThat(got.getLong(got.layout().at(i)))
            .as(where)
            .isEqualTo(want.getLong(want.layout().at(i)));
        continue;
      }
      double x = got.getDouble(got.layout().at(i));
      double y = want.getDouble(want.layout().at(i));
      if (Double.compare(x, y) != 0) {
        double unit = want.dtype() == DType.F32 ? Math.ulp((float) y) : Math.ulp(y);
        assertThat(x == y ? Double.NaN : Math.abs(x - y) / unit)
            .as("%s: ulps between %s and the specified %s", where, x, y)
            .isLessThanOrEqualTo(ulps);
      }
    }
  }

  /// Within a multiple of the rounding unit of the given size of terms, where not infinite or NaN.
  static void near(double size, String what, Buffer got, Buffer want) {
    double unit = want.dtype() == DType.F32 ? Math.ulp(1f) : Math.ulp(1.0);
    for (int i = 0; i < want.shape().size(); i++) {
      double x = got.getDouble(got.layout().at(i));
      double y = want.getDouble(want.layout().at(i));
      if (Double.compare(x, y) != 0) {
        assertThat(Math.abs(x - y))
            .as("%s, element %d: %s against the specified %s", what, i, x, y)
            .isLessThanOrEqualTo(8 * unit * (size + Math.abs(y)));
      }
    }
  }
}
