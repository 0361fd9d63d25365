package org.cotangent.apps.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import org.cotangent.autograd.Grad;
import org.cotangent.autograd.GraphView;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

class GraphSvgTest {
  private static Document svg(GraphView graph) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(GraphSvg.of(graph))));
  }

  private static List<Element> all(Document svg, String tag) {
    NodeList found = svg.getElementsByTagName(tag);
    List<Element> elements = new ArrayList<>();
    for (int i = 0; i < found.getLength(); i++) {
      elements.add((Element) found.item(i));
    }
    return elements;
  }

  private static GraphView graph() {
    Tensor w = Tensor.parameter(Tensor.ones(Shape.of(3, 2), DType.F32));
    Tensor x = Tensor.ones(Shape.of(4, 3), DType.F32);
    Tensor h = Grad.checkpoint(t -> t.tanh(), x.matmul(w));
    Tensor loss = h.square().sum();
    loss.backward(Grad.Option.RETAIN_GRAPH);
    return loss.graph(Map.of("a < b & c", w));
  }

  @Test
  void showsEveryVertexWithNameShapeAndGradient() throws Exception {
    Document svg = svg(graph());
    List<String> texts = all(svg, "text").stream().map(Element::getTextContent).toList();
    assertThat(texts)
        .contains("a < b & c", "[3, 2] F32", "input", "MATMUL", "TANH", "SQUARE", "SUM")
        .anyMatch(t -> t.startsWith("|grad| "));
  }

  @Test
  void gradientsFlowAlongEdgesThatDoNotComeFromInputs() throws Exception {
    List<Element> edges = all(svg(graph()), "path");
    assertThat(edges).hasSize(5);
    assertThat(edges.stream().filter(e -> e.getAttribute("class").equals("flow"))).hasSize(4);
  }

  @Test
  void marksWhatIsKeptAndWhatIsComputedAgain() throws Exception {
    List<String> classes =
        all(svg(graph()), "g").stream().map(g -> g.getAttribute("class")).toList();
    assertThat(classes).contains("input saved", "operation recomputed", "operation", "parameter");
  }

  @Test
  void boxesDoNotOverlap() throws Exception {
    List<Element> boxes =
        all(svg(graph()), "rect").stream().filter(r -> r.hasAttribute("rx")).toList();
    for (int i = 0; i < boxes.size(); i++) {
      for (int k = 0; k < i; k++) {
        Element a = boxes.get(i);
        Element b = boxes.get(k);
        boolean apart =
            number(a, "x") + number(a, "width") <= number(b, "x")
                || number(b, "x") + number(b, "width") <= number(a, "x")
                || number(a, "y") + number(a, "height") <= number(b, "y")
                || number(b, "y") + number(b, "height") <= number(a, "y");
        assertThat(apart).isTrue();
      }
    }
  }

  private static double number(Element e, String attribute) {
    return Double.parseDouble(e.getAttribute(attribute));
  }
}
