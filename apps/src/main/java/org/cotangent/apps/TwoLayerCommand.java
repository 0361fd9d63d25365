package org.cotangent.apps;

import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import org.cotangent.autograd.Tensor;
import org.cotangent.nn.SGD;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// The two-layer exercise: every number of one step of training.
@Command(
    name = "two-layer",
    mixinStandardHelpOptions = true,
    description = {
      "Shows every number of one training step of 2-3(sigmoid)-2 with given weights.",
      "First the forward values, then the gradient of the loss by each of them, then the weights"
          + " after the step."
    })
final class TwoLayerCommand implements Callable<Integer> {
  private static final double RATE = 0.1;

  @Spec private CommandSpec spec = CommandSpec.create(); // set by picocli

  @Override
  public Integer call() {
    PrintWriter console = spec.commandLine().getOut();
    Tensor x = Tensor.parameter(Tensor.of(new double[][] {{1, -1}}));
    Tensor w = Tensor.parameter(Tensor.of(new double[][] {{1, 1, 1}, {-1, -1, -1}}));
    Tensor b = Tensor.parameter(Tensor.of(0.0, 0.0, 0.0));
    Tensor v = Tensor.parameter(Tensor.of(new double[][] {{1, 1}, {-1, -1}, {-1, -1}}));
    Tensor c = Tensor.parameter(Tensor.of(0.0, 0.0));
    Tensor target = Tensor.of(0);

    console.println("Given");
    show(console, "x", "input", x);
    show(console, "W", "weights of the hidden layer", w);
    show(console, "b", "its bias", b);
    show(console, "V", "weights of the output layer", v);
    show(console, "c", "its bias", c);
    console.println("  target: class 0");

    Tensor u = x.matmul(w).add(b).retainGrad();
    Tensor h = u.sigmoid().retainGrad();
    Tensor z = h.matmul(v).add(c).retainGrad();
    Tensor loss = z.softmaxCrossEntropy(target).mean();
    console.println("\nForward");
    show(console, "u = x W + b", "into the hidden layer", u);
    show(console, "h = sigmoid(u)", "out of it", h);
    show(console, "z = h V + c", "logits", z);
    show(console, "p = softmax(z)", "probabilities", z.softmax(-1));
    show(console, "L = -log p[0]", "loss", loss);

    loss.backward();
    console.println("\nBackward: the gradient of L by each value");
    show(console, "dL/dz = p - t", "t is 1 at the target class", z.grad());
    show(console, "dL/dV = h\u1d40 dL/dz", "", v.grad());
    show(console, "dL/dc = dL/dz", "", c.grad());
    show(console, "dL/dh = dL/dz V\u1d40", "", h.grad());
    show(console, "dL/du = dL/dh h (1 - h)", "", u.grad());
    show(console, "dL/dW = x\u1d40 dL/du", "", w.grad());
    show(console, "dL/db = dL/du", "", b.grad());
    show(console, "dL/dx = dL/du W\u1d40", "", x.grad());

    new SGD(List.of(w, b, v, c), RATE).step();
    console.println("\nAfter one step, each weight less " + RATE + " times its gradient");
    show(console, "W", "", w);
    show(console, "b", "", b);
    show(console, "V", "", v);
    show(console, "c", "", c);
    console.flush();
    return 0;
  }

  private static void show(PrintWriter console, String name, String what, Tensor t) {
    String head = "  " + name + (what.isEmpty() ? "" : "   (" + what + ")");
    console.println(head);
    console.println("    " + t.detach().toString().replace("\n", "\n    "));
  }
}
