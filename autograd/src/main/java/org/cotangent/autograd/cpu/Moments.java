package org.cotangent.autograd.cpu;

import java.util.List;
import org.cotangent.autograd.backend.Backend;
import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.backend.Expr;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// Mean and mean squared deviation out of sums, where no kernel of their own fits.
final class Moments {
  private Moments() {}

  /// The shape of either moment.
  static Shape shape(Buffer out) {
    return out.shape().without(0);
  }

  /// The means, or the squared deviations, in the result that holds both.
  static Buffer half(Buffer out, int which) {
    return out.view(out.layout().slice(0, which, 1, 1).reshape(shape(out)).orElseThrow());
  }

  /// See [Backend#moments].
  static void compute(Backend backend, Buffer x, Buffer out) {
    DType d = x.dtype();
    Shape to = shape(out);
    if (to.size() == 0) {
      return;
    }
    double n = (double) x.shape().size() / to.size();
    Buffer sums = Buffer.allocate(d, to);
    backend.sum(x, sums);
    Buffer mean = half(out, 0);
    backend.elementwise(divided(n, d), new Buffer[] {sums}, mean);
    Buffer squares = Buffer.allocate(d, x.shape());
    Expr square =
        new Expr(
            2,
            List.of(),
            List.of(
                new Expr.Step(Op.Binary.SUB, d, 0, 1, -1),
                new Expr.Step(Op.Unary.SQUARE, d, 2, -1, -1)));
    backend.elementwise(square, new Buffer[] {x, mean}, squares);
    Buffer sumsOfSquares = Buffer.allocate(d, to);
    backend.sum(squares, sumsOfSquares);
    backend.elementwise(divided(n, d), new Buffer[] {sumsOfSquares}, half(out, 1));
  }

  private static Expr divided(double n, DType d) {
    return new Expr(
        1, List.of(new Expr.Constant(n, d)), List.of(new Expr.Step(Op.Binary.DIV, d, 0, 1, -1)));
  }
}
