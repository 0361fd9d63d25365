package org.cotangent.nn.opinfo;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.cotangent.autograd.Linalg;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;

/// Linear algebra.
final class LinalgReplays {
  private LinalgReplays() {}

  /// Operators of this topic that are not there yet.
  static final Set<String> PENDING = Set.of();

  static void addTo(Map<String, Replay> table) {
    products(table);
    systems(table);
    norms(table);
  }

  private static void products(Map<String, Replay> table) {
    Replay matmul = Replay.one(a -> a.tensor(0, "input").matmul(a.tensor(1, "other")));
    table.put("matmul", matmul);
    table.put("mm", Replay.one(a -> a.tensor(0, "input").matmul(a.tensor(1, "mat2"))));
    table.put("mv", Replay.one(a -> Linalg.mv(a.tensor(0, "input"), a.tensor(1, "vec"))));
    table.put("dot", Replay.one(a -> Linalg.dot(a.tensor(0, "input"), a.tensor(1, "other"))));
    table.put("inner", Replay.one(a -> Linalg.inner(a.tensor(0, "input"), a.tensor(1, "other"))));
    table.put("outer", Replay.one(a -> Linalg.outer(a.tensor(0, "input"), a.tensor(1, "vec2"))));
    table.put("bmm", Replay.one(a -> Linalg.bmm(a.tensor(0, "input"), a.tensor(1, "mat2"))));
    table.put(
        "addmm",
        Replay.one(a ->
            Linalg.addmm(
                a.tensor(0, "input"),
                a.tensor(1, "mat1"),
                a.tensor(2, "mat2"),
                a.number(-1, "beta", 1),
                a.number(-1, "alpha", 1))));
    table.put(
        "baddbmm",
        Replay.one(a ->
            Linalg.baddbmm(
                a.tensor(0, "input"),
                a.tensor(1, "batch1"),
                a.tensor(2, "batch2"),
                a.number(-1, "beta", 1),
                a.number(-1, "alpha", 1))));
    table.put(
        "linalg.multi_dot",
        Replay.one(a -> Linalg.multiDot(a.tensors(0, "tensors").toArray(Tensor[]::new))));
    table.put(
        "linalg.vecdot",
        Replay.one(
            a -> Linalg.vecdot(a.tensor(0, "x"), a.tensor(1, "y"), a.integer(-1, "dim", -1))));
    table.put(
        "einsum",
        Replay.one(a ->
            Linalg.einsum(a.text(1, "equation"), a.tensors(0, "operands").toArray(Tensor[]::new))));
    table.put("tensordot", Replay.one(LinalgReplays::tensordot));
    table.put("nn.functional.bilinear", Replay.one(LinalgReplays::bilinear));
    table.put("nn.functional.linear", Replay.one(LinalgReplays::linear));
  }

  private static Tensor tensordot(Args a) {
    Tensor x = a.tensor(0, "a");
    Tensor y = a.tensor(1, "b");
    Optional<Arg> dims = a.find(2, "dims");
    if (dims.isPresent() && dims.get() instanceof Arg.Items(List<Arg> pair)) {
      return Linalg.tensordot(x, y, axes(pair.get(0)), axes(pair.get(1)));
    }
    return Linalg.tensordot(x, y, a.integer(2, "dims", 2));
  }

  private static int[] axes(Arg a) {
    return new Args(List.of(a), Map.of()).ints(0, "dims");
  }

  private static Tensor bilinear(Args a) {
    Tensor y = Linalg.bilinear(a.tensor(0, "x1"), a.tensor(1, "x2"), a.tensor(2, "weight"));
    return a.optionalTensor(3, "bias").map(y::add).orElse(y);
  }

  private static Tensor linear(Args a) {
    Tensor y = a.tensor(0, "input").matmul(a.tensor(1, "weight").t());
    return a.optionalTensor(2, "bias").map(y::add).orElse(y);
  }

  private static void systems(Map<String, Replay> table) {
    table.put(
        "linalg.cholesky",
        Replay.one(a -> Linalg.cholesky(a.tensor(0, "A"), a.flag(-1, "upper", false))));
    table.put("linalg.det", Replay.one(a -> Linalg.det(a.tensor(0, "A"))));
    table.put("linalg.inv", Replay.one(a -> Linalg.inv(a.tensor(0, "A"))));
    table.put(
        "linalg.slogdet",
        a -> {
          Linalg.SlogDet y = Linalg.slogdet(a.tensor(0, "A"));
          return List.of(y.sign(), y.logabsdet());
        });
    table.put(
        "linalg.solve",
        Replay.one(
            a -> Linalg.solve(a.tensor(0, "A"), a.tensor(1, "B"), a.flag(-1, "left", true))));
    table.put(
        "linalg.solve_triangular",
        Replay.one(a ->
            Linalg.solveTriangular(
                a.tensor(0, "A"),
                a.tensor(1, "B"),
                a.flag(-1, "upper", false),
                a.flag(-1, "left", true),
                a.flag(-1, "unitriangular", false))));
  }

  private static void norms(Map<String, Replay> table) {
    table.put("linalg.vector_norm", Replay.one(LinalgReplays::vectorNorm));
    table.put(
        "nn.functional.normalize",
        Replay.one(a ->
            Linalg.normalize(
                a.tensor(0, "input"),
                a.number(1, "p", 2),
                a.integer(2, "dim", 1),
                a.number(3, "eps", 1e-12))));
    table.put(
        "nn.functional.cosine_similarity",
        Replay.one(a ->
            Linalg.cosineSimilarity(
                a.tensor(0, "x1"),
                a.tensor(1, "x2"),
                a.integer(2, "dim", 1),
                a.number(3, "eps", 1e-8))));
  }

  /// No axes, or an empty list of them, are all.
  private static Tensor vectorNorm(Args a) {
    Tensor x = a.tensor(0, "x");
    DType dtype = a.dtype(-1, "dtype", x.dtype());
    int[] all = new int[x.rank()];
    Arrays.setAll(all, i -> i);
    int[] axes = a.ints(2, "dim", all);
    // A scalar has no axis 0 with us.
    axes = axes.length == 0 || x.rank() == 0 ? all : axes;
    return Linalg.vectorNorm(x.to(dtype), a.number(1, "ord", 2), axes, a.flag(3, "keepdim", false));
  }
}
