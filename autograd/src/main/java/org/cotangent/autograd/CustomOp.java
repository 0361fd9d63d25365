package org.cotangent.autograd;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.cotangent.autograd.op.UserOp;

/// An operation with a derivative rule of the user's own: faster, more stable, or different on
/// purpose (an implicit solve, a straight-through estimator).
///
/// The forward function runs unrecorded, so only the rule decides the gradients. Write the rule in
/// [Tensor] operations and every order follows. An operation is a value that carries its rule: the
/// graph that uses it finds the rule there, and two threads never share a registry.
///
/// ```java
/// var swish = CustomOp.define("swish",
///     in -> in.getFirst().mul(in.getFirst().sigmoid()),
///     (in, y, g) -> {
///       Tensor s = in.getFirst().sigmoid();
///       return List.of(g.mul(s.add(y.mul(s.rsub(1)))));
///     },
///     () -> List.of(Tensor.linspace(-3, 3, 7, DType.F64)));
/// ```
public final class CustomOp implements UserOp {
  /// The reverse-mode rule: the gradients of all operands.
  @FunctionalInterface
  public interface Vjp {
    /// The vector-Jacobian product.
    ///
    /// @param in the operands
    /// @param y the result
    /// @param g the gradient of the result, of its shape
    /// @return one gradient an operand, in order; for an operand that has none, such as an index,
    ///   any tensor
    List<Tensor> apply(List<Tensor> in, Tensor y, Tensor g);
  }

  /// The forward-mode rule: the tangent of the result.
  @FunctionalInterface
  public interface Jvp {
    /// The Jacobian-vector product.
    ///
    /// @param in the operands
    /// @param y the result
    /// @param t one tangent an operand, of its shape; zeros where nothing flows
    Tensor apply(List<Tensor> in, Tensor y, List<Tensor> t);
  }

  private final String name;
  private final Function<List<Tensor>, Tensor> forward;
  private final Vjp vjp;
  private final Optional<Jvp> jvp;
  private final Supplier<List<Tensor>> sample;
  private final int reads;
  private final boolean batchable;

  private CustomOp(
      String name,
      Function<List<Tensor>, Tensor> forward,
      Vjp vjp,
      Optional<Jvp> jvp,
      Supplier<List<Tensor>> sample,
      int reads,
      boolean batchable) {
    this.name = name;
    this.forward = forward;
    this.vjp = vjp;
    this.jvp = jvp;
    this.sample = sample;
    this.reads = reads;
    this.batchable = batchable;
  }

  /// Defines an operation. Its forward mode is the transpose of the reverse rule.
  ///
  /// @param name what messages and printed graphs call it
  /// @param forward computes the result of the operands
  /// @param vjp the rule, linear in `g`
  /// @param sample operands, floating ones in `F64`, at which [GradCheck#check(CustomOp)] tests the
  ///   rule
  public static CustomOp define(
      String name, Function<List<Tensor>, Tensor> forward, Vjp vjp, Supplier<List<Tensor>> sample) {
    return new CustomOp(name, forward, vjp, Optional.empty(), sample, -1, false);
  }

  /// This operation with a forward-mode rule of its own.
  public CustomOp withJvp(Jvp rule) {
    return new CustomOp(name, forward, vjp, Optional.of(rule), sample, reads, batchable);
  }

  /// This operation, whose rules read only the numbers of the given operands, and of the result if
  /// told, so that the memory of the others is free before the backward pass. A rule that reads
  /// more fails. Without this, all are kept.
  public CustomOp saving(boolean result, int... operands) {
    int mask = result ? Derivatives.RESULT : 0;
    for (int i : operands) {
      mask |= Derivatives.input(i);
    }
    return new CustomOp(name, forward, vjp, jvp, sample, mask, batchable);
  }

  /// This operation, whose forward function and rules are tensor operations throughout and read no
  /// numbers, so that [Grad#vmap] can run them on all examples at once. Without this it runs them
  /// on one example after the other, which is right for every operation, but slow, and cannot be
  /// differentiated twice inside vmap.
  public CustomOp batchable() {
    return new CustomOp(name, forward, vjp, jvp, sample, reads, true);
  }

  /// The same operation on other operands: on batches of them.
  CustomOp on(Function<List<Tensor>, Tensor> forward, Vjp vjp, Optional<Jvp> jvp) {
    return new CustomOp(name, forward, vjp, jvp, sample, reads, batchable);
  }

  Optional<Jvp> jvp() {
    return jvp;
  }

  boolean isBatchable() {
    return batchable;
  }

  int reads() {
    return reads;
  }

  @Override
  public String name() {
    return name;
  }

  /// Fresh sample operands.
  public List<Tensor> sample() {
    return List.copyOf(sample.get());
  }

  /// The result of the operation, recorded with its rule.
  public Tensor apply(Tensor... in) {
    if (Recording.interpreter() instanceof Frame frame) {
      return frame.apply(this, in);
    }
    Tensor[] operands = in.clone();
    Tensor y = Recording.without(() -> forward(List.of(operands)));
    return Recording.recordUsers(this, operands, y.value());
  }

  Tensor forward(List<Tensor> in) {
    return forward.apply(in);
  }

  Tensor pullback(int i, Tensor[] x, Tensor y, Tensor g) {
    return gradients(x, y, g).get(i);
  }

  List<Tensor> gradients(Tensor[] x, Tensor y, Tensor g) {
    return CustomBatch.isNeeded(this, y, g, x)
        ? CustomBatch.gradients(this, x, y, g)
        : gradientsHere(x, y, g);
  }

  List<Tensor> gradientsHere(Tensor[] x, Tensor y, Tensor g) {
    List<Tensor> gs = vjp.apply(List.of(x), y, g);
    if (gs.size() != x.length) {
      throw new IllegalStateException(
          "%s: its rule returned %d gradients for %d operands; return one each"
              .formatted(name, gs.size(), x.length));
    }
    return gs;
  }

  Tensor pushforward(int i, Tensor[] x, Tensor y, Tensor t) {
    return CustomBatch.isNeeded(this, y, t, x)
        ? CustomBatch.pushforward(this, i, x, y, t)
        : pushforwardHere(i, x, y, t);
  }

  Tensor pushforwardHere(int i, Tensor[] x, Tensor y, Tensor t) {
    if (jvp.isPresent()) {
      Tensor[] tangents = new Tensor[x.length];
      for (int k = 0; k < x.length; k++) {
        tangents[k] = k == i ? t : Tensor.zeros(t.dtype()).expand(x[k].shape());
      }
      return jvp.get().apply(List.of(x), y, List.of(tangents));
    }
    // The rule is linear in g, so J t is the gradient of <vjp(g), t> by g, at any g.
    Tensor g = Tensor.parameter(Tensor.zeros(y.shape(), y.dtype()));
    Tensor inner = Recording.with(() -> gradientsHere(x, y, g).get(i).mul(t).sum());
    return Grad.grad(inner, List.of(g), Grad.Option.CREATE_GRAPH, Grad.Option.ALLOW_UNUSED)
        .getFirst();
  }
}
