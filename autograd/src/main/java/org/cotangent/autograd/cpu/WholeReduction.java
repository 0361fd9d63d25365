package org.cotangent.autograd.cpu;

import java.util.Arrays;
import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.backend.Layout;
import org.cotangent.autograd.backend.Walk;
import org.cotangent.autograd.shape.DType;

/// Sums and largest elements of integers. Exact, so any order will do.
final class WholeReduction {
  private WholeReduction() {}

  static void sum(Buffer x, Buffer out) {
    run(x, out, false, 0);
  }

  static void max(Buffer x, Buffer out) {
    run(x, out, true, Long.MIN_VALUE);
  }

  private static void run(Buffer x, Buffer out, boolean largest, long first) {
    long[] y = new long[out.shape().size()];
    Arrays.fill(y, first);
    Layout groups = Layout.of(out.shape()).expand(x.shape());
    Walk.over(x.shape(), x.layout(), groups)
        .run((n, at, step) -> {
          for (int i = 0; i < n; i++) {
            int g = at[1] + i * step[1];
            long v = x.getLong(at[0] + i * step[0]);
            y[g] = largest ? Math.max(y[g], v) : y[g] + v;
          }
        });
    int start = out.layout().offset();
    if (out.dtype() == DType.I64) {
      System.arraycopy(y, 0, out.i64(), start, y.length);
    } else {
      for (int i = 0; i < y.length; i++) {
        out.i32()[start + i] = (int) y[i];
      }
    }
  }
}
