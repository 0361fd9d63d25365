package org.cotangent.autograd;

/// Linear algebra: products, systems of equations, determinants, norms.
///
/// Names and rules are PyTorch's (`torch.linalg` and `torch`). The last axes hold the vectors or
/// matrices, leading axes are batches and broadcast. `F32` and `F64`; integers count as `F32`;
/// operands of two dtypes work in the later one. Everything has derivatives of every order, in both
/// modes. What is not said of a shape here is said by the error of operands that do not fit.
///
/// ```java
/// Tensor a = Tensor.of(new double[][] {{4, 1}, {1, 3}});
/// Tensor x = Linalg.solve(a, Tensor.of(1.0, 2.0));   // a x = (1, 2)
/// Tensor l = Linalg.cholesky(a);                     // l lᵀ = a
/// Tensor y = Linalg.einsum("ij,j->i", a, x);         // (1, 2) again
/// ```
public final class Linalg {
  private Linalg() {}

  // ---- Products

  /// The sum of products of two vectors.
  public static Tensor dot(Tensor a, Tensor b) {
    Products.checkRanks("DOT", a, 1, b, 1);
    return a.matmul(b);
  }

  /// A matrix times a vector.
  public static Tensor mv(Tensor a, Tensor x) {
    Products.checkRanks("MV", a, 2, x, 1);
    return a.matmul(x);
  }

  /// `y[i, j] = a[i] b[j]` for vectors.
  public static Tensor outer(Tensor a, Tensor b) {
    Products.checkRanks("OUTER", a, 1, b, 1);
    return a.unsqueeze(1).mul(b);
  }

  /// Σ a b along the last axis of both; they broadcast.
  public static Tensor vecdot(Tensor a, Tensor b) {
    return vecdot(a, b, -1);
  }

  /// Σ a b along an axis; they broadcast.
  public static Tensor vecdot(Tensor a, Tensor b, int axis) {
    return Products.vecdot(a, b, axis);
  }

  /// The sums of products along the last axes of both, for each pair of what is before: the result
  /// has the leading axes of `a`, then those of `b`. A scalar multiplies.
  public static Tensor inner(Tensor a, Tensor b) {
    return Products.inner(a, b);
  }

  /// The products of two batches of matrices, both of rank 3 and of as many matrices.
  public static Tensor bmm(Tensor a, Tensor b) {
    return Products.bmm("BMM", a, b);
  }

  /// y + a b
  public static Tensor addmm(Tensor y, Tensor a, Tensor b) {
    return addmm(y, a, b, 1, 1);
  }

  /// β y + α a b for matrices; y broadcasts. With β = 0 nothing of y is left, not even a NaN.
  public static Tensor addmm(Tensor y, Tensor a, Tensor b, double beta, double alpha) {
    Products.checkRanks("ADDMM", a, 2, b, 2);
    return Products.combine("ADDMM", y, a.matmul(b), beta, alpha);
  }

  /// β y + α a b for batches of matrices, as [#bmm]; y broadcasts.
  public static Tensor baddbmm(Tensor y, Tensor a, Tensor b, double beta, double alpha) {
    return Products.combine("BADDBMM", y, Products.bmm("BADDBMM", a, b), beta, alpha);
  }

  /// The product of matrices in the order that takes the fewest multiplications. The first may be a
  /// vector, a row, and the last, a column.
  public static Tensor multiDot(Tensor... factors) {
    return Products.multiDot(factors);
  }

  /// Sums over the last `count` axes of `a` and the first `count` of `b`.
  public static Tensor tensordot(Tensor a, Tensor b, int count) {
    return Products.tensordot(a, b, count);
  }

  /// Sums over pairs of axes, one of `a` and one of `b` each; then come the others of `a`, and of
  /// `b`.
  public static Tensor tensordot(Tensor a, Tensor b, int[] axesOfA, int[] axesOfB) {
    return Products.tensordot("TENSORDOT", a, b, axesOfA, axesOfB);
  }

  /// The sum of products that an equation names: `ij,jk->ik` is the matrix product.
  ///
  /// Each operand has a letter for each axis. Axes of one letter are stepped through together (a
  /// letter twice in one operand means its diagonal), and what the result does not name is summed.
  /// Without `->` the result has the letters that occur once, in alphabetical order, capitals
  /// first. `...` stands for any number of axes that broadcast; an extent of 1 broadcasts too.
  /// Operands are contracted in pairs by matrix products, smallest result first.
  ///
  /// @throws IllegalArgumentException if equation and operands do not fit
  public static Tensor einsum(String equation, Tensor... operands) {
    return Einsum.of(equation, operands);
  }

  /// `y[.., k] = Σ_ij x1[.., i] w[k, i, j] x2[.., j]`.
  public static Tensor bilinear(Tensor x1, Tensor x2, Tensor w) {
    return Products.bilinear(x1, x2, w);
  }

  // ---- Systems of equations

  /// The lower triangular `L` with a positive diagonal and `L Lᵀ = a`.
  ///
  /// Defined as the factor of `(a + aᵀ)/2`, so for a symmetric matrix it is the usual one, the
  /// gradient is symmetric as PyTorch's, and finite differences agree with it.
  ///
  /// @throws ArithmeticException if a matrix is not positive definite, naming it and the pivot
  public static Tensor cholesky(Tensor a) {
    return cholesky(a, false);
  }

  /// `L`, or if `upper` its transpose.
  public static Tensor cholesky(Tensor a, boolean upper) {
    return Systems.cholesky(a, upper);
  }

  /// The `X` with `A X = b`, where `A` is the upper or lower triangle of `a`.
  public static Tensor solveTriangular(Tensor a, Tensor b, boolean upper) {
    return solveTriangular(a, b, upper, true, false);
  }

  /// The `X` with `A X = b`, or `X A = b` if not `left`, where `A` is the upper or lower triangle
  /// of `a`, with ones on the diagonal if `unitriangular`. Nothing else of `a` is read or has a
  /// gradient. A 0 on the diagonal gives infinities.
  public static Tensor solveTriangular(
      Tensor a, Tensor b, boolean upper, boolean left, boolean unitriangular) {
    return Systems.triangular(a, b, upper, left, unitriangular);
  }

  /// The `x` with `a x = b`, by elimination and iterative refinement. `b` is a vector if it has one
  /// axis, or the shape of `a` without its last axis; else it is a matrix of right sides.
  ///
  /// @throws ArithmeticException if a matrix is singular, naming it and the pivot
  public static Tensor solve(Tensor a, Tensor b) {
    return solve(a, b, true);
  }

  /// The `x` with `a x = b`, or `x a = b` for matrices if not `left`.
  ///
  /// @throws ArithmeticException if a matrix is singular, naming it and the pivot
  public static Tensor solve(Tensor a, Tensor b, boolean left) {
    return Systems.solve(a, b, left);
  }

  /// The inverse. To multiply by it, [#solve] is faster and more accurate.
  ///
  /// @throws ArithmeticException if a matrix is singular, naming it and the pivot
  public static Tensor inv(Tensor a) {
    return Systems.inverse(a);
  }

  /// The determinant. Its derivatives are right for singular matrices too: of every order for rank
  /// n - 2 and more, of the first two orders for any rank.
  public static Tensor det(Tensor a) {
    return Systems.determinant(a);
  }

  /// A determinant that neither overflows nor underflows.
  ///
  /// @param sign -1, 0 or 1; its gradient is 0
  /// @param logabsdet the logarithm of the absolute value; -∞ for a singular matrix
  public record SlogDet(Tensor sign, Tensor logabsdet) {}

  /// The determinant as a sign and a logarithm.
  public static SlogDet slogdet(Tensor a) {
    return Systems.signAndLogDeterminant(a);
  }

  /// Two factors of a matrix.
  ///
  /// @param q with orthonormal columns, as many as the matrix has rows or columns, whichever are
  ///   fewer
  /// @param r upper triangular
  public record Qr(Tensor q, Tensor r) {}

  /// `A = Q R`, reduced, for each matrix of the batch; signs are those of LAPACK. The columns must
  /// be linearly independent, of a wide matrix as many of the first ones as there are rows. All
  /// derivatives are those of composed operations.
  ///
  /// @throws ArithmeticException if they are not independent
  public static Qr qr(Tensor a) {
    return Orthogonal.factors(a);
  }

  // ---- Norms

  /// The Euclidean norm of all elements.
  public static Tensor vectorNorm(Tensor x) {
    return vectorNorm(x, 2);
  }

  /// The norm of all elements; see [#vectorNorm(Tensor, double, int[], boolean)].
  public static Tensor vectorNorm(Tensor x, double ord) {
    return vectorNorm(x, ord, Reduce.all(x.shape()), false);
  }

  /// The norm along an axis, which stays with extent 1 if asked.
  public static Tensor vectorNorm(Tensor x, double ord, int axis, boolean keepDims) {
    return vectorNorm(x, ord, new int[] {axis}, keepDims);
  }

  /// `(Σ |x|ᵖ)^(1/p)` along some axes, for any order p: 0 counts what is not 0, ∞ and -∞ are the
  /// largest and the smallest absolute value. Numbers whose powers leave the range of the dtype do
  /// no harm.
  ///
  /// Where x is 0 its gradient is 0, also where the norm has none, and so are second derivatives.
  ///
  /// @throws IllegalArgumentException if p is NaN, or there is no element and p is negative or ∞
  public static Tensor vectorNorm(Tensor x, double ord, int[] axes, boolean keepDims) {
    return Norms.vector(x, ord, axes, keepDims);
  }

  /// The Frobenius norm of each matrix: the root of the sum of squares.
  public static Tensor matrixNorm(Tensor a) {
    return matrixNorm(a, false);
  }

  /// The Frobenius norm of each matrix, whose axes stay with extent 1 if asked.
  public static Tensor matrixNorm(Tensor a, boolean keepDims) {
    return vectorNorm(a, 2, new int[] {-2, -1}, keepDims);
  }

  /// `x / max(‖x‖₂, 1e-12)` along an axis.
  public static Tensor normalize(Tensor x, int axis) {
    return normalize(x, 2, axis, 1e-12);
  }

  /// `x / max(‖x‖ₚ, eps)` along an axis.
  public static Tensor normalize(Tensor x, double p, int axis, double eps) {
    return Norms.normalize(x, p, axis, eps);
  }

  /// `Σ x1 x2 / (max(‖x1‖, eps) max(‖x2‖, eps))` along an axis of the shape to which both
  /// broadcast.
  public static Tensor cosineSimilarity(Tensor x1, Tensor x2, int axis, double eps) {
    return Norms.cosineSimilarity(x1, x2, axis, eps);
  }
}
