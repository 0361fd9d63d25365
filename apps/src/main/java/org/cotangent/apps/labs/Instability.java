package org.cotangent.apps.labs;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.nn.CrossEntropy;
import org.cotangent.nn.Loss;
import org.cotangent.nn.Module;
import org.cotangent.nn.Sequential;
import org.cotangent.nn.SoftmaxCrossEntropy;

/// Where the textbook's softmax and cross-entropy, one after the other, lose their numbers.
public final class Instability {
  private Instability() {}

  /// The textbook loss on logits: softmax first, then `-Σ t log p` with one-hot targets.
  public static Loss textbook() {
    return (logits, t) -> {
      Tensor p = logits.softmax(-1);
      return new CrossEntropy().of(p, t.oneHot(p.dim(-1), p.dtype()));
    };
  }

  /// Repeats a step of the textbook loss one operation at a time, forward and then backward, and
  /// tells where the first infinity or NaN arises; empty if nowhere.
  public static Optional<String> locate(Sequential net, Tensor x, Tensor t) {
    SequencedMap<String, Tensor> stages = new LinkedHashMap<>();
    Tensor y = x;
    for (Map.Entry<String, Module> layer : net.children().entrySet()) {
      y = layer.getValue().forward(y).retainGrad();
      stages.put("the output of " + layer.getKey(), y);
    }
    return locate(stages, y, t);
  }

  /// The same from logits on.
  public static Optional<String> locate(Tensor logits, Tensor t) {
    return locate(new LinkedHashMap<>(), Tensor.parameter(logits), t);
  }

  private static Optional<String> locate(
      SequencedMap<String, Tensor> stages, Tensor logits, Tensor t) {
    Tensor p = logits.softmax(-1).retainGrad();
    Tensor log = p.log().retainGrad();
    Tensor oneHot = t.oneHot(p.dim(-1), p.dtype());
    Tensor terms = oneHot.mul(log).retainGrad();
    Tensor loss = terms.sum(-1).neg().mean();
    stages.putIfAbsent("the logits", logits);
    stages.put("p = softmax(logits)", p);
    stages.put("log p", log);
    stages.put("t log p", terms);
    stages.put("the loss", loss);
    for (Map.Entry<String, Tensor> s : stages.sequencedEntrySet()) {
      Optional<String> found = bad(s.getValue());
      if (found.isPresent()) {
        return Optional.of("forward, in " + s.getKey() + ": " + found.get() + cause(s, p));
      }
    }
    loss.backward();
    for (Map.Entry<String, Tensor> s : stages.reversed().sequencedEntrySet()) {
      if (s.getValue().hasGrad()) {
        Optional<String> found = bad(s.getValue().grad());
        if (found.isPresent()) {
          return Optional.of("backward, in the gradient of " + s.getKey() + ": " + found.get());
        }
      }
    }
    return Optional.empty();
  }

  private static String cause(Map.Entry<String, Tensor> stage, Tensor p) {
    return stage.getKey().equals("log p")
        ? "; p is %s there: exp of a logit far below the largest rounds to 0 in %s"
            .formatted(p.detach().min().item(), p.dtype())
        : "";
  }

  /// The first element that is not finite, and how many there are.
  private static Optional<String> bad(Tensor x) {
    Tensor values = x.detach();
    long count = (long) values.isFinite().not().sum().item();
    if (count == 0) {
      return Optional.empty();
    }
    int first = (int) values.isFinite().not().flatten().to(DType.I32).argmax(0).item();
    double value = values.flatten().get(first);
    String where =
        x.rank() == 2
            ? "sample %d, class %d".formatted(first / x.dim(1), first % x.dim(1))
            : "element " + first;
    return Optional.of("%s at %s (%d of %d not finite)".formatted(value, where, count, x.size()));
  }

  /// What both losses and their gradients are at logits of ±1000.
  ///
  /// @param fused the stable loss
  /// @param textbook the other one
  public record Demonstration(String fused, String textbook) {
    /// Computes both in F32.
    public static Demonstration run() {
      Tensor logits = Tensor.of(new float[][] {{1000, -1000, 0}, {-1000, 1000, 0}});
      Tensor t = Tensor.of(0, 0);
      return new Demonstration(
          describe(new SoftmaxCrossEntropy(), logits, t),
          describe(Instability.textbook(), logits, t));
    }

    private static String describe(Loss loss, Tensor logits, Tensor t) {
      Tensor x = Tensor.parameter(logits);
      Tensor l = loss.of(x, t);
      l.backward();
      return "loss %s, gradient %s".formatted(l.item(), x.grad().toString().replace("\n", ""));
    }
  }
}
