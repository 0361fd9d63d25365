package org.cotangent.autograd;

import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.shape.Shape;

/// Diagonals and triangles of matrices, and of each matrix in a batch.
///
/// Diagonal `k` starts k columns to the right of the main one, or -k rows below it.
public final class Diagonals {
  private Diagonals() {}

  /// Of a vector the matrix with it on diagonal k, of a matrix that diagonal.
  ///
  /// @throws IllegalArgumentException for other ranks
  public static Tensor diag(Tensor x, int k) {
    return switch (x.rank()) {
      case 1 -> embed(x, k);
      case 2 -> diagonal(x, k);
      default ->
          throw new IllegalArgumentException(
              "DIAG: shape %s is neither a vector's nor a matrix's; use diagonal or embed"
                  .formatted(x.shape()));
    };
  }

  /// Diagonal k of the last two axes, along a last axis.
  public static Tensor diagonal(Tensor x, int k) {
    return diagonal(x, k, -2, -1);
  }

  /// Diagonal k of the matrices with the given axes as rows and columns, along a last axis.
  public static Tensor diagonal(Tensor x, int k, int rows, int columns) {
    Tensor y = Rearrange.moveAxes(x, new int[] {rows, columns}, new int[] {-2, -1});
    int n = y.dim(-2);
    int m = y.dim(-1);
    int length = Math.max(0, k < 0 ? Math.min(n + k, m) : Math.min(n, m - k));
    int start = length == 0 ? 0 : k < 0 ? -k * m : k;
    int last = y.rank() - 2;
    // In row-major order neighbours on a diagonal are a row and one apart.
    return Recording.apply(new Op.Slice(last, start, length, m + 1), y.flatten(-2));
  }

  /// Square matrices with the numbers of the last axis on diagonal k and zeros elsewhere.
  public static Tensor embed(Tensor x, int k) {
    return embed(x, k, -2, -1);
  }

  /// The same with rows and columns along the given axes of the result.
  public static Tensor embed(Tensor x, int k, int rows, int columns) {
    int last = x.shape().axis("DIAG_EMBED", -1);
    int n = x.dim(last) + Math.abs(k);
    int start = x.dim(last) == 0 ? 0 : k < 0 ? -k * n : k;
    Tensor flat = Recording.apply(new Op.Embed(last, start, n + 1, n * n), x);
    Shape square = x.shape().with(last, n).inserted(last + 1, n);
    return Rearrange.moveAxes(flat.reshape(square), new int[] {-2, -1}, new int[] {rows, columns});
  }

  /// The sum of the main diagonal.
  public static Tensor trace(Tensor x) {
    return diagonal(x, 0).sum(-1);
  }

  /// The lower triangle: zeros right of diagonal k.
  public static Tensor tril(Tensor x, int k) {
    return Tensor.where(columnsLessRows(x).le(k), x, Tensor.scalar(0, x.dtype()));
  }

  /// The upper triangle: zeros left of diagonal k.
  public static Tensor triu(Tensor x, int k) {
    return Tensor.where(columnsLessRows(x).ge(k), x, Tensor.scalar(0, x.dtype()));
  }

  /// The number of its diagonal for each place of a matrix.
  private static Tensor columnsLessRows(Tensor x) {
    return Tensor.arange(x.dim(-1)).sub(Tensor.arange(x.dim(-2)).unsqueeze(1));
  }
}
