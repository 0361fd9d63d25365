package org.cotangent.autograd.graph;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.cotangent.autograd.backend.Expr;
import org.cotangent.autograd.op.Op;

/// One piece of work of a compiled function.
sealed interface Kernel {
  /// The values that it reads.
  List<Vertex> reads();

  /// The values that it computes.
  List<Vertex> writes();

  /// A chain of elementwise operations on operands of any layout.
  ///
  /// @param results which values of the chain are written down
  record Elementwise(Expr program, List<Vertex> reads, List<Vertex> results) implements Kernel {
    @Override
    public List<Vertex> writes() {
      return results;
    }
  }

  /// A product of matrices, and a chain of elementwise operations on it while it is in the cache.
  record Product(Vertex product, Optional<Elementwise> then) implements Kernel {
    @Override
    public List<Vertex> reads() {
      List<Vertex> all = new ArrayList<>(product.in());
      then.ifPresent(e -> e.reads().stream().filter(v -> v.id() != product.id()).forEach(all::add));
      return all;
    }

    @Override
    public List<Vertex> writes() {
      List<Vertex> all = new ArrayList<>(List.of(product));
      then.ifPresent(e -> all.addAll(e.writes()));
      return all;
    }
  }

  /// A chain of elementwise operations, and sums over values of it while they are in the cache.
  ///
  /// @param chain its results are those that are written down, then those that are only summed
  /// @param written how many are written down
  /// @param sums all of one shape, over operands of one shape
  record Summed(Elementwise chain, int written, List<Vertex> sums) implements Kernel {
    @Override
    public List<Vertex> reads() {
      return chain.reads;
    }

    @Override
    public List<Vertex> writes() {
      List<Vertex> all = new ArrayList<>(chain.results.subList(0, written));
      all.addAll(sums);
      return all;
    }
  }

  /// An operation that a backend has a method for.
  record Single(Vertex result) implements Kernel {
    @Override
    public List<Vertex> reads() {
      return result.in();
    }

    @Override
    public List<Vertex> writes() {
      return List.of(result);
    }
  }

  /// What a kernel does, in a word or a few: `MATMUL, then ADD RELU`, `SUB SQUARE, then SUM`.
  static String describe(Kernel k) {
    return switch (k) {
      case Elementwise e -> steps(e);
      case Product p ->
          Graph.name(op(p.product)) + p.then.map(e -> ", then " + steps(e)).orElse("");
      case Summed s -> steps(s.chain) + ", then" + " SUM".repeat(s.sums.size());
      case Single s when s.result.origin() instanceof Vertex.Origin.Applied(Op op) ->
          Graph.name(op);
      case Single _ -> "LOGITS_GRAD";
    };
  }

  private static Op op(Vertex v) {
    return ((Vertex.Origin.Applied) v.origin()).op();
  }

  private static String steps(Elementwise e) {
    StringBuilder s = new StringBuilder();
    for (Expr.Step step : e.program.steps()) {
      s.append(s.isEmpty() ? "" : " ").append(Graph.name(step.op()));
    }
    return s.toString();
  }
}
