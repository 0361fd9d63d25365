package org.cotangent.apps;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.cotangent.apps.labs.Mlp;
import org.cotangent.apps.support.GraphSvg;
import org.cotangent.apps.support.OutputFolder;
import org.cotangent.apps.support.OutputOption;
import org.cotangent.autograd.Grad;
import org.cotangent.autograd.GraphView;
import org.cotangent.autograd.Rng;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.cotangent.nn.ReLU;
import org.cotangent.nn.Sequential;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// Shows the graph that a training step records.
@Command(
    name = "graph",
    mixinStandardHelpOptions = true,
    description = {
      "Shows the graph that one training step of a ReLU network records.",
      "As text here, as graph.svg for a browser, and as graph.dot for Graphviz."
    })
final class GraphCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create(); // set by picocli

  @Option(
      names = "--sizes",
      paramLabel = "N",
      split = ",",
      defaultValue = "2,10,3",
      description = "widths of input, hidden layers and output (default: ${DEFAULT-VALUE})")
  private int[] sizes = {};

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "32",
      description = "rows of input (default: ${DEFAULT-VALUE})")
  private int batch;

  @Mixin private OutputOption out = new OutputOption();

  @Override
  public Integer call() throws IOException {
    Checks.positive(spec, "--batch", batch);
    for (int n : sizes) {
      Checks.positive(spec, "--sizes", n);
    }
    if (sizes.length < 2) {
      throw new ParameterException(
          spec.commandLine(), "--sizes: needs the widths of input and output at least, as 2,10,3");
    }
    OutputFolder folder = out.open();
    GraphView graph = step(sizes, batch);
    PrintWriter console = spec.commandLine().getOut();
    console.println(graph);
    Path svg = folder.file("graph.svg");
    Path dot = folder.file("graph.dot");
    Files.writeString(svg, GraphSvg.of(graph));
    Files.writeString(dot, graph.toDot());
    console.printf("%npicture: %s%nGraphviz: %s%n", svg, dot);
    console.flush();
    return 0;
  }

  private static GraphView step(int[] sizes, int batch) {
    Rng rng = Rng.of(1);
    Sequential net = Mlp.of(Mlp.draw(rng, DType.F32, sizes), ReLU::new);
    Tensor x = rng.normal(Shape.of(batch, sizes[0]), DType.F32);
    Tensor target =
        rng.uniform(Shape.of(batch), 0, sizes[sizes.length - 1], DType.F32).floor().to(DType.I32);
    Tensor logits = net.forward(x);
    Tensor loss = logits.softmaxCrossEntropy(target).mean();
    loss.backward(Grad.Option.RETAIN_GRAPH);
    Map<String, Tensor> names = new LinkedHashMap<>(net.parameters());
    names.put("x", x);
    names.put("target", target);
    names.put("logits", logits);
    names.put("loss", loss);
    return loss.graph(names);
  }
}
