package org.cotangent.autograd;

import java.util.Arrays;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// Products of vectors, matrices and arrays, brought to elementwise products and [MatMul].
final class Products {
  private Products() {}

  /// Refuses operands of other ranks than these.
  static void checkRanks(String op, Tensor a, int rankOfA, Tensor b, int rankOfB) {
    if (a.rank() != rankOfA || b.rank() != rankOfB) {
      throw new IllegalArgumentException(
          "%s: %s x %s: the operands need %d and %d axes; matmul takes any"
              .formatted(op, a.shape(), b.shape(), rankOfA, rankOfB));
    }
  }

  static Tensor bmm(String op, Tensor a, Tensor b) {
    checkRanks(op, a, 3, b, 3);
    if (a.dim(0) != b.dim(0)) {
      throw new IllegalArgumentException(
          "%s: %s x %s: batches of %d and %d differ; matmul broadcasts them"
              .formatted(op, a.shape(), b.shape(), a.dim(0), b.dim(0)));
    }
    return a.matmul(b);
  }

  /// β y + α p; a factor of 0 leaves no trace of its operand, not even a NaN.
  static Tensor combine(String op, Tensor y, Tensor product, double beta, double alpha) {
    if (!y.shape().broadcastsTo(product.shape())) {
      throw new IllegalArgumentException(
          "%s: %s does not stretch to the product's shape %s"
              .formatted(op, y.shape(), product.shape()));
    }
    Tensor scaled = alpha == 1 ? product : product.mul(alpha);
    if (beta == 0) {
      return scaled;
    }
    return (beta == 1 ? y : y.mul(beta)).add(scaled);
  }

  static Tensor vecdot(Tensor a, Tensor b, int axis) {
    DType d = Promotion.floating(DType.promote(a.dtype(), b.dtype()));
    return a.to(d).mul(b.to(d)).sum(axis, false);
  }

  static Tensor inner(Tensor a, Tensor b) {
    if (a.rank() == 0 || b.rank() == 0) {
      return a.mul(b);
    }
    return tensordot("INNER", a, b, new int[] {-1}, new int[] {-1});
  }

  static Tensor tensordot(Tensor a, Tensor b, int count) {
    if (count < 0 || count > Math.min(a.rank(), b.rank())) {
      throw new IllegalArgumentException(
          "TENSORDOT: %s and %s do not have %d axes each to sum over"
              .formatted(a.shape(), b.shape(), count));
    }
    int[] ofA = new int[count];
    int[] ofB = new int[count];
    Arrays.setAll(ofA, i -> a.rank() - count + i);
    Arrays.setAll(ofB, i -> i);
    return tensordot("TENSORDOT", a, b, ofA, ofB);
  }

  /// Both brought to matrices, the axes to sum over in the middle.
  static Tensor tensordot(String op, Tensor a, Tensor b, int[] axesOfA, int[] axesOfB) {
    int count = axesOfA.length;
    int[] sumA = resolved(op, a, axesOfA);
    int[] sumB = resolved(op, b, axesOfB);
    boolean fits = sumB.length == count;
    for (int i = 0; fits && i < count; i++) {
      fits = a.dim(sumA[i]) == b.dim(sumB[i]);
    }
    if (!fits) {
      throw new IllegalArgumentException(
          "%s: axes %s of %s and %s of %s: each pair must have one extent"
              .formatted(
                  op, Arrays.toString(axesOfA), a.shape(), Arrays.toString(axesOfB), b.shape()));
    }
    int[] keepA = others(a.rank(), sumA);
    int[] keepB = others(b.rank(), sumB);
    Shape left = part(a.shape(), keepA);
    Shape inner = part(a.shape(), sumA);
    Shape right = part(b.shape(), keepB);
    Tensor x = a.permute(joined(keepA, sumA)).reshape(left.size(), inner.size());
    Tensor y = b.permute(joined(sumB, keepB)).reshape(inner.size(), right.size());
    return x.matmul(y).reshape(Shape.of(joined(left.dims(), right.dims())));
  }

  private static int[] resolved(String op, Tensor x, int[] axes) {
    int[] r = new int[axes.length];
    Arrays.setAll(r, i -> x.shape().axis(op, axes[i]));
    if (Arrays.stream(r).distinct().count() < r.length) {
      throw new IllegalArgumentException(
          "%s: the axes %s of %s name one twice".formatted(op, Arrays.toString(axes), x.shape()));
    }
    return r;
  }

  private static int[] others(int rank, int[] axes) {
    boolean[] named = new boolean[rank];
    for (int a : axes) {
      named[a] = true;
    }
    int[] rest = new int[rank - axes.length];
    int next = 0;
    for (int i = 0; i < rank; i++) {
      if (!named[i]) {
        rest[next++] = i;
      }
    }
    return rest;
  }

  private static Shape part(Shape s, int[] axes) {
    return Shape.of(Arrays.stream(axes).map(s::dim).toArray());
  }

  static int[] joined(int[] a, int[] b) {
    int[] c = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, c, a.length, b.length);
    return c;
  }

  /// The cheapest order by dynamic programming (Cormen et al., Introduction to Algorithms, 15.2).
  static Tensor multiDot(Tensor... factors) {
    int n = factors.length;
    if (n < 2) {
      throw new IllegalArgumentException(
          "MULTI_DOT: %d factors given; a product needs two or more".formatted(n));
    }
    Tensor[] f = factors.clone();
    boolean row = f[0].rank() == 1;
    boolean column = f[n - 1].rank() == 1;
    f[0] = row ? f[0].unsqueeze(0) : f[0];
    f[n - 1] = column ? f[n - 1].unsqueeze(1) : f[n - 1];
    for (Tensor t : f) {
      if (t.rank() != 2) {
        throw new IllegalArgumentException(
            "MULTI_DOT: %s: factors are matrices; the first and the last may be vectors"
                .formatted(Arrays.toString(Arrays.stream(factors).map(Tensor::shape).toArray())));
      }
    }
    Tensor y = chain(f, splits(f), 0, n - 1);
    y = row ? y.squeeze(0) : y;
    return column ? y.squeeze(-1) : y;
  }

  /// Where to split the factors `i` to `j` last.
  private static int[][] splits(Tensor[] f) {
    int n = f.length;
    double[][] cost = new double[n][n];
    int[][] split = new int[n][n];
    for (int length = 1; length < n; length++) {
      for (int i = 0; i + length < n; i++) {
        int j = i + length;
        cost[i][j] = Double.POSITIVE_INFINITY;
        for (int k = i; k < j; k++) {
          double product = (double) f[i].dim(0) * f[k].dim(1) * f[j].dim(1);
          double all = cost[i][k] + cost[k + 1][j] + product;
          if (all < cost[i][j]) {
            cost[i][j] = all;
            split[i][j] = k;
          }
        }
      }
    }
    return split;
  }

  private static Tensor chain(Tensor[] f, int[][] split, int i, int j) {
    if (i == j) {
      return f[i];
    }
    int k = split[i][j];
    return chain(f, split, i, k).matmul(chain(f, split, k + 1, j));
  }

  /// `y[.., k] = Σ_ij x₁[.., i] w[k, i, j] x₂[.., j]`: one product with all of `w`, then one a row.
  static Tensor bilinear(Tensor x1, Tensor x2, Tensor w) {
    boolean fits =
        w.rank() == 3
            && x1.rank() > 0
            && x2.rank() > 0
            && x1.shape().without(-1).equals(x2.shape().without(-1))
            && x1.dim(-1) == w.dim(1)
            && x2.dim(-1) == w.dim(2);
    if (!fits) {
      throw new IllegalArgumentException(
          "BILINEAR: %s, %s and %s must be [.., i], [.., j] and [k, i, j]"
              .formatted(x1.shape(), x2.shape(), w.shape()));
    }
    int outputs = w.dim(0);
    int right = w.dim(2);
    Shape rows = x1.shape().without(-1);
    Tensor all = w.permute(1, 0, 2).reshape(w.dim(1), outputs * right);
    Tensor byLeft = x1.reshape(rows.size(), x1.dim(-1)).matmul(all);
    Tensor y =
        byLeft
            .reshape(rows.size(), outputs, right)
            .matmul(x2.reshape(rows.size(), right).unsqueeze(2));
    return y.reshape(rows.inserted(rows.rank(), outputs));
  }
}
