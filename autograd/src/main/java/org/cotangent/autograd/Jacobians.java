package org.cotangent.autograd;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// Whole matrices of derivatives: the function is evaluated once, and its graph is walked for many
/// cotangents or tangents at once, by vmap.
final class Jacobians {
  /// Walks at once, at most: enough to make the cost of an operation that of its numbers, few
  /// enough that intermediate results of a large function do not fill the memory.
  private static final int CHUNK = 64;

  private Jacobians() {}

  private static Trial trial(Function<Tensor, Tensor> f, Tensor x) {
    return Trial.of(in -> List.of(f.apply(in.getFirst())), List.of(x));
  }

  static Tensor jacobian(Function<Tensor, Tensor> f, Tensor x) {
    Trial t = trial(f, x);
    return t.y().getFirst().size() <= x.size() ? reverse(t) : forward(t);
  }

  static Tensor reverse(Function<Tensor, Tensor> f, Tensor x) {
    return reverse(trial(f, x));
  }

  static Tensor forward(Function<Tensor, Tensor> f, Tensor x) {
    return forward(trial(f, x));
  }

  private static Tensor reverse(Trial t) {
    Tensor x = t.x().getFirst();
    Tensor y = t.y().getFirst();
    Tensor rows = rows(t, y, x, g -> t.pull(List.of(g)).getFirst());
    return rows.reshape(joined(y.shape(), x.shape()));
  }

  private static Tensor forward(Trial t) {
    Tensor x = t.x().getFirst();
    Tensor y = t.y().getFirst();
    Tensor columns = rows(t, x, y, d -> t.push(List.of(d)).getFirst());
    return columns.reshape(x.size(), y.size()).t().reshape(joined(y.shape(), x.shape()));
  }

  /// The diagonal of the Hessian: `<eᵢ, H eᵢ>` for each i, forward over reverse.
  static Tensor hessianDiagonal(Function<Tensor, Tensor> f, Tensor x) {
    Trial t = trial(Grad.grad(f), x);
    return rows(
            t,
            t.x().getFirst(),
            Tensor.zeros(x.dtype()),
            e -> t.push(List.of(e)).getFirst().mul(e).sum())
        .reshape(x.shape());
  }

  /// `walk` of each unit vector of the shape of `of`, stacked; each result is of the shape of
  /// `like`.
  private static Tensor rows(Trial t, Tensor of, Tensor like, UnaryOperator<Tensor> walk) {
    return t.nested() ? rows(of, like, walk) : Recording.without(() -> rows(of, like, walk));
  }

  private static Tensor rows(Tensor of, Tensor like, UnaryOperator<Tensor> walk) {
    int n = of.size();
    DType d = of.dtype().isFloating() ? of.dtype() : like.dtype();
    if (n == 0) {
      return Tensor.zeros(like.shape().inserted(0, 0), like.dtype());
    }
    if (n == 1) {
      return walk.apply(Tensor.ones(of.shape(), d)).unsqueeze(0);
    }
    List<Tensor> parts = new ArrayList<>();
    for (int from = 0; from < n; from += CHUNK) {
      int to = Math.min(n, from + CHUNK);
      Tensor units = Tensor.arange(from, to, 1, DType.I64).unsqueeze(1).eq(Tensor.arange(n)).to(d);
      Tensor batch = units.reshape(of.shape().inserted(0, to - from));
      parts.add(
          Vmap.map(
                  to - from,
                  List.of(batch),
                  new boolean[] {true},
                  in -> List.of(walk.apply(in.getFirst())))
              .getFirst());
    }
    return Tensor.concat(0, parts.toArray(Tensor[]::new));
  }

  private static Shape joined(Shape a, Shape b) {
    Shape s = a;
    for (int i = 0; i < b.rank(); i++) {
      s = s.inserted(s.rank(), b.dim(i));
    }
    return s;
  }
}
