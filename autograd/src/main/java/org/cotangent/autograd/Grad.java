package org.cotangent.autograd;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
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

  /// A function's value and its gradients.
  public record ValueAndGrad(Tensor value, List<Tensor> grads) {}

  /// A function's value, and the map from a gradient of it to the gradients of the inputs, which
  /// may be called many times.
  public record Pullback(Tensor value, Function<Tensor, List<Tensor>> pull) {}

  /// A function's value and its tangent.
  public record ValueAndTangent(Tensor value, Tensor tangent) {}

  // ---- Recording on and off

  /// Runs without recording: results have no history.
  public static <T> T without(Supplier<T> body) {
    return Recording.isOn() ? ScopedValue.where(Recording.OFF, true).call(body::get) : body.get();
  }

  /// Runs without recording.
  public static void runWithout(Runnable body) {
    ScopedValue.where(Recording.OFF, true).run(body);
  }

  /// Runs with recording, also inside [#without].
  public static <T> T recording(Supplier<T> body) {
    return Recording.isOn() ? body.get() : ScopedValue.where(Recording.OFF, false).call(body::get);
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
    if (record) {
      recording(() -> {
        walk.run();
        return true;
      });
    } else {
      runWithout(walk);
    }
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

  private static Tensor tangent(Tensor x, Tensor tangent) {
    if (!tangent.shape().equals(x.shape()) || tangent.dtype() != x.dtype()) {
      throw new IllegalArgumentException(
          "jvp: the tangent is %s, %s; it must be like its input, %s, %s"
              .formatted(tangent.shape(), tangent.dtype(), x.shape(), x.dtype()));
    }
    return tangent;
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

  /// One evaluation of a function at variables of its own, and whether anything outside it may want
  /// to differentiate through the result.
  private record Trial(Tensor y, List<Tensor> x, boolean nested) {
    static Trial of(Function<List<Tensor>, Tensor> f, List<Tensor> at) {
      boolean outer = Recording.isOn();
      return recording(() -> {
        List<Tensor> x = at.stream().map(Trial::variable).toList();
        Tensor y = f.apply(x);
        return new Trial(y, x, outer && dependsOnOthers(y, x));
      });
    }

    private static Tensor variable(Tensor at) {
      if (!at.dtype().isFloating()) {
        return at;
      }
      return at.isTracked()
          ? Recording.apply(new org.cotangent.autograd.op.Op.Reshape(at.shape()), at)
          : Tensor.parameter(at);
    }

    private static boolean dependsOnOthers(Tensor y, List<Tensor> x) {
      Node root = y.node();
      if (root == null) {
        return false;
      }
      Set<Node> own = Collections.newSetFromMap(new IdentityHashMap<>());
      x.forEach(t -> addNode(own, t));
      for (Node n : Backward.consumersFirst(List.of(root))) {
        if (n instanceof Node.Leaf && !own.contains(n)) {
          return true;
        }
      }
      return false;
    }

    private static void addNode(Set<Node> to, Tensor t) {
      @Nullable Node n = t.node();
      if (n != null) {
        to.add(n);
      }
    }

    List<Tensor> pull(Tensor g) {
      if (!y.isTracked()) {
        return x.stream().map(Trial::zerosLike).toList();
      }
      List<Tensor> floating = x.stream().filter(Tensor::isTracked).toList();
      boolean create = Recording.isOn() && (nested || g.isTracked());
      Option keep = create ? Option.CREATE_GRAPH : Option.RETAIN_GRAPH;
      List<Tensor> found = grad(y, g, floating, keep, Option.ALLOW_UNUSED);
      List<Tensor> result = new ArrayList<>();
      int k = 0;
      for (Tensor t : x) {
        result.add(t.isTracked() ? found.get(k++) : zerosLike(t));
      }
      return List.copyOf(result);
    }

    private static Tensor zerosLike(Tensor t) {
      return Tensor.zeros(t.shape(), t.dtype().isFloating() ? t.dtype() : DType.F32);
    }
  }

  /// The gradient of a scalar function of one tensor, as a function.
  public static Function<Tensor, Tensor> grad(Function<Tensor, Tensor> f) {
    return x -> valueAndGrad(in -> f.apply(in.getFirst()), List.of(x)).grads().getFirst();
  }

  /// The value and the gradients of a scalar function of several tensors. Integer inputs get zeros.
  public static ValueAndGrad valueAndGrad(Function<List<Tensor>, Tensor> f, List<Tensor> x) {
    Trial t = Trial.of(f, x);
    List<Tensor> grads = t.pull(one("valueAndGrad", t.y));
    return new ValueAndGrad(t.nested ? t.y : t.y.detach(), grads);
  }

  /// The value of a function and its vector-Jacobian product: reverse mode.
  public static Pullback vjp(Function<List<Tensor>, Tensor> f, List<Tensor> x) {
    Trial t = Trial.of(f, x);
    return new Pullback(t.nested ? t.y : t.y.detach(), g -> t.pull(fitting("vjp", t.y, g)));
  }

  /// The value of a function and its Jacobian-vector product at `x` along `tangents`: forward mode.
  ///
  /// @throws IllegalArgumentException if a tangent's shape or dtype differs from its input's
  public static ValueAndTangent jvp(
      Function<List<Tensor>, Tensor> f, List<Tensor> x, List<Tensor> tangents) {
    Trial t = Trial.of(f, x);
    IdentityHashMap<Node, Tensor> seeds = new IdentityHashMap<>();
    for (int i = 0; i < x.size(); i++) {
      @Nullable Node n = t.x.get(i).node();
      if (n != null) {
        seeds.put(n, tangent(t.x.get(i), tangents.get(i)));
      }
    }
    boolean nested =
        t.nested || (Recording.isOn() && tangents.stream().anyMatch(Tensor::isTracked));
    Node root = t.y.node();
    Tensor zeros = Tensor.zeros(t.y.shape(), t.y.dtype());
    if (root == null) {
      return new ValueAndTangent(t.y, zeros);
    }
    Supplier<Tensor> walk = () -> Forward.tangent(root, seeds).orElse(zeros);
    Tensor dy = nested ? recording(walk) : without(walk);
    return new ValueAndTangent(nested ? t.y : t.y.detach(), dy);
  }

  /// The Jacobian `∂y/∂x`, of shape `y.shape ++ x.shape`, by one backward pass an element of y.
  public static Tensor jacobian(Function<Tensor, Tensor> f, Tensor x) {
    Trial t = Trial.of(in -> f.apply(in.getFirst()), List.of(x));
    int n = t.y.size();
    Tensor[] rows = new Tensor[n];
    Tensor basis = Tensor.eye(n, t.y.dtype());
    for (int i = 0; i < n; i++) {
      rows[i] = t.pull(basis.select(0, i).reshape(t.y.shape())).getFirst();
    }
    Shape shape = joined(t.y.shape(), x.shape());
    return n == 0 ? Tensor.zeros(shape, x.dtype()) : Tensor.stack(0, rows).reshape(shape);
  }

  private static Shape joined(Shape a, Shape b) {
    int[] d = java.util.Arrays.copyOf(a.dims(), a.rank() + b.rank());
    System.arraycopy(b.dims(), 0, d, a.rank(), b.rank());
    return Shape.of(d);
  }

  /// The Hessian of a scalar function, of shape `x.shape ++ x.shape`.
  public static Tensor hessian(Function<Tensor, Tensor> f, Tensor x) {
    return jacobian(grad(f), x);
  }

  /// The Hessian-vector product `∂²f/∂x² v` of a scalar function, forward over reverse: no Hessian
  /// is formed.
  public static Tensor hvp(Function<Tensor, Tensor> f, Tensor x, Tensor v) {
    return jvp(in -> grad(f).apply(in.getFirst()), List.of(x), List.of(v)).tangent();
  }
}
