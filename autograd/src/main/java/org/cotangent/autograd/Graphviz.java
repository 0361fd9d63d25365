package org.cotangent.autograd;

import org.cotangent.autograd.GraphView.Kind;
import org.cotangent.autograd.GraphView.Vertex;

/// Writes a graph in Graphviz's language.
///
/// Parameters are blue, inputs grey, operations white; what is kept for the backward pass has a
/// bold frame, what will be computed again a dashed one. Gradients flow back along the blue edges,
/// not along the grey ones.
final class Graphviz {
  private Graphviz() {}

  static String dot(GraphView graph) {
    StringBuilder s = new StringBuilder();
    s.append("digraph {\n");
    s.append("  rankdir=TB;\n");
    s.append(
        "  node [shape=box, style=\"rounded,filled\", fontname=\"Helvetica\", fontsize=11];\n");
    s.append("  edge [arrowsize=0.7];\n");
    for (Vertex v : graph.vertices()) {
      s.append("  n%d [label=\"%s\"%s];%n".formatted(v.id(), label(v), style(v)));
    }
    for (Vertex v : graph.vertices()) {
      for (int from : v.operands()) {
        boolean flows = graph.vertices().get(from).kind() != Kind.INPUT;
        s.append(
            "  n%d -> n%d [color=\"%s\"];%n"
                .formatted(from, v.id(), flows ? "#2b6cb0" : "#a0aec0"));
      }
    }
    return s.append("}\n").toString().replace(System.lineSeparator(), "\n");
  }

  private static String label(Vertex v) {
    String first =
        switch (v.kind()) {
          case INPUT -> v.what().isEmpty() ? "input" : v.what();
          case PARAMETER -> "parameter";
          case OPERATION -> v.what();
        };
    StringBuilder s = new StringBuilder();
    if (!v.name().isEmpty()) {
      s.append(escape(v.name())).append(v.kind() == Kind.OPERATION ? "\\n" + escape(first) : "");
    } else {
      s.append(escape(first));
    }
    s.append("\\n").append(v.shape()).append(' ').append(v.dtype());
    v.gradNorm().ifPresent(n -> s.append("\\n|grad| ").append(GraphView.number(n)));
    return s.toString();
  }

  private static String escape(String s) {
    return s.replace("\\", "\\\\").replace("\"", "\\\"");
  }

  private static String style(Vertex v) {
    String fill =
        switch (v.kind()) {
          case INPUT -> ", fillcolor=\"#edf2f7\", color=\"#a0aec0\"";
          case PARAMETER -> ", fillcolor=\"#bee3f8\", color=\"#2b6cb0\"";
          case OPERATION -> ", fillcolor=\"#ffffff\", color=\"#4a5568\"";
        };
    return fill
        + switch (v.memory()) {
          case NONE -> "";
          case SAVED -> ", penwidth=2.5";
          case RECOMPUTED -> ", style=\"rounded,filled,dashed\"";
        };
  }
}
