package org.cotangent.autograd.cpu;

import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.shape.DType;

/// Convolutions whose groups have one channel of the input each, shared out among threads by
/// planes, which do not depend on one another. All operands are row-major.
final class Depthwise {
  private final Pool<DepthwiseF32> floats = new Pool<>(DepthwiseF32::new);
  private final Pool<DepthwiseF64> doubles = new Pool<>(DepthwiseF64::new);
  private final Parallel parallel;

  /// Channels of the output in each group at most: with more, products of matrices pay.
  private static final int OUTPUTS = 4;

  /// Fewer terms are left to the scalar loops of small products.
  private static final long TERMS = 1 << 16;

  /// Numbers in a laid-out plane at most: taps may be far apart.
  private static final long PLANE = 1 << 20;

  private static final int JOBS = 16;

  Depthwise(Parallel parallel) {
    this.parallel = parallel;
  }

  static boolean fits(ConvSizes s) {
    return LanesF32.FUSED
        && s.groups() > 1
        && s.in() == 1
        && s.out() <= OUTPUTS
        && (long) s.images() * s.groups() * s.out() * s.taps() * s.positions() >= TERMS
        && DepthwiseF32.size(s) <= PLANE;
  }

  void output(ConvSizes s, Buffer x, Buffer w, Buffer y) {
    int xo = x.layout().offset();
    int wo = w.layout().offset();
    int yo = y.layout().offset();
    each(
        s.images() * s.groups(),
        (first, end) -> {
          if (y.dtype() == DType.F32) {
            DepthwiseF32 conv = floats.take();
            conv.output(s, first, end, x.f32(), xo, w.f32(), wo, y.f32(), yo);
            floats.give(conv);
          } else {
            DepthwiseF64 conv = doubles.take();
            conv.output(s, first, end, x.f64(), xo, w.f64(), wo, y.f64(), yo);
            doubles.give(conv);
          }
        });
  }

  /// `x` is zeroed.
  void input(ConvSizes s, Buffer y, Buffer w, Buffer x) {
    int xo = x.layout().offset();
    int wo = w.layout().offset();
    int yo = y.layout().offset();
    each(
        s.images() * s.groups(),
        (first, end) -> {
          if (x.dtype() == DType.F32) {
            DepthwiseF32 conv = floats.take();
            conv.input(s, first, end, y.f32(), yo, w.f32(), wo, x.f32(), xo);
            floats.give(conv);
          } else {
            DepthwiseF64 conv = doubles.take();
            conv.input(s, first, end, y.f64(), yo, w.f64(), wo, x.f64(), xo);
            doubles.give(conv);
          }
        });
  }

  /// `w` is zeroed.
  void kernels(ConvSizes s, Buffer x, Buffer y, Buffer w) {
    int xo = x.layout().offset();
    int wo = w.layout().offset();
    int yo = y.layout().offset();
    each(
        s.groups(),
        (first, end) -> {
          if (w.dtype() == DType.F32) {
            DepthwiseF32 conv = floats.take();
            conv.kernels(s, first, end, x.f32(), xo, y.f32(), yo, w.f32(), wo);
            floats.give(conv);
          } else {
            DepthwiseF64 conv = doubles.take();
            conv.kernels(s, first, end, x.f64(), xo, y.f64(), yo, w.f64(), wo);
            doubles.give(conv);
          }
        });
  }

  /// Some planes or groups.
  private interface Some {
    void of(int first, int end);
  }

  private void each(int n, Some body) {
    int jobs = Math.min(n, JOBS);
    parallel.run(jobs, i -> body.of((int) ((long) i * n / jobs), (int) ((i + 1L) * n / jobs)));
  }
}
