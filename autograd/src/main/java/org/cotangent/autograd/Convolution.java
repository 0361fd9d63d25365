package org.cotangent.autograd;

import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.op.Op.Conv.Kind;
import org.cotangent.autograd.shape.Sliding;

/// Convolutions and windows of images in the form that the engine computes: input `x [n, c, h, w]`,
/// kernels `w [o, c/groups, kh, kw]`, output `y [n, o, yh, yw]`, with
///
/// `y[n, o, i, j] = Σ x[n, c, rows.at(i, p), columns.at(j, q)] w[o, c, p, q]`
///
/// over the taps `p`, `q` and the channels `c` of the group of `o`; the kernels are not turned
/// round. Channels and output channels are divided into groups evenly, and each group sees its own.
/// A network's layers take options instead: `Functional.conv2d` of the module `nn`.
public final class Convolution {
  private Convolution() {}

  /// `y` from `x` and `w`.
  ///
  /// @throws IllegalArgumentException if shapes and geometry do not fit
  public static Tensor output(Tensor x, Tensor w, Sliding rows, Sliding columns, int groups) {
    return Recording.apply(new Op.Conv(Kind.OUTPUT, rows, columns, groups), x, w);
  }

  /// The transposed convolution: `x` from `y` and `w`, as gradients flow back through [#output].
  ///
  /// @throws IllegalArgumentException if shapes and geometry do not fit
  public static Tensor input(Tensor y, Tensor w, Sliding rows, Sliding columns, int groups) {
    return Recording.apply(new Op.Conv(Kind.INPUT, rows, columns, groups), y, w);
  }

  /// `w` from `x` and `y`: for each tap the sum over all positions that it meets.
  ///
  /// @throws IllegalArgumentException if shapes and geometry do not fit
  public static Tensor kernels(Tensor x, Tensor y, Sliding rows, Sliding columns, int groups) {
    return Recording.apply(new Op.Conv(Kind.KERNEL, rows, columns, groups), x, y);
  }

  /// The place `row w + column` of the first largest element in each window over the last two axes,
  /// `h` by `w`, as `I64`: what max pooling gathers. Nothing outside is in a window.
  ///
  /// @throws IllegalArgumentException if shape and geometry do not fit, or a window is empty
  public static Tensor argMaxPool(Tensor x, Sliding rows, Sliding columns) {
    return Recording.apply(new Op.ArgMaxPool(rows, columns), x);
  }
}
