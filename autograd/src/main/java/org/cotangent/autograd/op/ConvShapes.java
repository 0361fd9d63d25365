package org.cotangent.autograd.op;

import org.cotangent.autograd.op.Op.Conv.Kind;
import org.cotangent.autograd.shape.Shape;

/// The shapes of a convolution's three tensors: input `[n, c, h, w]`, kernels `[o, c/groups, kh,
/// kw]` and output `[n, o, yh, yw]`; and those of pooling.
final class ConvShapes {
  private ConvShapes() {}

  /// The shape of the one that is not an operand.
  static Shape of(Op.Conv c, Shape a, Shape b) {
    if (a.rank() != 4 || b.rank() != 4) {
      throw new IllegalArgumentException(
          "CONV: %s and %s must both have four axes: [images, channels, height, width], and [out, in/groups, height, width] for kernels"
              .formatted(a, b));
    }
    return switch (c.kind()) {
      case OUTPUT -> {
        extents("input", a, c.rows().input(), c.columns().input());
        extents("kernel", b, c.rows().kernel(), c.columns().kernel());
        grouped("output channels", b.dim(0), c.groups());
        channels(Kind.OUTPUT, c, a, b, a.dim(1), (long) b.dim(1) * c.groups());
        yield Shape.of(a.dim(0), b.dim(0), c.rows().output(), c.columns().output());
      }
      case INPUT -> {
        extents("output", a, c.rows().output(), c.columns().output());
        extents("kernel", b, c.rows().kernel(), c.columns().kernel());
        grouped("output channels", b.dim(0), c.groups());
        channels(Kind.INPUT, c, a, b, a.dim(1), b.dim(0));
        int in = Math.multiplyExact(b.dim(1), c.groups());
        yield Shape.of(a.dim(0), in, c.rows().input(), c.columns().input());
      }
      case KERNEL -> {
        extents("input", a, c.rows().input(), c.columns().input());
        extents("output", b, c.rows().output(), c.columns().output());
        grouped("input channels", a.dim(1), c.groups());
        grouped("output channels", b.dim(1), c.groups());
        if (a.dim(0) != b.dim(0)) {
          throw new IllegalArgumentException(
              "CONV: input %s and output %s hold %d and %d images"
                  .formatted(a, b, a.dim(0), b.dim(0)));
        }
        int in = a.dim(1) / c.groups();
        yield Shape.of(b.dim(1), in, c.rows().kernel(), c.columns().kernel());
      }
    };
  }

  private static void extents(String what, Shape x, int height, int width) {
    if (x.dim(2) != height || x.dim(3) != width) {
      throw new IllegalArgumentException(
          "CONV: the %s %s does not have the height %d and width %d of the geometry"
              .formatted(what, x, height, width));
    }
  }

  private static void grouped(String what, int channels, int groups) {
    if (groups < 1 || channels % groups != 0) {
      throw new IllegalArgumentException(
          "CONV: %d %s cannot be divided into %d groups".formatted(channels, what, groups));
    }
  }

  private static void channels(Kind kind, Op.Conv c, Shape a, Shape w, int have, long need) {
    if (have != need) {
      throw new IllegalArgumentException(
          "CONV: kernels %s in %d groups need %d channels of the %s %s, which has %d"
              .formatted(w, c.groups(), need, kind == Kind.OUTPUT ? "input" : "output", a, have));
    }
  }

  /// The shape with a window in place of each position.
  static Shape pooled(Op.ArgMaxPool p, Shape x) {
    if (x.rank() < 2 || x.dim(-2) != p.rows().input() || x.dim(-1) != p.columns().input()) {
      throw new IllegalArgumentException(
          "ARG_MAX_POOL: %s does not end in the height %d and width %d of the geometry"
              .formatted(x, p.rows().input(), p.columns().input()));
    }
    if (!p.rows().meetsInputEverywhere() || !p.columns().meetsInputEverywhere()) {
      throw new IllegalArgumentException(
          "ARG_MAX_POOL: a window over %s meets nothing but padding, so it has no largest element"
              .formatted(x));
    }
    return x.with(-2, p.rows().output()).with(-1, p.columns().output());
  }
}
