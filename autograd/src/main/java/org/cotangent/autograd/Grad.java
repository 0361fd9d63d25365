package org.cotangent.autograd;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Gradients as functions: of a tensor by others, and of functions of tensors.
///
/// The functional forms nest: the gradient of a function that itself takes gradients is right,
/// because each level differentiates by variables of its own.
public final class Grad {
  private Grad() {}

  /// How a backward pass treats the graph.
  public enum Option {
    /// Keep the graph, so that it can be walked again.
    RETAIN_GRAPH,
    /// Record the backward pass itself, so that its results can be differentiated. Keeps the graph.
    CREATE_GRAPH,
    /// Give zeros for an input that the result does not depend on, instead of an error.
    ALLOW_UNUSED
  }

  /// For [#vmap]: not mapped, the same for all examples.
  public static final int SHARED = Integer.MIN_VALUE;

  /// A function's value and its gradients, structured like the input.
  public record ValueAndGrad<T>(Tensor value, T grads) {}

  /// What a function gives: a scalar to differentiate, and something else that comes along, such as
  /// predictions: tensors, or lists, maps or records of them.
  public record WithAux<A>(Tensor value, A aux) {}

  /// A function's value, its gradients, structured like the input, and what came along.
  public record ValueGradAndAux<T, A>(Tensor value, T grads, A aux) {}

  /// A function's value, and the map from a gradient of it to the gradients of the inputs, which
  /// may be called many times.
  public record Pullback<T, R>(R value, Function<R, T> pull) {}

  /// A function's value and its tangent, structured alike.
  public record ValueAndTangent<R>(R value, R tangent) {}

  // ---- Recording on and off

  /// Runs without recording: results have no history.
  public static <T> T without(Supplier<T> body) {
    return Recording.everywhere(true, body);
  }

  /// Runs without recording.
  public static void runWithout(Runnable body) {
    Object _ =
        without(() -> {
          body.run();
          return body;
        });
  }

  /// Runs with recording, also inside [#without].
  public static <T> T recording(Supplier<T> body) {
    return Recording.everywhere(false, body);
  }

  // ---- Memory for time

  /// `f(x)`, recorded without intermediate results: a backward pass that comes to it computes `f`
  /// again. For a chain of n such stretches memory falls from all activations to the n inputs and
  /// one stretch's activations; time grows by at most one more forward pass.
  ///
  /// Gradients are the same to the bit, those of parameters that `f` captures included, at every
  /// order. Random numbers from an [Rng] come again. Checkpoints nest. `f` runs twice or more: it
  /// must do nothing but compute, see [#isRecomputing].
  ///
  /// A parameter that was assigned between the two passes, and a function that takes another path
  /// the second time, are an `IllegalStateException` of the backward pass.
  public static Tensor checkpoint(Function<Tensor, Tensor> f, Tensor x) {
    return Checkpoint.run(in -> f.apply(in.getFirst()), List.of(x));
  }

  /// The same for a function of several tensors.
  public static Tensor checkpoint(Function<List<Tensor>, Tensor> f, List<Tensor> x) {
    return Checkpoint.run(f, x);
  }

  /// Whether a function given to [#checkpoint] is being run again here: what should happen once,
  /// such as counting a batch, happened the first time.
  public static boolean isRecomputing() {
    return Checkpoint.isRunningAgain();
  }

  // ---- Of a computed tensor

  static void backward(Tensor y, List<Tensor> cotangent, Option... options) {
    Node root = root("backward", y);
    Tensor g = cotangent.isEmpty() ? one("backward", y) : fitting("backward", y, cotangent.get(0));
    boolean create = has(options, Option.CREATE_GRAPH);
    boolean release = !create && !has(options, Option.RETAIN_GRAPH);
    Tensor start = create ? g : new Tensor(g.value(), null); // not a parameter, which may change
    walking(create, () -> Backward.accumulate(root, start, release));
  }

  /// The gradients of a scalar by some of the tensors it was computed from.
  ///
  /// @throws IllegalStateException if `y` is no scalar or has no history, or does not depend on one
  ///   of `x`
  public static List<Tensor> grad(Tensor y, List<Tensor> x, Option... options) {
    return grad(y, one("grad", y), x, options);
  }

  /// The vector-Jacobian product `cotangentᵀ ∂y/∂x` for each of `x`; the cotangent has y's shape.
  public static List<Tensor> grad(Tensor y, Tensor cotangent, List<Tensor> x, Option... options) {
    Node root = root("grad", y);
    Tensor g = fitting("grad", y, cotangent);
    List<Node> targets = new ArrayList<>();
    for (Tensor t : x) {
      targets.add(root("grad", t));
    }
    boolean create = has(options, Option.CREATE_GRAPH);
    boolean release = !create && !has(options, Option.RETAIN_GRAPH);
    List<Tensor> result = new ArrayList<>();
    walking(
        create,
        () -> {
          IdentityHashMap<Node, Tensor> found =
              Backward.gradients(List.of(root), List.of(g), targets, release);
          for (int i = 0; i < targets.size(); i++) {
            Tensor gi = found.get(targets.get(i));
            if (gi == null && !has(options, Option.ALLOW_UNUSED)) {
              throw new IllegalStateException(
                  "grad: the result (%s) does not depend on input %d (%s); pass ALLOW_UNUSED for zeros"
                      .formatted(y.shape(), i, x.get(i).shape()));
            }
            result.add(gi == null ? Tensor.zeros(x.get(i).shape(), x.get(i).dtype()) : gi);
          }
        });
    return List.copyOf(result);
  }

  private static void walking(boolean record, Runnable walk) {
    Supplier<Boolean> body =
        () -> {
          walk.run();
          return record;
        };
    boolean _ = record ? Recording.with(body) : Recording.without(body);
  }

  private static boolean has(Option[] options, Option o) {
    for (Option p : options) {
      if (p == o) {
        return true;
      }
    }
    return false;
  }

  private static Node root(String what, Tensor y) {
    Node n = y.node();
    if (Recording.interpreter() instanceof Frame f && (n == null || f.here(y) != y)) {
      throw new IllegalStateException(
          "%s: inside vmap or replacing this tensor (%s, %s) is a constant: nothing recorded in this scope leads to it; differentiate a function of it, as Grad.grad(f) and Grad.valueAndGrad(f, x) do"
              .formatted(what, y.shape(), y.dtype()));
    }
    if (n == null) {
      throw new IllegalStateException(
          "%s: this tensor (%s, %s) has no history: it was not computed from a parameter, or inside without(...), or it was detached"
              .formatted(what, y.shape(), y.dtype()));
    }
    return n;
  }

  private static Tensor one(String what, Tensor y) {
    if (y.size() != 1) {
      throw new IllegalStateException(
          "%s: starts from a scalar, but this tensor has shape %s; take sum() or mean(), or pass a cotangent of its shape"
              .formatted(what, y.shape()));
    }
    return Tensor.ones(y.shape(), y.dtype());
  }

  private static Tensor fitting(String what, Tensor y, Tensor cotangent) {
    if (!cotangent.shape().equals(y.shape()) || cotangent.dtype() != y.dtype()) {
      throw new IllegalArgumentException(
          "%s: the cotangent is %s, %s; it must be like the result, %s, %s"
              .formatted(what, cotangent.shape(), cotangent.dtype(), y.shape(), y.dtype()));
    }
    return cotangent;
  }

  private static void checkTangent(Tensor x, Tensor tangent) {
    if (!tangent.shape().equals(x.shape()) || tangent.dtype() != x.dtype()) {
      throw new IllegalArgumentException(
          "jvp: the tangent is %s, %s; it must be like its input, %s, %s"
              .formatted(tangent.shape(), tangent.dtype(), x.shape(), x.dtype()));
    }
  }

  /// Hands the gradient that a parameter has gathered to `use`, for the length of the call.
  ///
  /// Unlike with [Tensor#grad], its memory can then serve the next step, as soon as
  /// [Tensor#zeroGrad] says that it is over. Optimisers should ask for it this way. To keep the
  /// numbers take `detach()` of the lent tensor; the tensor itself may lose them after the call.
  ///
  /// @throws IllegalStateException if there is no gradient
  public static void lend(Tensor parameter, Consumer<Tensor> use) {
    @Nullable Node n = parameter.node();
    if (n == null || n.grad == null || !n.ownsGrad) {
      use.accept(parameter.grad().detach());
      return;
    }
    Tensor g = n.grad.lend();
    try {
      use.accept(g);
    } finally {
      g.endLoan();
    }
  }

  // ---- Of functions

  /// The gradient of a scalar function of one tensor, as a function.
  public static Function<Tensor, Tensor> grad(Function<Tensor, Tensor> f) {
    return x -> valueAndGrad(f, x).grads();
  }

  /// The value and the gradients of a scalar function of a tensor or of several: of a list, map or
  /// record of them, also nested. The gradients come in the same structure. Integer tensors get
  /// zeros; numbers, strings and the like stay as they are.
  ///
  /// Where `at` has a history, so have the results, for what may follow; inside [#without] they
  /// have none, and cost less.
  ///
  /// @param <T> `Tensor`, `List<..>`, `Map<..>` or a record
  /// @throws IllegalArgumentException if `at` holds something else
  /// @throws IllegalStateException if the result is no scalar
  public static <T> ValueAndGrad<T> valueAndGrad(Function<T, Tensor> f, T at) {
    var r = valueAndGradWithAux(x -> new WithAux<>(f.apply(x), List.of()), at);
    return new ValueAndGrad<>(r.value(), r.grads());
  }

  /// The same of a function that gives more than the scalar to differentiate.
  public static <T, A> ValueGradAndAux<T, A> valueAndGradWithAux(Function<T, WithAux<A>> f, T at) {
    Tree<T> tree = Tree.of("valueAndGrad", at);
    List<Tree<A>> aux = new ArrayList<>();
    Trial t =
        Trial.of(
            x -> {
              WithAux<A> y = f.apply(tree.with(x));
              aux.add(Tree.of("valueAndGrad", y.aux()));
              return List.of(y.value());
            },
            tree.leaves());
    List<Tensor> grads = t.pull(List.of(one("valueAndGrad", t.y().getFirst())));
    Tree<A> extra = aux.getFirst();
    return new ValueGradAndAux<>(
        t.results().getFirst(),
        tree.with(grads),
        t.nested() ? extra.with(extra.leaves()) : extra.map(Recording::forget));
  }

  /// The value of `f` and its gradients by parameters that it holds on to, such as a module's; what
  /// they have gathered ([Tensor#grad]) stays as it is.
  ///
  /// ```java
  /// var r = Grad.valueAndGrad(() -> loss.of(model.forward(x), t), model.parameters());
  /// ```
  ///
  /// Unlike `backward()` this nests, and works inside [#vmap]: variables of its own stand for the
  /// parameters ([#replacing]). The results have no history that leads to the parameters.
  public static <T> ValueAndGrad<T> valueAndGrad(Supplier<Tensor> f, T parameters) {
    T start = Tree.of("valueAndGrad", parameters).map(Replacement::start);
    return valueAndGrad((T p) -> replacing(parameters, p, f), start);
  }

  /// Runs with other tensors in the place of some: code that holds on to its parameters becomes a
  /// function of them.
  ///
  /// ```java
  /// Tensor y = Grad.replacing(model.parameters(), others, () -> model.forward(x));
  /// ```
  ///
  /// @param of the tensors to replace: a tensor, or a list, map or record of them
  /// @param by the same structure of tensors of the same shapes and dtypes
  public static <T, R> R replacing(T of, T by, Supplier<R> body) {
    Tree<T> tree = Tree.of("replacing", of);
    return Replacement.run(tree.leaves(), tree.like(by), body);
  }

  /// The value of a function and its vector-Jacobian product: reverse mode. Inputs and results are
  /// tensors, or lists, maps or records of them.
  public static <T, R> Pullback<T, R> vjp(Function<T, R> f, T at) {
    Evaluated<T, R> e = Evaluated.of("vjp", f, at);
    return new Pullback<>(
        e.value(),
        g -> {
          List<Tensor> gs = e.y.like(g);
          for (int i = 0; i < gs.size(); i++) {
            Tensor _ = fitting("vjp", e.trial.y().get(i), gs.get(i));
          }
          return e.x.with(e.trial.pull(gs));
        });
  }

  /// The value of a function and its Jacobian-vector product at `at` along `tangents`: forward
  /// mode. Inputs and results are tensors, or lists, maps or records of them.
  ///
  /// @throws IllegalArgumentException if a tangent's shape or dtype differs from its input's
  public static <T, R> ValueAndTangent<R> jvp(Function<T, R> f, T at, T tangents) {
    Evaluated<T, R> e = Evaluated.of("jvp", f, at);
    List<Tensor> t = e.x.like(tangents);
    for (int i = 0; i < t.size(); i++) {
      if (e.trial.x().get(i).dtype().isFloating()) {
        checkTangent(e.trial.x().get(i), t.get(i));
      }
    }
    return new ValueAndTangent<>(e.value(), e.y.with(e.trial.push(t)));
  }

  /// A function's trial, with the structures of its input and its result.
  private record Evaluated<T, R>(Tree<T> x, Tree<R> y, Trial trial) {
    static <T, R> Evaluated<T, R> of(String what, Function<T, R> f, T at) {
      Tree<T> x = Tree.of(what, at);
      List<Tree<R>> y = new ArrayList<>();
      Trial t =
          Trial.of(
              in -> {
                y.add(Tree.of(what, f.apply(x.with(in))));
                return y.getFirst().leaves();
              },
              x.leaves());
      return new Evaluated<>(x, y.getFirst(), t);
    }

    R value() {
      return y.with(trial.results());
    }
  }

  // ---- Matrices of derivatives

  /// The Jacobian `∂y/∂x`, of shape `y.shape ++ x.shape`, in the mode that takes fewer walks:
  /// [#jacobianReverse] if y is not the larger one, else [#jacobianForward].
  public static Tensor jacobian(Function<Tensor, Tensor> f, Tensor x) {
    return Jacobians.jacobian(f, x);
  }

  /// The Jacobian by a backward walk an element of y, many at once.
  public static Tensor jacobianReverse(Function<Tensor, Tensor> f, Tensor x) {
    return Jacobians.reverse(f, x);
  }

  /// The Jacobian by a forward walk an element of x, many at once.
  public static Tensor jacobianForward(Function<Tensor, Tensor> f, Tensor x) {
    return Jacobians.forward(f, x);
  }

  /// The Hessian of a scalar function, of shape `x.shape ++ x.shape`: forward over reverse.
  public static Tensor hessian(Function<Tensor, Tensor> f, Tensor x) {
    return Jacobians.forward(grad(f), x);
  }

  /// The second derivatives by each element alone, `∂²f/∂xᵢ²`, of the shape of x: the diagonal of
  /// the Hessian, which is not formed.
  public static Tensor hessianDiagonal(Function<Tensor, Tensor> f, Tensor x) {
    return Jacobians.hessianDiagonal(f, x);
  }

  /// The Laplacian `Σ ∂²f/∂xᵢ²` of a scalar function.
  public static Tensor laplacian(Function<Tensor, Tensor> f, Tensor x) {
    return hessianDiagonal(f, x).sum();
  }

  /// The Hessian-vector product `∂²f/∂x² v` of a scalar function, forward over reverse: no Hessian
  /// is formed.
  public static Tensor hvp(Function<Tensor, Tensor> f, Tensor x, Tensor v) {
    return jvp(grad(f), x, v).tangent();
  }

  // ---- Of many examples at once

  /// The function that applies `f` to each slice of a tensor along its first axis and stacks the
  /// results, in one pass: `f` is written for one example and runs once, on all of them.
  ///
  /// `f` may be any function of this engine's operations, also one that takes gradients. Inside it
  /// tensors have the shape of one example and no numbers to read. What it captures from outside is
  /// the same for all examples, also random numbers.
  public static Function<Tensor, Tensor> vmap(Function<Tensor, Tensor> f) {
    return x -> vmap(f, x);
  }

  /// `f` on each example of a batch: of a tensor, or a list, map or record of tensors, each with
  /// the examples along its first axis. The result is structured like f's, each tensor with the
  /// examples along its first axis.
  ///
  /// ```java
  /// record Example(Tensor x, Tensor label) {}
  /// Tensor losses = Grad.vmap(e -> model.forward(e.x()).softmaxCrossEntropy(e.label()), batch);
  /// ```
  ///
  /// @throws IllegalArgumentException if the tensors hold different numbers of examples
  /// @throws IllegalStateException if `f` reads numbers
  public static <T, R> R vmap(Function<T, R> f, T batch) {
    return vmap(f, batch, List.of(), List.of());
  }

  /// The same with the examples along other axes.
  ///
  /// @param inAxes for each tensor of `batch` in order, the axis along which its examples lie, or
  ///   [#SHARED]; none given, 0 for all. Maps are in the order of their keys
  /// @param outAxes for each tensor of the result, the axis along which its examples shall lie;
  ///   none given, 0 for all
  public static <T, R> R vmap(
      Function<T, R> f, T batch, List<Integer> inAxes, List<Integer> outAxes) {
    Tree<T> x = Tree.of("vmap", batch);
    VmapAxes in = VmapAxes.of(x, inAxes);
    List<Tree<R>> y = new ArrayList<>();
    List<Tensor> out =
        Vmap.map(
            in.size(),
            in.fronted(),
            in.mapped(),
            examples -> {
              y.add(Tree.of("vmap", f.apply(x.with(examples))));
              return y.getFirst().leaves();
            });
    return y.getFirst().with(VmapAxes.placed(out, outAxes));
  }
}
