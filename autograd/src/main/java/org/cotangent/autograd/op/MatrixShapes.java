package org.cotangent.autograd.op;

import org.cotangent.autograd.shape.Shape;

/// The shapes of matrices in factors, and the errors of operands that are not square or do not fit.
final class MatrixShapes {
  private MatrixShapes() {}

  static String name(Op.Factorization op) {
    return switch (op) {
      case Op.Cholesky() -> "CHOLESKY";
      case Op.TriangularSolve _ -> "TRIANGULAR_SOLVE";
      case Op.Lu _ -> "LU";
      case Op.Solve _ -> "SOLVE";
    };
  }

  static Shape of(Op.Factorization op, Value... in) {
    Shape a = in[0].shape();
    String name = name(op);
    int n = order(name, a);
    return switch (op) {
      case Op.Cholesky() -> a;
      case Op.TriangularSolve _ -> solution(name, a, in[1].shape());
      case Op.Lu(int left) -> {
        if (left < 0) {
          throw new IllegalArgumentException(
              "LU: %d columns cannot be left out; 0 or more can".formatted(left));
        }
        yield a.with(-2, n + 2);
      }
      case Op.Solve _ -> {
        if (!in[1].shape().equals(a.with(-2, n + 2))) {
          throw new IllegalArgumentException(
              "SOLVE: %s are no factors of %s; make them with LU".formatted(in[1].shape(), a));
        }
        yield solution(name, a, in[2].shape());
      }
    };
  }

  private static int order(String op, Shape a) {
    if (a.rank() < 2 || a.dim(-1) != a.dim(-2)) {
      throw new IllegalArgumentException(
          "%s: %s is no square matrix: the last two axes must be equal".formatted(op, a));
    }
    return a.dim(-1);
  }

  private static Shape solution(String op, Shape a, Shape b) {
    if (b.rank() < 2 || b.dim(-2) != a.dim(-1)) {
      throw new IllegalArgumentException(
          "%s: a matrix %s needs right sides with %d rows, but they are %s; a vector is a column"
              .formatted(op, a, a.dim(-1), b));
    }
    Shape batch =
        Shape.broadcast(op + " (batches)", a.without(-1).without(-1), b.without(-1).without(-1));
    return batch.inserted(batch.rank(), b.dim(-2)).inserted(batch.rank() + 1, b.dim(-1));
  }
}
