package org.cotangent.autograd.cpu;

import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.op.Op.Conv.Kind;
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

  /// One of the three; what it finds is zeroed.
  ///
  /// @param x the input or its gradient
  /// @param w the kernels or their gradient
  /// @param y the output or its gradient
  void run(Kind kind, ConvSizes s, Buffer x, Buffer w, Buffer y) {
    int n = kind == Kind.KERNEL ? s.groups() : s.images() * s.groups();
    int jobs = Math.min(n, JOBS);
    parallel.run(
        jobs,
        i -> {
          int first = (int) ((long) i * n / jobs);
          int end = (int) ((i + 1L) * n / jobs);
          if (x.dtype() == DType.F32) {
            DepthwiseF32 conv = floats.take();
            conv.run(kind, s, first, end, x, w, y);
            floats.give(conv);
          } else {
            DepthwiseF64 conv = doubles.take();
            conv.run(kind, s, first, end, x, w, y);
            doubles.give(conv);
          }
        });
  }
}
