package org.cotangent.autograd.graph;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.cotangent.autograd.backend.Expr;
import org.cotangent.autograd.graph.Vertex.Origin;
import org.cotangent.autograd.op.Op;

/// Writes elementwise operations down as one [Expr].
final class Chain {
  private Chain() {}

  /// @param part the operations, operands first
  /// @param results which of them are written to memory
  static Kernel.Elementwise of(
      List<Vertex> part, List<Vertex> results, IdentityHashMap<Vertex, Placement> placements) {
    Map<Integer, Integer> input = new HashMap<>();
    Map<Integer, Integer> constant = new HashMap<>();
    Map<Integer, Integer> step = new HashMap<>();
    List<Vertex> reads = new ArrayList<>();
    List<Expr.Constant> constants = new ArrayList<>();
    for (Vertex v : part) {
      for (Vertex x : v.in()) {
        if (step.containsKey(x.id()) || input.containsKey(x.id()) || constant.containsKey(x.id())) {
          continue;
        }
        if (number(x, placements) instanceof Origin.Known(double d)) {
          constant.put(x.id(), constants.size());
          constants.add(new Expr.Constant(d, x.dtype()));
        } else {
          input.put(x.id(), reads.size());
          reads.add(x);
        }
      }
      step.put(v.id(), step.size());
    }
    List<Expr.Step> steps = new ArrayList<>();
    for (Vertex v : part) {
      int[] register = {-1, -1, -1};
      for (int i = 0; i < v.in().size(); i++) {
        int x = v.in().get(i).id();
        if (step.containsKey(x)) {
          register[i] = reads.size() + constants.size() + step.getOrDefault(x, 0);
        } else if (input.containsKey(x)) {
          register[i] = input.getOrDefault(x, 0);
        } else {
          register[i] = reads.size() + constant.getOrDefault(x, 0);
        }
      }
      Op.Elementwise op = (Op.Elementwise) ((Origin.Applied) v.origin()).op();
      steps.add(new Expr.Step(op, v.dtype(), register[0], register[1], register[2]));
    }
    List<Integer> out =
        results.stream()
            .map(v -> reads.size() + constants.size() + step.getOrDefault(v.id(), 0))
            .toList();
    return new Kernel.Elementwise(new Expr(reads.size(), constants, steps, out), reads, results);
  }

  private static Origin number(Vertex x, IdentityHashMap<Vertex, Placement> placements) {
    Placement p = placements.get(x);
    return p == null ? x.origin() : p.base().origin();
  }
}
