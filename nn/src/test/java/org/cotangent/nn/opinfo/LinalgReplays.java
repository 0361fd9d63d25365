package org.cotangent.nn.opinfo;

import java.util.Map;
import java.util.Set;

/// Linear algebra.
final class LinalgReplays {
  private LinalgReplays() {}

  /// Operators of this topic that are not there yet.
  static final Set<String> PENDING =
      Set.of(
          "addmm",
          "baddbmm",
          "bmm",
          "dot",
          "einsum",
          "inner",
          "linalg.cholesky",
          "linalg.det",
          "linalg.inv",
          "linalg.multi_dot",
          "linalg.slogdet",
          "linalg.solve",
          "linalg.solve_triangular",
          "linalg.vecdot",
          "linalg.vector_norm",
          "matmul",
          "mm",
          "mv",
          "nn.functional.bilinear",
          "nn.functional.cosine_similarity",
          "nn.functional.linear",
          "nn.functional.normalize",
          "outer",
          "tensordot");

  static void addTo(Map<String, Replay> table) {}
}
