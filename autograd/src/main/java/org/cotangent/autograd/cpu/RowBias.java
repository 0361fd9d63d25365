package org.cotangent.autograd.cpu;

import java.util.List;
import java.util.Optional;
import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.backend.Expr;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.shape.DType;

/// A bias added to the rows of a product in place, with ReLU after it or not: what follows most
/// products, so they do it themselves while their tiles are at hand.
record RowBias(Buffer product, Buffer bias, boolean relu) implements Epilogue {
  /// The program as such, if that is what it does and the product is needed no more: then its
  /// result takes the product's place.
  static Optional<RowBias> of(Expr program, List<Buffer> in, List<Buffer> out, Buffer product) {
    List<Expr.Step> steps = program.steps();
    Expr.Step first = steps.getFirst();
    Buffer y = out.getFirst();
    if (out.size() != 1
        || steps.size() > 2
        || !program.constants().isEmpty()
        || in.size() != 2
        || first.op() != Op.Binary.ADD
        || first.a() == first.b()
        || program.results().getFirst() != in.size() + steps.size() - 1
        || !product.dtype().isFloating()
        || !isSame(y, product)) {
      return Optional.empty();
    }
    boolean relu = steps.size() == 2;
    if (relu && (steps.get(1).op() != Op.Unary.RELU || steps.get(1).a() != in.size())) {
      return Optional.empty();
    }
    int place = isSame(in.getFirst(), product) ? 0 : 1;
    Buffer bias = in.get(1 - place);
    int n = product.shape().dim(-1);
    boolean fits =
        isSame(in.get(place), product)
            && bias.shape().size() == n
            && bias.shape().rank() > 0
            && bias.shape().dim(-1) == n
            && bias.layout().isContiguous()
            && !bias.sharesArray(product);
    return fits ? Optional.of(new RowBias(product, bias, relu)) : Optional.empty();
  }

  private static boolean isSame(Buffer x, Buffer y) {
    return x.sharesArray(y)
        && x.shape().equals(y.shape())
        && x.layout().isContiguous()
        && y.layout().isContiguous()
        && x.layout().offset() == y.layout().offset();
  }

  private double least() {
    return relu ? 0 : Double.NEGATIVE_INFINITY;
  }

  /// Has the next product of this workspace do it, of columns from `column` on.
  void join(GemmF32 gemm, int column) {
    gemm.then(bias.f32(), bias.layout().offset() + column, (float) least());
  }

  /// The same for doubles.
  void join(GemmF64 gemm, int column) {
    gemm.then(bias.f64(), bias.layout().offset() + column, least());
  }

  @Override
  public void rows(int first, int count) {
    int n = product.shape().dim(-1);
    int at = product.layout().offset() + first * n;
    int from = bias.layout().offset();
    if (product.dtype() == DType.F32) {
      BiasF32.plain(count, n, product.f32(), at, n, bias.f32(), from, (float) least());
    } else {
      BiasF64.plain(count, n, product.f64(), at, n, bias.f64(), from, least());
    }
  }
}
