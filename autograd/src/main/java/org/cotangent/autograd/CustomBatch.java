package org.cotangent.autograd;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.cotangent.autograd.op.Value;

/// A user's operation on each example of a batch: all at once if it says that it can, else one
/// after the other.
final class CustomBatch {
  private CustomBatch() {}

  // ---- Outside vmap: the operation on batches is an operation of its own, with its rules

  /// `op` on whole batches, which lie along axis 0 of the operands that are mapped.
  static CustomOp of(CustomOp op, int size, Example... x) {
    boolean[] mapped = new boolean[x.length];
    for (int i = 0; i < mapped.length; i++) {
      mapped[i] = x[i].isMapped();
    }
    CustomOp.Vjp vjp =
        (in, y, g) -> {
          List<Tensor> each =
              each(op, size, joined(in, y, g), joined(mapped, true, true), ex -> gradients(op, ex));
          List<Tensor> all = new ArrayList<>();
          for (int i = 0; i < mapped.length; i++) {
            boolean sums = !mapped[i] && in.get(i).dtype().isFloating();
            all.add(sums ? each.get(i).sum(0) : each.get(i));
          }
          return all;
        };
    return op.on(
        in -> each(op, size, in, mapped, ex -> List.of(op.forward(ex))).getFirst(),
        vjp,
        op.jvp().map(rule -> batched(op, size, mapped, rule)));
  }

  private static CustomOp.Jvp batched(CustomOp op, int size, boolean[] mapped, CustomOp.Jvp rule) {
    int n = mapped.length;
    boolean[] all = Arrays.copyOf(mapped, 2 * n + 1);
    all[n] = true;
    System.arraycopy(mapped, 0, all, n + 1, n);
    return (in, y, t) -> {
      List<Tensor> operands = new ArrayList<>(in);
      operands.add(y);
      operands.addAll(t);
      return each(
              op,
              size,
              operands,
              all,
              ex -> List.of(rule.apply(ex.subList(0, n), ex.get(n), ex.subList(n + 1, 2 * n + 1))))
          .getFirst();
    };
  }

  // ---- Inside vmap: a rule that reads numbers meets examples

  /// Whether a rule would meet tensors that stand for many examples, though it wants numbers.
  static boolean isNeeded(CustomOp op, Tensor y, Tensor g, Tensor... x) {
    return !op.isBatchable()
        && (isMapped(y) || isMapped(g) || Arrays.stream(x).anyMatch(CustomBatch::isMapped));
  }

  private static boolean isMapped(Tensor t) {
    return t.peek() instanceof Example e && e.isMapped();
  }

  static List<Tensor> gradients(CustomOp op, Tensor[] x, Tensor y, Tensor g) {
    return examples(op, joined(List.of(x), y, g), ex -> gradients(op, ex));
  }

  static Tensor pushforward(CustomOp op, int i, Tensor[] x, Tensor y, Tensor t) {
    return examples(op, joined(List.of(x), y, t), ex -> List.of(tangent(op, i, ex))).getFirst();
  }

  private static List<Tensor> examples(
      CustomOp op, List<Tensor> in, Function<List<Tensor>, List<Tensor>> rule) {
    if (Recording.isOn() && in.stream().anyMatch(Tensor::isTracked)) {
      throw new IllegalStateException(
          "%s: inside vmap its rule runs on one example after the other and cannot be differentiated again; write it in tensor operations and declare it batchable()"
              .formatted(op.name()));
    }
    Vmap vmap = vmap(in);
    List<Tensor> all = new ArrayList<>();
    boolean[] mapped = new boolean[in.size()];
    for (int i = 0; i < mapped.length; i++) {
      Value v = vmap.here(in.get(i)).peek();
      mapped[i] = v instanceof Example e && e.isMapped();
      all.add(v instanceof Example e ? e.all() : in.get(i));
    }
    return vmap.outside(() -> each(op, vmap.size(), all, mapped, rule)).stream()
        .map(t -> new Tensor(new Example(vmap, t, true), null))
        .toList();
  }

  private static Vmap vmap(List<Tensor> in) {
    for (Tensor t : in) {
      if (t.peek() instanceof Example e && e.isMapped()) {
        return e.vmap();
      }
    }
    throw new AssertionError("no operand is an example");
  }

  // ---- Both

  /// The operands, the result and its gradient, as one list; and the gradients, each as its operand
  /// so that those of all examples are alike.
  private static List<Tensor> gradients(CustomOp op, List<Tensor> ex) {
    int n = ex.size() - 2;
    Tensor[] x = ex.subList(0, n).toArray(Tensor[]::new);
    List<Tensor> gs = new ArrayList<>(op.gradientsHere(x, ex.get(n), ex.get(n + 1)));
    for (int i = 0; i < n; i++) {
      if (x[i].dtype().isFloating()) {
        gs.set(i, Backward.fit(gs.get(i), x[i], op));
      }
    }
    return gs;
  }

  private static Tensor tangent(CustomOp op, int i, List<Tensor> ex) {
    int n = ex.size() - 2;
    Tensor y = ex.get(n);
    Tensor[] x = ex.subList(0, n).toArray(Tensor[]::new);
    return op.pushforwardHere(i, x, y, ex.get(n + 1)).to(y.dtype()).expand(y.shape());
  }

  private static List<Tensor> joined(List<Tensor> in, Tensor y, Tensor g) {
    List<Tensor> all = new ArrayList<>(in);
    all.add(y);
    all.add(g);
    return all;
  }

  private static boolean[] joined(boolean[] mapped, boolean y, boolean g) {
    boolean[] all = Arrays.copyOf(mapped, mapped.length + 2);
    all[mapped.length] = y;
    all[mapped.length + 1] = g;
    return all;
  }

  private static List<Tensor> each(
      CustomOp op,
      int size,
      List<Tensor> in,
      boolean[] mapped,
      Function<List<Tensor>, List<Tensor>> f) {
    if (op.isBatchable()) {
      return Vmap.map(size, in, mapped, f);
    }
    if (size == 0) {
      throw new IllegalArgumentException(
          "%s: vmap over no examples: one is needed to know the result's shape; declare the operation batchable()"
              .formatted(op.name()));
    }
    List<List<Tensor>> results = new ArrayList<>();
    for (int b = 0; b < size; b++) {
      List<Tensor> example = new ArrayList<>();
      for (int i = 0; i < mapped.length; i++) {
        example.add(mapped[i] ? example(in.get(i), b) : in.get(i));
      }
      results.add(f.apply(example));
    }
    List<Tensor> stacked = new ArrayList<>();
    for (int k = 0; k < results.getFirst().size(); k++) {
      int at = k;
      stacked.add(Tensor.stack(0, results.stream().map(r -> r.get(at)).toArray(Tensor[]::new)));
    }
    return stacked;
  }

  private static Tensor example(Tensor all, int b) {
    return all.peek() instanceof Node.Unsaved u
        ? new Tensor(new Node.Unsaved(u.shape().without(0), u.dtype()), null)
        : all.select(0, b);
  }
}
