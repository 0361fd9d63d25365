package org.cotangent.autograd.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.cotangent.autograd.graph.Vertex.Origin;
import org.cotangent.autograd.op.Op;

/// A function of tensors as a list of operations.
///
/// @param inputs its operands
/// @param states what it reads and assigns outside
/// @param drawings what it asks Java code for
/// @param outputs its results
/// @param assignments what states hold after it, where that is something else than before
public record Graph(
    List<Vertex> inputs,
    List<State> states,
    List<Drawing> drawings,
    List<Vertex> outputs,
    List<Assignment> assignments) {

  /// What a state holds after a run.
  record Assignment(int state, Vertex value) {}

  /// Copies the lists.
  public Graph {
    inputs = List.copyOf(inputs);
    states = List.copyOf(states);
    drawings = List.copyOf(drawings);
    outputs = List.copyOf(outputs);
    assignments = List.copyOf(assignments);
  }

  /// All that the results and assignments need, operands before what is made of them. Operands of
  /// the function and drawings are there in any case.
  List<Vertex> vertices() {
    IdentityHashMap<Vertex, Boolean> seen = new IdentityHashMap<>();
    List<Vertex> all = new ArrayList<>();
    List<Vertex> roots = new ArrayList<>(inputs);
    drawings.forEach(d -> roots.add(d.vertex()));
    roots.addAll(outputs);
    assignments.forEach(a -> roots.add(a.value()));
    for (Vertex r : roots) {
      if (seen.put(r, true) == null) {
        all.add(r);
      }
    }
    for (int k = 0; k < all.size(); k++) {
      for (Vertex x : all.get(k).in()) {
        if (seen.put(x, true) == null) {
          all.add(x);
        }
      }
    }
    all.sort(Comparator.comparingInt(Vertex::id));
    return all;
  }

  /// How many bytes all results of operations would take if each had memory of its own.
  long bytes() {
    return vertices().stream().filter(Vertex::isComputed).mapToLong(Graph::bytes).sum();
  }

  static long bytes(Vertex v) {
    return (long) v.shape().size() * v.dtype().bytes();
  }

  /// One line a value: `%7 = MUL %3 %5 : F32 [50, 300]`.
  @Override
  public String toString() {
    StringBuilder s = new StringBuilder();
    for (Vertex v : vertices()) {
      s.append(line(v)).append('\n');
    }
    s.append("return ").append(names(outputs)).append('\n');
    for (Assignment a : assignments) {
      s.append("state ").append(a.state()).append(" = ").append(name(a.value())).append('\n');
    }
    return s.toString();
  }

  private static String line(Vertex v) {
    String what =
        switch (v.origin()) {
          case Origin.Input(int i) -> "input " + i;
          case Origin.State(int i) -> "state " + i;
          case Origin.Drawn(int i) -> "drawn " + i;
          case Origin.Known(double d) -> Double.toString(d);
          case Origin.Constant _ -> "constant";
          case Origin.Applied(Op op) -> name(op) + " " + names(v.in());
          case Origin.LogitsGrad() -> "LOGITS_GRAD " + names(v.in());
        };
    return "%s = %s : %s %s".formatted(name(v), what, v.dtype(), v.shape());
  }

  static String name(Vertex v) {
    return "%" + v.id();
  }

  static String names(List<Vertex> all) {
    return all.stream().map(Graph::name).collect(Collectors.joining(" "));
  }

  /// `TANH`, `SUM`, `SLICE(0, 3, 2, 1)`: shapes are left out, as they stand in the line anyway.
  static String name(Op op) {
    if (op instanceof Enum<?> e) {
      return e.name();
    }
    String name =
        op.getClass()
            .getSimpleName()
            .replaceAll("(?<=[a-z])(?=[A-Z])", "_")
            .toUpperCase(Locale.ROOT);
    String facts =
        switch (op) {
          case Op.Sum _, Op.Max _, Op.LogSumExp _, Op.Expand _, Op.Reshape _ -> "";
          default -> facts(op);
        };
    return facts.isEmpty() ? name : name + "(" + facts + ")";
  }

  private static String facts(Op op) {
    String text = op.toString(); // Slice[axis=0, start=3, length=2, step=1]
    String inside = text.substring(text.indexOf('[') + 1, text.length() - 1);
    return Arrays.stream(inside.split(", (?=\\w+=)", -1))
        .map(f -> f.substring(f.indexOf('=') + 1))
        .collect(Collectors.joining(", "));
  }
}
