package org.cotangent.apps.support;

import static java.util.Locale.ROOT;

import java.util.ArrayList;
import java.util.List;
import org.cotangent.autograd.GraphView;
import org.cotangent.autograd.GraphView.Kind;
import org.cotangent.autograd.GraphView.Memory;
import org.cotangent.autograd.GraphView.Vertex;
import org.eclipse.elk.alg.layered.options.LayeredMetaDataProvider;
import org.eclipse.elk.core.RecursiveGraphLayoutEngine;
import org.eclipse.elk.core.data.LayoutMetaDataService;
import org.eclipse.elk.core.options.CoreOptions;
import org.eclipse.elk.core.options.Direction;
import org.eclipse.elk.core.options.EdgeRouting;
import org.eclipse.elk.core.util.BasicProgressMonitor;
import org.eclipse.elk.graph.ElkBendPoint;
import org.eclipse.elk.graph.ElkEdge;
import org.eclipse.elk.graph.ElkEdgeSection;
import org.eclipse.elk.graph.ElkNode;
import org.eclipse.elk.graph.util.ElkGraphUtil;

/// Draws a recorded graph as SVG: laid out in layers by the Eclipse Layout Kernel, written here.
///
/// Values flow down. Gradients flow up along the blue edges; along the grey ones none does. A bold
/// frame marks what is kept in memory for the backward pass, a dashed one what will be computed
/// again.
public final class GraphSvg {
  private static final double LINE = 16; // of text, in pixels
  private static final double SMALL = 6.8; // mean width of a letter at 12 pixels, on the wide side
  private static final double CAPITAL = 8.8;
  private static final double MARGIN = 14; // left and right of the text in a box
  private static final double LEGEND = 64; // below the graph

  private final GraphView graph;
  private final List<ElkNode> boxes = new ArrayList<>();
  private final StringBuilder svg = new StringBuilder();

  private GraphSvg(GraphView graph) {
    this.graph = graph;
  }

  /// The text of an SVG file.
  public static String of(GraphView graph) {
    return new GraphSvg(graph).draw();
  }

  private String draw() {
    ElkNode root = layout();
    double width = Math.max(root.getWidth(), 620); // the legend needs so much
    double height = root.getHeight() + LEGEND;
    print(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\" viewBox=\"0 0 %.0f %.0f\" font-family=\"Helvetica, Arial, sans-serif\" font-size=\"12\">",
        width, height, width, height);
    print("<style>");
    print("  .input rect { fill: #edf2f7; stroke: #a0aec0 }");
    print("  .parameter rect { fill: #bee3f8; stroke: #2b6cb0 }");
    print("  .operation rect { fill: #ffffff; stroke: #4a5568 }");
    print("  .saved rect { stroke-width: 2.5 }");
    print("  .recomputed rect { stroke-dasharray: 5 3 }");
    print("  .type { fill: #4a5568; font-size: 11px }");
    print("  text { text-anchor: middle; fill: #1a202c }");
    print("  path { fill: none; stroke: #a0aec0; stroke-width: 1.3; marker-end: url(#grey) }");
    print("  path.flow { stroke: #2b6cb0; marker-end: url(#blue) }");
    print("</style>");
    marker("grey", "#a0aec0");
    marker("blue", "#2b6cb0");
    print("<rect width=\"100%%\" height=\"100%%\" fill=\"#ffffff\"/>");
    double left = (width - root.getWidth()) / 2;
    print("<g transform=\"translate(%.1f 0)\">", left);
    root.getContainedEdges().forEach(this::edge);
    graph.vertices().forEach(v -> box(v, boxes.get(v.id())));
    print("</g>");
    legend(root.getHeight(), width);
    print("</svg>");
    return svg.toString();
  }

  private ElkNode layout() {
    LayoutMetaDataService.getInstance()
        .registerLayoutMetaDataProviders(new LayeredMetaDataProvider());
    ElkNode root = ElkGraphUtil.createGraph();
    root.setProperty(CoreOptions.ALGORITHM, "org.eclipse.elk.layered");
    root.setProperty(CoreOptions.DIRECTION, Direction.DOWN);
    root.setProperty(CoreOptions.EDGE_ROUTING, EdgeRouting.ORTHOGONAL);
    root.setProperty(CoreOptions.SPACING_NODE_NODE, 24.0);
    for (Vertex v : graph.vertices()) {
      ElkNode box = ElkGraphUtil.createNode(root);
      List<String> lines = lines(v);
      double width = lines.stream().mapToDouble(GraphSvg::width).max().orElse(0);
      box.setDimensions(width + 2 * MARGIN, lines.size() * LINE + MARGIN);
      boxes.add(box);
    }
    for (Vertex v : graph.vertices()) {
      for (int from : v.operands()) {
        ElkEdge edge = ElkGraphUtil.createSimpleEdge(boxes.get(from), boxes.get(v.id()));
        edge.setIdentifier(graph.vertices().get(from).kind() == Kind.INPUT ? "" : "flow");
      }
    }
    new RecursiveGraphLayoutEngine().layout(root, new BasicProgressMonitor());
    return root;
  }

  /// About how wide a text will be, whatever the viewer's font.
  private static double width(String text) {
    long capitals = text.chars().filter(Character::isUpperCase).count();
    return capitals * CAPITAL + (text.length() - capitals) * SMALL;
  }

  private static List<String> lines(Vertex v) {
    List<String> lines = new ArrayList<>();
    if (!v.name().isEmpty()) {
      lines.add(v.name());
    }
    switch (v.kind()) {
      case INPUT -> {
        if (!v.what().isEmpty() || v.name().isEmpty()) {
          lines.add(v.what().isEmpty() ? "input" : v.what());
        }
      }
      case PARAMETER -> {
        if (v.name().isEmpty()) {
          lines.add("parameter");
        }
      }
      case OPERATION -> lines.add(v.what());
    }
    lines.add(v.shape() + " " + v.dtype());
    v.gradNorm().ifPresent(n -> lines.add(String.format(ROOT, "|grad| %.3g", n)));
    return lines;
  }

  private void box(Vertex v, ElkNode at) {
    String memory = v.memory() == Memory.NONE ? "" : " " + v.memory().name().toLowerCase(ROOT);
    print("<g class=\"%s%s\">", v.kind().name().toLowerCase(ROOT), memory);
    frame(at.getX(), at.getY(), at.getWidth(), at.getHeight());
    double y = at.getY() + MARGIN / 2 + LINE * 0.75; // the base line of the first line of text
    for (String line : lines(v)) {
      boolean type = line.startsWith("[") || line.startsWith("|grad|");
      print(
          "<text x=\"%.1f\" y=\"%.1f\"%s>%s</text>",
          at.getX() + at.getWidth() / 2, y, type ? " class=\"type\"" : "", escape(line));
      y += LINE;
    }
    print("</g>");
  }

  private void frame(double x, double y, double width, double height) {
    print(
        "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" rx=\"7\"/>",
        x, y, width, height);
  }

  private void edge(ElkEdge e) {
    for (ElkEdgeSection s : e.getSections()) {
      StringBuilder d =
          new StringBuilder(String.format(ROOT, "M%.1f %.1f", s.getStartX(), s.getStartY()));
      for (ElkBendPoint b : s.getBendPoints()) {
        d.append(String.format(ROOT, " L%.1f %.1f", b.getX(), b.getY()));
      }
      d.append(String.format(ROOT, " L%.1f %.1f", s.getEndX(), s.getEndY()));
      print("<path%s d=\"%s\"/>", "flow".equals(e.getIdentifier()) ? " class=\"flow\"" : "", d);
    }
  }

  private void marker(String id, String colour) {
    print(
        "<marker id=\"%s\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" orient=\"auto\"><polygon points=\"0,0 8,4 0,8\" fill=\"%s\"/></marker>",
        id, colour);
  }

  private void legend(double top, double width) {
    String[] classes = {
      "input", "parameter", "operation", "operation saved", "operation recomputed"
    };
    String[] texts = {"input", "parameter", "operation", "saved", "recomputed"};
    double step = 116;
    double x = (width - step * classes.length) / 2;
    for (int i = 0; i < classes.length; i++) {
      print("<g class=\"%s\">", classes[i]);
      frame(x + 6, top + 8, 104, 22);
      print("<text x=\"%.1f\" y=\"%.1f\">%s</text></g>", x + 58, top + 23, texts[i]);
      x += step;
    }
    print(
        "<text class=\"type\" x=\"%.1f\" y=\"%.1f\">values flow down; gradients flow up along blue edges; %,d bytes saved for the backward pass</text>",
        width / 2, top + 50, graph.savedBytes());
  }

  private static String escape(String s) {
    return s.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }

  @SuppressWarnings("AnnotateFormatMethod") // its annotation would be one more dependency
  private void print(String format, Object... args) {
    svg.append(String.format(ROOT, format, args)).append('\n');
  }
}
