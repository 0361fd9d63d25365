package org.cotangent.autograd.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// A row-major buffer in the middle of a larger array: `inside` an odd number of marks on either
/// side. Around an operand they show, being NaN, if they are read; around a result, if they are
/// written.
record Framed(Buffer all, Buffer inside, double mark) {
  private static final int AROUND = 37;

  /// Zeros between marks.
  static Framed result(DType dtype, Shape shape) {
    return of(dtype, shape, dtype == DType.BOOL ? 1 : 77);
  }

  /// Numbers of `some` between NaN, or large numbers.
  static Buffer operand(Buffers some, DType dtype, Shape shape) {
    Framed x = of(dtype, shape, dtype.isFloating() ? Double.NaN : dtype == DType.BOOL ? 1 : 1e9);
    new ReferenceBackend().copy(some.fill(Buffer.allocate(dtype, shape)), x.inside);
    return x.inside;
  }

  private static Framed of(DType dtype, Shape shape, double mark) {
    int n = shape.size();
    Buffer all = Buffer.allocate(dtype, Shape.of(n + 2 * AROUND));
    Buffer inside = all.view(all.layout().slice(0, AROUND, n, 1).reshape(shape).orElseThrow());
    Framed x = new Framed(all, inside, mark);
    for (int i = 0; i < AROUND; i++) {
      x.put(i);
      x.put(AROUND + n + i);
    }
    return x;
  }

  private void put(int i) {
    if (all.dtype().isFloating()) {
      ReferenceBackend.put(all, i, mark);
    } else {
      ReferenceBackend.putWhole(all, i, (long) mark);
    }
  }

  /// Fails if a number within is another one, or a mark is gone.
  void assertIs(Buffer want, String what) {
    Agreement.within(0, what, inside, want);
    assertNothingAroundIsWritten(what);
  }

  /// Fails if a mark is gone.
  void assertNothingAroundIsWritten(String what) {
    int end = AROUND + inside.shape().size();
    for (int i = 0; i < AROUND; i++) {
      if (all.getDouble(i) != mark || all.getDouble(end + i) != mark) {
        assertThat(all.getDouble(i)).as("%s: %d before", what, AROUND - i).isEqualTo(mark);
        assertThat(all.getDouble(end + i)).as("%s: %d behind", what, i + 1).isEqualTo(mark);
      }
    }
  }
}
