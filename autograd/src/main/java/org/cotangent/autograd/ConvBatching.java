package org.cotangent.autograd;

import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.op.Op.Conv.Kind;
import org.cotangent.autograd.op.Shapes;
import org.cotangent.autograd.shape.Shape;

/// The batching rule of convolutions: those of all examples as one.
///
/// Of the three tensors `x [n, c, h, w]`, `w [o, c/groups, kh, kw]` and `y [n, o, yh, yw]` each two
/// have an axis in common. If the examples share an operand, the other operand and the result
/// differ, and the examples go along the axis that these two have in common: more images, channels
/// or output channels. If both operands differ, each example becomes groups of its own.
final class ConvBatching {
  private ConvBatching() {}

  /// Where the examples go in a tensor whose groups have an axis of their own: images `[n, groups,
  /// c/groups, h, w]`, kernels `[groups, o/groups, c/groups, kh, kw]`.
  private enum Along {
    IMAGES(0, -1),
    GROUPS(1, 0),
    CHANNELS(2, 2),
    OUTPUTS(2, 1);

    final int ofImages;
    final int ofKernels;

    Along(int ofImages, int ofKernels) {
      this.ofImages = ofImages;
      this.ofKernels = ofKernels;
    }
  }

  static Tensor apply(Op.Conv op, int size, Example a, Example b) {
    if (size == 0) { // there is no convolution in no groups; the sums of nothing keep the history
      Shape none = Shapes.of(op, a, b).inserted(0, 0);
      return Tensor.zeros(none, a.dtype()).add(a.all().sum()).add(b.all().sum());
    }
    Kind kind = op.kind();
    Along along =
        a.isMapped() && b.isMapped()
            ? Along.GROUPS
            : switch (kind) {
              case OUTPUT -> a.isMapped() ? Along.IMAGES : Along.OUTPUTS;
              case INPUT -> a.isMapped() ? Along.IMAGES : Along.CHANNELS;
              case KERNEL -> a.isMapped() ? Along.CHANNELS : Along.OUTPUTS;
            };
    int groups = along == Along.GROUPS ? Math.multiplyExact(size, op.groups()) : op.groups();
    Tensor y =
        Recording.apply(
            new Op.Conv(kind, op.rows(), op.columns(), groups),
            folded(a, along, op.groups(), false),
            folded(b, along, op.groups(), kind != Kind.KERNEL));
    return unfolded(y, size, along, op.groups(), kind == Kind.KERNEL);
  }

  /// All examples as one tensor of images or kernels.
  private static Tensor folded(Example x, Along along, int groups, boolean kernels) {
    if (!x.isMapped()) {
      return x.all();
    }
    int at = kernels ? along.ofKernels : along.ofImages;
    int axis = merged(at, kernels);
    int size = x.vmap().size();
    Shape each = x.shape();
    return Rearrange.moveAxis(
            x.all().reshape(split(each, groups, kernels).inserted(0, size)), 0, at)
        .reshape(each.with(axis, Math.multiplyExact(size, each.dim(axis))));
  }

  /// The inverse of [#folded].
  private static Tensor unfolded(Tensor y, int size, Along along, int groups, boolean kernels) {
    int at = kernels ? along.ofKernels : along.ofImages;
    int axis = merged(at, kernels);
    Shape each = y.shape().with(axis, y.dim(axis) / size);
    return Rearrange.moveAxis(y.reshape(split(each, groups, kernels).inserted(at, size)), at, 0)
        .reshape(each.inserted(0, size));
  }

  /// Which of the first two axes holds the examples when the groups have no axis of their own.
  private static int merged(int at, boolean kernels) {
    return at < (kernels ? 2 : 1) ? 0 : 1;
  }

  /// The shape of an example with an axis for the groups.
  private static Shape split(Shape s, int groups, boolean kernels) {
    int axis = kernels ? 0 : 1;
    return s.with(axis, s.dim(axis) / groups).inserted(axis, groups);
  }
}
