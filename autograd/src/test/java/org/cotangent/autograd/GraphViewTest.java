package org.cotangent.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.LinkedHashMap;
import java.util.Map;
import org.cotangent.autograd.GraphView.Kind;
import org.cotangent.autograd.GraphView.Memory;
import org.cotangent.autograd.GraphView.Vertex;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.api.Test;

class GraphViewTest {
  private final Tensor w = Tensor.parameter(Tensor.ones(Shape.of(3, 2), DType.F32));
  private final Tensor b = Tensor.parameter(Tensor.zeros(Shape.of(2), DType.F32));
  private final Tensor x = Tensor.ones(Shape.of(4, 3), DType.F32).add(0);

  private Map<String, Tensor> names() {
    Map<String, Tensor> names = new LinkedHashMap<>();
    names.put("layer.weight", w);
    names.put("layer.bias", b);
    names.put("x", x);
    return names;
  }

  @Test
  void listsOperandsBeforeWhatIsComputedFromThem() {
    Tensor loss = x.matmul(w).add(b).tanh().square().mean();
    assertThat(loss.graph(names()))
        .hasToString(
            """
            %0  x = input                 [4, 3] F32  saved
            %1  layer.weight = parameter  [3, 2] F32
            %2  MATMUL(%0, %1)            [4, 2] F32
            %3  layer.bias = parameter    [2] F32
            %4  ADD(%2, %3)               [4, 2] F32
            %5  TANH(%4)                  [4, 2] F32  saved
            %6  SQUARE(%5)                [4, 2] F32
            %7  SUM(%6)                   [] F32
            %8  8                         [] F32      saved
            %9  DIV(%7, %8)               [] F32
            6 operations, 2 parameters, 2 inputs; 84 bytes saved for the backward pass\
            """);
  }

  @Test
  void saysWhichGradientsHaveCome() {
    Tensor h = x.matmul(w).retainGrad();
    Tensor loss = h.sum();
    loss.backward(Grad.Option.RETAIN_GRAPH);
    assertThat(loss.graph(Map.of("h", h)).toString()).contains("h = MATMUL").doesNotContain(",  ");
    assertThat(loss.graph().toString())
        .contains("parameter       [3, 2] F32  |grad| 9.798") // 4 each: √(6 · 16)
        .contains("MATMUL(%0, %1)  [4, 2] F32  |grad| 2.828");
  }

  @Test
  void numbersThatSeveralStepsReadCountOnce() {
    Tensor h = x.matmul(w).exp(); // 4 x 2 floats, saved for exp, and for the product
    assertThat(h.mul(h).sum().graph().savedBytes()).isEqualTo(4 * (12 + 8));
    assertThat(h.mul(h.transpose(0, 1).transpose(0, 1)).sum().graph().savedBytes())
        .isEqualTo(4 * (12 + 8));
  }

  @Test
  void aParameterTakesNoMemoryOfTheGraphs() {
    assertThat(w.square().sum().graph().savedBytes()).isZero();
  }

  @Test
  void aValueThatTwoOperationsUseIsOneVertex() {
    Tensor h = w.square();
    GraphView g = h.add(h).sum().graph();
    assertThat(g.vertices()).extracting(Vertex::what).containsExactly("", "SQUARE", "ADD", "SUM");
    assertThat(g.vertices().get(2).operands()).containsExactly(1, 1);
    assertThat(g.vertices().get(0).memory()).isEqualTo(Memory.SAVED);
  }

  @Test
  void namesIntermediateResultsToo() {
    Tensor h = w.square();
    assertThat(h.sum().graph(Map.of("hidden", h)).toString()).contains("hidden = SQUARE(%0)");
  }

  @Test
  void aTensorWithoutHistoryIsItsOwnGraph() {
    assertThat(x.graph().vertices())
        .hasSize(1)
        .first()
        .extracting(Vertex::kind)
        .isEqualTo(Kind.INPUT);
    assertThat(w.graph())
        .hasToString(
            "%0  parameter  [3, 2] F32\n0 operations, 1 parameter, 0 inputs; 0 bytes saved for the backward pass");
  }

  @Test
  void aDeepGraphIsListedToo() {
    Tensor y = w;
    for (int k = 0; k < 20_000; k++) {
      y = y.neg();
    }
    assertThat(y.graph().vertices()).hasSize(20_001);
  }

  @Test
  void aReleasedGraphSaysSo() {
    Tensor loss = w.square().sum();
    loss.backward();
    assertThatThrownBy(loss::graph).hasMessageContaining("released");
  }

  @Test
  void writesGraphviz() {
    Tensor loss = x.matmul(w).tanh().sum();
    assertThat(loss.graph(Map.of("the \"w\"", w)).toDot())
        .isEqualTo(
            """
            digraph {
              rankdir=TB;
              node [shape=box, style="rounded,filled", fontname="Helvetica", fontsize=11];
              edge [arrowsize=0.7];
              n0 [label="input\\n[4, 3] F32", fillcolor="#edf2f7", color="#a0aec0", penwidth=2.5];
              n1 [label="the \\"w\\"\\n[3, 2] F32", fillcolor="#bee3f8", color="#2b6cb0"];
              n2 [label="MATMUL\\n[4, 2] F32", fillcolor="#ffffff", color="#4a5568"];
              n3 [label="TANH\\n[4, 2] F32", fillcolor="#ffffff", color="#4a5568", penwidth=2.5];
              n4 [label="SUM\\n[] F32", fillcolor="#ffffff", color="#4a5568"];
              n0 -> n2 [color="#a0aec0"];
              n1 -> n2 [color="#2b6cb0"];
              n2 -> n3 [color="#2b6cb0"];
              n3 -> n4 [color="#2b6cb0"];
            }
            """);
  }
}
