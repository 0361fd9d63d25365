package org.cotangent.autograd;

import java.util.List;
import java.util.Locale;
import org.cotangent.autograd.backend.Eager;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.op.Recorded;
import org.cotangent.autograd.op.UserOp;
import org.cotangent.autograd.op.Value;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.jspecify.annotations.Nullable;

/// A place of the recorded graph to which gradients flow: a leaf, or the result of an operation.
///
/// Tensors point to nodes, never back, so that whatever the user drops can be collected.
abstract sealed class Node {
  /// The number of operations on the longest way from a leaf. Consumers are always deeper than what
  /// they consume, so walking by falling depth meets every consumer first.
  final int depth;

  /// The gradient gathered by `backward()`: of a leaf, or where the user asked to keep it.
  @Nullable Tensor grad;

  /// Whether nobody else has seen [#grad] or holds its memory, so that the memory can serve the
  /// next step.
  boolean ownsGrad;

  /// What only some nodes carry, kept apart so that the others pay one reference for it.
  @Nullable Notes notes;

  private Node(int depth) {
    this.depth = depth;
  }

  /// What only some nodes carry.
  static final class Notes {
    /// Functions that see the gradient, in the order in which they were registered.
    List<GradHook> hooks = List.of();

    /// The user's lines that made the node, innermost first; known under [Anomaly].
    List<StackTraceElement> origin = List.of();

    /// Where the step's numbers are computed again, if it did not save them itself.
    @Nullable Checkpoint checkpoint;

    /// The step's number among those of its checkpoint.
    int place;
  }

  final Notes notes() {
    Notes n = notes;
    if (n == null) {
      n = new Notes();
      notes = n;
    }
    return n;
  }

  /// The gradient as the hooks of this node leave it.
  final Tensor hooked(Tensor g) {
    if (notes != null) {
      for (GradHook h : notes.hooks) {
        g = h.apply(g);
      }
    }
    return g;
  }

  /// Adds a gradient to what was gathered before.
  final void accumulate(Tensor g) {
    Tracing.gradientOf(this);
    Tensor before = grad;
    grad = before == null ? g : before.add(g);
    ownsGrad = false;
  }

  /// The gradient for somebody who may keep it.
  final @Nullable Tensor giveGrad() {
    Tracing.gradientOf(this);
    ownsGrad = false;
    return grad;
  }

  final boolean hasGrad() {
    Tracing.gradientOf(this);
    return grad != null;
  }

  final void forgetGrad() {
    if (Tracing.forgets(this)) {
      return;
    }
    Tensor g = grad;
    if (g != null && ownsGrad && Recording.interpreter() instanceof Eager eager) {
      eager.recycle(g.peek());
    }
    grad = null;
    ownsGrad = false;
  }

  /// Where gradients end: a parameter or an input of a functional gradient.
  static final class Leaf extends Node {
    /// The parameter; others hold what it was.
    @Nullable Tensor owner;

    Leaf() {
      super(0);
    }
  }

  /// One recorded operation.
  static final class Step extends Node {
    final Recorded op;
    private Tensor[] in;
    private Value out;
    private boolean released;
    boolean keepsGrad;

    Step(Recorded op, Tensor[] in, Value out, int depth) {
      super(depth);
      this.op = op;
      this.in = in;
      this.out = out;
    }

    /// The operands as they were, with only the numbers that the rules read.
    Tensor[] in() {
      if (released) {
        throw new IllegalStateException(
            "%s: the graph behind this result was released by an earlier backward(); pass RETAIN_GRAPH to that call to walk it again"
                .formatted(name(op)));
      }
      return in;
    }

    /// The result, with its numbers only if the rules read them.
    Tensor out() {
      return new Tensor(out, this);
    }

    /// Where to find the numbers that this step did not save itself.
    @Nullable Checkpoint checkpoint() {
      return notes == null ? null : notes.checkpoint;
    }

    void release() {
      if (released) {
        return;
      }
      released = true;
      giveBack();
      in = new Tensor[0];
      out = new Unsaved(out.shape(), out.dtype());
      Checkpoint c = checkpoint();
      if (c != null) {
        c.released();
      }
    }

    /// Lets go of all numbers: a checkpoint will compute them again.
    void leaveTo(Checkpoint c, int place) {
      giveBack();
      for (int i = 0; i < in.length; i++) {
        in[i] = new Tensor(new Unsaved(in[i].shape(), in[i].dtype()), in[i].node());
      }
      out = new Unsaved(out.shape(), out.dtype());
      notes().checkpoint = c;
      notes().place = place;
    }

    private void giveBack() {
      for (Tensor x : in) {
        if (x.isLeaf()) {
          Eager.giveBack(x.peek());
        } else {
          Eager.release(x.peek());
        }
      }
      Eager.release(out);
    }
  }

  /// Stands for numbers that no rule reads, so that the memory is free and a rule that reads them
  /// after all fails instead of being wrong.
  record Unsaved(Shape shape, DType dtype) implements Value {
    @Override
    public String toString() {
      return "it was not saved for the backward pass, because the rule did not declare that it reads it";
    }
  }

  /// Stands for numbers that were lent for the length of a call, after it.
  record Ended(Shape shape, DType dtype) implements Value {
    @Override
    public String toString() {
      return "it was lent for the length of a call; take detach() of it to keep the numbers";
    }
  }

  /// Stands for numbers that their owner gave away.
  record Donated(Shape shape, DType dtype) implements Value {
    @Override
    public String toString() {
      return "it was donated; read it before donate(), or do not donate it";
    }
  }

  /// The name of an operation in messages: `TANH`, `LOG_SUM_EXP`, `swish`.
  static String name(Recorded op) {
    return switch (op) {
      case Enum<?> e -> e.name();
      case Op.MatMul _ -> "MATMUL"; // one word in the field
      case UserOp u -> u.name();
      default ->
          op.getClass()
              .getSimpleName()
              .replaceAll("(?<=[a-z])(?=[A-Z])", "_")
              .toUpperCase(Locale.ROOT);
    };
  }
}
