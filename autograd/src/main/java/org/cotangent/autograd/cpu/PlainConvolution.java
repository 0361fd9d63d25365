package org.cotangent.autograd.cpu;

import org.cotangent.autograd.backend.Backend;
import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.backend.Expr;
import org.cotangent.autograd.backend.Layout;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.shape.Axes;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.cotangent.autograd.shape.Sliding;

/// Convolution by copies and products of any backend: what the taps meet becomes a matrix with a
/// row a tap of each channel and a column a position of the output, image after image.
final class PlainConvolution {
  private final Backend backend;
  private final Op.Conv op;
  private final DType dtype;
  private final Sliding rows;
  private final Sliding columns;
  private final int channels; // of the input, in each group
  private final int taps; // of all these channels
  private final int positions;

  private PlainConvolution(Backend backend, Op.Conv op, DType dtype, int channels) {
    this.backend = backend;
    this.op = op;
    this.dtype = dtype;
    this.rows = op.rows();
    this.columns = op.columns();
    this.channels = channels;
    this.taps = channels * rows.kernel() * columns.kernel();
    this.positions = rows.output() * columns.output();
  }

  /// `out` is zeroed.
  static void run(Backend backend, Op.Conv op, Buffer a, Buffer b, Buffer out) {
    if (a.shape().size() == 0 || b.shape().size() == 0 || out.shape().size() == 0) {
      return;
    }
    Buffer kernels = op.kind() == Op.Conv.Kind.KERNEL ? out : b;
    new PlainConvolution(backend, op, out.dtype(), kernels.shape().dim(1)).run(a, b, out);
  }

  private void run(Buffer a, Buffer b, Buffer out) {
    int images = a.shape().dim(0);
    for (int n = 0; n < images; n++) {
      for (int g = 0; g < op.groups(); g++) {
        switch (op.kind()) {
          case OUTPUT ->
              backend.matmul(
                  kernels(b, g), false, matrix(image(a, n, g)), false, outputs(out, n, g));
          case INPUT -> {
            Buffer met = Buffer.allocate(dtype, Shape.of(taps, positions));
            backend.matmul(kernels(b, g), true, outputs(a, n, g), false, met);
            addUp(met, image(out, n, g));
          }
          case KERNEL -> {
            Buffer part = Buffer.allocate(dtype, Shape.of(out.shape().dim(0) / op.groups(), taps));
            backend.matmul(outputs(b, n, g), false, matrix(image(a, n, g)), true, part);
            Buffer all = kernels(out, g);
            backend.elementwise(Expr.of(Op.Binary.ADD, dtype, 2), new Buffer[] {all, part}, all);
          }
        }
      }
    }
  }

  /// A group's kernels as a matrix with a row a channel of the output.
  private Buffer kernels(Buffer w, int g) {
    int count = w.shape().dim(0) / op.groups();
    return matrix(part(w, 0, g, count), Shape.of(count, taps));
  }

  /// A group's channels of one image of the output, a row each.
  private Buffer outputs(Buffer y, int n, int g) {
    int count = y.shape().dim(1) / op.groups();
    return matrix(part(part(y, 0, n, 1), 1, g, count), Shape.of(count, positions));
  }

  /// A group's channels of one image of the input.
  private Buffer image(Buffer x, int n, int g) {
    return part(part(x, 0, n, 1), 1, g, channels);
  }

  private static Buffer part(Buffer x, int axis, int which, int count) {
    return x.view(x.layout().slice(axis, which * count, count, 1));
  }

  private Buffer matrix(Buffer x, Shape shape) {
    Layout layout = x.layout().reshape(shape).orElse(Layout.of(shape));
    if (!layout.isContiguous() || x.layout().reshape(shape).isEmpty()) {
      Buffer copy = Buffer.allocate(dtype, x.shape());
      backend.copy(x, copy);
      return copy.view(Layout.of(shape));
    }
    return x.view(layout);
  }

  /// What the taps meet, of an image `[1, c, h, w]`.
  private Buffer matrix(Buffer image) {
    Buffer padded = padded();
    copyInside(image, padded, true);
    Buffer met =
        Buffer.allocate(
            dtype,
            Shape.of(channels, rows.kernel(), columns.kernel(), rows.output(), columns.output()));
    Layout windows =
        padded
            .layout()
            .windows(2, rows.output(), rows.kernel(), rows.stride(), rows.dilation())
            .windows(3, columns.output(), columns.kernel(), columns.stride(), columns.dilation());
    // [1, c, yh, yw, kh, kw]
    Layout tapsFirst =
        windows
            .permute(Axes.permutation(windows.shape(), 0, 1, 4, 5, 2, 3))
            .reshape(met.shape())
            .orElseThrow();
    backend.copy(padded.view(tapsFirst), met);
    return met.view(Layout.of(Shape.of(taps, positions)));
  }

  /// The adjoint of [#matrix(Buffer)], into an image of zeros.
  private void addUp(Buffer met, Buffer image) {
    Shape each =
        Shape.of(1, channels, rows.kernel(), columns.kernel(), rows.output(), columns.output());
    Layout tapsLast = Layout.of(each).permute(Axes.permutation(each, 0, 1, 2, 4, 5, 3));
    Buffer lines = Buffer.allocate(dtype, tapsLast.shape().without(-1).with(-1, columns.reach()));
    backend.overlapAdd(met.view(tapsLast), 4, columns.stride(), columns.dilation(), lines);
    Buffer padded = padded();
    Layout lineLast = lines.layout().permute(Axes.permutation(lines.shape(), 0, 1, 3, 4, 2));
    backend.overlapAdd(lines.view(lineLast), 2, rows.stride(), rows.dilation(), padded);
    copyInside(image, padded, false);
  }

  private Buffer padded() {
    return Buffer.allocate(dtype, Shape.of(1, channels, rows.reach(), columns.reach()));
  }

  /// Copies what image and padded image have in common, to the one or the other.
  private void copyInside(Buffer image, Buffer padded, boolean toPadded) {
    int height = common(rows);
    int width = common(columns);
    if (height <= 0 || width <= 0) {
      return;
    }
    int h = Math.max(0, -rows.before());
    int w = Math.max(0, -columns.before());
    Layout inside = image.layout().slice(2, h, height, 1).slice(3, w, width, 1);
    Layout place =
        padded
            .layout()
            .slice(2, h + rows.before(), height, 1)
            .slice(3, w + columns.before(), width, 1);
    if (toPadded) {
      backend.copy(image.view(inside), padded.view(place));
    } else {
      backend.copy(padded.view(place), image.view(inside));
    }
  }

  /// How many positions of the input lie within reach.
  private static int common(Sliding s) {
    int first = Math.max(0, -s.before());
    return Math.min(s.input(), s.reach() - s.before()) - first;
  }
}
